from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg_utils.prediction import tiling

EXAMPLES = settings(max_examples=25, deadline=None)
SEEDS = st.integers(0, 2**32)
MIX = np.array([[1, 2, 3], [3, 1, 0], [0, 0, 1], [-1, 0, 2], [0, 1, -2]], np.float32).T / 255


def noise(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def pointwise(images):
    """A network that looks at one pixel at a time."""
    assert images.shape[1] % 32 == images.shape[2] % 32 == 0
    return images @ MIX


@pytest.fixture
def small_tiles(monkeypatch):
    monkeypatch.setattr(tiling, "TILE", 64)
    monkeypatch.setattr(tiling, "OVERLAP", 20)


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (31, 33), (32, 64), (50, 7)])
def test_any_size_comes_back_and_the_network_sees_multiples_of_32(shape):
    image = noise(*shape)
    np.testing.assert_allclose(tiling.predict_tiled(pointwise, image), image @ MIX, atol=1e-6)


@EXAMPLES
@given(st.integers(1, 200), st.integers(1, 200))
def test_tiles_of_a_large_picture_give_what_one_piece_gives(height, width):
    image = noise(height, width)
    whole = tiling.predict_tiled(pointwise, image)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiling, "TILE", 64)
        patch.setattr(tiling, "OVERLAP", 20)
        tiled = tiling.predict_tiled(pointwise, image)
    assert tiled.shape == (height, width, 5)
    assert tiled.dtype == np.float32
    np.testing.assert_allclose(tiled, whole, atol=1e-5)


def test_no_tile_is_larger_than_allowed_and_a_picture_that_fits_is_not_cut(small_tiles):
    seen = []

    def network(images):
        seen.append(images.shape)
        return pointwise(images)

    tiling.predict_tiled(network, noise(64, 50))
    assert seen == [(1, 64, 64, 3)]
    tiling.predict_tiled(network, noise(150, 65))
    assert set(seen) == {(1, 64, 64, 3)}
    assert len(seen) == 1 + 3 * 2


@EXAMPLES
@given(st.integers(1, 5000))
def test_tiles_cover_an_axis_and_neighbours_share_the_overlap(length):
    starts = tiling._starts(length)
    assert starts[0] == 0
    assert starts[-1] == max(0, length - tiling.TILE)
    assert all(b - a <= tiling.TILE - tiling.OVERLAP for a, b in pairwise(starts))
    assert len(starts) == len(set(starts))


@pytest.mark.parametrize(
    ("length", "starts"), [(768, [0]), (769, [0, 1]), (1408, [0, 640]), (1409, [0, 320, 641])]
)
def test_as_few_tiles_of_768_pixels_as_share_128_with_each_other(length, starts):
    assert tiling._starts(length) == starts


def test_a_seam_is_blended_so_that_neither_tile_ends_abruptly(small_tiles):
    tiles = []

    def network(images):
        """A network that answers with the number of its call."""
        tiles.append(len(tiles))
        return np.full((*images.shape[:3], 5), tiles[-1], np.float32)

    row = tiling.predict_tiled(network, noise(30, 100))[10, :, 0]
    assert row[0] == 0
    assert row[-1] == 1
    assert (np.diff(row) >= 0).all()
    assert np.diff(row).max() < 0.06


@pytest.mark.parametrize("axis", [0, 1])
def test_pixels_of_a_tile_weigh_as_much_as_they_are_from_its_end_up_to_the_overlap(small_tiles, axis):
    tiles = iter([0, 1])
    network = lambda images: np.full((*images.shape[:3], 1), next(tiles), np.float32)  # noqa: E731
    found = tiling.predict_tiled(network, noise(*np.roll((100, 30), axis)))
    line = np.moveaxis(found, axis, 0)[:, 10, 0]  # of one tile over the pixels 0..63, and one over 36..99
    expected = {35: 0, 36: 1 / 21, 43: 8 / 28, 44: 9 / 29, 49: 14 / 29, 55: 20 / 29, 63: 20 / 21, 64: 1}
    assert {pixel: line[pixel] for pixel in expected} == pytest.approx(expected)


def test_the_picture_given_stays_as_it_is(small_tiles):
    image = noise(70, 80)
    before = image.copy()
    tiling.predict_tiled(pointwise, image)
    np.testing.assert_array_equal(image, before)


def test_maps_of_the_foreground_alone_are_tiled_too(small_tiles):
    image = noise(70, 100)
    found = tiling.predict_tiled(lambda images: images[..., :1] / np.float32(255), image)
    np.testing.assert_allclose(found, image[..., :1] / 255, atol=1e-6)
