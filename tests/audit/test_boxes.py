import numpy as np
import pandas as pd
import pytest

from cellseg_utils.audit import boxes


def two_nuclei():
    """A square of 4 x 4 and a plus sign of the same box, both away from the border."""
    labels = np.zeros((12, 20), np.int32)
    labels[2:6, 2:6] = 1
    labels[3:5, 10:14] = 2
    labels[2:6, 11:13] = 2
    return labels


def test_box_fill_of_a_square_and_a_plus_sign():
    nuclei = boxes.box_fill(two_nuclei())
    assert nuclei.fill.tolist() == [1.0, 0.75]
    assert nuclei.loc[2, ["top", "left", "height", "width", "area"]].tolist() == [2, 10, 4, 4, 12]


def test_box_fill_leaves_out_nuclei_at_the_border_unless_told_otherwise():
    labels = two_nuclei()
    labels[0:2, 17:20] = 3
    labels[10:12, 5:8] = 4
    assert boxes.box_fill(labels).index.tolist() == [1, 2]
    assert boxes.box_fill(labels, at_border=True).index.tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("rows", "columns"), [((0, 2), (5, 8)), ((10, 12), (5, 8)), ((5, 8), (0, 2)), ((5, 8), (18, 20))]
)
def test_a_nucleus_at_any_border_is_left_out(rows, columns):
    labels = np.zeros((12, 20), np.int32)
    labels[slice(*rows), slice(*columns)] = 1
    assert boxes.box_fill(labels).empty


def test_alike_in_box_takes_the_better_filled_first():
    assert boxes.alike_in_box(boxes.box_fill(two_nuclei())) == (1, 2)


def measured(*nuclei):
    return pd.DataFrame(nuclei, columns=["height", "width", "area", "fill"], index=range(1, len(nuclei) + 1))


def test_alike_in_box_are_of_the_larger_half_those_whose_shapes_differ_most():
    large = (10, 10, 90, 0.9), (10, 10, 100, 1.0), (10, 10, 50, 0.5)
    assert boxes.alike_in_box(measured(*large, *[(10, 10, 10, 0.1)] * 3)) == (2, 3)


def test_alike_in_box_are_two_even_if_no_boxes_are_alike():
    assert boxes.alike_in_box(measured((40, 4, 144, 0.9), (4, 4, 16, 1.0))) == (2, 1)


def test_alike_in_box_needs_two_nuclei():
    with pytest.raises(ValueError, match="got 0"):
        boxes.alike_in_box(boxes.box_fill(np.zeros((5, 5), int)))
