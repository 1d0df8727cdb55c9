"""Run a fully convolutional network over pictures of any size: padded, and in tiles."""

import cv2
import numpy as np

TILE = 768  # pixels: larger pictures are cut
OVERLAP = 128  # pixels that neighbouring tiles share
MULTIPLE = 32  # pixels: sides are padded to it


def predict_tiled(network, image):
    """What a network makes of a picture.

    Parameters
    ----------
    network : callable
        `(N, H, W, 3)` ndarray to `(N, H, W, C)` maps in the order of `targets.MAPS`, sides multiples of 32.
    image : (H, W, 3) ndarray of uint8
        RGB (no unit).

    Returns
    -------
    maps : (H, W, C) ndarray of float32
    """
    height, width = image.shape[:2]
    if max(height, width) <= TILE:
        return _padded(network, image)
    sums = None
    for place in (np.s_[y : y + TILE, x : x + TILE] for y in _starts(height) for x in _starts(width)):
        tile = _padded(network, image[place])
        ramp = (_ramp(tile.shape[0])[:, None] * _ramp(tile.shape[1]))[..., None]
        if sums is None:
            sums = np.zeros((height, width, tile.shape[2] + 1), np.float32)
        sums[place] += np.concatenate([ramp * tile, ramp], axis=2)
    return sums[..., :-1] / sums[..., -1:]


def _starts(length):
    """First pixels of tiles that cover an axis evenly."""
    if length <= TILE:
        return [0]
    count = -(-(length - OVERLAP) // (TILE - OVERLAP))
    return np.linspace(0, length - TILE, count).round().astype(int).tolist()


def _ramp(length):
    """Weight of a tile's pixels: less towards its ends, where the network sees less."""
    place = np.arange(length)
    return np.minimum(np.minimum(place + 1, length - place), OVERLAP).astype(np.float32)


def _padded(network, image):
    height, width = image.shape[:2]
    bottom, right = -height % MULTIPLE, -width % MULTIPLE
    padded = cv2.copyMakeBorder(image, 0, bottom, 0, right, cv2.BORDER_CONSTANT)
    return np.asarray(network(padded[None]), np.float32)[0, :height, :width]
