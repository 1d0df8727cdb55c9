"""Pictures that belong together: tiles of one larger picture, and duplicates, found from the pixels alone.

Tiles of a mosaic share nuclei, staining and illumination. In a random split they train and validate at once,
and the score says too much.
"""

from collections import defaultdict
from dataclasses import dataclass

import cv2
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from cellseg_utils.audit import seams

THUMBNAIL = 32  # pixels a side
DUPLICATE = 0.95  # correlation of two thumbnails above which they show the same
SQUARE_EVIDENCE = 1.0  # nats a pixel, summed over the four seams of a square of tiles
LEAD = 0.1  # nats a pixel by which a square must beat all others that would put a tile elsewhere
SEAM_EVIDENCE = 1.1  # nats a pixel, summed over the seams between two parts that make no such square
LENGTH = 256  # pixels; shorter seams need more evidence a pixel, because chance does more
CANDIDATES = 16  # neighbours tried on each side of a tile
SIDES = ("top", "bottom", "left", "right")
RIGHT, BELOW = (0, 1), (1, 0)  # steps in rows and columns


@dataclass(frozen=True)
class Trace:
    """What is kept of a picture to find those that belong with it.

    Attributes
    ----------
    border : seams.Border
    thumbnail : (32, 32) ndarray of uint8
        Grey values, 0..255 (no unit).
    """

    border: seams.Border
    thumbnail: np.ndarray


@dataclass(frozen=True)
class Families:
    """Which pictures belong together, and where each lies.

    Attributes
    ----------
    family : (N,) ndarray of int64
        Number of each picture's family, counted from 0 in the order in which families first appear; a picture
        that belongs with no other is a family by itself.
    row, column : (N,) ndarray of int64
        Place of each tile in its mosaic, counted in tiles from 0; both 0 for every other picture.
    """

    family: np.ndarray
    row: np.ndarray
    column: np.ndarray


def trace(image):
    """Keep what `find` needs of a picture.

    Parameters
    ----------
    image : (H, W, 3) ndarray of uint8
        RGB at native size, 0..255 (no unit).

    Returns
    -------
    trace : Trace

    Raises
    ------
    ValueError
        If the picture is not `(H, W, 3)`.
    """
    kept = seams.border(image)
    small = cv2.resize(image, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA)
    return Trace(kept, cv2.cvtColor(small, cv2.COLOR_RGB2GRAY))


def find(traces):
    """Find the tiles of each mosaic and the duplicates.

    First come squares of four tiles whose four seams all fit, the best first, each tile in one square and
    clearly better there than in any other. Then what was put together is put together further, where all the
    seams between two parts fit and say enough: mosaics may be larger, or lack a tile.

    Parameters
    ----------
    traces : sequence of Trace
        From `trace`.

    Returns
    -------
    families : Families
    """
    count, groups = len(traces), defaultdict(list)
    for number, kept in enumerate(traces):
        groups[kept.border.size].append(number)
    part, place = np.arange(count), np.zeros((count, 2), np.int64)
    for members in groups.values():
        parts, place[members] = _assemble([traces[number].border for number in members])
        part[members] = np.array(members)[parts]
    pairs = [*enumerate(part), *duplicates([kept.thumbnail for kept in traces])]
    return Families(_components(pairs, count), *place.T)


def duplicates(thumbnails):
    """Find pictures that show the same, at whatever size and brightness.

    Parameters
    ----------
    thumbnails : sequence of (32, 32) ndarray of uint8
        Grey values (no unit).

    Returns
    -------
    pairs : list of (int, int)
        The smaller number first; pictures without any contrast are nobody's duplicates.
    """
    flat = np.array(thumbnails, np.float64).reshape(len(thumbnails), THUMBNAIL**2)
    flat -= flat.mean(axis=1, keepdims=True)
    contrast = np.linalg.norm(flat, axis=1)
    likeness = flat @ flat.T / np.maximum(np.outer(contrast, contrast), 1e-9)
    first, second = np.nonzero(np.triu(likeness > DUPLICATE, 1))
    return list(zip(first.tolist(), second.tolist(), strict=True))


