"""Pictures and masks at another size."""

import cv2
import numpy as np


def resize_image(image, size):
    """Resize a picture: the mean of the covered area where it shrinks, linear interpolation where it grows.

    Parameters
    ----------
    image : (H, W, 3) ndarray of uint8
        RGB (no unit).
    size : tuple of int
        New `(H, W)` (pixels).

    Returns
    -------
    resized : (*size, 3) ndarray of uint8
    """
    return cv2.resize(image, size[::-1], interpolation=_interpolation(image.shape[:2], size))


def resize_mask(mask, size):
    """Resize a binary mask without fattening it: a new pixel is nucleus if at least half of it is covered.

    Parameters
    ----------
    mask : (H, W) ndarray of bool or uint8
        Nonzero is nucleus (no unit).
    size : tuple of int
        New `(H, W)` (pixels).

    Returns
    -------
    resized : ndarray of bool
        Shape `size`.
    """
    covered = (np.asarray(mask) > 0).astype(np.float32)
    return cv2.resize(covered, size[::-1], interpolation=_interpolation(covered.shape, size)) >= 0.5


def resize_mask_fattened(labels, size):
    """Resize nucleus by nucleus by interpolation and call every touched pixel nucleus, as many kernels do.

    Kept to show what it does: the mask grows by up to a pixel on every side and neighbours grow together.

    Parameters
    ----------
    labels : (H, W) ndarray of int
        0 is background (no unit).
    size : tuple of int
        New `(H, W)` (pixels).

    Returns
    -------
    resized : ndarray of bool
        Shape `size`.
    """
    covered = ((labels == label).astype(np.float32) for label in range(1, labels.max() + 1))
    resized = [cv2.resize(nucleus, size[::-1], interpolation=cv2.INTER_LINEAR) > 0 for nucleus in covered]
    return np.logical_or.reduce(resized) if resized else np.zeros(size, bool)


def _interpolation(old, new):
    return cv2.INTER_AREA if new[0] < old[0] or new[1] < old[1] else cv2.INTER_LINEAR
