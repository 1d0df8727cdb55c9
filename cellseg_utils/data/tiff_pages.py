"""Open a TIFF file whose pages follow each other to an end, and whose metadata claim no more than it holds.

tifffile goes round in circles, opens other files that the metadata name, and makes a list of as many pages as
they claim.
"""

import io
import math
import os
import re
import struct

import tifffile

from cellseg_utils.run.language import say
from cellseg_utils.run.plain_error import ArgumentError

_ORDERS = {b"II": "<", b"MM": ">"}
_CLASSIC, _BIG = 42, 43
_NOWHERE = 0xFFFFFFFF  # with which some writers end, instead of 0
MOST_PLANES = 1_000_000  # of a file
MOST_LEVELS = 100  # of one picture, smaller and smaller
_PIXELS = re.compile(r"<(?:\w+:)?Pixels\b[^>]*>")
_LENGTH = re.compile(r"\bSize[ZCT]\s*=\s*[\"'](\d+)")
_PLANE_COUNT = re.compile(r"\bPlaneCount\s*=\s*[\"'](\d+)")
_MODULO = re.compile(
    r"<(?:\w+:)?ModuloAlong\w\b[^>]*?\bStart\s*=\s*[\"'](-?[\d.]+)[^>]*?\bEnd\s*=\s*[\"'](-?[\d.]+)"
    r"[^>]*?\bStep\s*=\s*[\"'](-?[\d.]+)"
)
_OTHER_FILES = re.compile(r"\bFileName\s*=\s*[\"']([^\"']*)")
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
        If its directories of tags lead past its end, or in circles; if its metadata claim more pages or tiles
        than it has, or other files.
    OSError
        If it can't be read.
    tifffile.TiffFileError
        If it is none.
    """
    if isinstance(source, bytes):
        _follow(io.BytesIO(source), len(source))
        return _checked(tifffile.TiffFile(io.BytesIO(source)))
    with open(source, "rb") as file:
        _follow(file, os.fstat(file.fileno()).st_size)
    return _checked(tifffile.TiffFile(source, _multifile=False))


def _checked(file):
    try:
        _check_claims(file)
    except BaseException:
        file.close()
        raise
    return file


def _check_claims(file):
    """Refuse what would make tifffile list more pages than any microscope takes."""
    page = file.pages[0]
    if len(page.subifds or ()) > MOST_LEVELS:
        raise ArgumentError(say("有 {n} 个附属的页，太多了", n=len(page.subifds)))
    if page.is_tiled and math.prod(page.chunked) > max(len(page.dataoffsets), 1):
        raise ArgumentError(
            say("声称有 {n} 块，只记着 {found} 块", n=math.prod(page.chunked), found=len(page.dataoffsets))
        )
    if file.is_ome and _ome_planes(file.ome_metadata or "") > MOST_PLANES:
        raise ArgumentError(say("OME 的说明里写的层数太多"))
    if len(set(_OTHER_FILES.findall(file.ome_metadata or ""))) > 1:
        raise ArgumentError(say("这个 OME-TIFF 的图像分在几个文件里，请合成一个文件"))
    if file.is_imagej:
        _check_imagej(file)


def _ome_planes(xml):
    """How many planes OME-XML claims, at least (https://docs.openmicroscopy.org/ome-model/)."""
    planes = sum(int(count) for count in _PLANE_COUNT.findall(xml))
    for pixels in _PIXELS.findall(xml):
        planes += math.prod(int(length) for length in _LENGTH.findall(pixels))
    for start, end, step in _MODULO.findall(xml):
        planes += abs((float(end) - float(start)) / (float(step) or 1))
    return planes


def _check_imagej(file):
    """Refuse a stack of which less is there than ImageJ wrote: tifffile would take it for one picture."""
    claimed = int((file.imagej_metadata or {}).get("images", 1))
    series, own = file.series[0], {"Y", "X", "S"}
    planes = math.prod(
        length for axis, length in zip(series.axes, series.shape, strict=True) if axis not in own
    )
    if claimed > planes:
        raise ArgumentError(say("应有 {claimed} 层，文件里只有 {planes} 层", claimed=claimed, planes=planes))


def _follow(file, size):
    start = file.read(4)
    order = _ORDERS.get(start[:2], "")
    form = _FORMS.get(struct.unpack(f"{order}H", start[2:])[0]) if order and len(start) == 4 else None
    if form is None:
        return  # tifffile says that it is no TIFF
    offset, number, place, tag = form
    seen, visited, following = 0, set(), _value(file, place, order + offset)
    while following and following != _NOWHERE:
        count = _value(file, following, order + number)
        after = following + struct.calcsize(number) + count * tag
        end = after + struct.calcsize(offset)
        seen += end - following
        # Past the end, tifffile takes any bytes for the next offset; in a circle, it goes on for ever.
        if max(end, seen) > size or following in visited:
            raise ArgumentError(say("页的目录比整个文件还长，或者首尾相接"))
        visited.add(following)
        following = _value(file, after, order + offset)


def _value(file, place, form):
    """A number of the file; 0 beyond its end."""
    file.seek(place)
    read = file.read(struct.calcsize(form))
    return struct.unpack(form, read)[0] if len(read) == struct.calcsize(form) else 0
