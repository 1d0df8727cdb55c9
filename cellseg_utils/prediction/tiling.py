"""Run a fully convolutional network over pictures of any size: padded, and in tiles."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise

import cv2
import numpy as np

TILE = 1024  # pixels: larger pictures are cut
OVERLAP = 128  # pixels that neighbouring tiles share: of each its outer half is what lacks surroundings
MULTIPLE = 32  # pixels: sides are padded to it
AT_ONCE = 2  # tiles: one is cut and put in its place while the network computes another


def predict_tiled(network, image):
    """What a network makes of a picture.

    Parameters
    ----------
    network : callable
        `(N, H, W, 3)` ndarray to `(N, H, W, C)` maps in the order of `targets.MAPS`, sides multiples of 32;
        called from several threads.
    image : (H, W, 3) ndarray of uint8
        RGB (no unit).

    Returns
    -------
    maps : (H, W, C) ndarray of float32
    """
    rows, columns = (_spans(length) for length in image.shape[:2])
    if len(rows) == len(columns) == 1:
        return _padded(network, image)
    first, *others = [(row, column) for row in rows for column in columns]
    tile = _kept(network, image, first)
    maps = np.empty((*image.shape[:2], tile.shape[2]), np.float32)
    _put(maps, first, tile)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for place, tile in zip(others, threads.map(partial(_kept, network, image), others), strict=True):
            _put(maps, place, tile)
    return maps


def _spans(length):
    """Of every tile along an axis: where it is cut, and what of it is kept, as pixels of the picture."""
    if length <= TILE:
        return [(slice(0, length), slice(0, length))]
    count = -(-(length - OVERLAP) // (TILE - OVERLAP))
    starts = np.linspace(0, length - TILE, count).round().astype(int).tolist()
    inner = [(start + TILE + following) // 2 for start, following in pairwise(starts)]
    kept = pairwise([0, *inner, length])
    return [(slice(start, start + TILE), slice(*own)) for start, own in zip(starts, kept, strict=True)]


def _kept(network, image, place):
    """The maps of what is kept of a tile."""
    (rows, kept_rows), (columns, kept_columns) = place
    tile = _padded(network, image[rows, columns])
    top, left = kept_rows.start - rows.start, kept_columns.start - columns.start
    return tile[top : kept_rows.stop - rows.start, left : kept_columns.stop - columns.start]


def _put(maps, place, tile):
    (_, rows), (_, columns) = place
    maps[rows, columns] = tile


def _padded(network, image):
    height, width = image.shape[:2]
    bottom, right = -height % MULTIPLE, -width % MULTIPLE
    padded = cv2.copyMakeBorder(image, 0, bottom, 0, right, cv2.BORDER_CONSTANT)
    return np.asarray(network(padded[None]), np.float32)[0, :height, :width]
