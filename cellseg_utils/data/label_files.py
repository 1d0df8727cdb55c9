"""Files of label images: the numbers as they are stored, without regard to colours."""

import io

import cv2
import numpy as np
import tifffile
from PIL import Image

from cellseg_utils.data import imagefile, npy, raster, tiff, tiff_metadata, tiff_pages
from cellseg_utils.data.sources import DataError
from cellseg_utils.run.language import listing, say
from cellseg_utils.run.plain_error import PlainError, one_line

SUFFIXES = (*tiff.SUFFIXES, ".png", ".npy")
_PALETTE = 3  # https://www.w3.org/TR/png-3/#11IHDR: colour type, byte 25 of the file


def decode(data, name):
    """Numbers of a file as they are stored, without regard to colours.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        What to call it in a message; its ending tells the kind.

    Returns
    -------
    array : ndarray
        Axes of length one are dropped, and so are colour channels that are all equal.

    Raises
    ------
    DataError
        If it is of no kind that keeps numbers, or holds Python objects.
    imagefile.ImageFileError
        If it is damaged.
    """
    suffix = "." + name.lower().rpartition(".")[2]
    if suffix not in SUFFIXES:
        raise DataError(
            say(
                "{name}：不能当标签图，请另存为 {endings}（JPEG 会改动编号）",
                name=name,
                endings=listing(SUFFIXES),
            )
        )
    try:
        return _plain({".npy": _decode_npy, ".png": _decode_png}.get(suffix, _decode_tiff)(data, name))
    except (PlainError, MemoryError):
        raise
    except Exception as error:  # such as numbers that are texts
        about = {"name": name, "error": one_line(error)}
        raise DataError(say("{name}：读不出来（{error}），请重新导出标签图", **about)) from error


def _plain(array):
    array = array.squeeze() if array.ndim > 2 else array
    if array.ndim == 3 and array.shape[2] in (3, 4) and not np.ptp(array[..., :3], axis=2).any():
        array = array[..., 0]  # grey that was saved as RGB
    return array


def _decode_npy(data, name):
    try:
        return npy.loaded(data, name)
    except (imagefile.ImageFileError, MemoryError):
        raise
    except Exception as error:
        pickled = (
            say("含 Python 对象，打开它等于运行里面的代码，不读")
            if b"|O'" in data[:200]
            else say("读不出来（{error}）", error=one_line(error))
        )
        raise DataError(
            say("{name}：{pickled}；请存成整数数组，或 TIFF、PNG", name=name, pickled=pickled)
        ) from error


def _decode_png(data, name):
    if data[25:26] == bytes([_PALETTE]):
        imagefile.decode_rgb(data, name)  # which tells what is damaged
        with Image.open(io.BytesIO(data)) as picture:
            return np.asarray(picture)
    return raster.decoded(data, name, cv2.IMREAD_UNCHANGED)


def _turned(series, turn):
    """As a picture with the same orientation tag is turned."""
    array, axes = series.asarray(), series.axes
    return tiff_metadata.upright(array, axes, turn) if {"Y", "X"} <= set(axes) else array


def _decode_tiff(data, name):
    try:
        with tiff_pages.opened(data) as file:
            groups, page = len(file.series), file.pages[0]
            series, turn = file.series[0], tiff_metadata.orientation(page)
            packed = page.compression == tifffile.COMPRESSION.JPEG or (
                tiff.by_opencv(page) and len(file.pages) == 1 and turn == tiff_metadata.UPRIGHT
            )
            tiff.check_size(file, len(data), name)
            array = None if packed or groups > 1 else _turned(series, turn)
    except (imagefile.ImageFileError, MemoryError):
        raise
    except Exception as error:  # a damaged TIFF makes tifffile raise almost anything
        about = {"name": name, "error": one_line(error)}
        raise DataError(
            say("{name}：这个 TIFF 读不出来（{error}），请另存为不压缩的 TIFF 或 PNG", **about)
        ) from error
    if page.compression == tifffile.COMPRESSION.JPEG:
        raise DataError(
            say("{name}：JPEG 压缩会改动编号，不能当标签图，请另存为不压缩的 TIFF 或 PNG", name=name)
        )
    if groups > 1:
        raise DataError(
            say(
                "{name}：含 {groups} 组大小不同的图像，不知道要哪一组，请先导出其中一张",
                name=name,
                groups=groups,
            )
        )
    return raster.decoded(data, name, cv2.IMREAD_UNCHANGED) if array is None else array
