from itertools import count

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
@given(st.integers(1, 9000))
def test_tiles_cover_an_axis_once_and_nothing_is_kept_near_the_inner_end_of_a_tile(length):
    spans = tiling._spans(length)
    kept = np.concatenate([np.arange(length)[own] for _, own in spans])
    np.testing.assert_array_equal(kept, np.arange(length))
    for cut, own in spans:
        assert min(length, tiling.TILE) == cut.stop - cut.start
        assert own.start - cut.start >= (tiling.OVERLAP // 2 if cut.start else 0)
        assert cut.stop - own.stop >= (tiling.OVERLAP // 2 if cut.stop < length else 0)


@pytest.mark.parametrize(
    ("length", "starts"), [(1024, [0]), (1025, [0, 1]), (1920, [0, 896]), (1921, [0, 448, 897])]
)
def test_as_few_tiles_of_1024_pixels_as_share_128_with_each_other(length, starts):
    assert [cut.start for cut, _ in tiling._spans(length)] == starts


@pytest.mark.parametrize("axis", [0, 1])
def test_neighbours_meet_in_the_middle_of_what_they_share(small_tiles, axis):
    calls = count()
    network = lambda images: np.full((*images.shape[:3], 1), next(calls), np.float32)  # noqa: E731
    found = tiling.predict_tiled(network, noise(*np.roll((100, 30), axis)))
    line = np.moveaxis(found, axis, 0)[:, 10, 0]  # of one tile over the pixels 0..63, and one over 36..99
    np.testing.assert_array_equal(line, np.arange(100) >= 50)


def test_what_goes_wrong_in_a_tile_is_raised(small_tiles):
    calls = count()

    def network(images):
        if next(calls) == 2:
            raise MemoryError
        return pointwise(images)

    with pytest.raises(MemoryError):
        tiling.predict_tiled(network, noise(150, 150))


def test_the_picture_given_stays_as_it_is(small_tiles):
    image = noise(70, 80)
    before = image.copy()
    tiling.predict_tiled(pointwise, image)
    np.testing.assert_array_equal(image, before)


def test_maps_of_the_foreground_alone_are_tiled_too(small_tiles):
    image = noise(70, 100)
    found = tiling.predict_tiled(lambda images: images[..., :1] / np.float32(255), image)
    np.testing.assert_allclose(found, image[..., :1] / 255, atol=1e-6)
