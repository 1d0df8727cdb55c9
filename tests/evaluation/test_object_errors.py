from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellseg_utils.evaluation.object_errors import ObjectErrors, errors

FIELDS = ("missed", "invented", "blocks", "split", "merged", "pieces")


def row(*runs):
    """A label image of one row, from (label, pixels)."""
    return np.concatenate([np.full(pixels, label) for label, pixels in runs])[None]


def wrong(**lists):
    return ObjectErrors(**{name: lists.get(name, ()) for name in FIELDS})


def test_a_nucleus_without_prediction_is_missed_and_a_prediction_without_nucleus_invented():
    assert errors(row((3, 5), (0, 5)), row((0, 5), (8, 5))) == wrong(missed=(3,), invented=(8,))
    assert errors(row((3, 5), (4, 5)), row((0, 10))) == wrong(missed=(3, 4))
    assert errors(row((0, 10)), row((0, 2), (6, 8))) == wrong(invented=(6,))


def test_one_prediction_over_two_nuclei_merges_them():
    truth, prediction = row((1, 5), (0, 1), (2, 5), (0, 4), (3, 5)), row((7, 11), (0, 4), (9, 5))
    assert errors(truth, prediction) == wrong(blocks=(7,), merged=(1, 2))


def test_a_large_prediction_merges_a_hundred_nuclei():
    truth = row(*[pair for n in range(1, 101) for pair in ((n, 3), (0, 1))])
    assert errors(truth, np.ones_like(truth)) == wrong(blocks=(1,), merged=tuple(range(1, 101)))


def test_a_prediction_that_only_reaches_into_a_neighbour_merges_nothing():
    truth = row((1, 10), (2, 10))
    assert errors(truth, row((5, 15), (6, 5))) == wrong()
    assert errors(truth, row((5, 16), (6, 4))) == wrong(blocks=(5,), merged=(1, 2))


def test_two_predictions_in_one_nucleus_split_it():
    assert errors(row((1, 10)), row((4, 6), (5, 4))) == wrong(split=(1,), pieces=(4, 5))
    assert errors(row((1, 12), (0, 2)), row((4, 6), (5, 4), (0, 4))) == wrong(split=(1,), pieces=(4, 5))


def test_a_speck_in_a_nucleus_that_was_found_is_invented_and_splits_nothing():
    assert errors(row((1, 100)), row((4, 90), (5, 10))) == wrong(invented=(5,))
    assert errors(row((1, 100)), row((4, 89), (5, 11))) == wrong(split=(1,), pieces=(4, 5))


def test_an_inexact_outline_is_no_error_of_these():
    assert errors(row((1, 10), (0, 10)), row((2, 20))) == wrong()  # IoU 0.5, twice as large
    assert errors(row((1, 10), (0, 10)), row((0, 7), (2, 3), (0, 10))) == wrong()  # a third of it


def test_a_speck_of_a_nucleus_does_not_find_it():
    assert errors(row((1, 100)), row((2, 10), (0, 90))) == wrong(missed=(1,), invented=(2,))


def test_nuclei_that_overlap_by_half_of_both_at_most_do_not_belong_together():
    assert errors(row((1, 10), (0, 10)), row((0, 5), (2, 10), (0, 5))) == wrong(missed=(1,), invented=(2,))
    assert errors(row((1, 10), (0, 10)), row((0, 4), (2, 10), (0, 6))) == wrong()


def test_pieces_of_merged_nuclei_are_counted_once():
    found = errors(row((1, 10), (2, 10)), row((3, 4), (4, 16)))
    assert found == wrong(blocks=(4,), merged=(1, 2))


@st.composite
def label_pairs(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    blocks = [rng.integers(0, draw(st.integers(1, 9)), (4, 5)) for _ in range(2)]
    truth, prediction = (block.repeat(3, axis=0).repeat(3, axis=1) for block in blocks)
    mixed = rng.random(truth.shape) < draw(st.sampled_from([0, 0.1, 0.5]))
    return truth, np.where(mixed, truth, prediction)


@given(label_pairs())
def test_no_nucleus_is_in_two_lists(pair):
    found = errors(*pair)
    for labels, names in zip(
        pair, (("missed", "split", "merged"), ("invented", "blocks", "pieces")), strict=True
    ):
        listed = [label for name in names for label in getattr(found, name)]
        assert len(set(listed)) == len(listed)
        assert set(listed) <= set(np.unique(labels[labels > 0]).tolist())


@given(label_pairs())
def test_a_picture_has_no_errors_against_itself(pair):
    assert errors(pair[0], pair[0]) == wrong()


@given(label_pairs())
def test_missed_nuclei_are_invented_ones_when_truth_and_prediction_change_places(pair):
    truth, prediction = (np.where(labels > 0, labels, 0) for labels in pair)
    one, other = errors(truth, prediction), errors(prediction, truth)
    if not any(astuple(one)[2:] + astuple(other)[2:]):
        assert (one.missed, one.invented) == (other.invented, other.missed)


def pixels(labels):
    return {int(n): set(np.flatnonzero(labels == n).tolist()) for n in np.unique(labels) if n}


def by_definition(truth, prediction):
    """The sentences of `errors`, one by one, over sets of pixels."""
    true, predicted = pixels(truth), pixels(prediction)
    covers = {(t, p) for t in true for p in predicted if len(true[t] & predicted[p]) > len(true[t]) / 2}
    lies_in = {(t, p) for t in true for p in predicted if len(true[t] & predicted[p]) > len(predicted[p]) / 2}
    blocks = {p for p in predicted if sum((t, p) in covers for t in true) > 1}
    merged = {t for t, p in covers if p in blocks}
    split, pieces = set(), set()
    for t in true.keys() - merged:
        inside = [p for p in predicted if (t, p) in lies_in and p not in blocks]
        sizes = sorted(len(true[t] & predicted[p]) for p in inside)
        if len(inside) > 1 and 10 * sum(sizes[:-1]) > len(true[t]):
            split, pieces = split | {t}, pieces | set(inside)
    together = {
        (t, p) for t, p in covers | lies_in if 10 * len(true[t] & predicted[p]) > len(true[t] | predicted[p])
    }
    missed = true.keys() - merged - split - {t for t, _ in together}
    invented = predicted.keys() - blocks - pieces - {p for _, p in together}
    lists = missed, invented, blocks, split, merged, pieces
    return ObjectErrors(*(tuple(sorted(labels)) for labels in lists))


@given(label_pairs())
def test_errors_are_those_of_their_definition(pair):
    assert errors(*pair) == by_definition(*pair)


def test_shapes_that_differ_are_refused():
    with pytest.raises(ValueError, match="has shape"):
        errors(row((1, 3)), row((1, 4)))
