import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cellseg_utils.plots import regions


def two_nuclei():
    """A square of 4 x 4 and a plus sign of the same box, both away from the border."""
    labels = np.zeros((12, 20), np.int32)
    labels[2:6, 2:6] = 1
    labels[3:5, 10:14] = 2
    labels[2:6, 11:13] = 2
    return labels


def touching(labels):
    pairs = set()
    for one, other in ((labels[1:], labels[:-1]), (labels[:, 1:], labels[:, :-1])):
        border = (one != other) & (one > 0) & (other > 0)
        pairs |= set(zip(one[border].tolist(), other[border].tolist(), strict=True))
    return pairs


def test_touching_nuclei_get_different_colours():
    blocks = np.arange(1, 401).reshape(20, 20).repeat(5, axis=0).repeat(5, axis=1)
    colours = regions.colour_instances(blocks)
    assert len(colours) == 400
    assert all(colours[one] != colours[other] for one, other in touching(blocks))


def test_nuclei_a_few_pixels_apart_get_different_colours_too():
    labels = np.zeros((10, 30), int)
    labels[3:7, 2:10], labels[3:7, 15:25] = (
        7,
        14,
    )  # seven colours: label modulo 7 alone would give them the same
    colours = regions.colour_instances(labels)
    assert colours[7] != colours[14]


@settings(max_examples=30, deadline=None)
@given(arrays.arrays(np.int32, (6, 6), elements=st.integers(0, 5)))
def test_every_label_has_a_colour(labels):
    assert set(regions.colour_instances(labels)) == set(np.unique(labels)) - {0}


def test_outlines_enclose_the_nucleus_half_a_pixel_outside_its_centres():
    labels = np.zeros((8, 9), int)
    labels[2:5, 3:7] = 4
    [line] = regions.outlines(labels)
    np.testing.assert_array_equal(line[0], line[-1])
    np.testing.assert_allclose([line.min(axis=0), line.max(axis=0)], [[2.5, 1.5], [6.5, 4.5]])


def test_outlines_close_at_the_border_of_the_picture():
    [line] = regions.outlines(np.ones((3, 4), bool))
    np.testing.assert_array_equal(line[0], line[-1])


def test_outlines_separate_nuclei_that_touch():
    labels = np.ones((4, 8), int)
    labels[:, 4:] = 2
    assert len(regions.outlines(labels)) == 2
    assert len(regions.outlines(labels > 0)) == 1


def test_boxes_run_along_the_outer_pixel_edges():
    labels = np.zeros((8, 9), int)
    labels[2:5, 3:7] = 2
    [box] = regions.boxes(labels)
    assert box.tolist() == [[2.5, 1.5], [6.5, 1.5], [6.5, 4.5], [2.5, 4.5], [2.5, 1.5]]
