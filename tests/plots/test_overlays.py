import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb

from cellseg_utils.plots import overlays, style

IMAGE = np.full((20, 30, 3), 90, np.uint8)
LABELS = np.zeros((20, 30), np.int32)
LABELS[2:8, 2:8], LABELS[2:8, 8:14], LABELS[12:18, 20:28] = 1, 2, 3


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    fig.canvas.draw()  # a missing glyph is an error here
    plt.close(fig)


def shown(ax):
    [image] = ax.images
    return np.asarray(image.get_array())


def lines(ax):
    return [item for item in ax.collections if isinstance(item, LineCollection)]


def test_image_is_shown_brightened_without_ticks(ax):
    assert overlays.show_image(ax, IMAGE) is ax
    assert ax.get_title() == "原图"
    assert shown(ax).max() == 255
    assert len(ax.get_xticks()) == len(ax.get_yticks()) == 0


def test_mask_is_shown_as_it_is(ax):
    overlays.show_mask(ax, LABELS[:, :, None])
    np.testing.assert_array_equal(shown(ax), LABELS > 0)


def test_probability_is_shown_from_zero_to_one(ax):
    overlays.show_probability(ax, np.full((20, 30), 0.5))
    assert ax.images[0].get_clim() == (0, 1)


def test_semantic_view_has_one_colour_for_all_nuclei(ax):
    overlays.show_semantic(ax, IMAGE, LABELS)
    assert len(np.unique(shown(ax)[LABELS > 0], axis=0)) == 1
    assert ax.get_title() == "语义分割"


def test_instances_that_touch_differ_in_colour(ax):
    overlays.show_instances(ax, IMAGE, LABELS)
    picture = shown(ax)
    assert (picture[4, 4] != picture[4, 10]).any()
    assert len(np.unique(picture[LABELS == 0], axis=0)) == 1


def test_every_nucleus_has_a_box(ax):
    overlays.show_boxes(ax, IMAGE, LABELS)
    [boxes] = lines(ax)
    assert len(boxes.get_segments()) == 3


def test_every_nucleus_has_an_outline(ax):
    overlays.show_outlines(ax, IMAGE, LABELS, "轮廓")
    [outlines] = lines(ax)
    assert len(outlines.get_segments()) == 3


def test_error_overlay_colours_missed_and_false_pixels_and_outlines_correct_ones(ax):
    truth, prediction = LABELS == 1, LABELS == 2
    truth[12:18, 20:28] = prediction[12:18, 20:28] = True
    overlays.error_overlay(ax, IMAGE, truth, prediction, "叠加")
    picture = shown(ax)
    np.testing.assert_allclose(picture[4, 4], 255 * np.array(to_rgb(overlays.MISSED)), atol=30)
    np.testing.assert_allclose(picture[4, 10], 255 * np.array(to_rgb(overlays.FALSE_POSITIVE)), atol=30)
    assert len(np.unique(picture[15, 21:27], axis=0)) == 1
    [outline] = lines(ax)
    assert len(outline.get_segments()) == 1
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["判对（轮廓）", "漏判", "误判"]


def test_error_overlay_without_legend(ax):
    overlays.error_overlay(ax, IMAGE, LABELS, LABELS, legend=False)
    assert ax.get_legend() is None


@pytest.mark.parametrize(
    "draw", [overlays.show_semantic, overlays.show_instances, overlays.show_boxes, overlays.show_outlines]
)
def test_labels_of_another_size_are_refused(ax, draw):
    with pytest.raises(ValueError, match="differ in height or width"):
        draw(ax, IMAGE, LABELS[:-1])


def test_a_prediction_of_another_size_is_refused(ax):
    with pytest.raises(ValueError, match="differ in height or width"):
        overlays.error_overlay(ax, IMAGE, LABELS, LABELS[:, 1:])


def test_errors_are_told_apart_by_safe_colours():
    assert {overlays.CORRECT, overlays.MISSED, overlays.FALSE_POSITIVE} == {
        style.GREEN,
        style.VERMILLION,
        style.SKY,
    }
