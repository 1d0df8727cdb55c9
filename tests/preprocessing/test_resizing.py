import cv2
import numpy as np
import pytest
from discs import discs
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cellseg_utils.data import dataset, layout
from cellseg_utils.preprocessing import resizing

SIZE = 32


@pytest.fixture(scope="module")
def truth(layout_zip):
    return dataset.read_samples(layout.open_source(layout_zip))


def test_a_new_pixel_is_nucleus_if_at_least_half_of_it_was_covered():
    mask = np.array(
        [
            [1, 1, 1, 0],  # 4 and 2 of 4 covered, the latter on a white field
            [1, 1, 0, 1],
            [1, 0, 0, 0],  # 1 and 0 of 4
            [0, 0, 0, 0],
        ]
    )
    np.testing.assert_array_equal(resizing.resize_mask(mask, (2, 2)), [[True, False], [False, False]])


def test_halving_a_mask_keeps_its_area():
    circles = [(31, 30, 9), (30, 83, 11), (85, 31, 12.5), (83, 86, 14)]
    mask = discs((116, 116), circles) > 0
    assert resizing.resize_mask(mask, (58, 58)).sum() * 4 == pytest.approx(mask.sum(), rel=0.01)


def test_any_value_but_zero_is_nucleus_and_labels_count_alike():
    labels = np.array([[7, 7, 0, 0], [3, 255, 0, 0]], np.int32)
    resized = resizing.resize_mask(labels, (1, 2))
    np.testing.assert_array_equal(resized, [[True, False]])
    assert resized.dtype == bool


@given(
    factor=st.integers(1, 4),
    mask=arrays(bool, st.tuples(st.integers(1, 3), st.integers(1, 3)).map(lambda s: (s[0] * 12, s[1] * 12))),
)
def test_shrinking_a_mask_by_a_whole_number_is_a_majority_of_the_block(factor, mask):
    size = (mask.shape[0] // factor, mask.shape[1] // factor)
    covered = mask.reshape(size[0], factor, size[1], factor).sum(axis=(1, 3))
    white = np.indices(size).sum(axis=0) % 2 == 0
    expected = (2 * covered > factor**2) | ((2 * covered == factor**2) & white)
    np.testing.assert_array_equal(resizing.resize_mask(mask, size), expected)


@given(
    shape=st.tuples(st.integers(20, 90), st.integers(20, 90)),
    size=st.tuples(st.integers(8, 20), st.integers(8, 20)),
    corner=st.tuples(st.floats(0, 0.5), st.floats(0, 0.5)),
    extent=st.tuples(st.floats(0.2, 0.5), st.floats(0.2, 0.5)),
)
def test_shrinking_keeps_the_area_of_a_box_within_half_a_pixel_along_its_border(shape, size, corner, extent):
    top, left = (int(c * n) for c, n in zip(corner, shape, strict=True))
    height, width = (max(1, int(e * n)) for e, n in zip(extent, shape, strict=True))
    mask = np.zeros(shape, bool)
    mask[top : top + height, left : left + width] = True
    pixel = shape[0] / size[0] * shape[1] / size[1]
    border = 2 * (height * size[0] / shape[0] + width * size[1] / shape[1]) + 8  # new pixels, at most
    resized = resizing.resize_mask(mask, size)
    assert abs(resized.sum() * pixel - mask.sum()) <= border * pixel / 2


@given(arrays(bool, st.tuples(st.integers(10, 40), st.integers(10, 40))), st.integers(5, 60))
def test_a_resized_mask_has_no_pixel_where_none_was_touched(mask, side):
    resized = resizing.resize_mask(mask, (side, side))
    assert resized.shape == (side, side)
    touched = resizing.resize_mask_fattened(mask.astype(np.int32), (side, side))
    if side <= min(mask.shape):
        reach = cv2.resize(mask.astype(np.float32), (side, side), interpolation=cv2.INTER_AREA) > 0
        assert not (resized & ~reach).any()
    elif side >= max(mask.shape):
        assert not (resized & ~touched).any()


def test_the_same_size_changes_nothing(truth):
    for sample in truth:
        shape = sample.labels.shape
        np.testing.assert_array_equal(resizing.resize_mask(sample.labels, shape), sample.labels > 0)
        np.testing.assert_array_equal(resizing.resize_image(sample.image, shape), sample.image)


def test_the_fattened_mask_glues_neighbours_that_the_mask_keeps_apart():
    labels = np.array([[1, 1, 0, 2, 2]] * 4, np.int32)
    double = (8, 10)
    assert resizing.resize_mask_fattened(labels, double).all()
    np.testing.assert_array_equal(resizing.resize_mask(labels, double), [[1, 1, 1, 1, 0, 0, 1, 1, 1, 1]] * 8)


def test_the_fattened_mask_is_larger_than_the_truth_and_the_mask_is_not(truth):
    for sample in truth:
        share = (sample.labels > 0).mean()
        mask = resizing.resize_mask(sample.labels, (SIZE, SIZE)).mean()
        fattened = resizing.resize_mask_fattened(sample.labels, (SIZE, SIZE)).mean()
        assert fattened > share
        assert abs(mask - share) < abs(fattened - share)


def test_the_fattened_mask_of_an_empty_picture_is_empty():
    assert not resizing.resize_mask_fattened(np.zeros((5, 5), np.int32), (3, 4)).any()
    assert resizing.resize_mask_fattened(np.zeros((5, 5), np.int32), (3, 4)).shape == (3, 4)


def test_shrinking_a_picture_takes_means_and_growing_stays_within_its_values():
    image = np.repeat(np.array([[0, 100, 10, 20], [0, 100, 30, 40]], np.uint8)[..., None], 3, axis=2)
    np.testing.assert_array_equal(resizing.resize_image(image, (1, 2))[..., 0], [[50, 25]])
    grown = resizing.resize_image(image, (7, 9))
    assert grown.shape == (7, 9, 3)
    assert grown.max() <= 100


@pytest.mark.parametrize("size", [(1, 1), (1, 4), (4, 1)])
def test_a_picture_that_shrinks_along_any_axis_takes_the_mean_of_all_pixels_covered(size):
    rows, columns = (np.array([240, 0, 0, 240]) if side == 1 else np.full(4, 240) for side in size)
    image = np.minimum.outer(rows, columns).astype(np.uint8)[..., None].repeat(3, axis=2)
    expected = 240 / 2 ** size.count(1)
    np.testing.assert_array_equal(resizing.resize_image(image, size), np.full((*size, 3), expected))
