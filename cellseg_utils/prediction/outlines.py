"""Outlines of nuclei as polygons, for programs that draw shapes."""

import numpy as np
from scipy import ndimage
from skimage import measure


def polygons(labels):
    """Outline of every nucleus of a label image.

    Parameters
    ----------
    labels : (H, W) ndarray of int
        0 is background, each nucleus is one piece without holes (no unit).

    Returns
    -------
    outlines : dict of int to (N, 2) ndarray of float64
        Keyed by number: x and y along the sides of the outer pixels (pixels; 0, 0 is the corner of the
        picture, so that the first pixel lies between 0 and 1). The first point is not repeated at the end.
        Corners are cut, which takes half a square pixel from each area.

    References
    ----------
    https://scikit-image.org/docs/stable/api/skimage.measure.html#skimage.measure.find_contours
    """
    boxes = enumerate(ndimage.find_objects(labels), 1)
    return {number: _outline(labels[box] == number, box) for number, box in boxes if box is not None}


def _outline(mask, box):
    lines = measure.find_contours(np.pad(mask, 1).astype(np.float32), 0.5, fully_connected="high")
    rows, columns = max(lines, key=len)[:-1].T
    return np.column_stack([columns + box[1].start - 0.5, rows + box[0].start - 0.5])
