"""Bring a picture of any depth to 8-bit RGB."""

import numpy as np

from cellseg_utils.data.image import ImageFileError


def to_rgb(array, name):
    """Bring an array of any depth and channel count to 8-bit RGB.

    Parameters
    ----------
    array : (H, W) or (H, W, C) ndarray
        Grey, grey with alpha, RGB or RGBA; any integer or floating type.
    name : str
        What to call the picture in a message.

    Returns
    -------
    image : (H, W, 3) ndarray of uint8
        8-bit values pass unchanged; others are stretched from their 0.1 % to their 99.9 % quantile (no unit).

    Raises
    ------
    ImageFileError
        If the array is not one plane of 1 to 4 channels, or has no finite value, or its values are no numbers
        that have an order.
    """
    if array.dtype.kind not in "buif":
        raise ImageFileError(f"{name}：像素类型是 {array.dtype}，只接受整数或浮点数，请转换后再试")
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or array.shape[2] > 4 or 0 in array.shape:
        raise ImageFileError(f"{name}：形状是 {array.shape}，只接受单张平面的灰度或彩色图，请先导出其中一层")
    if array.shape[2] in (2, 4):
        array = array[..., :-1]
    if array.dtype == bool:
        array = array.astype(np.uint8) * 255
    if array.dtype != np.uint8:
        array = _stretch(array, name)
    return np.ascontiguousarray(np.broadcast_to(array, (*array.shape[:2], 3)))


def _stretch(array, name):
    values = array[np.isfinite(array)] if array.dtype.kind == "f" else array
    if values.size == 0:
        raise ImageFileError(f"{name}：没有一个有限的像素值，请检查导出这张图的软件")
    low, high = np.quantile(values, [0.001, 0.999])
    scaled = (np.nan_to_num(array.astype(np.float32), nan=low) - low) / ((high - low) or 1.0)
    return np.rint(np.clip(scaled, 0, 1) * 255).astype(np.uint8)
