import itertools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from cellseg_utils.plots import instance_charts, style

THRESHOLDS = [0.5, 0.75, 0.95]
PRECISIONS = [[0.9, 0.6, 0.3], [0.7, 0.4, 0.1], [0.5, 0.2, 0.2]]
SIZES = pd.DataFrame(
    {
        "low": [0, 8, 16, 32],
        "high": [8, 16, 32, np.inf],
        "nuclei": [4, 0, 5, 2],
        "recall": [0.5, np.nan, 0.8, 1],
    }
)
COUNTS = pd.DataFrame(
    {"missed": [5, 1], "merged": [2, 0], "split": [1, 0], "invented": [4, 1]}, index=["荧光", "染色"]
)


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    fig.canvas.draw()  # a missing glyph is an error here
    plt.close(fig)


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_precision_is_the_mean_over_the_pictures(ax):
    assert instance_charts.precision_by_threshold(ax, THRESHOLDS, PRECISIONS) is ax
    [line] = ax.lines
    np.testing.assert_allclose(line.get_ydata(), [0.7, 0.4, 0.2])
    assert legend(ax) == ["全部 3 张，平均 0.433"]


def test_precision_has_a_curve_for_each_kind_in_the_order_of_kinds(ax):
    instance_charts.precision_by_threshold(ax, THRESHOLDS, PRECISIONS, ["亮底灰度", "暗底荧光", "暗底荧光"])
    first, second, _ = ax.lines
    np.testing.assert_allclose(first.get_ydata(), [0.6, 0.3, 0.15])
    np.testing.assert_allclose(second.get_ydata(), [0.9, 0.6, 0.3])
    assert legend(ax)[:2] == ["暗底荧光 2 张", "亮底灰度 1 张"]


def test_precision_refuses_lengths_that_differ_and_no_pictures(ax):
    with pytest.raises(ValueError, match="'thresholds': 2"):
        instance_charts.precision_by_threshold(ax, THRESHOLDS[:2], PRECISIONS)
    with pytest.raises(ValueError, match="'kinds': 1"):
        instance_charts.precision_by_threshold(ax, THRESHOLDS, PRECISIONS, ["染色"])
    with pytest.raises(ValueError, match="at least one picture"):
        instance_charts.precision_by_threshold(ax, THRESHOLDS, [])


def test_recall_has_a_bar_for_each_size_that_occurs(ax):
    instance_charts.recall_by_size(ax, SIZES)
    assert [bar.get_height() for bar in ax.patches] == [0.5, 0.8, 1]
    names = [label.get_text() for label in ax.get_xticklabels()]
    assert names == ["<8\n4 个", "16–32\n5 个", "≥32\n2 个"]
    assert [text.get_text() for text in ax.texts] == ["50%", "80%", "100%"]


def test_recall_refuses_no_nuclei(ax):
    with pytest.raises(ValueError, match="at least one nucleus"):
        instance_charts.recall_by_size(ax, SIZES[SIZES.nuclei == 0])


def test_errors_are_stacked_for_each_hundred_nuclei(ax):
    instance_charts.error_counts(ax, COUNTS, [50, 10])
    widths = np.array([bar.get_width() for bar in ax.patches]).reshape(4, 2)
    np.testing.assert_allclose(widths, [[10, 10], [4, 0], [2, 0], [8, 10]])
    np.testing.assert_allclose([bar.get_x() for bar in ax.patches][-2:], [16, 10])
    assert [text.get_text() for text in ax.texts] == ["24.0", "20.0"]
    assert legend(ax) == ["漏检", "粘连", "分裂", "误检"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["荧光\n50 个", "染色\n10 个"]


def test_errors_refuse_rows_without_nuclei_and_missing_columns(ax):
    with pytest.raises(ValueError, match="true nuclei in every row"):
        instance_charts.error_counts(ax, COUNTS, [50, 0])
    with pytest.raises(ValueError, match="'nuclei': 1"):
        instance_charts.error_counts(ax, COUNTS, [50])
    with pytest.raises(ValueError, match=r"\['split'\] are missing"):
        instance_charts.error_counts(ax, COUNTS.drop(columns="split"), [50, 10])


def test_counts_of_nuclei_in_english_have_room_below_their_bars(monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    fig, ax = plt.subplots(figsize=(style.CHART_WIDTH, 4))
    edges = [0, 10, 14, 20, 30, np.inf]
    sizes = pd.DataFrame(
        {"low": edges[:-1], "high": edges[1:], "nuclei": [1, 20, 1300, 400, 8], "recall": 0.5}
    )
    instance_charts.recall_by_size(ax, sizes)
    fig.canvas.draw()
    plt.close(fig)
    boxes = [label.get_window_extent() for label in ax.get_xticklabels()]
    assert all(left.x1 < right.x0 for left, right in itertools.pairwise(boxes))
