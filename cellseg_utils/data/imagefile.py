"""Decode one image file, whatever its size, depth or channel count, to 8-bit RGB."""

import re
from pathlib import Path

import cv2
import numpy as np

from cellseg_utils.data import mask_png, tiff
from cellseg_utils.data.selection import ALL, SelectionError

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".webp", *tiff.SUFFIXES)
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
# ITU-T T.81, B.1.1: the next marker of a JPEG that is neither an escaped 0xff of its data nor a restart
_JPEG_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")
_JPEG_BARE = b"\x01\xd8"  # markers without a length
_JPEG_END = b"\xd9"


class ImageFileError(ValueError):
    """A picture that can't be read; the message is one Chinese line that names the file and the fix."""


def read_image(path, name=None, chosen=ALL):
    """Read a picture that a user named.

    Parameters
    ----------
    path : path-like
        PNG, JPEG, BMP, WebP or TIFF; grey or colour; 8 or 16 bit or floating point.
    name : str, optional
        What to call the file in a message; its path or name when left out.
    chosen : selection.Selection
        Which plane and channel of several.

    Returns
    -------
    image : (H, W, 3) ndarray of uint8
        RGB, 0..255 (no unit).

    Raises
    ------
    ImageFileError
        If the file is missing, empty, truncated, not a picture, a stack of several planes or channels of
        which none is chosen, or in colours that are neither grey, RGB nor a palette.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ImageFileError(f"{name or path}：无法读取（{error.strerror}），请检查路径和权限") from error
    return decode(data, name or path.name, chosen)


def decode(data, name, chosen=ALL):
    """Decode the bytes of any picture file.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        What to call the file in a message; its ending tells a TIFF.
    chosen : selection.Selection
        Which plane and channel of several.

    Returns
    -------
    image : (H, W, 3) ndarray of uint8
        RGB, 0..255 (no unit).

    Raises
    ------
    ImageFileError
        As `read_image`.
    """
    if name.lower().endswith(tiff.SUFFIXES):
        return _decode_tiff(data, name, chosen)
    return decode_rgb(data, name, chosen)


def decode_rgb(data, name, chosen=ALL):
    """Decode the bytes of a PNG, JPEG, BMP or WebP file.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        What to call the file in a message.
    chosen : selection.Selection
        Which channel of a picture in colour.

    Returns
    -------
    image : (H, W, 3) ndarray of uint8
        RGB, 0..255 (no unit). An alpha channel is dropped.

    Raises
    ------
    ImageFileError
        If the bytes are not a complete picture, or it has no such channel.
    """
    array = _decode(data, name, cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH)
    if array.ndim == 3:
        array = cv2.cvtColor(array, cv2.COLOR_BGR2RGB)
    try:
        return to_rgb(chosen.of(array, "YXS"[: array.ndim]), name)
    except SelectionError as error:
        raise ImageFileError(f"{name}：{error}") from error


def decode_mask(data, name):
    """Decode the mask of one nucleus.

    Parameters
    ----------
    data : bytes
        The whole PNG file.
    name : str
        What to call the file in a message.

    Returns
    -------
    mask : mask_png.Mask

    Raises
    ------
    ImageFileError
        If the bytes are not a complete picture.
    """
    mask = mask_png.decode(data)
    if mask is None:
        rows = _decode(data, name, cv2.IMREAD_GRAYSCALE | cv2.IMREAD_ANYDEPTH)
        mask = mask_png.Mask((rows > 0).astype(np.uint8), 0, rows.shape)
    return mask


def to_rgb(array, name, limits=None):
    """Bring an array of any depth and channel count to 8-bit RGB.

    Parameters
    ----------
    array : (H, W) or (H, W, C) ndarray
        Grey, grey with alpha, RGB or RGBA; any integer or floating type.
    name : str
        What to call the picture in a message.
    limits : tuple of float, optional
        Of the picture that the array is a part of, from `contrast`; its own when left out.

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
        array = _stretched(array, *(limits or contrast(array, name)))
    return np.ascontiguousarray(np.broadcast_to(array, (*array.shape[:2], 3)))


