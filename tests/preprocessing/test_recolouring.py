import numpy as np
from discs import discs
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg_utils.preprocessing import recolouring

LABELS = discs((64, 64), [(20, 20, 10), (40, 48, 9)])
INSIDE = LABELS > 0


def recoloured(nucleus, ground, count=300):
    """Mean planes of nuclei and of the ground after recolouring, (count, 2, 3)."""
    planes = np.where(INSIDE[..., None], np.uint8(nucleus), np.uint8(ground))
    changed = [recolouring.recolour(planes, np.random.default_rng(seed)) for seed in range(count)]
    return np.array([[one[INSIDE].mean(axis=0), one[~INSIDE].mean(axis=0)] for one in changed])


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 40))
def test_recolouring_keeps_shape_and_type_and_the_planes_given(seed, side):
    planes = np.random.default_rng(seed % 97).integers(0, 256, (side, side, 3), np.uint8)
    before = planes.copy()
    changed = recolouring.recolour(planes, np.random.default_rng(seed))
    assert changed.shape == planes.shape
    assert changed.dtype == np.uint8
    np.testing.assert_array_equal(planes, before)


def test_nuclei_stay_brighter_than_the_ground_but_for_a_few_that_are_inverted():
    changed = recoloured([200, 0, 200], [60, 0, 60])
    nuclei, ground = changed[..., 0].T
    assert 0.92 < np.mean(nuclei > ground) < 1
    assert np.std(nuclei) > 15


def test_what_has_no_counterstain_gets_none():
    changed = recoloured([200, 0, 200], [60, 0, 60])
    assert not changed[..., 1].any()
    np.testing.assert_allclose(changed[..., 0], changed[..., 2], atol=3)  # but for the loss of JPEG


def test_stained_planes_are_reduced_to_the_nuclear_one_or_to_all_absorption_now_and_then():
    changed = recoloured([200, 40, 120], [30, 150, 90], 600)
    single = ~changed[..., 1].any(axis=1)
    assert 0.36 < single.mean() < 0.48
    contrast = (changed[single, 0] - changed[single, 1])[:, 0]
    of_total = (np.abs(contrast) < 55).mean()  # 30 grey values of contrast, not 170
    assert 0.15 < of_total < 0.45


def test_stains_mix_with_each_other_when_they_are_not_reduced():
    changed = recoloured([200, 40, 160], [30, 150, 90], 600)
    mixed = changed[changed[..., 1].any(axis=1)]
    contrast = mixed[:, 0] - mixed[:, 1]
    assert np.std(contrast[:, 0] - contrast[:, 2]) > 15
    assert np.mean(contrast[:, 0] > 0) > 0.9
    assert np.mean(contrast[:, 1] < 0) > 0.85


def test_the_same_seed_gives_the_same_change():
    planes = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    one, again, other = (recolouring.recolour(planes, np.random.default_rng(seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()
