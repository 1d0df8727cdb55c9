import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg_utils import augmentation

SQUARE = np.array([[1, 2], [3, 4]], np.uint8)
EIGHT = {
    ((1, 2), (3, 4)),  # as it is
    ((2, 4), (1, 3)),  # turned by 90, 180, 270 degrees
    ((4, 3), (2, 1)),
    ((3, 1), (4, 2)),
    ((2, 1), (4, 3)),  # mirrored left to right, upside down, along both diagonals
    ((3, 4), (1, 2)),
    ((1, 3), (2, 4)),
    ((4, 2), (3, 1)),
}


def batch(count, side, channels=3, seed=0):
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, side, side, channels), np.uint8)
    return images, (images[..., :1] > 128).astype(np.float32)


def test_exactly_the_eight_symmetries_of_the_square_occur_about_equally_often():
    squares = np.tile(SQUARE[None, :, :, None], (4000, 1, 1, 1))
    turned, _ = augmentation.symmetries(squares, squares, np.random.default_rng(0))
    found, counts = np.unique(turned.reshape(len(turned), 4), axis=0, return_counts=True)
    assert {tuple(map(tuple, square.reshape(2, 2).tolist())) for square in found} == EIGHT
    assert counts.min() > 420


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 9), st.integers(1, 7), st.integers(0, 2**32))
def test_picture_and_mask_are_changed_alike(count, side, seed):
    images, masks = batch(count, side)
    turned, turned_masks = augmentation.symmetries(images, masks, np.random.default_rng(seed))
    np.testing.assert_array_equal(turned_masks, turned[..., :1] > 128)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 9), st.integers(1, 7), st.integers(0, 2**32))
def test_every_picture_keeps_its_place_in_the_batch_and_its_pixels(count, side, seed):
    images, masks = batch(count, side)
    turned, turned_masks = augmentation.symmetries(images, masks, np.random.default_rng(seed))
    assert turned.shape == images.shape
    assert turned.dtype == images.dtype
    assert turned_masks.dtype == masks.dtype
    np.testing.assert_array_equal(turned_masks.sum(axis=(1, 2, 3)), masks.sum(axis=(1, 2, 3)))
    for one, other in zip(images, turned, strict=True):
        pixels, others = one.reshape(-1, 3), other.reshape(-1, 3)
        np.testing.assert_array_equal(pixels[np.lexsort(pixels.T)], others[np.lexsort(others.T)])


def test_the_same_seed_gives_the_same_changes_and_another_seed_others():
    images, masks = batch(16, 8)
    first, again, other = (
        augmentation.symmetries(images, masks, np.random.default_rng(seed))[0] for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_the_pictures_given_stay_as_they_are():
    images, masks = batch(8, 4)
    before = images.copy(), masks.copy()
    turned, _ = augmentation.symmetries(images, masks, np.random.default_rng(0))
    turned[:] = 0
    np.testing.assert_array_equal(images, before[0])
    np.testing.assert_array_equal(masks, before[1])


def test_pictures_that_are_not_square_raise():
    with pytest.raises(ValueError, match=r"square.*\(4, 6\)"):
        augmentation.symmetries(np.zeros((2, 4, 6, 3)), np.zeros((2, 4, 6, 1)), np.random.default_rng(0))
