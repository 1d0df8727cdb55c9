"""Decode a TIFF file: all planes and channels, as they are, and what the file says of them."""

import logging
import math
from dataclasses import replace

import numpy as np
import tifffile

from cellseg_utils.data import picture_size, raster, tiff_pages
from cellseg_utils.data.image import ImageFileError, Pixels
from cellseg_utils.data.tiff_metadata import channel_names, orientation, pixel_size, upright
from cellseg_utils.run.language import say
from cellseg_utils.run.plain_error import ArgumentError, PlainError, one_line

SUFFIXES = (".tif", ".tiff")
# tifffile alone can't decompress these, OpenCV can; it also brings their colours to grey or RGB.
BY_OPENCV = (tifffile.COMPRESSION.LZW, tifffile.COMPRESSION.JPEG)
_COLOURS = tifffile.PHOTOMETRIC
UNSPECIFIED = tifffile.EXTRASAMPLE.UNSPECIFIED
_THE_SAME = (_COLOURS.MINISBLACK, _COLOURS.PALETTE, _COLOURS.RGB, _COLOURS.SEPARATED)
READ = (_COLOURS.MINISBLACK, _COLOURS.MINISWHITE, _COLOURS.PALETTE, _COLOURS.RGB)
logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # what it logs of a bad file, our one line says


class TiffError(PlainError, ValueError):
    """What makes a TIFF file unreadable, and the fix, in Chinese, without the file's name."""


def decode(data, name):
    """Decode the bytes of a TIFF file.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        What to call the file in a message.

    Returns
    -------
    pixels : image.Pixels
        Of the file's own type; black is low and white is high, palettes are applied, opacity is dropped,
        and the picture stands upright.

    Raises
    ------
    ImageFileError
        If the file is damaged, holds pictures of different sizes, a channel beyond the colours of which
        nobody knows whether it is a dye or how opaque a pixel is, or colours that are neither grey, RGB nor
        a palette.
    """
    try:
        with tiff_pages.opened(data) as file:
            check_size(file, len(data), name)
            return _decode(file, data, name)
    except (ImageFileError, MemoryError):
        raise
    except TiffError as error:
        raise ImageFileError(say("{name}：{error}", name=name, error=error)) from error
    except Exception as error:  # a damaged TIFF makes tifffile raise almost anything, TypeError included
        fix = say("请重新导出为不压缩的 TIFF 或 PNG")
        raise ImageFileError(
            say("{name}：这个 TIFF 读不出来（{error}），{fix}", name=name, error=one_line(error), fix=fix)
        ) from error


def check_size(file, stored, name):
    """Refuse a file whose first series is too large, or larger than the file can hold.

    Parameters
    ----------
    file : tifffile.TiffFile
    stored : int
        Bytes of the file.
    name : str
        What to call it in a message.

    Raises
    ------
    ImageFileError
        If it is too large.
    ArgumentError
        If it can't be whole.
    """
    for part in (file.series[0], file.pages[0]):  # which differ where the file says two things
        lengths = dict(zip(part.axes, part.shape, strict=True))
        size = lengths.get("Y", 1), lengths.get("X", 1)
        if not picture_size.holds(stored, part.nbytes):
            raise ArgumentError(
                say(
                    "声称有 {claimed} 字节的像素，文件只有 {real} 字节",
                    claimed=part.nbytes,
                    real=stored,
                )
            )
        picture_size.check(size, name, math.prod(part.shape))


def _decode(file, data, name):
    series, page = file.series[0], file.pages[0]
    axes, shape = longer_axes(series)
    if len(file.series) > 1:
        raise TiffError(say("含 {n} 组大小不同的图像，不知道要哪一组，请先导出其中一张", n=len(file.series)))
    if not {"Y", "X"} <= set(axes):
        raise TiffError(
            say("轴 {axes}，形状 {shape}：看不出哪两个是行与列，请重新导出", axes=axes, shape=shape)
        )
    about = described(file)
    if by_opencv(page) and len(file.pages) == 1 and axes in ("YX", "YXS", "SYX"):
        if any(kind == UNSPECIFIED for kind in page.extrasamples or ()):
            raise TiffError(
                say(
                    "有 {n} 个通道，且是压缩的，请重新导出为不压缩的 TIFF",
                    n=page.samplesperpixel,
                )
            )
        return replace(raster.decode(data, name), **about, turned=orientation(page) > 1)
    if page.photometric not in READ:
        colours = getattr(page.photometric, "name", page.photometric)
        raise TiffError(say("颜色的记法是 {colours}，只接受灰度或 RGB，请另存为 RGB", colours=colours))
    array = as_seen(_unpacked(series, page).reshape(shape), page)
    array, axes = samples(array, axes, page)
    array = upright(array, axes, orientation(page))
    return Pixels(array, axes, **about, turned=orientation(page) > 1)


