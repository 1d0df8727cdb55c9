"""Pictures that belong together: tiles of one larger picture, and duplicates, found from the pixels alone.

Tiles of a mosaic share nuclei, staining and illumination. In a random split they train and validate at once,
and the score says too much.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from cellseg_utils.audit import duplicates, joins, parts, seams, squares

SEAM_EVIDENCE = 1.1  # nats a pixel, summed over the seams between two parts that make no square
LENGTH = 256  # pixels; shorter seams need more evidence a pixel, because chance does more
SIDES = ("top", "bottom", "left", "right")


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
    return Trace(seams.border(image), duplicates.thumbnail(image))


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
        assembled, place[members] = _assemble([traces[number].border for number in members])
        part[members] = np.array(members)[assembled]
    numbers, group = np.arange(count), duplicates.groups([kept.thumbnail for kept in traces])
    links = np.tile(numbers, 2), np.concatenate([part, count + group])
    return Families(duplicates.connected(*links, 2 * count)[:count], *place.T)


def _assemble(borders):
    """Put pictures of one size together: the number of each one's part, and its row and column there."""
    sides = {name: np.stack([getattr(border, name) for border in borders]) for name in SIDES}
    beside = {
        joins.RIGHT: joins.between(sides["right"], sides["left"]),
        joins.BELOW: joins.between(sides["bottom"], sides["top"]),
    }
    scale = LENGTH / min(LENGTH, *borders[0].size)
    part, place = np.arange(len(borders)), np.zeros((len(borders), 2), np.int64)
    for tiles in squares.find(beside[joins.RIGHT], beside[joins.BELOW], scale):
        part[list(tiles)], place[list(tiles)] = min(tiles), [(0, 0), (0, 1), (1, 0), (1, 1)]
    return parts.merge(part, place, beside, SEAM_EVIDENCE * scale)
