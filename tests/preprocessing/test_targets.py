import numpy as np
import pytest
from discs import discs
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage.measure import regionprops

from cellseg_utils.preprocessing import targets

EXAMPLES = settings(max_examples=40, deadline=None)
SEEDS = st.integers(0, 2**32)
NONE = np.zeros((6, 9), np.int32)


def chart(name, labels):
    return targets.target_maps(labels)[..., targets.MAPS.index(name)]


def crowd(seed, shape=(40, 50)):
    """Discs that touch, are cut by the edge, or are a pixel in size."""
    rng = np.random.default_rng(seed)
    count = rng.integers(1, 15)
    places = rng.integers(0, shape, (count, 2))
    return discs(shape, np.column_stack([places, rng.integers(0, 10, count)]))


def test_maps_of_two_touching_nuclei_in_one_row():
    labels = np.array([[0, 1, 1, 1, 2, 0, 0, 0]], np.int32)
    maps = targets.target_maps(labels)
    assert maps.shape == (1, 8, 5)
    assert maps.dtype == np.float32
    assert maps[0, :, 0].tolist() == [0, 1, 1, 1, 1, 0, 0, 0]
    assert maps[0, :, 1].tolist() == [0, 0, 1, 1, 1, 1, 0, 0]
    assert maps[0, :, 2].tolist() == [0, 1, 1, 0, 0, 0, 0, 0]
    assert maps[0, :, 3].tolist() == [0] * 8
    assert maps[0, :, 4].tolist() == pytest.approx([0, 0.1, 0, -0.1, 0, 0, 0, 0])


def test_the_distance_of_a_square_grows_by_pixels_from_its_outline():
    labels = np.zeros((7, 7), np.int32)
    labels[1:6, 1:6] = 4
    third = np.array([1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 2, 3, 2, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1]) / 3
    np.testing.assert_allclose(chart("distance", labels)[1:6, 1:6].ravel(), third, atol=1e-6)


def test_a_nucleus_that_is_cut_by_the_edge_of_the_picture_has_no_outline_there():
    labels = np.zeros((5, 4), np.int32)
    labels[:, :3] = 1
    np.testing.assert_allclose(chart("distance", labels), np.tile([1, 2 / 3, 1 / 3, 0], (5, 1)), atol=1e-6)


def test_a_nucleus_that_fills_the_picture_is_all_middle():
    maps = targets.target_maps(np.ones((8, 8), np.int32))
    assert (maps[..., 0] == 1).all()
    assert (maps[..., 1] == 0).all()
    assert np.isfinite(maps).all()
    assert maps[..., 2].max() == pytest.approx(1)


def test_two_nuclei_are_near_up_to_the_reach_and_not_beyond():
    for gap, near in ((0, True), (2, True), (3, True), (4, False)):
        labels = np.zeros((3, 12), np.int32)
        labels[:, 2], labels[:, 3 + gap] = 1, 2
        assert chart("border", labels).any() == near


def test_an_empty_picture_has_empty_maps():
    maps = targets.target_maps(NONE)
    assert maps.shape == (6, 9, 5)
    assert not maps.any()


def test_a_nucleus_of_one_pixel_is_its_own_centre():
    labels = NONE.copy()
    labels[2, 3] = 7
    assert targets.target_maps(labels)[2, 3].tolist() == [1, 0, 1, 0, 0]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.int64])
def test_the_type_of_the_labels_does_not_count(dtype):
    labels = crowd(1)
    np.testing.assert_array_equal(targets.target_maps(labels.astype(dtype)), targets.target_maps(labels))


def test_views_are_read_as_they_look_and_stay_as_they_are():
    labels = crowd(2)
    before = labels.copy()
    for view in (labels[:, ::-1], labels.T, labels[::2, ::3]):
        np.testing.assert_array_equal(targets.target_maps(view), targets.target_maps(view.copy()))
    np.testing.assert_array_equal(labels, before)


@EXAMPLES
@given(SEEDS)
def test_the_numbers_of_the_nuclei_do_not_count(seed):
    labels = crowd(seed)
    numbers = np.random.default_rng(seed).permutation(np.arange(1, 500))[: labels.max() + 1]
    numbers[0] = 0
    np.testing.assert_array_equal(targets.target_maps(numbers[labels]), targets.target_maps(labels))


@EXAMPLES
@given(SEEDS)
def test_values_are_in_their_ranges_and_zero_where_no_nucleus_is(seed):
    labels = crowd(seed)
    maps = targets.target_maps(labels)
    assert set(np.unique(maps[..., :2])) <= {0, 1}
    assert maps[..., 2].min() >= 0
    assert maps[..., 2].max() <= 1 + 1e-6
    np.testing.assert_array_equal(maps[..., 0], labels > 0)
    assert not maps[labels == 0][:, 2:].any()


@EXAMPLES
@given(SEEDS)
def test_the_distance_is_that_of_a_loop_over_single_nuclei(seed):
    labels = crowd(seed)
    expected = np.zeros(labels.shape)
    cross = ndimage.generate_binary_structure(2, 1)
    for number in np.unique(labels[labels > 0]):
        own = labels == number
        others = ndimage.binary_dilation((labels > 0) & ~own, cross)
        distance = ndimage.distance_transform_edt(np.pad(own & ~others, 60, mode="edge"))[60:-60, 60:-60]
        expected[own] = (distance / max(distance.max(), 1))[own]
    np.testing.assert_allclose(chart("distance", labels), expected, atol=0.05)


@EXAMPLES
@given(SEEDS)
def test_the_border_is_that_of_a_search_around_every_pixel(seed):
    labels = crowd(seed, (25, 30))
    expected = np.zeros(labels.shape)
    for y, x in np.ndindex(labels.shape):
        near = {
            labels[row, column]
            for row in range(max(0, y - 2), min(25, y + 3))
            for column in range(max(0, x - 2), min(30, x + 3))
            if (row - y) ** 2 + (column - x) ** 2 <= 5
        }
        expected[y, x] = len(near - {0}) > 1
    np.testing.assert_array_equal(chart("border", labels), expected)


@EXAMPLES
@given(SEEDS)
def test_every_pixel_plus_its_offset_is_the_centroid_of_its_nucleus(seed):
    labels = crowd(seed)
    offsets = 10 * targets.target_maps(labels)[..., 3:]
    for nucleus in regionprops(labels):
        ends = nucleus.coords + offsets[tuple(nucleus.coords.T)]
        np.testing.assert_allclose(ends, np.tile(nucleus.centroid, (len(ends), 1)), atol=1e-4)
