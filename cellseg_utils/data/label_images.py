"""Label images of any tool, and masks of single nuclei, as labels numbered from 1."""

from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd
from skimage import measure

from cellseg_utils.data import imagefile, label_files, raster
from cellseg_utils.data.sources import DataError
from cellseg_utils.run.language import say

_PNG = b"\x89PNG\r\n\x1a\n"
FEW_CLASSES = 4  # that many numbers or fewer may be kinds of pixel rather than nuclei
PIECES_OF_A_CLASS = 5  # a number in more pieces than that, on the mean, is no nucleus
PIECES_OF_A_GREY = 3  # where there are many numbers, too


class Truth(NamedTuple):
    """Nuclei of one picture.

    Attributes
    ----------
    labels : (H, W) ndarray of int32
        0 is background, 1..n are the nuclei (no unit).
    overlap_pixels : int
        How many pixels more than one mask claimed; the first got them.
    empty_masks : int
        How many masks have no nucleus in them.
    remark : str
        What is odd about the labels and what was done, in Chinese; empty where nothing is.
    """

    labels: np.ndarray
    overlap_pixels: int = 0
    empty_masks: int = 0
    remark: str = ""


class SizeUnknown(DataError):
    """Labels that can be drawn only where the size of the picture is known."""


def from_masks(name, named_files, shape):
    """Labels from a mask of each nucleus.

    Parameters
    ----------
    name : str
        ImageId.
    named_files : iterable of (str, bytes)
        Names and contents of PNG files.
    shape : tuple of int or None
        `(H, W)` of the picture (pixels).

    Returns
    -------
    truth : Truth

    Raises
    ------
    DataError
        If a mask has another size.
    imagefile.ImageFileError
        If a mask can't be decoded.
    """
    shape = known(shape, name)
    return Truth(*join_masks(((mask, _decoded(data, mask, shape)) for mask, data in named_files), shape))


def _decoded(data, name, shape):
    """A mask, which is not inflated if it says that it is of another size."""
    size = raster.header_size(data) if data.startswith(_PNG) else None
    if size not in (None, shape):
        raise _other_size(name, size, shape)
    return imagefile.decode_mask(data, name)


def _other_size(name, size, shape):
    about = {"name": name, "size": size, "shape": tuple(shape)}
    return DataError(say("{name}：掩膜尺寸 {size} 与图像 {shape} 不同，请改正或删除", **about))


def known(shape, name):
    """The size of a picture, unless nobody knows it.

    Parameters
    ----------
    shape : tuple of int or None
        `(H, W)` (pixels).
    name : str
        What to call the picture in the message.

    Returns
    -------
    shape : tuple of int

    Raises
    ------
    SizeUnknown
    """
    if shape is None:
        raise SizeUnknown(say("{name}：标注里没有写图像的大小，请与图像或标签图放在一起", name=name))
    return tuple(shape)


def join_masks(named_masks, shape):
    """Join the masks of single nuclei to one label image.

    Parameters
    ----------
    named_masks : iterable of (str, mask_png.Mask)
        Name and mask. Empty masks are left out.
    shape : tuple of int
        `(H, W)` of the picture (pixels).

    Returns
    -------
    labels : (H, W) ndarray of int32
        0 is background, 1..n are the nuclei (no unit).
    overlap_pixels : int
        How many pixels were claimed again; they stay with the first.
    empty_masks : int
        How many masks are zero everywhere.

    Raises
    ------
    DataError
        If a mask has another size than the picture.
    """
    labels, label, overlap_pixels, empty_masks = np.zeros(shape, np.int32), 0, 0, 0
    for name, mask in named_masks:
        if mask.shape != tuple(shape):
            raise _other_size(name, mask.shape, shape)
        x, y, width, height = cv2.boundingRect(mask.rows)
        empty_masks += width == 0
        nucleus = mask.rows[y : y + height, x : x + width] > 0
        region = labels[mask.top + y :, x : x + width][:height]
        free = nucleus & (region == 0)
        claimed = np.count_nonzero(free)
        overlap_pixels += np.count_nonzero(nucleus) - claimed
        if claimed:
            label += 1
            region[free] = label
    return labels, overlap_pixels, empty_masks


