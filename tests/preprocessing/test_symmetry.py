import numpy as np
import pytest
from discs import discs
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg_utils.preprocessing import symmetry, targets

EXAMPLES = settings(max_examples=25, deadline=None)
SEEDS = st.integers(0, 2**32)


def crowd(seed, shape):
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, shape, (12, 2))
    return discs(shape, np.column_stack([places, rng.uniform(1, 9, 12)]))


@pytest.mark.parametrize("number", range(8))
@pytest.mark.parametrize("shape", [(2, 3), (3, 2)])
def test_a_picture_turned_and_turned_back_is_the_picture(number, shape):
    maps = np.arange(30, dtype=np.float32).reshape(*shape, 5)
    turned = symmetry.turned(maps, number)
    assert turned.shape[:2] == (shape if number % 2 == 0 else shape[::-1])
    np.testing.assert_array_equal(symmetry.turned_back(turned, number)[..., :3], maps[..., :3])


def test_the_views_are_eight_different_ones():
    image = np.arange(4).reshape(2, 2)
    assert len({symmetry.turned(image, number).tobytes() for number in range(8)}) == 8


def test_directions_turn_with_the_picture():
    maps = np.zeros((1, 2, 5), np.float32)
    maps[0, 0, 3:] = 2, 7  # down by 2, right by 7
    turned = {number: symmetry.turned_back(maps, number) for number in range(8)}
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
    view = np.ascontiguousarray(symmetry.turned(labels, number))
    back, maps = symmetry.turned_back(targets.target_maps(view), number), targets.target_maps(labels)
    np.testing.assert_array_equal(back[..., :2], maps[..., :2])
    np.testing.assert_allclose(back[..., 2:], maps[..., 2:], atol=1e-5)


@pytest.mark.parametrize("number", range(8))
def test_the_foreground_alone_turns_back_too(number):
    foreground = np.arange(6, dtype=np.float32).reshape(2, 3, 1)
    turned = symmetry.turned(foreground, number)
    np.testing.assert_array_equal(symmetry.turned_back(turned, number), foreground)
