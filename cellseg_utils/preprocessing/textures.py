"""Random textures that look like what lies between nuclei: clouds, fibres and mesh."""

import functools

import cv2
import numpy as np

from cellseg_utils.preprocessing import symmetry

BANK = 48  # textures from which all are cut
SIDE = 384  # of each of them (pixels)
GRAINS = (4, 40)  # range of the coarsest structure (pixels)
OCTAVES = 4  # each twice as fine as the one before


def cut(side, rng):
    """Cut a random texture.

    Parameters
    ----------
    side : int
        Of the square (pixels).
    rng : numpy.random.Generator

    Returns
    -------
    texture : (side, side) ndarray of float32
        0..1, evenly distributed as far as the cut is large (no unit).
    """
    whole = _bank()[rng.integers(BANK)]
    if side > SIDE:
        whole = cv2.resize(whole, (side, side), interpolation=cv2.INTER_LINEAR)
    top, left = rng.integers(0, len(whole) - side + 1, 2)
    part = symmetry.turned(whole[top : top + side, left : left + side], rng.integers(symmetry.COUNT))
    return part.astype(np.float32) / 255


@functools.cache
def _bank():
    rng = np.random.default_rng(0)
    return [_texture(rng) for _ in range(BANK)]


def _texture(rng):
    """Noise of several octaves, drawn out along an axis, some of it folded into a mesh; by ranks 0..255."""
    grain = np.exp(rng.uniform(*np.log(GRAINS)))
    stretch = np.exp(rng.uniform(0, 1.6) * rng.choice([0, 1]))
    falloff = rng.uniform(0.4, 0.9)
    field = sum(falloff**octave * _noise(grain / 2**octave, stretch, rng) for octave in range(OCTAVES))
    field = _turned(field, rng.uniform(0, 180))
    if rng.random() < 0.35:
        field = -np.abs(field - np.median(field))  # bright lines where the noise crosses its median
    ranks = np.empty(field.size, np.int64)
    ranks[np.argsort(field, axis=None, kind="stable")] = np.arange(field.size)
    return (ranks.reshape(field.shape) * 256 // field.size).astype(np.uint8)


def _noise(grain, stretch, rng):
    large = 3 * SIDE // 2  # room to turn
    grid = max(2, round(large / grain)), max(2, round(large / (grain * stretch)))
    noise = rng.standard_normal(grid).astype(np.float32)
    return cv2.resize(noise, (large, large), interpolation=cv2.INTER_CUBIC)


def _turned(field, degrees):
    middle = (len(field) - 1) / 2
    matrix = cv2.getRotationMatrix2D((middle, middle), degrees, 1)
    turned = cv2.warpAffine(field, matrix, field.shape, borderMode=cv2.BORDER_REFLECT)
    margin = (len(field) - SIDE) // 2
    return turned[margin : margin + SIDE, margin : margin + SIDE]
