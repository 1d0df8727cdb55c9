"""Decode the PNG of one nucleus fast: nearly all of such a mask is empty.

Inflating the empty rows is what costs; ISA-L does it some four times as fast as zlib. Only the rows that hold
anything then go through a full PNG decoder. Format: https://www.w3.org/TR/png-3/.
"""

import struct
import zlib
from dataclasses import dataclass

import cv2
import numpy as np
from isal import isal_zlib

from cellseg_utils.data import picture_size

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST = 1032  # bytes that one byte of a zlib stream inflates to at most; https://zlib.net/zlib_tech.html
_GREY_8_BIT = (8, 0, 0, 0, 0)  # bit depth, colour type, compression, filter method, no interlacing


@dataclass(frozen=True)
class Mask:
    """Mask of one nucleus; empty rows above and below may be left out.

    Attributes
    ----------
    rows : (h, W) ndarray of uint8
        Zero is background, anything else is the nucleus (no unit).
    top : int
        Which row of the picture is the first of them.
    shape : tuple of int
        `(H, W)` of the picture (pixels).
    """

    rows: np.ndarray
    top: int
    shape: tuple


def decode(data):
    """Decode an 8-bit grey PNG.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    mask : Mask, or None
        None if the file is anything but a sound 8-bit grey PNG: then a general decoder must look at it.
    """
    try:
        chunks = list(_chunks(data))
        width, height, *kind = struct.unpack(">IIBBBBB", dict(chunks)[b"IHDR"])
        packed = b"".join(body for name, body in chunks if name == b"IDAT")
        if tuple(kind) != _GREY_8_BIT or chunks[-1][0] != b"IEND" or height * width > picture_size.most():
            return None
        filtered = _inflated(packed, height * (width + 1))
    except (ValueError, KeyError, struct.error, isal_zlib.error):
        return None
    # A filtered row of zeros is an empty row that is "not filtered", and the first row of a PNG counts as
    # having an empty one above it: so the rows in between are a picture of their own.
    rows = np.frombuffer(filtered, np.uint8).reshape(height, width + 1)
    _, top, _, count = cv2.boundingRect(rows)
    count = max(count, 1)
    part = _grey_png(width, count, rows[top : top + count].tobytes())
    filled = cv2.imdecode(np.frombuffer(part, np.uint8), cv2.IMREAD_GRAYSCALE)
    # None: a row says that it is filtered in a way that there is not
    return None if filled is None else Mask(filled, top, (height, width))


def _inflated(packed, size):
    """The bytes of a zlib stream, which must be so many."""
    if size > _MOST * len(packed):
        raise ValueError("less than it claims")
    stream = isal_zlib.decompressobj()
    data = stream.decompress(packed, size + 1)  # 1: more than there should be is seen, and not all inflated
    if not stream.eof or len(data) != size:
        raise ValueError("not as long as it claims")
    return data


def _chunks(data):
    if not data.startswith(_SIGNATURE):
        raise ValueError("no PNG")
    position = len(_SIGNATURE)
    while position < len(data):
        length, name = struct.unpack_from(">I4s", data, position)
        end = position + 8 + length
        if zlib.crc32(data[position + 4 : end]) != struct.unpack_from(">I", data, end)[0]:
            raise ValueError("damaged chunk")
        yield name, data[position + 8 : end]
        position = end + 4


def _grey_png(width, height, filtered):
    header = struct.pack(">IIBBBBB", width, height, *_GREY_8_BIT)
    bodies = ((b"IHDR", header), (b"IDAT", zlib.compress(filtered, 0)), (b"IEND", b""))
    return _SIGNATURE + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in bodies
    )
