import numpy as np
import pytest

from cellseg_utils.audit import joins, seams


def blank_sides(count, length=24, seed=0):
    """Sides with background only, nearly all of which fit each other."""
    noise = np.random.default_rng(seed).normal(20, 2, (2, count, 2, length, 3))
    return np.clip(noise, 0, 255).astype(np.uint8)


def all_evidence(ends, starts):
    evidence = seams.evidence(ends, starts)
    np.fill_diagonal(evidence, -np.inf)
    return evidence


def found(joined):
    pairs = joined.kept.tocoo()
    return dict(zip(zip(pairs.row.tolist(), pairs.col.tolist(), strict=True), pairs.data, strict=True))


def test_all_that_fits_is_kept_where_it_is_little_and_no_picture_goes_on_where_it_ends():
    ends, starts = blank_sides(20)
    evidence = all_evidence(ends, starts)
    joined = joins.between(ends, starts)
    fitting = {(int(a), int(b)): evidence[a, b] for a, b in np.argwhere(np.isfinite(evidence))}
    assert len(fitting) > 100
    assert found(joined) == pytest.approx(fitting)
    assert set(joined.end_rest) == set(joined.start_rest) == {-np.inf}


def test_the_best_of_each_end_and_of_each_start_are_kept(monkeypatch):
    monkeypatch.setattr(joins, "KEPT", 3)
    ends, starts = blank_sides(30)
    evidence, joined = all_evidence(ends, starts), joins.between(ends, starts)
    ranked = [np.argsort(side, axis=1, kind="stable")[:, -3:].tolist() for side in (evidence, evidence.T)]
    best = {(a, b) for a, near in enumerate(ranked[0]) for b in near}
    best |= {(a, b) for b, near in enumerate(ranked[1]) for a in near}
    assert set(found(joined)) == best
    np.testing.assert_allclose(joined.end_rest, np.sort(evidence, axis=1)[:, -3])
    np.testing.assert_allclose(joined.start_rest, np.sort(evidence, axis=0)[-3])


def test_of_equal_seams_those_to_the_pictures_of_larger_numbers_are_kept(monkeypatch):
    monkeypatch.setattr(joins, "KEPT", 2)
    monkeypatch.setattr(joins, "CHUNK", 3)
    black = np.zeros((8, 2, 24, 3), np.uint8)
    assert {(0, 6), (0, 7), (7, 5), (7, 6)} <= set(found(joins.between(black, black)))
    assert not {(0, 3), (1, 4)} & set(found(joins.between(black, black)))


def test_the_result_does_not_depend_on_how_many_are_compared_at_a_time(monkeypatch):
    monkeypatch.setattr(joins, "KEPT", 4)
    ends, starts = blank_sides(23)
    at_once = found(joins.between(ends, starts))
    monkeypatch.setattr(joins, "CHUNK", 5)
    assert found(joins.between(ends, starts)) == pytest.approx(at_once)


def test_a_seam_that_was_not_kept_is_judged_as_all_at_once_and_within_its_bound(monkeypatch):
    monkeypatch.setattr(joins, "KEPT", 3)
    ends, starts = blank_sides(30)
    ends[0, 0, ::2] += 40  # fits nothing
    evidence, joined = all_evidence(ends, starts), joins.between(ends, starts)
    pairs = [(a, b) for a in range(30) for b in range(30) if a != b]
    asked = [joins.evidence(joined, a, b) for a, b in pairs]
    assert asked == pytest.approx([evidence[a, b] for a, b in pairs])
    assert len(joined.asked) > 500
    assert all(
        joins.evidence_at_most(joined, a, b) >= said - 1e-12
        for (a, b), said in zip(pairs, asked, strict=True)
    )
    assert joins.evidence_at_most(joined, 0, 5) == -np.inf


def test_a_seam_is_judged_once(monkeypatch):
    monkeypatch.setattr(joins, "KEPT", 1)
    joined = joins.between(*blank_sides(9))
    a, b = next((a, b) for a in range(9) for b in range(9) if a != b and (a, b) not in found(joined))
    once = joins.evidence(joined, a, b)
    monkeypatch.setattr(seams, "evidence", None)
    assert joins.evidence(joined, a, b) == once


def test_sides_of_different_pictures_are_refused_with_both_shapes():
    with pytest.raises(ValueError, match=r"\(1, 2, 40, 3\) and \(2, 2, 40, 3\)"):
        joins.between(np.zeros((1, 2, 40, 3)), np.zeros((2, 2, 40, 3)))
