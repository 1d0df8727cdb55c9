from types import SimpleNamespace

import numpy as np
import pytest
from discs import discs
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg_utils.preprocessing import augmentation, scale

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
LABELS = discs((120, 150), [(40, 40, 10), (80, 100, 12), (30, 110, 9), (95, 30, 11)])
IMAGE = np.where(LABELS[..., None] > 0, np.uint8(255), np.uint8(0)).repeat(3, 2)


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


def crop(seed, zoom=1.0, side=64, image=IMAGE, labels=LABELS):
    return augmentation.crop(image, labels, zoom, side, np.random.default_rng(seed))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([0.1, 0.5, 1, 4]), st.integers(1, 90))
def test_a_crop_has_the_side_asked_for_and_no_label_that_was_not_there(seed, zoom, side):
    image, labels = crop(seed, zoom, side)
    assert image.shape == (side, side, 3)
    assert image.dtype == np.uint8
    assert labels.shape == (side, side)
    assert labels.dtype == np.int32
    assert set(np.unique(labels)) <= set(range(5))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([0.5, 1, 2]))
def test_picture_and_labels_are_cut_alike(seed, zoom):
    image, labels = crop(seed, zoom)
    assert ((image[..., 0] > 127) == (labels > 0)).mean() > 0.97
    np.testing.assert_array_equal(image[..., 0], image[..., 2])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_a_picture_that_is_smaller_than_the_crop_is_seen_whole_with_zeros_around(seed):
    image, labels = crop(seed, 0.1, 64, np.full_like(IMAGE, 255), np.ones_like(LABELS))
    assert labels[0].max() == labels[-1].max() == labels[:, 0].max() == labels[:, -1].max() == 0
    assert image[labels == 0].mean() < 40
    rows, columns = np.nonzero(labels)
    assert rows.mean() == pytest.approx(31.5, abs=0.6)
    assert columns.mean() == pytest.approx(31.5, abs=0.6)


def test_labels_up_to_2_to_the_24_are_kept_exactly():
    number = 2**24 - 1
    _, labels = crop(0, 1, 64, IMAGE, np.where(LABELS > 0, number, 0))
    assert set(np.unique(labels)) == {0, number}


def row_of_a_line(zoom, side):
    """The middle row of a crop of a white line, where every draw is the middle one: nothing but a zoom."""
    draws = SimpleNamespace(
        random=lambda: 0.9,
        uniform=lambda low, high: (low + high) / 2,
        integers=lambda high: 0,
        choice=lambda options: options[-1],
    )
    image = np.zeros((64, 64, 3), np.uint8)
    image[:, 31] = 255
    usual = np.sqrt(np.prod(augmentation.SCALES))
    found, _ = augmentation.crop(image, np.zeros((64, 64), np.int32), zoom / usual, side, draws)
    return found[side // 2, :, 0].astype(int)


def test_a_picture_is_blurred_before_it_is_shrunk_by_much():
    """At half the size by 0.7 pixels; then every pixel is the mean of two columns."""
    weights = np.exp(-(np.arange(-2, 3) ** 2) / (2 * 0.7**2))
    far, near, line = 255 * weights[:3] / weights.sum()
    expected = [0, far / 2, (near + line) / 2, (near + far) / 2, 0]
    np.testing.assert_allclose(row_of_a_line(0.5, 32)[13:18], expected, atol=1)


def test_a_picture_that_shrinks_little_stays_sharp():
    row = row_of_a_line(
        0.75, 48
    )  # pixel 23 lies at 4 / 3 * 23 + 1 / 6 = 30.83, its neighbours beyond the line
    assert np.flatnonzero(row).tolist() == [23]
    assert row[23] == pytest.approx(255 * 5 / 6, abs=5)


def test_crops_are_zoomed_around_the_common_size_within_the_wide_limits():
    disc = discs((300, 300), [(150, 150, 20)])
    zooms = [scale.typical_diameter(crop(seed, 0.5, 300, IMAGE, disc)[1]) / 20 for seed in range(150)]
    assert np.exp(np.mean(np.log(zooms))) == pytest.approx(1, abs=0.1)
    assert min(zooms) > 0.35 * 0.95
    assert max(zooms) < 2.5 * 1.05
    usual = [0.6 < zoom < 1.7 for zoom in zooms]
    assert 0.75 < np.mean(usual) < 1


def test_crops_are_stretched_a_little_now_and_then_much_and_turned_by_any_angle():
    bar = np.zeros((400, 400), np.int32)
    bar[180:220, 100:300] = 1
    angles, lengths = [], []
    for seed in range(60):
        _, labels = crop(seed, 0.4, 450, IMAGE, bar)
        spread, axes = np.linalg.eigh(np.cov(np.nonzero(labels)))
        angles.append(np.degrees(np.arctan2(*axes[:, 1])) % 180)
        if np.count_nonzero(labels) > 800:  # else too few pixels to tell
            lengths.append(np.sqrt(spread[1] / spread[0]))
    right = [min(angle % 90, 90 - angle % 90) < 2 for angle in angles]
    assert 0.3 < np.mean(right) < 0.75
    assert np.histogram(angles, 6, (0, 180))[0].min() > 2
    stretches = np.abs(np.log(np.array(lengths) / 5)) / 2
    assert 0.3 < stretches.max() < 0.45 + 0.03
    assert 0.05 < np.mean(stretches > 0.12 + 0.03) < 0.3
    assert np.std(lengths) > 0.3
    assert len(lengths) > 25


def test_most_crops_show_a_nucleus_even_where_there_is_one_in_a_large_picture():
    labels = discs((600, 600), [(300, 500, 6)])
    image = np.zeros((600, 600, 3), np.uint8)
    shown = [crop(seed, 1.0, 64, image, labels)[1].any() for seed in range(60)]
    assert np.mean(shown) > 0.55


def test_the_same_seed_gives_the_same_crop_and_another_seed_another():
    one, again, other = crop(1), crop(1), crop(2)
    for a, b in zip(one, again, strict=True):
        np.testing.assert_array_equal(a, b)
    assert (one[0] != other[0]).any()


def test_cutting_leaves_the_picture_as_it_is():
    image, labels = IMAGE.copy(), LABELS.copy()
    for seed in range(5):
        crop(seed, 0.3, 40, image, labels)
    np.testing.assert_array_equal(image, IMAGE)
    np.testing.assert_array_equal(labels, LABELS)
