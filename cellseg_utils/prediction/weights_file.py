"""What a file of weights may hold: arrays of finite numbers inside the file itself, and nothing else."""

import h5py
import numpy as np

from cellseg_utils.run.language import say
from cellseg_utils.run.plain_error import ArgumentError, one_line

LARGEST = 1e12  # beyond any trained weight; a network that multiplies such ones overflows
MOST_ITEMS = 10_000  # arrays and groups


def check(path):
    """Refuse a file of weights that leads elsewhere, unpacks to more than it is, or holds no finite numbers.

    Parameters
    ----------
    path : path-like
        An HDF5 file whose hash is the expected one.

    Raises
    ------
    ArgumentError
        If it is no whole HDF5 file, holds a link to another file, an array stored elsewhere or packed, or
        numbers that are not finite, or larger than `LARGEST`.
    """
    try:
        with h5py.File(path, "r") as file:
            _check_items(file)
    except (ArgumentError, MemoryError):
        raise
    except Exception as error:  # a damaged file raises almost anything
        raise ArgumentError(say("权重文件读不出来（{error}）", error=one_line(error))) from error


def _check_items(file):
    waiting, seen = [file], 0
    while waiting:
        group = waiting.pop()
        for name in group:
            seen += 1
            if seen > MOST_ITEMS or not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise ArgumentError(say("权重文件里有指向别处的链接，或项目太多"))
            item = group[name]
            if isinstance(item, h5py.Group):
                waiting.append(item)
            else:
                _check_array(item)


def _check_array(item):
    if not isinstance(item, h5py.Dataset) or item.is_virtual or item.external or item.chunks:
        raise ArgumentError(say("权重文件里有存放在别处或压缩过的数组"))
    if item.dtype.kind not in "fiu" or item.nbytes > item.id.get_storage_size():
        raise ArgumentError(say("权重文件里有不是数的数组，或比写的要短"))
    if not np.all(np.abs(item[()].astype(np.float64)) < LARGEST):  # which NaN is not either
        raise ArgumentError(say("权重里有 NaN、无穷或大得不可能的值"))


def shapes_differ(model):
    """The error of a file whose arrays do not fit a network.

    Parameters
    ----------
    model : keras.Model

    Returns
    -------
    error : ArgumentError
    """
    wanted = sum(int(np.prod(weight.shape)) for weight in model.weights)
    return ArgumentError(say("权重的形状与描述的网络（{name}，{n} 个参数）不合", name=model.name, n=wanted))
