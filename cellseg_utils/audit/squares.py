"""Squares of four tiles whose four seams all fit: the surest sign of a mosaic."""

from collections import defaultdict
from heapq import heappop, heappush

import numpy as np

from cellseg_utils.audit import joins

EVIDENCE = 1.0  # nats a pixel, summed over the four seams of a square of tiles
LEAD = 0.1  # nats a pixel by which a square must beat all others that would put a tile elsewhere
CANDIDATES = 16  # neighbours tried on each side of a tile; fewer than are kept


def find(right, below, scale):
    """Find the squares of tiles that can be believed, the best first, each tile in one square.

    A square is believed that says enough, and clearly more than any other that would put one of its tiles
    elsewhere, unless a tile of that one is in a better square already.

    Parameters
    ----------
    right, below : joins.Joins
        Between N tiles.
    scale : float
        Evidence that is asked for, in that of long seams (no unit).

    Returns
    -------
    squares : list of tuple of int
        Four tiles each: top left, top right, bottom left, bottom right.
    """
    found = _fitting(_neighbours(right), _neighbours(below), (EVIDENCE - LEAD) * scale)
    return [tiles for _, tiles in _believed(found, scale)]


def _neighbours(joined):
    """The best candidates of each tile and the evidence for them, the best first."""
    kept, neighbours = joined.kept, {}
    for tile, (first, last) in enumerate(zip(kept.indptr, kept.indptr[1:], strict=False)):
        others, said = kept.indices[first:last], kept.data[first:last]
        best = np.lexsort((others, said))[: -CANDIDATES - 1 : -1]
        if len(best):
            neighbours[tile] = dict(zip(others[best].tolist(), said[best].tolist(), strict=True))
    return neighbours


def _fitting(beside, under, least):
    """Evidence and tiles of the squares with at least so much evidence, those with the most first."""
    best_beside, best_under = _best(beside), _best(under)
    found = []
    for a in beside.keys() & under.keys():
        # Most tiles have blank neighbours only; a bound spares them the walk through all pairs of these.
        low = {c: left + best_beside.get(c, -np.inf) for c, left in under[a].items()}
        for b, above in beside[a].items():
            needed = least - above - best_under.get(b, -np.inf)
            for c in (c for c, bound in low.items() if bound >= needed):
                for d in under[b].keys() & beside[c].keys():
                    evidence = above + beside[c][d] + under[a][c] + under[b][d]
                    if evidence >= least and len({a, b, c, d}) == 4:
                        found.append((evidence, (a, b, c, d)))
    return sorted(found, reverse=True)


def _best(neighbours):
    return {tile: max(found.values()) for tile, found in neighbours.items()}


def _believed(squares, scale):
    """The squares that no other one contradicts; `squares` come with the best first, and so do these."""
    waiting, believed = set(range(len(squares))), []
    at_tile, at_side = _index(squares, lambda tiles: tiles), _index(squares, _beyond)
    ready = [number for number in range(len(squares)) if _leads(number, squares, at_side, waiting, scale)]
    while ready:
        number = heappop(ready)
        if number in waiting:
            believed.append(squares[number])
            gone = {other for tile in squares[number][1] for other in at_tile[tile]} & waiting
            waiting -= gone
            freed = {other for lost in gone for side in _beyond(squares[lost][1]) for other in at_side[side]}
            for other in freed & waiting:
                if _leads(other, squares, at_side, waiting, scale):
                    heappush(ready, other)
    return believed


def _index(squares, places):
    """Which squares are at each place, those with the most evidence first."""
    index = defaultdict(list)
    for number, (_, tiles) in enumerate(squares):
        for place in places(tiles):
            index[place].append(number)
    return index


def _leads(number, squares, at_side, waiting, scale):
    """Whether a square says enough, and clearly more than any that waits and contradicts it."""
    evidence, tiles = squares[number]
    rivals = (
        next((n for n in at_side[side] if n in waiting and _beyond(squares[n][1])[side] != tile), None)
        for side, tile in _beyond(tiles).items()
    )
    lead = all(evidence / scale - squares[rival][0] / scale >= LEAD for rival in rivals if rival is not None)
    return evidence / scale >= EVIDENCE and lead


def _beyond(tiles):
    """Which tile is beyond each side at a seam of a square: `(tile, "end" or "start", step)` to that tile."""
    a, b, c, d = tiles
    right, below = joins.RIGHT, joins.BELOW
    links = [(a, b, right), (c, d, right), (a, c, below), (b, d, below)]
    ends = {(one, "end", step): other for one, other, step in links}
    return ends | {(other, "start", step): one for one, other, step in links}
