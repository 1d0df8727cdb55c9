"""Read an OME-Zarr picture, which is a folder, with a library of the extra `bio`."""

import numpy as np

from cellseg_utils.data.image import Pixels
from cellseg_utils.data.microscope_files import MicroscopeError, fits, micrometres
from cellseg_utils.run.language import say


def read(path):
    """Read the largest level of an OME-Zarr picture.

    Parameters
    ----------
    path : Path
        Its folder.

    Returns
    -------
    pixels : image.Pixels
        Its axes of length 1 are not left out.

    Raises
    ------
    MicroscopeError
        If it is a plate, a collection of several pictures or no OME-Zarr, or too large.
    ImportError
        Without the extra.

    References
    ----------
    https://ngff.openmicroscopy.org/0.5/, and 0.4
    """
    import zarr

    group = zarr.open_group(str(path), mode="r")
    about = _ome(group)
    if "plate" in about or "well" in about:
        raise MicroscopeError(say("是多孔板（plate），请给出其中一张图的文件夹，如 板.zarr/A/1/0"))
    if "bioformats2raw.layout" in about and "multiscales" not in about:
        if "1" in group:
            raise MicroscopeError(say("含几张图像，不知道要哪一张，请给出其中一张的文件夹，如 图.zarr/0"))
        group = group["0"]
        about = _ome(group)
    if "multiscales" not in about:
        raise MicroscopeError(say("不是 OME-Zarr 的图像（没有 multiscales），请重新导出"))
    [scales, *_] = about["multiscales"]
    level = scales["datasets"][0]
    array = group[level["path"]]
    fits(array.nbytes)
    names = [channel.get("label", "") for channel in about.get("omero", {}).get("channels", [])]
    return Pixels(array[...], _axes(scales), tuple(names), _pixel_size(scales, level))


def _ome(group):
    attributes = dict(group.attrs)
    return attributes.get("ome", attributes)


def _axes(scales):
    axes = scales.get("axes", "tczyx")  # before version 0.4 they could be left out
    return "".join(axis if isinstance(axis, str) else axis["name"] for axis in axes).upper()


def _pixel_size(scales, level):
    factors = np.ones(len(scales.get("axes", "tczyx")))
    for own in (scales, level):
        for change in own.get("coordinateTransformations", []):
            if change["type"] == "scale":
                factors = factors * change["scale"]
    units = {"micrometer": 1, "nanometer": 1e-3, "millimeter": 1e3, "meter": 1e6}
    sizes = {
        axis["name"]: factor * units[axis["unit"]]
        for axis, factor in zip(scales.get("axes", ()), factors, strict=False)
        if isinstance(axis, dict) and axis.get("unit") in units
    }
    return micrometres((sizes.get("y"), sizes.get("x")), 1)
