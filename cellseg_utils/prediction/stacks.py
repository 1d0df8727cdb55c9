"""The label images of all planes of a file as one stack that keeps the file's axes."""

import itertools

import numpy as np
import tifffile

from cellseg_utils.data import tiff_metadata
from cellseg_utils.prediction.exports import LABELS
from cellseg_utils.run import files
from cellseg_utils.run.language import say

FOLDER = "stacks"
_IMAGEJ = "TZ"  # axes that ImageJ knows, in its order


def names(pictures):
    """Names of the stacks that pictures are planes of.

    Parameters
    ----------
    pictures : dict of str to picture_files.Picture

    Returns
    -------
    names : set of str
    """
    return {picture.stack for picture in pictures.values() if picture.stack}


def write(out, pictures, good):
    """Write a stack for each file whose planes were pictures of their own.

    Parameters
    ----------
    out : Path
        Folder of the results, in which `labels/` is; gets `stacks/<name>.tif`, which ImageJ and napari open:
        numbers of nuclei are those of the plane's own label image.
    pictures : dict of str to picture_files.Picture
        Keyed by their names among the results.
    good : container of str
        Names of those that have results.

    Yields
    ------
    line : str
        Of a stack that lacks planes and is not written.

    Raises
    ------
    OSError
        If the disk is full; an earlier file stays as it was.
    """
    planes = [(name, picture) for name, picture in pictures.items() if picture.stack]
    for stack, group in itertools.groupby(planes, lambda plane: plane[1].stack):
        group = list(group)
        lacking = [name for name, _ in group if name not in good]
        path = out / FOLDER / f"{stack}.tif"
        if lacking:
            files.remove(path)
            about = {"path": path, "n": len(lacking), "first": lacking[0]}
            yield say("{path}：没有写这一叠，缺 {n} 层（如 {first}）", **about)
        else:
            _write(path, {picture.at: out / LABELS / f"{name}.tif" for name, picture in group})


def _write(path, planes):
    axes = "".join(axis for axis, _ in next(iter(planes)))
    known = set(axes) <= set(_IMAGEJ)
    order = sorted(range(len(axes)), key=lambda place: _IMAGEJ.index(axes[place]) if known else place)
    numbers = {tuple(at[place][1] for place in order): plane for at, plane in planes.items()}
    shape = tuple(max(number) for number in zip(*numbers, strict=True))
    about = [_about(plane) for plane in numbers.values()]
    depth, (rows, columns), pixel_size = max(own[0] for own in about), about[0][1], about[0][2]
    depth = np.float32 if known and depth == np.uint32 else depth  # all that ImageJ knows beyond 16 bit
    pages = (tifffile.imread(numbers[number]).astype(depth) for number in sorted(numbers))
    form = {
        "imagej": known,
        "photometric": "minisblack",
        "metadata": {"axes": "".join(axes[i] for i in order) + "YX"},
    }
    if pixel_size:
        form["resolution"] = 1 / pixel_size[1], 1 / pixel_size[0]
        form["metadata"]["unit"] = "um"
    with files.replacing(path) as temporary:
        tifffile.imwrite(temporary, pages, shape=(*shape, rows, columns), dtype=depth, **form)


def _about(path):
    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        return page.dtype, page.shape, tiff_metadata.pixel_size(file)
