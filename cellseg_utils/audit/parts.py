"""Parts of mosaics put together further, where all the seams between two parts fit and say enough."""

import math
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np

from cellseg_utils.audit import joins


@dataclass(frozen=True)
class _Parts:
    """What is put together so far, of N tiles."""

    number: np.ndarray  # (N,) part of each tile
    place: np.ndarray  # (N, 2) row and column of each tile in its part
    size: np.ndarray  # (N,) tiles in each part
    tiles: dict  # number of a part: {(row, column): tile}


@dataclass(frozen=True)
class _Links:
    """The kept seams that speak for a merger: M pairs of N tiles."""

    first: np.ndarray  # (M,)
    second: np.ndarray  # (M,)
    step: np.ndarray  # (M, 2) from the first to the second
    evidence: np.ndarray  # (M,) nats a pixel
    order: np.ndarray  # (2 * M,) numbers of the links, tile by tile
    start: np.ndarray  # (N + 1,) where in `order` those of each tile begin


def merge(part, place, beside, least):
    """Merge two parts after another, always those whose common seams say the most.

    Parameters
    ----------
    part : (N,) ndarray of int
        Part of each tile, numbered as the first tile in it.
    place : (N, 2) ndarray of int
        Row and column of each tile in its part (tiles).
    beside : dict of tuple to joins.Joins
        Between the N tiles, for the steps RIGHT and BELOW.
    least : float
        Evidence that all the seams between two parts need in sum (nats a pixel).

    Returns
    -------
    part, place : ndarray
        As before, after all mergers; rows and columns are counted from 0 in each part.
    """
    parts, links = _parts(part.copy(), place.copy()), _links(beside, len(part))
    waiting = list(_mergers(parts, _proposals(parts, links, slice(None), least), beside, least))
    heapify(waiting)
    while waiting:
        _, *key, sizes = heappop(waiting)
        one, other, *shift = (-value for value in key)
        if sizes == (parts.size[one], parts.size[other]):
            _unite(parts, one, other, shift)
            proposals = _proposals(parts, links, _touching(links, parts.tiles[one].values()), least)
            for merger in _mergers(parts, proposals, beside, least):
                heappush(waiting, merger)
    origin = parts.place.copy()
    np.minimum.at(origin, parts.number, parts.place)
    return parts.number, parts.place - origin[parts.number]


def _parts(number, place):
    tiles = {}
    for tile, (part, at) in enumerate(zip(number.tolist(), place.tolist(), strict=True)):
        tiles.setdefault(part, {})[tuple(at)] = tile
    return _Parts(number, place, np.bincount(number, minlength=len(number)), tiles)


def _links(beside, count):
    fields = []
    for step, found in beside.items():
        pairs = found.kept.tocoo()
        speaks = pairs.data > 0
        first, second = pairs.row[speaks], pairs.col[speaks]
        fields.append((first, second, np.tile(np.int8(step), (len(first), 1)), pairs.data[speaks]))
    first, second, step, evidence = map(np.concatenate, zip(*fields, strict=True))
    ends = np.concatenate([first, second])
    order = np.argsort(ends, kind="stable") % max(len(first), 1)
    return _Links(first, second, step, evidence, order, np.searchsorted(np.sort(ends), range(count + 1)))


def _touching(links, tiles):
    """Numbers of the links at some tiles."""
    return np.concatenate([links.order[links.start[tile] : links.start[tile + 1]] for tile in tiles])


def _proposals(parts, links, chosen, least):
    """Two parts, the smaller number first, and how far the second must move: all that could say enough.

    Between two parts there are at most four seams for each tile of the smaller, and only one between two
    single tiles. If all of them say enough, the best says at least its share.
    """
    one, other = parts.number[links.first[chosen]], parts.number[links.second[chosen]]
    fewer, more = (take(parts.size[one], parts.size[other]) for take in (np.minimum, np.maximum))
    enough = links.evidence[chosen] * np.where(more == 1, 1, 4 * fewer) >= least
    strong = np.arange(len(links.first))[chosen][enough & (one != other)]
    first, second = links.first[strong], links.second[strong]
    shift = parts.place[first] + links.step[strong] - parts.place[second]
    proposals = np.column_stack([parts.number[first], parts.number[second], shift])
    turned = proposals[:, 0] > proposals[:, 1]
    proposals[turned] = proposals[turned][:, [1, 0, 2, 3]] * [1, 1, -1, -1]
    return set(map(tuple, proposals.tolist()))


def _mergers(parts, proposals, beside, least):
    """The proposals that hold, as numbers of which the best is the least, and the sizes it was judged at.

    Of equal ones that with the larger numbers is the best.
    """
    for one, other, *shift in proposals:
        facing = _facing(parts.tiles[one], parts.tiles[other], *shift)
        evidence = _evidence(facing, beside, least)
        if evidence >= least:
            sizes = int(parts.size[one]), int(parts.size[other])
            yield -evidence, -one, -other, -shift[0], -shift[1], sizes


def _facing(ones, others, down, right):
    """Step and tiles of each seam between two parts once the second has moved; None if tiles overlap."""
    if len(others) > len(ones):
        ones, others, down, right = others, ones, -down, -right
    seams = []
    for (row, column), tile in others.items():
        row, column = row + down, column + right
        if (row, column) in ones:
            return None
        for step in (joins.RIGHT, joins.BELOW):
            before = ones.get((row - step[0], column - step[1]))
            after = ones.get((row + step[0], column + step[1]))
            seams += [(step, before, tile)] if before is not None else []
            seams += [(step, tile, after)] if after is not None else []
    return seams


def _evidence(seams, beside, least):
    """What seams say in sum; -inf if there are none, one does not fit, or they can't say enough."""
    if not seams or math.fsum(joins.evidence_at_most(beside[step], a, b) for step, a, b in seams) < least:
        return -math.inf
    return math.fsum(joins.evidence(beside[step], a, b) for step, a, b in seams)


def _unite(parts, one, other, shift):
    """Move the tiles of the second part to the first, in place."""
    for (row, column), tile in parts.tiles.pop(other).items():
        at = row + shift[0], column + shift[1]
        parts.number[tile], parts.place[tile], parts.tiles[one][at] = one, at, tile
    parts.size[one] += parts.size[other]
    parts.size[other] = 0
