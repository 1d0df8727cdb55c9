import matplotlib.pyplot as plt
import numpy as np
import pytest

from cellseg_utils.plots import panels


def sample(height, width):
    labels = np.zeros((height, width), np.int32)
    labels[2:8, 2:8], labels[2:8, 8:14] = 1, 2
    return np.where(labels[..., None] > 0, 120, 30).repeat(3, axis=2).astype(np.uint8), labels


SAMPLES = [sample(20, 20), sample(20, 30), sample(24, 18), sample(20, 20)]
IMAGES, LABELS = zip(*SAMPLES, strict=True)
PROBABILITIES = [labels * 0.45 for labels in LABELS]


def drawn(fig):
    """Draw it, so that a missing glyph is an error, and close it."""
    fig.canvas.draw()
    plt.close(fig)
    return fig


def test_sample_grid_has_a_picture_with_outlines_for_each_sample_and_no_empty_axes():
    fig = drawn(panels.sample_grid(IMAGES, LABELS, ["甲", "乙", "丙", "丁"], columns=3))
    assert [ax.get_title() for ax in fig.axes] == ["甲", "乙", "丙", "丁"]
    assert all(len(ax.images) == 1 and len(ax.collections[0].get_segments()) == 2 for ax in fig.axes)


def test_sample_grid_refuses_sequences_of_another_length():
    with pytest.raises(ValueError, match="'titles': 1"):
        panels.sample_grid(IMAGES, LABELS, ["甲"])


def test_resize_effect_shows_both_images_and_every_mask_with_its_change():
    image, labels = sample(40, 60)
    masks = {"保持": np.zeros((20, 20), bool), "变胖": np.zeros((20, 20, 1), bool)}
    masks["保持"][:3, :4] = True  # 12 of 400 pixels, as 72 of 2400
    masks["变胖"][:4, :6] = True
    fig = drawn(panels.resize_effect(image, labels, image[:20, :20], masks))
    titles = [ax.get_title() for ax in fig.axes]
    assert titles[:2] == ["原图\n40×60", "缩放后\n20×20"]
    assert titles[3:] == ["原尺寸\n前景 3.0%", "保持\n前景 3.0%（+0%）", "变胖\n前景 6.0%（+100%）"]
    windows = {(ax.get_xlim(), ax.get_ylim()) for ax in fig.axes[2:]}
    assert len(windows) == 1
    (left, right), (bottom, top) = windows.pop()
    assert (right - left, bottom - top) == (18, 12)


def test_resize_effect_refuses_a_mask_of_another_size():
    image, labels = sample(40, 60)
    with pytest.raises(ValueError, match="differ in height or width"):
        panels.resize_effect(image, labels, image[:20, :20], {"甲": np.zeros((20, 21))})


def test_instance_grid_outlines_every_nucleus_of_truth_and_prediction():
    merged = [np.minimum(labels, 1) for labels in LABELS]
    fig = drawn(panels.instance_grid(IMAGES, LABELS, PROBABILITIES, merged, ["一", "二", "三", "四"]))
    pictures = [ax for ax in fig.axes if ax.images]
    assert [ax.get_title() for ax in pictures[:5]] == ["原图", "真值", "预测", "概率", "叠加"]
    assert len(pictures) == 20
    outlines = [sum(len(lines.get_segments()) for lines in ax.collections) for ax in pictures[1:3]]
    assert outlines == [2, 1]
    assert len(fig.legends[0].get_texts()) == 3


def test_instance_grid_without_truth_has_three_columns_and_explains_no_errors():
    merged = [np.minimum(labels, 1) for labels in LABELS]
    fig = drawn(panels.instance_grid(IMAGES, None, PROBABILITIES, merged, ["一", "二", "三", "四"]))
    shown = [ax for ax in fig.axes if ax.images]
    assert [ax.get_title() for ax in shown[:3]] == ["原图", "概率", "预测"]
    assert len(shown) == 12
    assert [text.get_text() for text in fig.texts] == ["一", "二", "三", "四"]
    np.testing.assert_allclose(shown[1].images[0].get_array(), PROBABILITIES[0])
    outlines = [sum(len(lines.get_segments()) for lines in ax.collections) for ax in shown]
    assert outlines == [0, 0, 1] * 4
    assert not fig.legends
    bars = [ax for ax in fig.axes if not ax.images and ax.axison]
    assert any("概率 0" in [text.get_text() for text in ax.texts] for ax in bars)


@pytest.mark.parametrize("known", [True, False])
def test_instance_grid_shows_pictures_without_nuclei_with_and_without_truth(known):
    nothing = np.zeros_like(LABELS[0])
    truths = [nothing] if known else None
    drawn(panels.instance_grid(IMAGES[:1], truths, [nothing * 0.0], [nothing], ["一"]))


def test_instance_grid_refuses_lengths_and_sizes_that_differ():
    with pytest.raises(ValueError, match="'truths': 3"):
        panels.instance_grid(IMAGES, LABELS[:3], PROBABILITIES, LABELS, ["一", "二", "三", "四"])
    with pytest.raises(ValueError, match="'predictions': 3"):
        panels.instance_grid(IMAGES, None, PROBABILITIES, LABELS[:3], ["一", "二", "三", "四"])
    with pytest.raises(ValueError, match="differ in height or width"):
        panels.instance_grid(IMAGES[:1], LABELS[:1], PROBABILITIES[:1], LABELS[1:2], ["一"])
    with pytest.raises(ValueError, match="differ in height or width"):
        panels.instance_grid(IMAGES[:1], None, PROBABILITIES[1:2], LABELS[:1], ["一"])
    plt.close("all")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_explanations_below_a_grid_of_pictures_fit_beside_each_other(language, monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", language)
    fig = drawn(panels.instance_grid(IMAGES[:1], LABELS[:1], PROBABILITIES[:1], LABELS[:1], ["1"]))
    (bar,) = [ax for ax in fig.axes if not ax.images and ax.axison]
    low, high = [text.get_window_extent() for text in bar.texts]
    assert low.x0 > 0
    assert high.x1 < fig.legends[0].get_window_extent().x0
