"""Bring a picture of any depth to 8-bit RGB."""

import cv2
import numpy as np

from cellseg_utils.data import contrast
from cellseg_utils.data.image import ImageFileError
from cellseg_utils.run.language import say

DARKEST, BRIGHTEST = 0.001, 0.999  # quantiles that become black and white


def to_rgb(array, name, limits=None):
    """Bring an array of any depth and channel count to 8-bit RGB.

    Parameters
    ----------
    array : (H, W) or (H, W, C) ndarray
        Grey, grey with alpha, RGB or RGBA; any integer or floating type.
    name : str
        What to call the picture in a message.
    limits : tuple of float, optional
        Of the picture that the array is a part of, from `stretch`; its own when left out.

    Returns
    -------
    image : (H, W, 3) ndarray of uint8
        8-bit values pass unchanged; others are stretched between the limits (no unit).

    Raises
    ------
    ImageFileError
        If the array is not one plane of 1 to 4 channels, or has no finite value, or its values are no numbers
        that have an order.
    """
    array = _plane(array, name)
    if array.dtype == bool:
        array = array.astype(np.uint8) * 255
    if array.dtype != np.uint8:
        array = _stretched(array, *(limits or stretch(array, name)))
    return np.ascontiguousarray(np.broadcast_to(array, (*array.shape[:2], 3)))


def stretch(array, name):
    """The values of an array that become black and white.

    Parameters
    ----------
    array, name
        As for `to_rgb`; of a large picture a sample will do.

    Returns
    -------
    limits : tuple of float
        The 0.1 % and the 99.9 % quantile of all finite values, as `contrast.limits` finds them over all
        channels (no unit).

    Raises
    ------
    ImageFileError
        As `to_rgb`.
    """
    array = _plane(array, name)
    finite = np.isfinite(array) if array.dtype.kind == "f" else None
    if finite is not None and not finite.any():
        raise ImageFileError(say("{name}：没有一个有限的像素值，请检查导出这张图的软件", name=name))
    if finite is not None and not finite.all():
        array = np.where(finite, array, np.quantile(array[finite], DARKEST))
    planes = [contrast.limits(array[..., n], DARKEST, BRIGHTEST) for n in range(array.shape[2])]
    return min(low for low, _ in planes), max(high for _, high in planes)


def _plane(array, name):
    """One plane of 1 or 3 channels, opacity left out."""
    if array.dtype.kind not in "buif":
        raise ImageFileError(
            say("{name}：像素类型是 {dtype}，只接受整数或浮点数，请转换后再试", name=name, dtype=array.dtype)
        )
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or array.shape[2] > 4 or 0 in array.shape:
        raise ImageFileError(
            say(
                "{name}：形状是 {shape}，只接受单张平面的灰度或彩色图，请先导出其中一层",
                name=name,
                shape=array.shape,
            )
        )
    return array[..., :-1] if array.shape[2] in (2, 4) else array


def _stretched(array, low, high):
    array = _without_hot_pixels(array, low, high)
    kind = np.promote_types(array.dtype, np.float32)  # numbers of 64 bit can be too large for float32
    kind = np.float64 if kind.itemsize > 8 else kind
    with np.errstate(over="ignore"):
        scaled = (np.nan_to_num(array.astype(kind), nan=low) / 2 - low / 2) / ((high / 2 - low / 2) or 1.0)
    return np.rint(np.clip(scaled, 0, 1) * 255).astype(np.uint8)


def _without_hot_pixels(array, low, high):
    """Single pixels far above white are their neighbours' median."""
    hot = np.isfinite(array) & (array > high + (high - low))
    if not hot.any() or not high > low:
        return array
    with np.errstate(over="ignore"):
        planes = [array[..., n].astype(np.float32) for n in range(array.shape[2])]
    calm = np.dstack([cv2.medianBlur(plane, 3) for plane in planes])
    return np.where(hot & (calm <= high), calm, array)
