from itertools import pairwise

import numpy as np
import pytest
from discs import discs
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg_utils import instances, targets, tiling

EXAMPLES = settings(max_examples=25, deadline=None)
SEEDS = st.integers(0, 2**32)
MIX = np.array([[1, 2, 3], [3, 1, 0], [0, 0, 1], [-1, 0, 2], [0, 1, -2]], np.float32).T / 255


def noise(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def pointwise(images):
    """A network that looks at one pixel at a time."""
    assert images.shape[1] % 32 == images.shape[2] % 32 == 0
    return images @ MIX


def painting(images):
    """A network that sees perfectly: the target maps of the bright pieces."""
    return np.stack([targets.maps(instances.pieces(image[..., 0] > 127)) for image in images])


def crowd(seed, shape):
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, shape, (12, 2))
    return discs(shape, np.column_stack([places, rng.uniform(1, 9, 12)]))


def drawn(labels):
    return np.where(labels[..., None] > 0, np.uint8(255), np.uint8(0)).repeat(3, 2)


@pytest.fixture
def small_tiles(monkeypatch):
    monkeypatch.setattr(tiling, "TILE", 64)
    monkeypatch.setattr(tiling, "OVERLAP", 20)


@pytest.mark.parametrize("number", range(8))
@pytest.mark.parametrize("shape", [(2, 3), (3, 2)])
def test_a_picture_turned_and_turned_back_is_the_picture(number, shape):
    maps = np.arange(30, dtype=np.float32).reshape(*shape, 5)
    turned = tiling._turn(maps, number)
    assert turned.shape[:2] == (shape if number % 2 == 0 else shape[::-1])
    np.testing.assert_array_equal(tiling._turn_back(turned, number)[..., :3], maps[..., :3])


def test_the_views_are_eight_different_ones():
    image = np.arange(4).reshape(2, 2)
    assert len({tiling._turn(image, number).tobytes() for number in range(8)}) == 8


def test_directions_turn_with_the_picture():
    maps = np.zeros((1, 2, 5), np.float32)
    maps[0, 0, 3:] = 2, 7  # down by 2, right by 7
    turned = {number: tiling._turn_back(maps, number) for number in range(8)}
    assert turned[0][0, 0, 3:].tolist() == [2, 7]
    assert turned[1][0, 0, 3:].tolist() == [7, -2]
    assert turned[2][0, 1, 3:].tolist() == [-2, -7]
    assert turned[3][1, 0, 3:].tolist() == [-7, 2]
    assert turned[4][0, 1, 3:].tolist() == [2, -7]


@pytest.mark.parametrize("number", range(8))
@EXAMPLES
@given(SEEDS, st.integers(1, 30), st.integers(1, 30))
def test_maps_of_a_turned_picture_turn_back_to_the_maps_of_the_picture(number, seed, height, width):
    labels = crowd(seed, (height, width))
    view = np.ascontiguousarray(tiling._turn(labels, number))
    back, maps = tiling._turn_back(targets.maps(view), number), targets.maps(labels)
    np.testing.assert_array_equal(back[..., :2], maps[..., :2])
    np.testing.assert_allclose(back[..., 2:], maps[..., 2:], atol=1e-5)


@pytest.mark.parametrize("symmetries", range(1, 9))
def test_views_of_a_network_that_turns_with_the_picture_agree(symmetries):
    image = drawn(discs((47, 61), [(12, 14, 7), (30, 40, 9), (33, 22, 6)]))
    one, mean = tiling.maps(painting, image), tiling.maps(painting, image, symmetries)
    assert mean.shape == (47, 61, 5)
    assert mean.dtype == np.float32
    np.testing.assert_allclose(mean, one, atol=1e-5)


def test_views_are_averaged():
    def right(images):
        """A network that believes every centre to be one pixel to the right."""
        return np.broadcast_to(np.float32([0.5, 0, 1, 0, 1]), (*images.shape[:3], 5))

    expected = {1: [0, 1], 2: [0.5, 0.5], 4: [0, 0], 8: [0, 0]}
    for symmetries, offset in expected.items():
        maps = tiling.maps(right, noise(5, 4), symmetries)
        np.testing.assert_allclose(maps, np.tile(np.float32([0.5, 0, 1, *offset]), (5, 4, 1)), atol=1e-6)


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (31, 33), (32, 64), (50, 7)])
def test_any_size_comes_back_and_the_network_sees_multiples_of_32(shape):
    image = noise(*shape)
    np.testing.assert_allclose(tiling.maps(pointwise, image), image @ MIX, atol=1e-6)


@EXAMPLES
@given(st.integers(1, 200), st.integers(1, 200), st.sampled_from([1, 3, 8]))
def test_tiles_of_a_large_picture_give_what_one_piece_gives(height, width, symmetries):
    image = noise(height, width)
    whole = tiling.maps(pointwise, image, symmetries)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiling, "TILE", 64)
        patch.setattr(tiling, "OVERLAP", 20)
        tiled = tiling.maps(pointwise, image, symmetries)
    assert tiled.shape == (height, width, 5)
    assert tiled.dtype == np.float32
    np.testing.assert_allclose(tiled, whole, atol=1e-5)


def test_no_tile_is_larger_than_allowed_and_a_picture_that_fits_is_not_cut(small_tiles):
    seen = []

    def network(images):
        seen.append(images.shape)
        return pointwise(images)

    tiling.maps(network, noise(64, 50))
    assert seen == [(1, 64, 64, 3)]
    tiling.maps(network, noise(150, 65))
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


def test_a_seam_is_blended_so_that_neither_tile_ends_abruptly(small_tiles):
    tiles = []

    def network(images):
        """A network that answers with the number of its call."""
        tiles.append(len(tiles))
        return np.full((*images.shape[:3], 5), tiles[-1], np.float32)

    row = tiling.maps(network, noise(30, 100))[10, :, 0]
    assert row[0] == 0
    assert row[-1] == 1
    assert (np.diff(row) >= 0).all()
    assert np.diff(row).max() < 0.06


def test_the_picture_given_stays_as_it_is(small_tiles):
    image = noise(70, 80)
    before = image.copy()
    tiling.maps(pointwise, image, 8)
    np.testing.assert_array_equal(image, before)


def test_instances_of_all_views_are_the_discs_that_were_drawn():
    labels = discs((75, 90), [(20, 20, 9), (45, 60, 12), (60, 20, 7)])
    maps = tiling.maps(painting, drawn(labels), 8)
    np.testing.assert_array_equal(instances.label(maps, (75, 90), instances.Rule()) > 0, labels > 0)
