"""Decode a TIFF file that holds one plane, grey or colour."""

import io

import numpy as np
import tifffile

SUFFIXES = (".tif", ".tiff")
# tifffile alone can't decompress these, OpenCV can; it also brings their colours to grey or RGB.
_BY_OPENCV = (tifffile.COMPRESSION.LZW, tifffile.COMPRESSION.JPEG)
_COLOURS = tifffile.PHOTOMETRIC
_READ = (_COLOURS.MINISBLACK, _COLOURS.MINISWHITE, _COLOURS.PALETTE, _COLOURS.RGB)


class TiffError(ValueError):
    """A TIFF file that can't be read; the message says in Chinese why, and the fix, but not the name."""


def decode(data):
    """Decode the bytes of a TIFF file.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    array : (H, W) or (H, W, C) ndarray, or None
        Of the file's own type; black is low and white is high, palettes are applied. None if only OpenCV can
        decompress it.

    Raises
    ------
    TiffError
        If the file is damaged, holds several planes, a channel of which nobody knows whether it is a dye or
        how opaque a pixel is, or colours that are neither grey, RGB nor a palette.
    """
    try:
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            groups, series, page = len(file.series), file.series[0], file.pages[0]
            axes, shape = _longer_axes(series)
            plane = groups == 1 and (axes in ("YX", "YXS", "SYX") or (axes == "CYX" and shape[0] == 3))
            colours = page.photometric
            packed = plane and page.compression in _BY_OPENCV and len(file.pages) == 1
            if plane and not packed and colours in _READ:
                array = _as_seen(series.asarray().reshape(shape), page)
    except Exception as error:  # a damaged TIFF makes tifffile raise almost anything, TypeError included
        raise TiffError(f"这个 TIFF 读不出来（{error}），请重新导出为不压缩的 TIFF 或 PNG") from error
    if not plane:
        raise TiffError(
            f"含 {groups} 组图像，轴 {axes}，形状 {shape}；只接受单张平面的灰度或彩色图，请先导出其中一层"
        )
    if packed:
        _check_extra_samples(None, page)
        return None
    if colours not in _READ:
        raise TiffError(f"颜色的记法是 {getattr(colours, 'name', colours)}，只接受灰度或 RGB，请另存为 RGB")
    array = np.moveaxis(array, 0, -1) if axes in ("SYX", "CYX") else array
    _check_extra_samples(array, page)
    return array


def _check_extra_samples(array, page):
    """Refuse channels beyond the colours that may be a dye; opacity, and what is even, is none."""
    extra = page.extrasamples or ()
    for number, kind in enumerate(extra, page.samplesperpixel - len(extra)):
        if kind != tifffile.EXTRASAMPLE.UNSPECIFIED or (
            array is not None and np.ptp(array[..., number]) == 0
        ):
            continue
        raise TiffError(
            f"有 {page.samplesperpixel} 个通道，第 {number + 1} 个没有写明是不透明度还是一种染料，"
            "请只导出细胞核（DNA）那个通道"
        )


def _longer_axes(series):
    # As tifffile names them: S are the samples of a pixel, C channels, anything else planes or times.
    pairs = [pair for pair in zip(series.axes, series.shape, strict=True) if pair[0] in "YXS" or pair[1] > 1]
    return "".join(axis for axis, _ in pairs), tuple(length for _, length in pairs)


def _as_seen(array, page):
    """What the numbers stand for: a palette's colours, or the negative where white is 0."""
    if page.photometric == _COLOURS.PALETTE:
        colours = np.moveaxis(page.colormap, 0, -1)  # 16 bit, (2^n, 3); some writers give 8 bit
        return (colours >> 8 if colours.max() > 255 else colours).astype(np.uint8)[array]
    if page.photometric == _COLOURS.MINISWHITE:
        return np.invert(array) if array.dtype.kind in "bui" else -array
    return array
