import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg_utils.preprocessing import textures


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 500), st.integers(0, 2**32))
def test_a_texture_has_the_side_asked_for_and_lies_within_0_and_1(side, seed):
    texture = textures.cut(side, np.random.default_rng(seed))
    assert texture.shape == (side, side)
    assert texture.dtype == np.float32
    assert 0 <= texture.min() <= texture.max() <= 1


def test_values_are_evenly_distributed():
    whole = np.concatenate([textures.cut(textures.SIDE, np.random.default_rng(seed)) for seed in range(9)])
    np.testing.assert_allclose(np.quantile(whole, [0.1, 0.5, 0.9]), [0.1, 0.5, 0.9], atol=0.01)


def test_neighbours_are_alike_and_distant_pixels_are_not():
    likeness = []
    for seed in range(30):
        texture = textures.cut(192, np.random.default_rng(seed))
        near = np.abs(np.diff(texture, axis=0)).mean()
        far = np.abs(texture[100:] - texture[:-100]).mean()
        likeness.append(near / far)
    assert max(likeness) < 0.8
    assert np.median(likeness) < 0.35


def test_the_same_seed_gives_the_same_texture_and_others_differ():
    one, again, other = (textures.cut(50, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()
    assert len({textures.cut(50, np.random.default_rng(seed)).tobytes() for seed in range(20)}) == 20


@pytest.mark.parametrize("seed", range(3))
def test_changing_a_texture_changes_no_later_one(seed):
    first = textures.cut(60, np.random.default_rng(seed))
    kept = first.copy()
    first[:] = 0
    np.testing.assert_array_equal(textures.cut(60, np.random.default_rng(seed)), kept)