def by_opencv(page):
    """Whether a page is packed so that OpenCV unpacks it, to the same values as tifffile would.

    It inverts what has white as 0 in 8 bit only, and multiplies colours by their opacity.

    Parameters
    ----------
    page : tifffile.TiffPage

    Returns
    -------
    answer : bool
    """
    usual = page.compression == tifffile.COMPRESSION.JPEG or page.photometric in _THE_SAME
    opaque = not set(page.extrasamples or ()) - {UNSPECIFIED}
    return page.compression in BY_OPENCV and usual and opaque


def _unpacked(series, page):
    try:
        return series.asarray()
    except (ImportError, ValueError) as error:
        if isinstance(error, ImportError) or "imagecodecs" in str(error):
            packing = getattr(page.compression, "name", page.compression)
            raise TiffError(
                say(
                    '压缩方式是 {packing}，请先运行 pip install "cellseg-utils[bio]"，'
                    "或重新导出为不压缩的 TIFF",
                    packing=packing,
                )
            ) from error
        raise


def described(file):
    """Names of the channels and size of a pixel, keyed as `image.Pixels` has them.

    Parameters
    ----------
    file : tifffile.TiffFile

    Returns
    -------
    about : dict
    """
    return {"names": channel_names(file), "pixel_size": pixel_size(file)}


def samples(array, axes, page):
    """Leave out opacity, and samples beyond the colours that are even.

    Parameters
    ----------
    array : ndarray
        From `as_seen`.
    axes : str
        A letter for each of its axes; but for that of a palette's colours.
    page : tifffile.TiffPage

    Returns
    -------
    array, axes : ndarray, str
        Samples that are no colours are channels.
    """
    axes += "S" * (array.ndim - len(axes))
    if "S" not in axes or page.photometric == _COLOURS.PALETTE:
        return array, axes
    place, extra = axes.index("S"), page.extrasamples or ()
    count = array.shape[place]
    kept = list(range(count - len(extra)))
    for number, kind in enumerate(extra, count - len(extra)):
        if kind == UNSPECIFIED and np.ptp(np.take(array, number, place)) > 0:
            kept.append(number)
    array = np.take(array, kept, place) if len(kept) < count else array
    return array, axes if page.photometric == _COLOURS.RGB else axes.replace("S", "C")


def longer_axes(series):
    """Axes of a series, those of length 1 left out but for rows, columns and samples.

    Parameters
    ----------
    series : tifffile.TiffPageSeries

    Returns
    -------
    axes : str
        As tifffile names them: S are the samples of a pixel, C channels, anything else planes or times.
    shape : tuple of int
    """
    pairs = [pair for pair in zip(series.axes, series.shape, strict=True) if pair[0] in "YXS" or pair[1] > 1]
    return "".join(axis for axis, _ in pairs), tuple(length for _, length in pairs)


def as_seen(array, page):
    """What the numbers stand for: a palette's colours, or the negative where white is 0.

    Parameters
    ----------
    array : ndarray
    page : tifffile.TiffPage

    Returns
    -------
    array : ndarray
        Black is low and white is high; a palette adds an axis.
    """
    if page.photometric == _COLOURS.PALETTE:
        colours = np.moveaxis(page.colormap, 0, -1)  # 16 bit, (2^n, 3); some writers give 8 bit
        return (colours >> 8 if colours.max() > 255 else colours).astype(np.uint8)[array]
    if page.photometric == _COLOURS.MINISWHITE:
        return np.invert(array) if array.dtype.kind in "bui" else -array
    return array
