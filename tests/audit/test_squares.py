import itertools

import numpy as np
import pytest
from known_joins import known_joins, nothing_fits

from cellseg_utils.audit import squares


def with_squares(count, *known):
    """Evidence to the right and below that makes some squares, each seam with a quarter of its evidence."""
    right, below = nothing_fits(count), nothing_fits(count)
    for (a, b, c, d), evidence in known:
        right[a, b] = right[c, d] = below[a, c] = below[b, d] = evidence / 4
    return right, below


def find(right, below, scale=1):
    return squares.find(known_joins(right), known_joins(below), scale)


def slow_find(right, below):
    """Every four tiles are tried; the best square without an open rival is taken until there is none."""
    found = []
    for a, b, c, d in itertools.permutations(range(len(right)), 4):
        evidence = right[a, b] + right[c, d] + below[a, c] + below[b, d]
        if evidence >= squares.EVIDENCE - squares.LEAD:
            found.append((evidence, (a, b, c, d)))
    waiting, believed = sorted(found, reverse=True), []
    while clear := next((one for one in waiting if leads(one, waiting)), None):
        believed.append(clear[1])
        waiting = [one for one in waiting if not set(one[1]) & set(clear[1])]
    return believed


def leads(one, waiting):
    rivals = [evidence for evidence, tiles in waiting if contradict(one[1], tiles)]
    return one[0] >= squares.EVIDENCE and all(one[0] - evidence >= squares.LEAD for evidence in rivals)


def contradict(ones, others):
    return any(
        step == other_step and (a == c) != (b == d)
        for (a, b, step), (c, d, other_step) in itertools.product(links(*ones), links(*others))
    )


def links(a, b, c, d):
    return [(a, b, "right"), (c, d, "right"), (a, c, "below"), (b, d, "below")]


def test_a_square_with_enough_evidence_is_found_and_a_weaker_one_is_not():
    assert find(*with_squares(8, ((0, 1, 2, 3), 1.02), ((4, 5, 6, 7), 0.98))) == [(0, 1, 2, 3)]


def test_short_seams_need_more():
    right, below = with_squares(4, ((0, 1, 2, 3), 1.5))
    assert find(right, below) == [(0, 1, 2, 3)]
    assert find(right, below, scale=2) == []


def test_of_two_squares_that_are_nearly_as_good_none_is_believed():
    right, below = with_squares(5, ((0, 1, 2, 3), 2.0))
    right[2, 4], below[1, 4] = 0.48, 0.48
    assert find(right, below) == []
    right[2, 4] = below[1, 4] = 0.44
    assert find(right, below) == [(0, 1, 2, 3)]


def test_a_square_whose_rival_is_in_a_better_one_is_believed_after_that():
    best, rival, freed = ((0, 1, 2, 3), 4.0), ((8, 5, 0, 7), 2.0), ((4, 5, 6, 7), 1.96)
    assert find(*with_squares(9, rival, freed)) == []
    assert find(*with_squares(9, best, rival, freed)) == [(0, 1, 2, 3), (4, 5, 6, 7)]


def test_a_tile_is_in_one_square_only():
    right, below = with_squares(6, ((0, 1, 3, 4), 1.6), ((1, 2, 4, 5), 1.2))
    assert find(right, below) == [(0, 1, 3, 4)]


def test_a_square_has_four_tiles():
    """Three pictures whose seams close a ring: the fourth tile would be the first once more."""
    assert find(*with_squares(3, ((0, 1, 2, 0), 1.2))) == []


@pytest.mark.parametrize(("better", "found"), [(15, [(0, 1, 2, 3)]), (16, [])])
def test_the_sixteen_best_neighbours_of_a_tile_are_tried(better, found):
    right, below = with_squares(4 + better, ((0, 1, 2, 3), 1.2))
    right[0, 4:] = 0.4
    assert find(right, below) == found


@pytest.mark.parametrize("seed", range(12))
def test_squares_are_those_of_a_search_through_all_tiles(seed):
    rng, count = np.random.default_rng(seed), 11
    evidence = np.where(rng.random((2, count, count)) < 0.4, rng.exponential(0.3, (2, count, count)), -np.inf)
    evidence[:, range(count), range(count)] = -np.inf
    assert find(*evidence) == slow_find(*evidence)
