"""The simplest way to find nuclei, as a yardstick for networks: one threshold, then what hangs together."""

import numpy as np
from skimage import color, filters, measure

SPECK = 20  # pixels; less is no nucleus
FEWEST = 2  # grey values that a threshold can lie between


def segment(image):
    """Find nuclei by Otsu's threshold; the rarer side of it is nuclei.

    Parameters
    ----------
    image : (H, W, 3) ndarray of uint8
        RGB (no unit).

    Returns
    -------
    labels : (H, W) ndarray of int32
        0 is background (no unit); pixels that touch at a side belong to one nucleus.

    References
    ----------
    Otsu 1979, https://doi.org/10.1109/TSMC.1979.4310076
    """
    grey = np.round(255 * color.rgb2gray(image)).astype(np.uint8)
    if len(np.unique(grey)) < FEWEST:
        return np.zeros(grey.shape, np.int32)
    bright = grey > filters.threshold_otsu(grey)
    mask = bright if bright.mean() <= 0.5 else ~bright
    pieces = measure.label(mask, connectivity=1)
    areas = np.bincount(pieces.ravel())
    return np.where(areas[pieces] < SPECK, 0, pieces).astype(np.int32)
