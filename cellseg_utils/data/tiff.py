"""Decode a TIFF file: one plane, grey or colour, or what a user chooses of several."""

import io

import numpy as np
import tifffile

from cellseg_utils.data.selection import ALL, SelectionError

SUFFIXES = (".tif", ".tiff")
# tifffile alone can't decompress these, OpenCV can; it also brings their colours to grey or RGB.
BY_OPENCV = (tifffile.COMPRESSION.LZW, tifffile.COMPRESSION.JPEG)
_COLOURS = tifffile.PHOTOMETRIC
READ = (_COLOURS.MINISBLACK, _COLOURS.MINISWHITE, _COLOURS.PALETTE, _COLOURS.RGB)


class TiffError(ValueError):
    """A TIFF file that can't be read; the message says in Chinese why, and the fix, but not the name."""


def decode(data, chosen=ALL):
    """Decode the bytes of a TIFF file.

    Parameters
    ----------
    data : bytes
        The whole file.
    chosen : selection.Selection
        Which plane and channel of several.

    Returns
    -------
    array : (H, W) or (H, W, C) ndarray, or None
        Of the file's own type; black is low and white is high, palettes are applied. None if only OpenCV can
        decompress it.

    Raises
    ------
    TiffError
        If the file is damaged, holds pictures of different sizes, several planes or channels of which none is
        chosen, a channel of which nobody knows whether it is a dye or how opaque a pixel is, or colours that
        are neither grey, RGB nor a palette.
    """
    try:
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            groups, series, page = len(file.series), file.series[0], file.pages[0]
            axes, shape = longer_axes(series)
            colours = page.photometric
            packed = page.compression in BY_OPENCV and len(file.pages) == 1 and axes in ("YX", "YXS", "SYX")
            if groups == 1 and not packed and colours in READ:
                array = as_seen(series.asarray().reshape(shape), page)
    except Exception as error:  # a damaged TIFF makes tifffile raise almost anything, TypeError included
        raise TiffError(f"这个 TIFF 读不出来（{error}），请重新导出为不压缩的 TIFF 或 PNG") from error
    if groups > 1:
        raise TiffError(f"含 {groups} 组大小不同的图像，不知道要哪一组，请先导出其中一张")
    if packed:
        _check_extra_samples(None, page, chosen)
        return None
    if colours not in READ:
        raise TiffError(f"颜色的记法是 {getattr(colours, 'name', colours)}，只接受灰度或 RGB，请另存为 RGB")
    return chosen_plane(array, axes + "S" * (array.ndim - len(axes)), page, chosen)


def chosen_plane(array, axes, page, chosen):
    """The chosen plane of an array.

    Parameters
    ----------
    array : ndarray
        As `as_seen` gives it.
    axes : str
        A letter for each of its axes, as tifffile names them; a palette has added the one of its colours.
    page : tifffile.TiffPage
        The first one.
    chosen : selection.Selection

    Returns
    -------
    plane : (H, W) or (H, W, C) ndarray

    Raises
    ------
    TiffError
        As `decode`, but for a damaged file.
    """
    _check_axes(axes, array.shape, chosen)
    try:
        plane = chosen.of(array, axes)
    except SelectionError as error:
        raise TiffError(str(error)) from error
    _check_extra_samples(plane, page, chosen)
    return plane


def _check_axes(axes, shape, chosen):
    if not {"Y", "X"} <= set(axes):
        raise TiffError(f"轴 {axes}，形状 {shape}：看不出哪两个是行与列，请重新导出")
    channels = shape[axes.index("C")] if "C" in axes else 3
    if channels != 3 and not chosen.channel:
        raise TiffError(f"有 {channels} 个通道；请用 --channel 选出细胞核（DNA）的那个，从 1 数起")


def _check_extra_samples(array, page, chosen):
    """Refuse channels beyond the colours that may be a dye; opacity, and what is even, is none."""
    extra = () if chosen.channel else page.extrasamples or ()
    for number, kind in enumerate(extra, page.samplesperpixel - len(extra)):
        if kind != tifffile.EXTRASAMPLE.UNSPECIFIED or (
            array is not None and np.ptp(array[..., number]) == 0
        ):
            continue
        raise TiffError(
            f"有 {page.samplesperpixel} 个通道，第 {number + 1} 个没有写明是不透明度还是一种染料，"
            "请用 --channel 选出细胞核（DNA）的那个"
        )


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
