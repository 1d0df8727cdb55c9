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
    points = [collection.get_offsets()[:, 0].tolist() for collection in ax.collections]
    assert points == [[0.1, 0.3], [0.2]]
    assert ax.yaxis_inverted()


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
