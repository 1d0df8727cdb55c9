"""What a TIFF file says of its pixels: how large they are, what its channels are called, which side is up."""

import math
import re

import numpy as np
import tifffile

LARGEST = 10.0  # µm: a larger pixel is not a microscope's but a printer's, such as 72 or 300 to the inch
MICROMETRES = {  # of one unit, as programs write it
    "nm": 1e-3,
    "um": 1.0,
    "µm": 1.0,
    "μm": 1.0,
    "micron": 1.0,
    "microns": 1.0,
    "micrometer": 1.0,
    "mm": 1e3,
    "cm": 1e4,
    "inch": 25400.0,
    "m": 1e6,
}
_UNITS = {2: "inch", 3: "cm"}  # TIFF 6.0, ResolutionUnit
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")  # ImageJ's way to write µ
_SVS = re.compile(r"\bMPP\s*=\s*([0-9.]+)")
_SLICE = re.compile(r"^(?:c:\s*)?\d+/\d+(?:\s*[-;,]?\s*)|^[czt]:\d+/\d+\s*", re.IGNORECASE)
UPRIGHT = 1  # TIFF 6.0, Orientation


def pixel_size(file):
    """Height and width of a pixel.

    Parameters
    ----------
    file : tifffile.TiffFile

    Returns
    -------
    size : tuple of float, or None
        In µm; None where the file does not say, or what it says is a printer's resolution.

    References
    ----------
    https://docs.openmicroscopy.org/ome-model/6.2.2/ome-tiff/
    """
    for read in (_of_ome, _of_lsm, _of_svs, _of_tags):
        size = read(file)
        if size and all(math.isfinite(length) and 0 < length <= LARGEST for length in size):
            return size
    return None


def channel_names(file):
    """Names of the channels of the first picture.

    Parameters
    ----------
    file : tifffile.TiffFile

    Returns
    -------
    names : tuple of str
        Empty where the file does not say.
    """
    if file.is_ome:
        channels = _listed(_ome_pixels(file).get("Channel"))
        names = tuple(str(channel.get("Name") or channel.get("Fluor") or "") for channel in channels)
        return names if any(names) else ()
    about = file.imagej_metadata or {}
    labels, channels = _listed(about.get("Labels")), int(about.get("channels", 1))
    names = tuple(_SLICE.sub("", str(label)).strip() for label in labels[:channels])
    return names if channels > 1 and len(set(names)) == channels else ()


def upright(array, axes, orientation):
    """Turn a picture as its orientation tag says.

    Parameters
    ----------
    array : ndarray
    axes : str
        A letter for each of its axes; `Y` and `X` among them.
    orientation : int
        1 to 8; others count as 1.

    Returns
    -------
    array : ndarray
        The same, or a view of it.

    References
    ----------
    TIFF 6.0, page 36.
    """
    y, x = axes.index("Y"), axes.index("X")
    if orientation in (5, 6, 7, 8):
        array = np.swapaxes(array, y, x)
    mirrored = [place for place, tags in ((x, (2, 3, 6, 7)), (y, (3, 4, 7, 8))) if orientation in tags]
    return np.flip(array, mirrored) if mirrored else array


def orientation(page):
    """The orientation tag of a page, 1 where there is none."""
    value = _tag(page, "Orientation")
    return int(value) if value in range(2, 9) else UPRIGHT


def _of_ome(file):
    if not file.is_ome:
        return None
    pixels = _ome_pixels(file)
    return _pair(
        _in_micrometres(pixels.get(f"PhysicalSize{axis}"), pixels.get(f"PhysicalSize{axis}Unit", "µm"))
        for axis in "YX"
    )


def _of_lsm(file):
    about = (file.lsm_metadata or {}) if file.is_lsm else {}
    return _pair(_in_micrometres(about.get(f"VoxelSize{axis}"), "m") for axis in "YX")


def _of_svs(file):
    found = _SVS.search(file.pages[0].description) if file.is_svs else None
    return _pair([_in_micrometres(found[1], "µm")] * 2) if found else None


def _of_tags(file):
    page, about = file.pages[0], file.imagej_metadata or {}
    unit = about.get("unit") or _UNITS.get(_tag(page, "ResolutionUnit"), "")
    lengths = []
    for name in ("YResolution", "XResolution"):
        pixels, units = _tag(page, name) or (0, 1)
        lengths.append(_in_micrometres(units / pixels, str(unit)) if pixels and units else None)
    return _pair(lengths)


def _in_micrometres(length, unit):
    unit = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), str(unit)).strip()
    try:
        return float(length) * MICROMETRES[unit if unit in MICROMETRES else unit.lower()]
    except (TypeError, ValueError, KeyError):
        return None


def _pair(lengths):
    lengths = tuple(lengths)
    return lengths if None not in lengths else None


def _tag(page, name):
    tag = page.tags.get(name)
    return None if tag is None else tag.value


def _ome_pixels(file):
    images = _listed(tifffile.xml2dict(file.ome_metadata).get("OME", {}).get("Image"))
    return images[0].get("Pixels", {}) if images else {}


def _listed(value):
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