def from_image(name, named_files, shape):
    """Labels from one label image.

    Parameters
    ----------
    name : str
        ImageId; not needed.
    named_files : iterable of (str, bytes)
        Name and contents of one TIFF, PNG or NPY file.
    shape : tuple of int or None
        `(H, W)` that it must have (pixels); any size when None.

    Returns
    -------
    truth : Truth

    Raises
    ------
    DataError
        If the file is no label image, or of another size.
    imagefile.ImageFileError
        If it can't be decoded.
    """
    [(file, data)] = named_files
    truth = numbered(label_files.decode(data, file), file)
    if shape is not None and truth.labels.shape != tuple(shape):
        raise DataError(
            say(
                "{file}：标签图尺寸 {size} 与图像 {shape} 不同，请改正或删除",
                file=file,
                size=truth.labels.shape,
                shape=tuple(shape),
            )
        )
    return truth


def numbered(array, name):
    """Number the nuclei of a label image from 1 on, and notice what is no label image.

    Parameters
    ----------
    array : ndarray
        From `label_files.decode`.
    name : str
        What to call it in a message.

    Returns
    -------
    truth : Truth
        In the order of the numbers. A mask with one value only is split into its connected pieces (pixels
        that share a side), which the remark says.

    Raises
    ------
    DataError
        If it is not one plane of whole numbers from 0 on, or its numbers are kinds of pixel.
    """
    if array.ndim != 2 or 0 in array.shape:
        raise DataError(
            say(
                "{name}：形状是 {shape}，标签图应是一层 (高, 宽)，每个核一个编号，请重新导出",
                name=name,
                shape=array.shape,
            )
        )
    whole = array.dtype.kind in "bui" or (array.dtype.kind == "f" and (array == np.floor(array)).all())
    if not whole or array.min() < 0:
        raise DataError(
            say("{name}：标签图应是 0 以上的整数，这里是 {dtype}，请重新导出", name=name, dtype=array.dtype)
        )
    nuclei = array > 0
    codes, values = pd.factorize(array[nuclei], sort=True)
    labels = np.zeros(array.shape, np.int32)
    labels[nuclei] = codes + 1
    if len(values) == 1:
        return _split(labels, values[0], name)
    if len(values) > 1:
        _check_pieces(labels, len(values), name)
    return Truth(labels)


def _split(mask, value, name):
    """The nuclei of a mask with one value: its pieces, or the only nucleus."""
    count, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4, ltype=cv2.CV_32S)
    if count == 2 and value == 1 and not isinstance(value, bool | np.bool_):
        return Truth(mask)
    shown = "True" if isinstance(value, bool | np.bool_) else f"{value:g}"
    said = say(
        "{name}：只有一个值（{shown}），像语义掩膜，不是每个核一个编号的标签图", name=name, shown=shown
    )
    return Truth(
        labels, remark=say("{said}；按连通域分成 {n} 个核，粘连的核没有分开", said=said, n=count - 1)
    )


def _check_pieces(labels, count, name):
    """Refuse numbers that are kinds of pixel or grey values: they are scattered over many pieces."""
    few = count <= FEW_CLASSES
    pieces = measure.label(labels, connectivity=1).max()
    if pieces > (PIECES_OF_A_CLASS if few else PIECES_OF_A_GREY) * count:
        kind = say("类别图（如内部、边缘）") if few else say("照片（灰度值）")
        raise DataError(
            say(
                "{name}：只有 {count} 个编号，却断成 {pieces} 块，像{kind}，不是标签图；"
                "请导出每个核一个编号的标签图",
                name=name,
                count=count,
                pieces=pieces,
                kind=kind,
            )
        )
