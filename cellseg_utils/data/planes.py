"""The planes of a file, where each of them is a picture of its own."""

import itertools

from cellseg_utils.data import microscopes, npy, tiff, tiff_pages
from cellseg_utils.data.selection import SEEN
from cellseg_utils.run import reading


def of_file(path):
    """All planes of a file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    planes : list of tuple of (str, int)
        Axes and numbers, counted from 1, as `selection.Selection.at` takes them, one empty
        tuple for a file of one plane, and for one that can't be read: whoever reads it says why.
    """
    try:
        lengths = [(axis, count) for axis, count in _lengths(path) if axis not in SEEN]
    except Exception:  # whatever is wrong, reading the picture tells
        return [()]
    numbers = itertools.product(*(range(1, count + 1) for _, count in lengths))
    return [tuple(zip((axis for axis, _ in lengths), plane, strict=True)) for plane in numbers]


def suffix(plane, planes):
    """What tells a plane from the others in the name of its results.

    Parameters
    ----------
    plane : tuple of (str, int)
    planes : list
        All of them, from `of_file`.

    Returns
    -------
    text : str
        As `_t03_z12`; empty for the only plane of a file.

    Examples
    --------
    >>> suffix((("Z", 2),), [(("Z", 1),), (("Z", 2),)])
    '_z02'
    """
    most = dict(planes[-1])
    return "".join(f"_{axis.lower()}{number:0{max(2, len(str(most[axis])))}}" for axis, number in plane)


def _lengths(path):
    if path.name.lower().endswith(tiff.SUFFIXES):
        with tiff_pages.opened(path) as file:
            tiff.check_size(file, file.filehandle.size, path.name)
            return list(zip(*tiff.longer_axes(file.series[0]), strict=True))
    if microscopes.is_read(path):
        pixels = microscopes.read(path, path.name)
    elif path.name.lower().endswith(npy.SUFFIXES):
        pixels = npy.decode(reading.whole(path), path.name)
    else:
        return []
    return list(zip(pixels.axes, pixels.array.shape, strict=True))
