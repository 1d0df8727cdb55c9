"""Regions of a TIFF file that is too large for the memory, all planes and channels, as they are."""

import io
import math
from functools import lru_cache

import cv2
import numpy as np
import tifffile
from PIL import TiffImagePlugin

from cellseg_utils.data import tiff
from cellseg_utils.data.image import Pixels
from cellseg_utils.data.tiff_metadata import UPRIGHT, orientation
from cellseg_utils.run.language import say

CACHE = 320 << 20  # bytes of decoded tiles or strips that are kept, since neighbouring regions share them
PIECE = 256 << 20  # bytes: a file that stores more in one piece can't be read in pieces
_COLOURS = tifffile.PHOTOMETRIC
_KEPT = (  # of what a TIFF file says of its pixels
    *("BitsPerSample", "Compression", "PhotometricInterpretation", "FillOrder", "SamplesPerPixel"),
    *("Predictor", "ColorMap", "ExtraSamples", "SampleFormat", "JPEGTables", "YCbCrSubSampling"),
)


class Regions:
    """The first series of a TIFF file, of which regions are read.

    Parameters
    ----------
    file : tifffile.TiffFile
        Open, and `readable`.

    Attributes
    ----------
    shape : tuple of int
        Height and width (pixels).
    height : int
        Rows of a tile or strip (pixels).
    """

    def __init__(self, file):
        self._file, self._series, self._page = file, file.series[0], file.series[0].keyframe
        self._axes, lengths = tiff.longer_axes(self._series)
        self._leading = lengths[: -self._page.ndim]
        self.shape = size(self._series)
        self._grid = _piece_shape(self._page)
        self.height = self._grid[0]
        self._piece = lru_cache(max(1, CACHE // _piece_bytes(self._page)))(self._decoded)
        self._about = tiff.described(file)

    def pixels(self, rows, columns):
        """A region of all planes and channels.

        Parameters
        ----------
        rows, columns : slice
            Within the picture, step 1.

        Returns
        -------
        pixels : image.Pixels
            Of the file's own type.

        Raises
        ------
        Exception
            Almost any, if the file is damaged.
        """
        count = math.prod(self._leading)
        pages = [self._page_region(number, rows, columns) for number in range(count)]
        array = np.stack(pages).reshape(*self._leading, *pages[0].shape)
        axes = self._axes[: len(self._leading)] + "YXS"[: array.ndim - len(self._leading)]
        if self._page.compression not in tiff.BY_OPENCV:
            array, axes = tiff.samples(tiff.as_seen(array, self._page), axes, self._page)
        return Pixels(array, axes, **self._about)

    def _page_region(self, number, rows, columns):
        """A region of one page, (h, w) or (h, w, S)."""
        if self._series.dataoffset is not None:
            return self._mapped(number, rows, columns)
        planes = self._page.samplesperpixel if self._page.planarconfig == 2 else 1
        found = [self._assembled(number, plane, rows, columns) for plane in range(planes)]
        array = np.concatenate(found, axis=2)
        return array[..., 0] if array.shape[2] == 1 else array

    def _mapped(self, number, rows, columns):
        """The same, of a file that stores its pixels row by row as they are."""
        kind = np.dtype(self._page.dtype).newbyteorder(self._file.byteorder)
        start = self._series.dataoffset + number * math.prod(self._page.shape) * kind.itemsize
        array = np.memmap(self._file.filehandle.path, kind, "r", start, self._page.shape)
        if self._page.axes == "SYX":
            array = np.moveaxis(array, 0, -1)
        return array[rows, columns].astype(kind.newbyteorder("="))

    def _assembled(self, number, plane, rows, columns):
        """The same, put together from tiles or strips: (h, w, S)."""
        (high, wide), region = self._grid, None
        down, across = (-(-length // side) for length, side in zip(self.shape, self._grid, strict=True))
        for y in range(rows.start // high, -(-rows.stop // high)):
            for x in range(columns.start // wide, -(-columns.stop // wide)):
                piece = self._piece(number, (plane * down + y) * across + x)
                if region is None:
                    size = rows.stop - rows.start, columns.stop - columns.start
                    region = np.zeros((*size, piece.shape[2]), piece.dtype)
                _paste(region, piece, y * high - rows.start, x * wide - columns.start)
        return region

    def _decoded(self, number, index):
        """A tile or strip, (h, w, S); zeros where the file stores none."""
        page, handle = self._series.pages[number], self._file.filehandle
        samples = self._page.samplesperpixel if self._page.planarconfig == 1 else 1
        shape = (*self._grid, samples)
        if not page.databytecounts[index]:
            return np.zeros(shape, self._page.dtype)
        handle.seek(page.dataoffsets[index])
        data = handle.read(page.databytecounts[index])
        if self._page.compression in tiff.BY_OPENCV:
            left = self.shape[0] - index % -(-self.shape[0] // shape[0]) * shape[0]
            strip = shape if self._page.is_tiled else (min(shape[0], left), *shape[1:])
            return _by_opencv(self._page, data, strip)
        return self._page.decode(data, index)[0][0]


def size(series):
    """Height and width of a series of a TIFF file (pixels).

    Parameters
    ----------
    series : tifffile.TiffPageSeries

    Returns
    -------
    size : tuple of int
    """
    lengths = dict(zip(series.axes, series.shape, strict=True))
    return lengths["Y"], lengths["X"]


def readable(all_series):
    """Whether the first series can be read in pieces, and the others are smaller versions of it.

    Parameters
    ----------
    all_series : list of tifffile.TiffPageSeries

    Returns
    -------
    answer : bool
    """
    series, page = all_series[0], all_series[0].keyframe
    axes, shape = tiff.longer_axes(series)
    leading = shape[: -page.ndim]
    stored = series.dataoffset is not None or (
        math.prod(leading) == len(series.pages) and _piece_bytes(page) <= PIECE
    )
    packed = page.compression in tiff.BY_OPENCV
    colours = page.photometric in tiff.READ or packed
    plain = tiff.UNSPECIFIED not in (page.extrasamples or ()) and orientation(page) == UPRIGHT
    whole = (
        plain and axes.endswith(page.axes) and page.axes in ("YX", "YXS", "SYX") and None not in series.pages
    )
    return stored and colours and whole and all(other.keyframe.is_reduced for other in all_series[1:])


def _piece_shape(page):
    if page.is_tiled:
        return page.tilelength, page.tilewidth
    return min(page.rowsperstrip, page.imagelength), page.imagewidth


def _piece_bytes(page):
    return math.prod(_piece_shape(page)) * page.samplesperpixel * np.dtype(page.dtype).itemsize


def _paste(region, piece, top, left):
    """Put a piece into a region, as far as the two overlap; its place may begin outside."""
    inside = region[max(top, 0) : top + piece.shape[0], max(left, 0) : left + piece.shape[1]]
    own = piece[max(-top, 0) :, max(-left, 0) :]
    inside[...] = own[: inside.shape[0], : inside.shape[1]]


def _by_opencv(page, data, shape):
    """Decompress a tile or strip: as the only strip of a small TIFF file, which OpenCV reads."""
    entries = TiffImagePlugin.ImageFileDirectory_v2(prefix=b"II" if page.parent.byteorder == "<" else b"MM")
    for name in _KEPT:
        if name in page.tags:
            value = page.tags[name].value
            entries[page.tags[name].code] = tuple(value.ravel().tolist()) if np.ndim(value) > 1 else value
    own = {"ImageWidth": shape[1], "ImageLength": shape[0], "RowsPerStrip": shape[0]}
    own |= {"StripOffsets": 0, "StripByteCounts": len(data)}  # 0: right behind the entries
    if page.planarconfig == tifffile.PLANARCONFIG.SEPARATE:
        own |= {"SamplesPerPixel": 1, "BitsPerSample": page.bitspersample}
        own |= {"PhotometricInterpretation": _COLOURS.MINISBLACK}
        entries.pop(tifffile.TIFF.TAGS["ExtraSamples"], None)
    for name, value in own.items():
        entries[tifffile.TIFF.TAGS[name]] = value
    with io.BytesIO() as file:
        entries.save(file)
        file.write(data)
        flags = cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH
        array = cv2.imdecode(np.frombuffer(file.getvalue(), np.uint8), flags)
    if array is None:
        raise tiff.TiffError(say("其中一块解不开，文件可能已损坏，请重新导出"))
    return array[..., None] if array.ndim == 2 else cv2.cvtColor(array, cv2.COLOR_BGR2RGB)
