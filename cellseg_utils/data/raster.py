"""Decode a PNG, JPEG, BMP or WebP file as it is; files that break off are refused."""

import io
import re

import cv2
import numpy as np
from PIL import Image as PillowImage
from PIL import TiffImagePlugin, WebPImagePlugin  # noqa: F401  each adds its format

from cellseg_utils.data import picture_size
from cellseg_utils.data.image import ImageFileError, Pixels
from cellseg_utils.run.language import say

_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF")
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".gif")
ORIENTATION = 0x0112  # EXIF 2.3, table 4
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
# ITU-T T.81, B.1.1: the next marker of a JPEG that is neither an escaped 0xff of its data nor a restart
_JPEG_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")
_JPEG_BARE = b"\x01\xd8"  # markers without a length
_JPEG_END = b"\xd9"


def decode(data, name):
    """Decode a picture.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        What to call the file in a message.

    Returns
    -------
    pixels : image.Pixels
        Grey, or red, green and blue; without opacity; 8 or 16 bit. Upright, as EXIF says.

    Raises
    ------
    ImageFileError
        If the bytes are not a complete picture, or it is too large, or has several frames.
    """
    array = decoded(data, name, cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH)
    if array.ndim == 3:
        array = cv2.cvtColor(array, cv2.COLOR_BGR2RGB)
    turned, frames = _header(data)
    if frames > 1:
        raise ImageFileError(say("{name}：是 {frames} 帧的动图，请先导出其中一帧", name=name, frames=frames))
    return Pixels(array, "YXS"[: array.ndim], turned=turned)


def _header(data):
    """Whether EXIF says that the picture lies on its side or is mirrored, and how many frames there are."""
    try:
        with _lazily_opened(data) as file:
            return file.getexif().get(ORIENTATION, 1) in range(2, 9), getattr(file, "n_frames", 1)
    except Exception:  # OpenCV has read it, whatever Pillow thinks of it
        return False, 1


def decoded(data, name, flags):
    """What OpenCV makes of a file that is whole.

    Parameters
    ----------
    data, name
        As for `decode`.
    flags : int
        Of `cv2.ImreadModes`.

    Returns
    -------
    array : (H, W) or (H, W, C) ndarray
        Colours in the order of OpenCV.

    Raises
    ------
    ImageFileError
        As `decode`.
    """
    if not data:
        raise ImageFileError(say("{name}：文件是空的（0 字节），请重新下载或删除它", name=name))
    if not _has_end(data):
        raise ImageFileError(say("{name}：文件不完整（末尾被截断），请重新下载或删除它", name=name))
    size = header_size(data)
    if size is None:
        raise ImageFileError(say("{name}：不是可以解码的图像，请重新下载或删除它", name=name))
    picture_size.check(size, name)
    packed_well = data[8:12] == b"WEBP"  # a plain one takes no bits for a pixel
    if not packed_well and not picture_size.holds(len(data), size[0] * size[1]):
        raise ImageFileError(say("{name}：文件不完整（末尾被截断），请重新下载或删除它", name=name))
    try:
        array = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        if error.code == cv2.Error.StsNoMem or "CV_IO_MAX_IMAGE" in str(error):
            raise ImageFileError(say("{name}：图像太大，读不进来，请切小或缩小后再试", name=name)) from error
        array = None
    if array is None:
        raise ImageFileError(say("{name}：不是可以解码的图像，请重新下载或删除它", name=name))
    return array


def header_size(data):
    """What the header of a picture says, without decoding it.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    size : tuple of int or None
        `(H, W)` (pixels); None if it is no picture of a known format.
    """
    if data.startswith(_PNG):  # https://www.w3.org/TR/png-3/#11IHDR
        return (_number(data[20:24]), _number(data[16:20])) if data[12:16] == b"IHDR" else None
    try:
        with _lazily_opened(data) as file:
            return file.size[::-1]
    except Exception:  # each format raises what it likes
        return None


def _number(four):
    return int.from_bytes(four, "big")


def _lazily_opened(data):
    """A picture as Pillow sees it, not decoded, without Pillow's own limit, which would name no fix."""
    PillowImage.preinit()
    for name in _FORMATS:
        make, accepts = PillowImage.OPEN[name]
        if accepts is None or accepts(data[:16]) is True:
            return make(io.BytesIO(data), "")
    raise ValueError("no picture")


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
