import itertools
import math

import numpy as np
import pytest
from known_joins import known_joins, nothing_fits

from cellseg_utils.audit import joins, parts

STEPS = joins.RIGHT, joins.BELOW
LEAST = 1.1


def merge(evidence, part, place, kept=(None, None)):
    beside = {STEPS[k]: known_joins(evidence[k], kept[k]) for k in (0, 1)}
    return parts.merge(np.array(part), np.array(place), beside, LEAST)


def singles(count):
    return np.arange(count), np.zeros((count, 2), int)


def slow_merge(evidence, part, place):
    """Every shift of every two parts is tried before each merger."""
    part, place, count = part.copy(), place.copy(), len(part)
    while True:
        best = (LEAST, ())
        for one, other in itertools.combinations(np.unique(part).tolist(), 2):
            for shift in itertools.product(range(-count, count + 1), repeat=2):
                moved = {
                    tile: tuple((place[tile] + np.array(shift) * (part[tile] == other)).tolist())
                    for tile in np.flatnonzero((part == one) | (part == other)).tolist()
                }
                if len(set(moved.values())) == len(moved):
                    said = [
                        evidence[k][a, b]
                        for k, step in enumerate(STEPS)
                        for a, b in itertools.permutations(moved, 2)
                        if part[a] != part[b] and moved[b] == (moved[a][0] + step[0], moved[a][1] + step[1])
                    ]
                    if said and math.fsum(said) >= LEAST:
                        best = max(best, (math.fsum(said), (one, other, *shift)))
        if not best[1]:
            return part, place
        one, other, *shift = best[1]
        place[part == other] += shift
        part[part == other] = one


def test_the_best_seam_comes_first_and_what_it_takes_is_gone():
    right, below = nothing_fits(3), nothing_fits(3)
    right[0, 1], right[0, 2] = 1.2, 1.3
    part, place = merge((right, below), *singles(3))
    assert part.tolist() == [0, 1, 0]
    assert place.tolist() == [[0, 0], [0, 0], [0, 1]]


def test_too_little_evidence_merges_nothing():
    right = nothing_fits(2)
    right[1, 0] = LEAST - 0.01
    assert merge((right, nothing_fits(2)), *singles(2))[0].tolist() == [0, 1]


def test_places_are_counted_from_0_whichever_tile_came_first():
    right, below = nothing_fits(3), nothing_fits(3)
    right[2, 0], below[1, 2] = 2, 2
    part, place = merge((right, below), *singles(3))
    assert part.tolist() == [0, 0, 0]
    assert place.tolist() == [[1, 1], [0, 0], [1, 0]]


def two_columns(last_seam):
    """Two columns of two tiles: the first rows belong together, the second say so much."""
    right = nothing_fits(4)
    right[0, 2], right[1, 3] = 1.2, last_seam
    return (right, nothing_fits(4)), [0, 0, 2, 2], [[0, 0], [1, 0], [0, 0], [1, 0]]


def test_a_seam_that_fits_but_was_not_kept_still_fits():
    evidence, part, place = two_columns(0.05)
    kept = evidence[0] > 1, evidence[1] > 1
    assert merge(evidence, part, place, kept)[0].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("last_seam", [-0.2, -np.inf])
def test_all_seams_between_two_parts_count(last_seam):
    assert merge(*two_columns(last_seam))[0].tolist() == [0, 0, 2, 2]


def test_seams_that_say_little_each_say_enough_together():
    right = nothing_fits(4)
    right[0, 2] = right[1, 3] = 0.6
    evidence = right, nothing_fits(4)
    assert merge(evidence, [0, 0, 2, 2], [[0, 0], [1, 0], [0, 0], [1, 0]])[0].tolist() == [0] * 4
    assert merge(evidence, *singles(4))[0].tolist() == [0, 1, 2, 3]


def test_both_seams_of_a_tile_in_a_corner_count():
    right, below = nothing_fits(4), nothing_fits(4)
    right[2, 3] = below[1, 3] = 0.6
    part, place = merge((right, below), [0, 0, 0, 3], [[0, 0], [0, 1], [1, 0], [0, 0]])
    assert part.tolist() == [0] * 4
    assert place[3].tolist() == [1, 1]


@pytest.mark.parametrize("seed", range(12))
def test_mergers_are_those_of_a_search_through_all_shifts(seed):
    rng, count = np.random.default_rng(seed), 7
    fits = rng.random((2, count, count)) < 0.8
    evidence = np.where(fits, rng.exponential(0.5, fits.shape) - 0.1, -np.inf)
    evidence[:, range(count), range(count)] = -np.inf
    part, place = singles(count)
    part[[0, 1]], place[1] = 0, (1, 0)
    kept = evidence > 0.1  # those left out still fit
    fast, slow = merge(evidence, part, place, kept), slow_merge(evidence, part, place)
    np.testing.assert_array_equal(fast[0], slow[0])
    for number in np.unique(slow[0]):
        inside = slow[0] == number
        np.testing.assert_array_equal(fast[1][inside], slow[1][inside] - slow[1][inside].min(axis=0))
    assert len(set(slow[0].tolist())) < count - 1
