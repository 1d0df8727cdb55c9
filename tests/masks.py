"""Masks with and without the empty rows above and below."""

import numpy as np

from cellseg_utils.data.mask_png import Mask


def cut(mask):
    """A mask without the empty rows above and below; one row of an empty mask."""
    filled = np.flatnonzero(mask.any(axis=1))
    top, bottom = (filled[0], filled[-1] + 1) if len(filled) else (0, 1)
    return Mask(mask[top:bottom], top, mask.shape)


def whole(mask):
    """The whole picture of a mask."""
    picture = np.zeros(mask.shape, np.uint8)
    picture[mask.top : mask.top + len(mask.rows)] = mask.rows
    return picture
