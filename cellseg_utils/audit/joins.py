"""Which pictures of one size could lie next to each other, in memory that grows with their number only.

Blank borders all fit each other. So only the best seams are kept; another one is judged when it is asked for.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_array

from cellseg_utils.audit import seams

RIGHT, BELOW = (0, 1), (1, 0)  # steps in rows and columns from a picture to the one that goes on
CHUNK = 1024  # pictures compared with as many others at a time
KEPT = 64  # seams kept on each side of a picture


@dataclass(frozen=True)
class Joins:
    """The seams between N pictures in one direction.

    Attributes
    ----------
    ends, starts : (N, 2, L, 3) ndarray
        As for `between`.
    kept : (N, N) csr_array of float64
        Evidence (nats a pixel) of the best seams of each picture, in the row of the one that ends and the
        column of the one that goes on, sorted.
    end_rest, start_rest : (N,) ndarray of float64
        What a seam that was not kept says at most (nats a pixel); -inf where all that fit were kept.
    asked : dict of (int, int) to float
        Evidence of the seams judged since.
    """

    ends: np.ndarray
    starts: np.ndarray
    kept: csr_array
    end_rest: np.ndarray
    start_rest: np.ndarray
    asked: dict = field(default_factory=dict)


def between(ends, starts):
    """Find the pictures that could lie next to each other.

    Parameters
    ----------
    ends, starts : (N, 2, L, 3) ndarray
        Of N pictures of one size the side that may end at a seam (right, bottom) and the opposite one (left,
        top); outermost line first, 0..255 (no unit).

    Returns
    -------
    joins : Joins
        No picture goes on where it ends itself.

    Raises
    ------
    ValueError
        If the two shapes differ.
    """
    if ends.shape != starts.shape:
        raise ValueError(f"expected two sides of the same pictures, got {ends.shape} and {starts.shape}")
    chunks = [slice(first, first + CHUNK) for first in range(0, len(ends), CHUNK)]
    end_best, start_best = _nothing(len(ends)), _nothing(len(ends))
    for rows in chunks:
        for columns in chunks:
            said = seams.evidence(ends[rows], starts[columns])
            if rows == columns:
                np.fill_diagonal(said, -np.inf)
            _keep_best(end_best, rows, said, columns.start)
            _keep_best(start_best, columns, said.T, rows.start)
    rest = [said.min(axis=1) for said, _ in (end_best, start_best)]
    return Joins(ends, starts, _sparse(end_best, start_best), *rest)


def evidence(joins, a, b):
    """How much speaks for b going on where a ends, whether that was kept or not.

    Parameters
    ----------
    joins : Joins
    a, b : int
        Numbers of two pictures.

    Returns
    -------
    evidence : float
        As from `seams.evidence`.
    """
    said = _kept(joins, a, b)
    if said is not None:
        return said
    if (a, b) not in joins.asked:
        joins.asked[a, b] = float(seams.evidence(joins.ends[[a]], joins.starts[[b]])[0, 0])
    return joins.asked[a, b]


def evidence_at_most(joins, a, b):
    """Bound of `evidence` that is known without judging.

    Parameters
    ----------
    joins : Joins
    a, b : int
        Numbers of two pictures.

    Returns
    -------
    bound : float
        Nats a pixel; the evidence itself where it was kept.
    """
    said = _kept(joins, a, b)
    return float(min(joins.end_rest[a], joins.start_rest[b])) if said is None else said


def _kept(joins, a, b):
    first, last = joins.kept.indptr[a : a + 2]
    at = first + np.searchsorted(joins.kept.indices[first:last], b)
    return float(joins.kept.data[at]) if at < last and joins.kept.indices[at] == b else None


def _nothing(count):
    """The evidence of the best seams of each picture, and the pictures beyond them."""
    return np.full((count, KEPT), -np.inf), np.full((count, KEPT), -1)


def _keep_best(best, rows, said, first):
    """Keep the best seams of some pictures; among equals those to the pictures of larger numbers."""
    beyond = np.broadcast_to(np.arange(first, first + said.shape[1]), said.shape)
    said, beyond = np.hstack([best[0][rows], said]), np.hstack([best[1][rows], beyond])
    least = np.partition(said, -KEPT, axis=1)[:, -KEPT, None]
    above, equal = said > least, said == least
    room = KEPT - above.sum(axis=1, keepdims=True)
    chosen = above | equal & (np.cumsum(equal[:, ::-1], axis=1)[:, ::-1] <= room)
    best[0][rows], best[1][rows] = (values[chosen].reshape(-1, KEPT) for values in (said, beyond))


def _sparse(end_best, start_best):
    """All that was kept on either side, each seam once."""
    count = len(end_best[0])
    (a, rank), (b, back) = (np.nonzero(np.isfinite(said)) for said, _ in (end_best, start_best))
    firsts = np.concatenate([a, start_best[1][b, back]])
    seconds = np.concatenate([end_best[1][a, rank], b])
    said = np.concatenate([end_best[0][a, rank], start_best[0][b, back]])
    code, where = np.unique(firsts * count + seconds, return_index=True)
    return csr_array((said[where], (code // count, code % count)), (count, count))
