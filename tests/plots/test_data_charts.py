import matplotlib.pyplot as plt
import numpy as np
import pytest

from cellseg_utils.plots import data_charts


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    fig.canvas.draw()  # a missing glyph is an error here
    plt.close(fig)


def test_sizes_are_counted_the_most_frequent_on_top(ax):
    data_charts.size_distribution(ax, [256, 256, 520], [256, 256, 696])
    assert [bar.get_width() for bar in ax.patches] == [2, 1]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["256×256", "520×696"]
    assert ax.yaxis_inverted()


def test_rare_sizes_share_a_bar(ax):
    data_charts.size_distribution(ax, [7, 7, *range(20, 33)], [7, 7, *range(20, 33)])
    assert [bar.get_width() for bar in ax.patches] == [2, *[1] * 9, 4]
    assert ax.get_yticklabels()[-1].get_text() == "其他 4 种"


def test_intensity_distribution_draws_shares(ax):
    data_charts.intensity_distribution(ax, {"荧光": np.array([3, 1]), "染色": np.array([0, 5])})
    first, second = ax.patches
    assert first.get_data().values.tolist() == [0.75, 0.25]
    assert first.get_data().edges.tolist() == [0, 128, 256]
    assert second.get_label() == "染色"
    assert ax.get_yscale() == "log"


def test_intensity_distribution_refuses_lengths_that_differ_and_empty_histograms(ax):
    with pytest.raises(ValueError, match="'b': 3"):
        data_charts.intensity_distribution(ax, {"a": [1, 2], "b": [1, 2, 3]})
    with pytest.raises(ValueError, match="a has no pixel"):
        data_charts.intensity_distribution(ax, {"a": [0, 0]})


def test_nuclei_per_image_counts_every_picture_and_names_the_median(ax):
    data_charts.nuclei_per_image(ax, [1, 3, 3, 100])
    assert sum(bar.get_height() for bar in ax.patches) == 4
    assert ax.get_legend().get_texts()[0].get_text() == "中位数 3"


def test_nuclei_per_image_takes_pictures_without_nuclei(ax):
    data_charts.nuclei_per_image(ax, [0, 0])
    assert sum(bar.get_height() for bar in ax.patches) == 2


def test_foreground_share_has_a_row_for_each_kind(ax):
    data_charts.foreground_share(ax, [0.1, 0.2, 0.3], ["甲", "乙", "甲"])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["甲\n2 张", "乙\n1 张"]
    points = [own.get_offsets()[:, 0].tolist() for own in ax.collections if not hasattr(own, "get_segments")]
    assert points == [[0.1, 0.3], [0.2]]
    assert ax.yaxis_inverted()


def test_only_a_kind_of_five_images_has_a_box_the_others_their_median(ax):
    data_charts.by_kind(ax, [0.1, 0.3, *[0.5] * 5], ["少"] * 2 + ["多"] * 5)
    [median] = [own for own in ax.collections if hasattr(own, "get_segments")]
    assert median.get_segments()[0].tolist() == pytest.approx(np.array([[0.2, -0.35], [0.2, 0.35]]))
    assert len(ax.lines) == 6  # box, two whiskers, two caps and the median of the other kind
    assert [label.get_text() for label in ax.get_yticklabels()] == ["少\n2 张", "多\n5 张"]


def test_kinds_stand_in_their_own_order_whatever_their_number(ax):
    data_charts.by_kind(ax, [0.1, 0.2, 0.3], ["亮底灰度", "亮底灰度", "暗底荧光"])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["暗底荧光\n1 张", "亮底灰度\n2 张"]


@pytest.mark.parametrize("counts", [[0, 1], [1, 3, 3, 100], [40], [41]])
def test_bars_of_counts_hold_as_many_whole_numbers_each(ax, counts):
    data_charts.nuclei_per_image(ax, counts)
    widths = {bar.get_width() for bar in ax.patches}
    assert len(widths) == 1
    assert widths.pop() == round(ax.patches[0].get_width()) >= 1
    assert len(ax.patches) <= data_charts.MOST_BINS + 1
    assert sum(bar.get_height() for bar in ax.patches) == len(counts)
    assert all(tick == round(tick) for tick in [*ax.get_xticks(), *ax.get_yticks()])


def test_sizes_are_counted_in_whole_numbers(ax):
    data_charts.size_distribution(ax, [256], [256])
    assert all(tick == round(tick) for tick in ax.get_xticks())


def test_nuclei_that_vanished_are_counted(ax):
    data_charts.smallest_nuclei(ax, [10, 20, 30], [9, 0, 31])
    kept, lost = ax.collections
    assert kept.get_offsets().tolist() == [[10, 9], [30, 31]]
    assert lost.get_offsets().tolist() == [[20, data_charts.LEAST_PIXELS]]
    assert "消失（1 个）" in [text.get_text() for text in ax.get_legend().get_texts()]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


@pytest.mark.parametrize(
    "draw", [data_charts.size_distribution, data_charts.foreground_share, data_charts.smallest_nuclei]
)
def test_pairs_that_differ_in_length_or_are_empty_are_refused(ax, draw):
    with pytest.raises(ValueError, match="one entry for each picture"):
        draw(ax, [1, 2], [1])
    with pytest.raises(ValueError, match="at least one"):
        draw(ax, [], [])


def test_no_picture_at_all_is_refused(ax):
    with pytest.raises(ValueError, match="at least one picture"):
        data_charts.nuclei_per_image(ax, [])
