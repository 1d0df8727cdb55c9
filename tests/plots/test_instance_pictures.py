import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex

from cellseg_utils.evaluation import error_crops, object_errors
from cellseg_utils.plots import instance_charts, instance_pictures

IMAGE = np.full((40, 60, 3), 90, np.uint8)
TRUTH = np.zeros((40, 60), np.int32)
TRUTH[2:8, 2:8], TRUTH[2:8, 20:26], TRUTH[20:26, 2:8], TRUTH[20:26, 8:14], TRUTH[30:36, 40:50] = 1, 2, 3, 4, 5
PREDICTION = np.zeros((40, 60), np.int32)
PREDICTION[2:8, 2:8], PREDICTION[20:26, 2:14], PREDICTION[10:16, 50:56] = 1, 2, 3
PREDICTION[30:36, 40:45], PREDICTION[30:36, 45:50] = 4, 5
ERRORS = object_errors.errors(TRUTH, PREDICTION)
COLOURS = {"found": instance_pictures.FOUND, **instance_charts.ERROR_COLOURS}


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    fig.canvas.draw()  # a missing glyph is an error here
    plt.close(fig)


def outlines(ax, solid):
    """Number of outlines of each colour."""
    counts = {}
    for lines in ax.collections:
        assert isinstance(lines, LineCollection)
        if (lines.get_linestyle()[0][1] is None) == solid and lines.get_segments():
            counts[to_hex(lines.get_colors()[0]).upper()] = len(lines.get_segments())
    return {name: counts.get(colour.upper(), 0) for name, colour in COLOURS.items()}


def test_every_nucleus_is_outlined_in_the_colour_of_its_error(ax):
    assert instance_pictures.show_errors(ax, IMAGE, TRUTH, PREDICTION, ERRORS, "甲") is ax
    assert outlines(ax, solid=True) == {"found": 1, "missed": 1, "merged": 2, "split": 1, "invented": 0}
    assert outlines(ax, solid=False) == {"found": 1, "missed": 0, "merged": 1, "split": 2, "invented": 1}
    assert ax.get_title() == "甲"


def test_the_legend_names_colours_and_lines_row_by_row(ax):
    instance_pictures.show_errors(ax, IMAGE, TRUTH, PREDICTION, ERRORS)
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["无误", "误检", "漏检", "真值", "粘连", "预测", "分裂"]  # column by column


def test_the_legend_can_be_left_out(ax):
    instance_pictures.show_errors(ax, IMAGE, TRUTH, PREDICTION, ERRORS, legend=False)
    assert ax.get_legend() is None


def test_a_picture_without_nuclei_has_no_outlines(ax):
    empty = np.zeros_like(TRUTH)
    instance_pictures.show_errors(ax, IMAGE, empty, empty, object_errors.errors(empty, empty))
    assert sum(outlines(ax, solid=True).values()) == 0


def test_neighbours_are_outlined_in_different_colours(ax):
    assert instance_pictures.show_nuclei(ax, IMAGE, TRUTH, "乙") is ax
    shown = [lines for lines in ax.collections if lines.get_segments()]
    assert sum(len(lines.get_segments()) for lines in shown) == 5
    touching = [
        to_hex(lines.get_colors()[0])
        for lines in shown
        if any(20 <= p[0, 1] <= 26 for p in lines.get_segments())
    ]
    assert len(touching) == len(set(touching)) == 2
    assert ax.get_title() == "乙"


def test_labels_of_another_size_are_refused(ax):
    with pytest.raises(ValueError, match="differ in height or width"):
        instance_pictures.show_nuclei(ax, IMAGE, TRUTH[1:])


def test_a_prediction_of_another_size_is_refused(ax):
    with pytest.raises(ValueError, match="differ in height or width"):
        instance_pictures.show_errors(ax, IMAGE, TRUTH, PREDICTION[1:], ERRORS)


def test_kinds_of_error_differ_in_colour():
    assert len(set(COLOURS.values())) == 5


def test_gallery_has_a_row_for_each_kind_of_error_and_no_empty_axes():
    crops = error_crops.worst_crops(IMAGE, TRUTH, PREDICTION, ERRORS, side=16)
    fig = instance_pictures.error_gallery(crops * 2, columns=3)
    fig.canvas.draw()
    assert len(fig.axes) == 8
    assert all(ax.images for ax in fig.axes)
    assert [text.get_text()[:2] for text in fig.texts] == ["漏检", "粘连", "分裂", "误检"]
    assert len(fig.legends[0].get_texts()) == 7
    plt.close(fig)


def test_gallery_leaves_out_kinds_of_error_that_do_not_occur():
    crops = error_crops.worst_crops(IMAGE, TRUTH, PREDICTION, ERRORS)
    fig = instance_pictures.error_gallery([crop for crop in crops if crop.error == "split"])
    assert len(fig.axes) == len(fig.texts) == 1
    plt.close(fig)


def test_gallery_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one nucleus in error"):
        instance_pictures.error_gallery([])
