"""What the network learns from a label image: maps that tell nuclei apart, and how to weigh them."""

import cv2
import numpy as np

MAPS = ("foreground", "border", "distance", "offset_y", "offset_x")
BORDER = 2  # pixels: a pixel is border if another nucleus is so near
OFFSET_UNIT = 10.0  # pixels: offsets are divided by it, so that they are about 1


def target_maps(labels):
    """Target maps of a label image.

    Parameters
    ----------
    labels : (H, W) ndarray of int
        0 is background, every nucleus has a number of its own (no unit).

    Returns
    -------
    maps : (H, W, 5) ndarray of float32
        In the order of `MAPS`: foreground 0 or 1; border 0 or 1, where two nuclei come within `BORDER`
        pixels; distance to the nucleus's outline divided by the nucleus's largest, 0..1; offset to its
        centre along rows and columns (`OFFSET_UNIT` pixels), 0 on the background.
    """
    labels = np.ascontiguousarray(labels, np.int32)
    result = np.zeros((*labels.shape, len(MAPS)), np.float32)
    foreground = labels > 0
    result[..., 0] = foreground
    result[..., 1] = _border(labels)
    if foreground.any():
        result[..., 2] = _distance(labels)
        result[..., 3:] = _offsets(labels)
    return result


def _border(labels):
    """Where the largest and the smallest label within reach differ, background left out."""
    reach = np.arange(-BORDER, BORDER + 1)
    kernel = (np.hypot(reach[:, None], reach) <= BORDER + 0.3).astype(np.uint8)
    values = labels.astype(np.float32)
    highest = cv2.dilate(values, kernel)
    lowest = cv2.erode(np.where(labels == 0, np.float32(1e9), values), kernel)
    return (highest > lowest) & (lowest < 1e9) & (highest > 0)


def _inside(labels):
    """Nucleus pixels none of whose four neighbours belongs to another nucleus."""
    inside = labels > 0
    for axis in (0, 1):
        ahead = np.diff(labels, axis=axis) != 0
        first = [slice(None)] * 2
        first[axis] = slice(0, -1)
        second = [slice(None)] * 2
        second[axis] = slice(1, None)
        touching = ahead & (labels[tuple(first)] > 0) & (labels[tuple(second)] > 0)
        inside[tuple(first)] &= ~touching
        inside[tuple(second)] &= ~touching
    return inside


def _distance(labels):
    padded = cv2.copyMakeBorder(_inside(labels).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    distance = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1]
    largest = np.zeros(labels.max() + 1, np.float32)
    np.maximum.at(largest, labels.ravel(), distance.ravel())
    return np.where(labels > 0, distance / np.maximum(largest, 1)[labels], 0)


def _offsets(labels):
    ys, xs = np.nonzero(labels)
    numbers = labels[ys, xs]
    count = np.maximum(np.bincount(numbers), 1)
    offsets = np.zeros((*labels.shape, 2), np.float32)
    for axis, place in enumerate((ys, xs)):
        centre = np.bincount(numbers, place) / count
        offsets[ys, xs, axis] = (centre[numbers] - place) / OFFSET_UNIT
    return offsets
