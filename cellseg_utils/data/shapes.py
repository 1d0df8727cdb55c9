"""Outlines and run lengths of single nuclei as masks."""

import re

import numpy as np

from cellseg_utils.data.mask_png import Mask
from cellseg_utils.data.sources import DataError
from cellseg_utils.run.language import say

FARTHEST = 1e7  # pixels from the corner of the picture; no coordinate lies beyond
MOST_CROSSINGS = 50_000_000  # of outlines with rows of pixels, in one nucleus
_MOST_BITS = 60  # of a run length
_CHARACTERS = re.compile("[0-o]*")  # 48 to 111: six bits each


def polygon_mask(polygons, shape):
    """Fill the outlines of one nucleus: the pixels whose centres lie inside.

    Two polygons with a side in common never claim the same pixel.

    Parameters
    ----------
    polygons : list of list of (N, 2) ndarray of float
        Each the outer ring and then its holes: x and y (pixels; 0, 0 is the corner of the picture, so that
        the first pixel lies between 0 and 1).
    shape : tuple of int
        `(H, W)` of the picture (pixels); what lies outside is cut off.

    Returns
    -------
    mask : mask_png.Mask

    Raises
    ------
    DataError
        If it lies wholly outside, or a ring is no (N, 2) array of three points or more, or has coordinates
        that are no numbers, far off, or too many; the message does not name the file.

    References
    ----------
    Even-odd rule, https://www.w3.org/TR/SVG2/painting.html#FillRuleProperty.
    """
    polygons = [[_checked(ring) for ring in polygon] for polygon in polygons]
    height, width = shape
    points = np.concatenate([ring for polygon in polygons for ring in polygon])
    low, high = points.min(axis=0), points.max(axis=0)
    if (high <= 0).any() or low[0] >= width or low[1] >= height:
        raise DataError(say("有轮廓整个在图像之外，像是属于别的图，或不以像素为单位，请改正"))
    top = int(np.clip(np.floor(low[1]), 0, height - 1))
    bottom = int(np.clip(np.ceil(high[1]), top + 1, height))
    rows = np.zeros((bottom - top, width), bool)
    for polygon in polygons:
        rows |= _inside([ring - (0, top) for ring in polygon], rows.shape)
    return Mask(rows.astype(np.uint8), top, tuple(shape))


def run_length_mask(size, counts, shape):
    """Unpack COCO's run lengths of one nucleus.

    Parameters
    ----------
    size : sequence of int
        Height and width (pixels) that the file names.
    counts : list of int, or str
        Lengths of runs of background and nucleus in turn, down the columns (pixels); a text is their
        compressed form.
    shape : tuple of int
        `(H, W)` of the picture (pixels).

    Returns
    -------
    mask : mask_png.Mask

    Raises
    ------
    DataError
        If the size is another, or the runs do not fill it; the message does not name the file.

    References
    ----------
    https://github.com/cocodataset/cocoapi/blob/master/common/maskApi.h
    """
    if list(size) != list(shape):
        raise DataError(
            say("行程编码（RLE）的大小是 {size}，图像是 {shape}，请改正", size=list(size), shape=list(shape))
        )
    runs = np.array(_uncompressed(counts) if isinstance(counts, str) else counts, np.int64)
    height, width = shape
    if runs.ndim != 1 or (runs < 0).any() or (runs > height * width).any() or runs.sum() != height * width:
        raise DataError(
            say("行程编码（RLE）不是 {height}×{width} 个像素，请重新导出", height=height, width=width)
        )
    ends = np.cumsum(runs)[1::2]
    starts = ends - runs[1::2]
    starts, ends = starts[starts < ends], ends[starts < ends]
    if not len(ends):
        return Mask(np.zeros((1, width), np.uint8), 0, tuple(shape))
    first, last = starts[0] // height, -(-ends[-1] // height)  # columns
    turns = np.zeros((last - first) * height + 1, np.int8)
    np.add.at(turns, starts - first * height, 1)
    np.add.at(turns, ends - first * height, -1)
    piece = np.cumsum(turns[:-1], dtype=np.int8).reshape(-1, height).T
    rows = np.zeros(shape, np.uint8)
    rows[:, first:last] = piece
    return Mask(rows, 0, tuple(shape))


def _checked(ring):
    ring = np.asarray(ring, float)
    if ring.ndim != 2 or ring.shape[1] < 2 or len(ring) < 3:
        raise DataError(say("有轮廓不足三个点，请改正"))
    if not (np.abs(ring) < FARTHEST).all():  # not a number is not below it, either
        raise DataError(say("有轮廓的坐标不是数，或大得离奇，请改正"))
    return ring[:, :2]


def _inside(rings, shape):
    """Pixels whose centres lie inside an odd number of rings."""
    height, width = shape
    toggles = np.zeros((height, width + 1), np.int32)
    for ring in rings:
        (x, y), (next_x, next_y) = ring.T, np.roll(ring, -1, axis=0).T
        low, high = np.minimum(y, next_y), np.maximum(y, next_y)
        # a side crosses the rows whose centres lie between its ends, the lower end included
        first, end = (np.clip(np.ceil(ends - 0.5), 0, height).astype(int) for ends in (low, high))
        count = end - first
        if count.sum() > MOST_CROSSINGS:
            raise DataError(say("有轮廓过于复杂，不像细胞核，请改正"))
        side = np.repeat(np.arange(len(ring)), count)
        row = np.arange(len(side)) - np.repeat(np.cumsum(count) - count, count) + first[side]
        along = (row + 0.5 - y[side]) / (next_y[side] - y[side])
        column = np.ceil(x[side] + along * (next_x[side] - x[side]) - 0.5)
        np.add.at(toggles, (row, np.clip(column, 0, width).astype(int)), 1)
    return np.cumsum(toggles[:, :-1], axis=1) % 2 == 1


def _uncompressed(text):
    """Run lengths from characters of six bits: five of the number, one that says whether more follow."""
    if not _CHARACTERS.fullmatch(text):
        raise DataError(say("行程编码（RLE）里有不该有的字符，请重新导出"))
    runs, number, bits = [], 0, 0
    for character in text:
        code = ord(character) - 48
        number |= (code & 31) << bits
        bits += 5
        if bits > _MOST_BITS:
            return []  # no run is that long, and numbers without end take time without end
        if code & 32:
            continue
        if code & 16:
            number -= 1 << bits
        runs.append(number + (runs[-2] if len(runs) > 2 else 0))
        number, bits = 0, 0
    return runs