def contrast(array, name):
    """The values of an array that become black and white.

    Parameters
    ----------
    array, name
        As for `to_rgb`; of a large picture a sample will do.

    Returns
    -------
    limits : tuple of float
        The 0.1 % and the 99.9 % quantile (no unit).

    Raises
    ------
    ImageFileError
        As `to_rgb`.
    """
    array = _plane(array, name)
    values = array[np.isfinite(array)] if array.dtype.kind == "f" else array
    if values.size == 0:
        raise ImageFileError(f"{name}：没有一个有限的像素值，请检查导出这张图的软件")
    return tuple(np.quantile(values, [0.001, 0.999]))


def lacks_memory(error):
    """Whether an error of NumPy, OpenCV or TensorFlow says that the memory does not suffice.

    Parameters
    ----------
    error : Exception

    Returns
    -------
    answer : bool
    """
    if isinstance(error, cv2.error):
        return error.code == cv2.Error.StsNoMem
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"


def _plane(array, name):
    """One plane of 1 or 3 channels, opacity left out."""
    if array.dtype.kind not in "buif":
        raise ImageFileError(f"{name}：像素类型是 {array.dtype}，只接受整数或浮点数，请转换后再试")
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or array.shape[2] > 4 or 0 in array.shape:
        raise ImageFileError(f"{name}：形状是 {array.shape}，只接受单张平面的灰度或彩色图，请先导出其中一层")
    return array[..., :-1] if array.shape[2] in (2, 4) else array


def _stretched(array, low, high):
    scaled = (np.nan_to_num(array.astype(np.float32), nan=low) - low) / ((high - low) or 1.0)
    return np.rint(np.clip(scaled, 0, 1) * 255).astype(np.uint8)


def _decode_tiff(data, name, chosen):
    try:
        array = tiff.decode(data, chosen)
    except tiff.TiffError as error:
        raise ImageFileError(f"{name}：{error}") from error
    return decode_rgb(data, name, chosen) if array is None else to_rgb(array, name)


def _decode(data, name, flags):
    if not data:
        raise ImageFileError(f"{name}：文件是空的（0 字节），请重新下载或删除它")
    if not _has_end(data):
        raise ImageFileError(f"{name}：文件不完整（末尾被截断），请重新下载或删除它")
    try:
        array = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        if lacks_memory(error) or "CV_IO_MAX_IMAGE" in str(error):
            raise ImageFileError(f"{name}：图像太大，读不进来，请切小或缩小后再试") from error
        array = None
    if array is None:
        raise ImageFileError(f"{name}：不是可以解码的图像，请重新下载或删除它")
    return array


def _has_end(data):
    """Whether a PNG or JPEG goes on to its end: decoders accept one that does not and invent the rest.

    What follows the end does not count (phones append to their pictures), nor does the end of a smaller
    picture inside the headers.
    """
    if data.startswith(_PNG):
        return _has_png_end(data)
    return not data.startswith(_JPEG) or _has_jpeg_end(data)


def _has_png_end(data):
    # https://www.w3.org/TR/png-3/#5Chunk-layout: length, type, data, checksum
    place = len(_PNG)
    while place + 12 <= len(data):
        kind, length = data[place + 4 : place + 8], int.from_bytes(data[place : place + 4], "big")
        place += 12 + length
        if kind == b"IEND":
            return place <= len(data)
    return False


def _has_jpeg_end(data):
    place = 0
    while marker := _JPEG_MARKER.search(data, place):
        place = marker.end()
        if marker[1] == _JPEG_END:
            return True
        if marker[1] not in _JPEG_BARE:
            place += int.from_bytes(data[place : place + 2], "big")
    return False
