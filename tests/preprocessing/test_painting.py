import numpy as np
import pytest
from discs import discs
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg_utils.preprocessing import painting

LABELS = discs((96, 96), [(20, 20, 10), (30, 70, 12), (70, 30, 9), (75, 75, 11)])
SEEDS = st.integers(0, 2**32)


def shining(labels, value=200):
    planes = np.zeros((*labels.shape, 3), np.uint8)
    planes[labels > 0] = value, 0, value
    return planes


def means(plane, labels):
    return np.array([plane[labels == number].mean() for number in range(1, labels.max() + 1)])


def test_planes_without_counterstain_are_of_a_single_stain():
    planes = shining(LABELS)
    assert painting.is_single_stain(planes)
    planes[3, 4, 1] = 1
    assert not painting.is_single_stain(planes)


def test_nuclei_vary_on_their_own_within_limits_and_the_ground_stays():
    ratios = []
    for seed in range(40):
        varied = painting.vary_nuclei(shining(LABELS), LABELS, np.random.default_rng(seed))
        assert not varied[..., 1].any()
        assert not varied[LABELS == 0].any()
        np.testing.assert_array_equal(varied[..., 0], varied[..., 2])
        ratios.append(means(varied[..., 0], LABELS) / 200)
    ratios = np.array(ratios)
    assert ratios.min() > 0.35
    assert ratios.max() < 1.29
    assert ratios.min() < 0.5
    assert np.ptp(ratios, axis=1).min() > 0.05


def test_nuclei_that_lie_above_cover_those_below():
    below = discs((60, 60), [(20, 20, 10), (45, 45, 8)])
    above = discs((60, 60), [(20, 32, 10)])
    planes, labels = painting.lay_over(
        (shining(below, 100), below), (shining(above, 200), above), np.random.default_rng(0)
    )
    assert labels.max() == 3
    np.testing.assert_array_equal(labels == 3, above > 0)
    np.testing.assert_array_equal(labels[above == 0], below[above == 0])
    np.testing.assert_array_equal(planes[..., 0], np.maximum(100 * (below > 0), 200 * (above > 0)))
    assert painting.is_single_stain(planes)


def test_small_rests_of_covered_nuclei_are_no_nuclei():
    below = discs((60, 60), [(30, 30, 10)])
    above = discs((60, 60), [(30, 31, 10)])
    _, labels = painting.lay_over((shining(below), below), (shining(above), above), np.random.default_rng(0))
    assert 0 < np.count_nonzero((below > 0) & (above == 0)) < painting.FRAGMENT
    np.testing.assert_array_equal(labels > 0, above > 0)
    assert len(np.unique(labels)) == 2


def test_small_nuclei_that_nothing_covers_stay():
    below = discs((60, 60), [(15, 15, 2), (45, 45, 8)])
    above = discs((60, 60), [(45, 30, 8)])
    _, labels = painting.lay_over((shining(below), below), (shining(above), above), np.random.default_rng(0))
    assert 0 < np.count_nonzero(below == 1) < painting.FRAGMENT
    np.testing.assert_array_equal(labels == 1, below == 1)


def test_what_lies_below_shines_through_at_part():
    below, above = discs((40, 40), [(20, 20, 12)]), discs((40, 40), [(20, 20, 6)])
    shines = {
        painting.lay_over(
            (shining(below, 200), below), (shining(above, 10), above), np.random.default_rng(seed)
        )[0][20, 20, 0]
        for seed in range(20)
    }
    assert 120 <= min(shines) < max(shines) <= 200


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.integers(2, 90))
def test_painting_keeps_size_and_type_and_what_it_is_given(seed, side):
    labels = np.ascontiguousarray(LABELS[:side, :side])
    planes = shining(labels)
    before = planes.copy(), labels.copy()
    painted = painting.as_tissue(planes, labels, np.random.default_rng(seed))
    assert painted.shape == planes.shape
    assert painted.dtype == np.uint8
    painting.vary_nuclei(planes, labels, np.random.default_rng(seed))
    painting.lay_over((planes, labels), (planes, labels), np.random.default_rng(seed))
    np.testing.assert_array_equal(planes, before[0])
    np.testing.assert_array_equal(labels, before[1])


def test_painted_nuclei_stand_out_in_the_nuclear_stain_and_the_ground_in_the_counterstain():
    nuclear, counter, ground = [], [], []
    inside = LABELS > 0
    for seed in range(60):
        painted = painting.as_tissue(shining(LABELS), LABELS, np.random.default_rng(seed)).astype(float)
        nuclear.append(painted[..., 0][inside].mean() - painted[..., 0][~inside].mean())
        counter.append(painted[..., 1][inside].mean() - painted[..., 1][~inside].mean())
        ground.append(painted[..., 0][~inside].std())
    assert np.mean(np.array(nuclear) > 20) > 0.9
    assert np.mean(nuclear) > np.mean(counter) + 40
    assert np.mean(ground) > 15  # textures that are none


@pytest.mark.parametrize("seed", range(5))
def test_without_nuclei_only_textures_are_painted(seed):
    labels = np.zeros((64, 64), np.int32)
    painted = painting.as_tissue(shining(labels), labels, np.random.default_rng(seed))
    assert painted[..., 0].std() > 15
    assert painted.max() == 255


def test_the_same_seed_paints_the_same_and_another_seed_another():
    one, again, other = (
        painting.as_tissue(shining(LABELS), LABELS, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()
