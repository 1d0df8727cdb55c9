import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg_utils.preprocessing import normalisation

EXAMPLES = settings(max_examples=40, deadline=None)
SIDES = st.integers(1, 40)
SEEDS = st.integers(0, 2**32)


def noise(height, width, seed, low=0, high=256):
    return np.random.default_rng(seed).integers(low, high, (height, width, 3), np.uint8)


def two_values(background, nucleus, share=0.25):
    """A picture whose first rows are nucleus."""
    image = np.empty((20, 20, 3), np.uint8)
    image[:] = background
    image[: round(20 * share)] = nucleus
    return image


def test_the_two_values_of_a_dim_picture_become_0_and_255():
    normalised = normalisation.normalise(two_values(10, 60))
    np.testing.assert_array_equal(normalised, two_values(0, 255))


def test_a_bright_background_becomes_dark_and_its_dark_nuclei_bright():
    normalised = normalisation.normalise(two_values(230, 90))
    np.testing.assert_array_equal(normalised, two_values(0, 255))


def test_a_yellow_background_becomes_as_dark_as_a_white_one():
    normalised = normalisation.normalise(two_values([240, 220, 120], [140, 90, 20]))
    np.testing.assert_array_equal(normalised, two_values(0, 255))


def test_grey_values_between_lie_on_a_straight_line():
    image = np.repeat(np.arange(100, dtype=np.uint8), 12).reshape(30, 40)[..., None].repeat(3, 2)
    low, high = np.percentile(image[..., 0], [1, 99.8])
    expected = np.round(255 * np.clip((image - low) / (high - low), 0, 1))
    np.testing.assert_array_equal(normalisation.normalise(image), expected)


def test_a_weak_channel_is_stretched_to_a_part_of_the_range_only():
    normalised = normalisation.normalise(two_values([0, 0, 0], [100, 7, 35]))
    assert normalised[0, 0].tolist() == [255, round(255 * 7 / 35), 255]
    assert normalised[-1, 0].tolist() == [0, 0, 0]


def test_noise_of_an_empty_picture_is_not_stretched_to_full_contrast():
    normalised = normalisation.normalise(two_values(20, 21))
    assert normalised.max() == round(255 / 8)


@pytest.mark.parametrize("value", [0, 1, 128, 254, 255])
def test_a_picture_of_one_colour_becomes_black(value):
    assert normalisation.normalise(np.full((9, 7, 3), value, np.uint8)).max() == 0


@EXAMPLES
@given(SIDES, SIDES, SEEDS)
def test_shape_and_type_stay_and_the_picture_given_too(height, width, seed):
    image = noise(height, width, seed)
    before = image.copy()
    normalised = normalisation.normalise(image)
    assert normalised.shape == image.shape
    assert normalised.dtype == np.uint8
    np.testing.assert_array_equal(image, before)


@EXAMPLES
@given(SIDES, SIDES, SEEDS)
def test_the_background_is_never_the_bright_part(height, width, seed):
    image = noise(height, width, seed)
    assert np.median(normalisation.normalise(image).mean(axis=2)) <= 128


@EXAMPLES
@given(SEEDS, st.sampled_from([1, 2]), st.integers(0, 90))
def test_exposure_and_offset_do_not_count(seed, gain, offset):
    image = noise(24, 24, seed, 0, 80)
    np.testing.assert_array_equal(
        normalisation.normalise(gain * image + np.uint8(offset)), normalisation.normalise(image)
    )


@EXAMPLES
@given(SEEDS)
def test_order_of_grey_values_stays_in_every_channel_or_is_reversed_in_all(seed):
    image = noise(12, 12, seed)
    normalised = normalisation.normalise(image).astype(int)
    signs = set()
    for channel in range(3):
        order = np.argsort(image[..., channel], axis=None, kind="stable")
        signs |= set(np.sign(np.diff(normalised[..., channel].ravel()[order])).tolist())
    assert signs <= {0, 1} or signs <= {0, -1}


def test_mirrored_views_are_read_as_they_look():
    image = noise(14, 9, 0)
    for view in (image[:, ::-1], image[::-1], image[::2, ::3], np.asfortranarray(image)):
        np.testing.assert_array_equal(
            normalisation.normalise(view), normalisation.normalise(np.ascontiguousarray(view))
        )


def test_a_large_picture_is_judged_by_a_part_of_its_pixels_and_looks_like_a_small_one():
    small = noise(64, 64, 0)
    large = small.repeat(32, 0).repeat(32, 1)
    np.testing.assert_array_equal(normalisation.normalise(large)[::32, ::32], normalisation.normalise(small))


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((8, 8), np.uint8),
        np.zeros((8, 8, 4), np.uint8),
        np.zeros((8, 8, 3), np.float32),
        np.zeros((8, 8, 3), np.uint16),
        np.zeros((0, 8, 3), np.uint8),
        np.zeros((1, 8, 8, 3), np.uint8),
    ],
    ids=lambda image: f"{image.shape} {image.dtype}",
)
def test_a_picture_of_another_type_or_shape_is_refused(image):
    with pytest.raises(ValueError, match="expected an") as caught:
        normalisation.normalise(image)
    assert str(image.shape) in str(caught.value)
    assert str(image.dtype) in str(caught.value)
