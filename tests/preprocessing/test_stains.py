import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.color import hed2rgb

from cellseg_utils.preprocessing import stains

EXAMPLES = settings(max_examples=40, deadline=None)
SIDES = st.integers(1, 40)
SEEDS = st.integers(0, 2**32)
NUCLEAR, COUNTER, TOTAL = range(3)


def noise(height, width, seed, low=0, high=256):
    return np.random.default_rng(seed).integers(low, high, (height, width, 3), np.uint8)


def two_values(background, nucleus, share=0.25):
    """A picture whose first rows are nucleus."""
    image = np.empty((20, 20, 3), np.uint8)
    image[:] = background
    image[: round(20 * share)] = nucleus
    return image


def stained(haematoxylin, eosin, white=255):
    """A picture of two stains on a glass, (H, W) each, in scikit-image's units."""
    density = np.dstack([haematoxylin, eosin, np.zeros_like(eosin)])
    return np.round(white * hed2rgb(density)).astype(np.uint8)


def section(size=60):
    """Nuclei in the left half, pink stroma in the upper half, glass where neither is."""
    haematoxylin, eosin = np.zeros((2, size, size))
    haematoxylin[:, : size // 2] = 0.12
    eosin[: size // 2] = 0.08
    eosin[0], haematoxylin[0] = 0, 0  # some glass everywhere
    return haematoxylin, eosin


def test_dim_fluorescence_becomes_bright_in_both_planes_that_show_nuclei():
    np.testing.assert_array_equal(stains.planes(two_values(10, 60)), two_values([0, 0, 0], [255, 0, 255]))


def test_a_grey_picture_of_dark_nuclei_on_a_bright_ground_is_inverted():
    np.testing.assert_array_equal(stains.planes(two_values(230, 90)), two_values([0, 0, 0], [255, 0, 255]))


def test_grey_values_between_lie_on_a_straight_line():
    grey = np.repeat(np.arange(100, dtype=np.uint8) // 2, 12).reshape(30, 40)
    grey[:20] //= 3
    low, high = np.percentile(grey, [1, 99.8])
    expected = 255 * np.clip((grey - low) / (high - low), 0, 1)
    found = stains.planes(grey[..., None].repeat(3, 2))
    np.testing.assert_allclose(found[..., NUCLEAR], expected, atol=0.51)
    np.testing.assert_array_equal(found[..., TOTAL], found[..., NUCLEAR])
    assert not found[..., COUNTER].any()


@pytest.mark.parametrize("white", [255, 200, [250, 240, 150]])
def test_stains_are_taken_apart_whatever_colour_the_glass_has(white):
    haematoxylin, eosin = section()
    found = stains.planes(stained(haematoxylin, eosin, white)).astype(int)
    nuclear, counter, total = (found[5:, :, plane] for plane in range(3))
    has, pink = haematoxylin[5:] > 0, eosin[5:] > 0
    assert nuclear[has].min() > 200
    assert nuclear[~has].max() < 60
    assert counter[pink & ~has].min() > 150
    assert counter[~pink].max() < 110
    assert total[has & pink].min() > total[has ^ pink].max() > total[~has & ~pink].max() + 50


def test_pink_stroma_that_fills_the_picture_is_no_nucleus():
    """The picture is dark and has no glass: its median says nothing about where the nuclei are."""
    haematoxylin, eosin = np.full((2, 60, 60), [[[0.02]], [[0.12]]])
    haematoxylin[20:30, 20:30] = 0.2
    found = stains.planes(stained(haematoxylin, eosin, 210))
    assert found[20:30, 20:30, NUCLEAR].min() == 255
    assert np.median(found[..., NUCLEAR]) < 30


@pytest.mark.parametrize(
    ("nucleus", "cytoplasm"),
    [
        ([0, 0, 200], [0, 150, 0]),
        ([0, 0, 90], [0, 240, 0]),
        ([0, 200, 0], [0, 0, 0]),
        ([180, 9, 9], [9, 0, 30]),
    ],
)
def test_the_blue_channel_shows_the_dna_and_else_the_strongest(nucleus, cytoplasm):
    image = two_values([2, 2, 2], nucleus)
    image[10:14] = cytoplasm
    found = stains.planes(image)
    assert found[:5, :, NUCLEAR].min() == 255
    assert found[5:, :, NUCLEAR].max() < 60


def test_noise_of_an_empty_picture_is_not_stretched_to_full_contrast():
    assert stains.planes(two_values(20, 21)).max() == round(255 / 8)


def test_a_stain_that_is_hardly_there_is_not_stretched_to_full_contrast():
    haematoxylin, eosin = section()
    haematoxylin *= 3
    found = stains.planes(stained(haematoxylin, eosin / 40))
    assert np.ptp(found[..., NUCLEAR].astype(int)) == 255
    assert found[5:25, 35:, COUNTER].max() < 90


@pytest.mark.parametrize("value", [0, 1, 128, 254, 255, (230, 180, 220)])
def test_a_picture_of_one_colour_becomes_black(value):
    assert stains.planes(np.full((9, 7, 3), value, np.uint8)).max() == 0


@EXAMPLES
@given(SIDES, SIDES, SEEDS)
def test_planes_have_the_shape_of_the_picture_which_stays_as_it_is(height, width, seed):
    image = noise(height, width, seed)
    before = image.copy()
    found = stains.planes(image)
    assert found.shape == image.shape
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(image, before)


@EXAMPLES
@given(SIDES, SIDES, SEEDS, st.integers(1, 3), st.integers(0, 40))
def test_gain_and_offset_of_dark_pictures_do_not_matter(height, width, seed, gain, offset):
    grey = np.random.default_rng(seed).integers(0, 60, (height, width)) ** 2 // 60
    image = grey.astype(np.uint8)[..., None].repeat(3, 2)
    low, high = np.percentile(grey, [1, 99.8])
    if high - low > 9:  # else the contrast decides what is noise
        np.testing.assert_allclose(
            stains.planes(np.uint8(gain) * image + np.uint8(offset)).astype(int),
            stains.planes(image).astype(int),
            atol=1,
        )


def test_a_large_picture_looks_like_a_small_one_in_strips_and_outside_of_the_sample(monkeypatch):
    small = stained(*section())
    large = np.kron(small, np.ones((32, 32, 1), np.uint8))
    np.testing.assert_array_equal(stains.planes(large)[::32, ::32], stains.planes(small))
    monkeypatch.setattr(stains, "STRIP", 7)
    whole = stains.planes(small)
    monkeypatch.undo()
    np.testing.assert_array_equal(whole, stains.planes(small))


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.uint16),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
    ],
)
def test_what_is_no_rgb_picture_raises_and_names_it(image):
    with pytest.raises(ValueError, match=r"expected an \(H, W, 3\) uint8 picture, got"):
        stains.planes(image)


@pytest.mark.parametrize(("name", "value"), [("nuclear", 10), ("counter", 20), ("total", 30)])
def test_a_single_plane_looks_like_a_picture_without_counterstain(name, value):
    whole = np.full((4, 5, 3), [10, 20, 30], np.uint8)
    alone = stains.single(whole, name)
    assert np.unique(alone.reshape(-1, 3), axis=0).tolist() == [[value, 0, value]]
    assert whole[0, 0].tolist() == [10, 20, 30]


def test_a_part_has_the_planes_that_it_has_in_the_picture():
    image = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    whole = stains.planes(image)
    np.testing.assert_array_equal(stains.unmixing(image).planes(image[5:20, 7:]), whole[5:20, 7:])
