"""Decode an array that NumPy saved; never one that holds objects, since those run code."""

import io

import numpy as np

from cellseg_utils.data.image import ImageFileError, Pixels
from cellseg_utils.run.language import say

SUFFIXES = (".npy",)
MOST_CHANNELS = 10  # length of a first axis that are channels rather than planes


def decode(data, name):
    """Decode the bytes of an NPY file.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        What to call the file in a message.

    Returns
    -------
    pixels : image.Pixels
        Of two axes: rows and columns. Of three: colours if the last has length 3 or 4 (opacity is dropped),
        else channels first if there are few, else planes first. Of four: planes, channels, rows, columns.

    Raises
    ------
    ImageFileError
        If it is damaged, holds objects, or has other axes.
    """
    try:
        array = np.load(io.BytesIO(data), allow_pickle=False)
    except Exception as error:  # a damaged header raises SyntaxError, EOFError and others
        raise ImageFileError(
            say("{name}：读不出这个 NPY（{error}），请用 numpy.save 重新保存数组", name=name, error=error)
        ) from error
    axes = _axes(getattr(array, "shape", ()))
    if not axes or 0 in array.shape:
        raise ImageFileError(
            say("{name}：形状是 {shape}，只接受 2 到 4 维的图像数组", name=name, shape=array.shape)
        )
    return Pixels(array[..., :3] if axes == "YXS" else array, axes)


def _axes(shape):
    if len(shape) == 3 and shape[2] not in (3, 4):
        return "CYX" if shape[0] <= MOST_CHANNELS else "ZYX"
    return {2: "YX", 3: "YXS", 4: "ZCYX"}.get(len(shape), "")
