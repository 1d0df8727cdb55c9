"""Decode an array that NumPy saved; never one that holds objects, since those run code."""

import io
import math

import numpy as np

from cellseg_utils.data import picture_size
from cellseg_utils.data.image import ImageFileError, Pixels
from cellseg_utils.run.language import say
from cellseg_utils.run.plain_error import one_line

SUFFIXES = (".npy",)
_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
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
        array = loaded(data, name)
    except (ImageFileError, MemoryError):
        raise
    except Exception as error:  # a damaged header raises SyntaxError, EOFError and others
        about = {"name": name, "error": one_line(error)}
        raise ImageFileError(
            say("{name}：读不出这个 NPY（{error}），请用 numpy.save 重新保存数组", **about)
        ) from error
    axes = _axes(array.shape)
    if not axes or 0 in array.shape:
        raise ImageFileError(
            say("{name}：形状是 {shape}，只接受 2 到 4 维的图像数组", name=name, shape=array.shape)
        )
    return Pixels(array[..., :3] if axes == "YXS" else array, axes)


def loaded(data, name):
    """The array of an NPY file, which must be as large as it says.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        What to call the file in a message.

    Returns
    -------
    array : ndarray

    Raises
    ------
    ImageFileError
        If it is too large.
    Exception
        Almost any, if it is damaged, no NPY file, or holds objects.
    """
    file = io.BytesIO(data)
    read_header = _HEADERS[np.lib.format.read_magic(file)]
    shape, _, kind = read_header(file)
    values = math.prod(shape)
    if not kind.hasobject:
        picture_size.check((max(shape, default=1), 1), name, values)
        if values * kind.itemsize > len(data) - file.tell():
            raise EOFError(f"{values} x {kind.itemsize} bytes are more than the file has")
    return np.load(io.BytesIO(data), allow_pickle=False)


def _axes(shape):
    if len(shape) == 3 and shape[2] not in (3, 4):
        return "CYX" if shape[0] <= MOST_CHANNELS else "ZYX"
    return {2: "YX", 3: "YXS", 4: "ZCYX"}.get(len(shape), "")
