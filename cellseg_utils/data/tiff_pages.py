"""Open a TIFF file whose pages follow each other to an end, which tifffile would follow in circles."""

import io
import os
import struct

import tifffile

from cellseg_utils.run.language import say
from cellseg_utils.run.plain_error import ArgumentError

_ORDERS = {b"II": "<", b"MM": ">"}
_CLASSIC, _BIG = 42, 43
# How the first offset, the number of tags and the next offset are written, where the first stands, and the
# bytes of a tag: https://www.awaresystems.be/imaging/tiff/bigtiff.html
_FORMS = {_CLASSIC: ("I", "H", 4, 12), _BIG: ("Q", "Q", 8, 20)}


def opened(source):
    """Open a TIFF file.

    Parameters
    ----------
    source : path-like or bytes
        The file or all that it holds.

    Returns
    -------
    file : tifffile.TiffFile
        To be closed by the caller.

    Raises
    ------
    ArgumentError
        If its directories of tags, one after another, are longer than the file: it is cut off, or they lead
        in circles.
    OSError
        If it can't be read.
    tifffile.TiffFileError
        If it is none.
    """
    if isinstance(source, bytes):
        _follow(io.BytesIO(source), len(source))
        return tifffile.TiffFile(io.BytesIO(source))
    with open(source, "rb") as file:
        _follow(file, os.fstat(file.fileno()).st_size)
    return tifffile.TiffFile(source)


def _follow(file, size):
    start = file.read(4)
    order = _ORDERS.get(start[:2], "")
    form = _FORMS.get(struct.unpack(f"{order}H", start[2:])[0]) if order and len(start) == 4 else None
    if form is None:
        return  # tifffile says that it is no TIFF
    offset, number, place, tag = form
    seen, following = 0, _value(file, place, order + offset)
    while 0 < following < size:
        count = _value(file, following, order + number)
        after = following + struct.calcsize(number) + count * tag
        end = after + struct.calcsize(offset)
        seen += end - following
        if max(end, seen) > size:  # where tifffile takes any bytes for the next offset, or goes on for ever
            raise ArgumentError(say("页的目录比整个文件还长，或者首尾相接"))
        following = _value(file, after, order + offset)


def _value(file, place, form):
    """A number of the file; 0 beyond its end."""
    file.seek(place)
    read = file.read(struct.calcsize(form))
    return struct.unpack(form, read)[0] if len(read) == struct.calcsize(form) else 0
