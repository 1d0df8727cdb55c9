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
    """Resize a binary mask without fattening it: a new pixel is nucleus if more than half of it is covered.

    Of those covered by half, which are many where a side is halved, every other one is nucleus, as on a
    chessboard: all of them would fatten the mask, none would thin it.

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
    share = cv2.resize(covered, size[::-1], interpolation=_interpolation(covered.shape, size))
    return (share > 0.5) | ((share == 0.5) & _chessboard(size))


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


def _chessboard(size):
    return np.add.outer(np.arange(size[0]), np.arange(size[1])) % 2 == 0


def _interpolation(old, new):
    return cv2.INTER_AREA if new[0] < old[0] or new[1] < old[1] else cv2.INTER_LINEAR
