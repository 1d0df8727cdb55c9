"""One look for every picture: full contrast in every channel, nuclei brighter than the background."""

import cv2
import numpy as np

DARKEST, BRIGHTEST = 1.0, 99.8  # percentiles of a channel that become 0 and 255
LEAST_SHARE = 0.35  # of the widest channel's range: a weaker channel is not stretched further (no unit)
LEAST_RANGE = 8  # grey values: what varies less is noise, and is not stretched further
SAMPLE_SIDE = 512  # pixels: larger pictures are thinned out before percentiles are taken


def normalise(image):
    """Stretch every channel of a picture between two percentiles, and invert it if its background is bright.

    Dim fluorescence becomes bright, a yellow or pink background white, then black: the network sees one look.

    Parameters
    ----------
    image : (H, W, 3) ndarray of uint8
        RGB, 0..255 (no unit).

    Returns
    -------
    normalised : (H, W, 3) ndarray of uint8
        0..255 (no unit); the background is the dark part.

    Raises
    ------
    ValueError
        If the picture is not `(H, W, 3)` of uint8, or is empty.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or image.size == 0:
        raise ValueError(f"expected an (H, W, 3) uint8 picture, got {image.shape} {image.dtype}")
    step = max(1, max(image.shape[:2]) // SAMPLE_SIDE)
    sample = image[::step, ::step].reshape(-1, 3)
    low, high = np.percentile(sample, [DARKEST, BRIGHTEST], axis=0)
    span = np.maximum(high - low, max(LEAST_RANGE, LEAST_SHARE * (high - low).max()))
    values = np.arange(256)[:, None]
    table = np.clip((values - low) / span, 0, 1)
    if np.median(np.take_along_axis(table, sample.astype(np.intp), axis=0).mean(axis=1)) > 0.5:
        table = 1 - table
    table = np.round(255 * table).astype(np.uint8)
    return cv2.LUT(image, table[None])