def _assemble(borders):
    """Put pictures of one size together: the number of each one's part, and its row and column there."""
    sides = {name: np.stack([getattr(border, name) for border in borders]) for name in SIDES}
    right, below = seams.joins(sides["right"], sides["left"]), seams.joins(sides["bottom"], sides["top"])
    scale = LENGTH / min(LENGTH, *borders[0].size)
    part, place = np.arange(len(borders)), np.zeros((len(borders), 2), np.int64)
    for square in _believed_squares(_squares(right, below, (SQUARE_EVIDENCE - LEAD) * scale), scale):
        tiles = [square[0][0], square[0][1], square[1][0], square[1][1]]
        part[tiles], place[tiles] = min(tiles), [(0, 0), (0, 1), (1, 0), (1, 1)]
    fits = {RIGHT: right, BELOW: below}
    while merger := _best_merger(fits, part, place, SEAM_EVIDENCE * scale):
        one, other, shift = merger
        place[part == other] += shift
        part[part == other] = one
    for number in np.unique(part):
        place[part == number] -= place[part == number].min(axis=0)
    return part, place


def _best_merger(fits, part, place, least):
    """The two parts whose common seams say the most, and the shift that puts the second beside the first."""
    evidence = defaultdict(float)
    for step, joins in fits.items():
        for (a, b), said in joins.items():
            one, other, shift = int(part[a]), int(part[b]), (place[a] + step - place[b]).tolist()
            if one < other:
                evidence[(one, other, *shift)] += said
            elif other < one:
                evidence[(other, one, -shift[0], -shift[1])] += said
    for said, (one, other, *shift) in sorted(((said, key) for key, said in evidence.items()), reverse=True):
        if said < least:
            return None
        if _fit_together(fits, np.flatnonzero(part == one), np.flatnonzero(part == other), place, shift):
            return one, other, shift
    return None


def _fit_together(fits, ones, others, place, shift):
    """Whether no tile would lie on another, and all that would lie side by side fit."""
    at = {tuple(place[tile]): tile for tile in ones.tolist()}
    for tile in others.tolist():
        row, column = (place[tile] + shift).tolist()
        if (row, column) in at:
            return False
        for step, joins in fits.items():
            before = at.get((row - step[0], column - step[1]))
            after = at.get((row + step[0], column + step[1]))
            if before is not None and (before, tile) not in joins:
                return False
            if after is not None and (tile, after) not in joins:
                return False
    return True


def _believed_squares(squares, scale):
    """The seams of each square that no other one contradicts; `squares` come with the best first."""
    believed, waiting = [], squares
    while clear := next((square for square in waiting if _leads(square, waiting, scale)), None):
        believed.append(clear[2])
        waiting = [square for square in waiting if not square[1] & clear[1]]
    return believed


def _leads(square, squares, scale):
    evidence, sides = square[0] / scale, _sides(square[2])
    rivals = (other / scale for other, _, links in squares if _contradict(sides, _sides(links)))
    return evidence >= SQUARE_EVIDENCE and all(evidence - rival >= LEAD for rival in rivals)


def _sides(links):
    """Which neighbour each side of a tile has: `(tile, "end" or "start", step)` to the tile there."""
    ends = {(a, "end", step): b for a, b, step in links}
    return ends | {(b, "start", step): a for a, b, step in links}


def _contradict(sides, others):
    return any(others.get(side, tile) != tile for side, tile in sides.items())


def _squares(right, below, least):
    """Squares of four tiles: evidence, tiles and the four seams; those with the most evidence first."""
    beside, under, found = _neighbours(right), _neighbours(below), []
    for a in beside.keys() & under.keys():
        for b in beside[a]:
            for c in under[a]:
                for d in set(under.get(b, ())) & set(beside.get(c, ())):
                    evidence = right[a, b] + right[c, d] + below[a, c] + below[b, d]
                    if evidence >= least and len({a, b, c, d}) == 4:
                        found.append((evidence, a, b, c, d))
    return [
        (evidence, {a, b, c, d}, [(a, b, RIGHT), (c, d, RIGHT), (a, c, BELOW), (b, d, BELOW)])
        for evidence, a, b, c, d in sorted(found, reverse=True)
    ]


def _neighbours(joins):
    """The best candidates of each tile."""
    candidates = defaultdict(list)
    for (a, b), evidence in joins.items():
        candidates[a].append((evidence, b))
    return {a: [b for _, b in sorted(found, reverse=True)[:CANDIDATES]] for a, found in candidates.items()}


def _components(pairs, count):
    first, second = np.array(pairs, np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(len(first)), (first, second)), (count, count))
    component = connected_components(graph, directed=False)[1]
    _, start, inverse = np.unique(component, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(start))[inverse].astype(np.int64)
