"""Run a fully convolutional network over pictures of any size: padded, in tiles, in all eight symmetries."""

import cv2
import numpy as np

TILE = 768  # pixels: larger pictures are cut
OVERLAP = 128  # pixels that neighbouring tiles share
MULTIPLE = 32  # pixels: sides are padded to it
OFFSETS = slice(3, 5)  # channels that hold a direction: along rows, along columns


def maps(network, image, symmetries=1):
    """Maps of a picture, the mean over some of its eight symmetric views.

    Parameters
    ----------
    network : callable
        `(N, H, W, 3)` ndarray to `(N, H, W, 5)` maps as `targets.MAPS` names them, sides multiples of 32.
    image : (H, W, 3) ndarray of uint8
        RGB (no unit).
    symmetries : int
        How many views, 1 to 8: four turns, and four of the mirrored picture.

    Returns
    -------
    maps : (H, W, 5) ndarray of float32

    References
    ----------
    Test-time augmentation: Moshkov et al. 2020, doi:10.1038/s41598-020-61808-3.
    """
    total = 0
    for number in range(symmetries):
        view = np.ascontiguousarray(_turn(image, number))
        total = total + _turn_back(_tiled(network, view), number)
    return total / symmetries


def _tiled(network, image):
    height, width = image.shape[:2]
    if max(height, width) <= TILE:
        return _padded(network, image)
    total = np.zeros((height, width, 5), np.float32)
    weight = np.zeros((height, width, 1), np.float32)
    for y in _starts(height):
        for x in _starts(width):
            found = _padded(network, image[y : y + TILE, x : x + TILE])
            ramp = _ramp(found.shape[0])[:, None, None] * _ramp(found.shape[1])[None, :, None]
            total[y : y + TILE, x : x + TILE] += ramp * found
            weight[y : y + TILE, x : x + TILE] += ramp
    return total / weight


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


def _turn(array, number):
    array = np.rot90(array, number % 4)
    return array[:, ::-1] if number >= 4 else array


def _turn_back(maps, number):
    """Undo `_turn`, for the maps and for the directions that they hold."""
    if number >= 4:
        maps = maps[:, ::-1]
        maps = np.concatenate([maps[..., :4], -maps[..., 4:]], axis=2)
    maps = np.rot90(maps, -(number % 4))
    rows, columns = maps[..., 3], maps[..., 4]
    for _ in range(number % 4):  # each turn back maps (row, column) to (column, -row)
        rows, columns = columns, -rows
    return np.concatenate([maps[..., :3], rows[..., None], columns[..., None]], axis=2)
