"""Look at a picture once or several times: turned, zoomed, by single stains; average what is seen."""

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from cellseg_utils.prediction import tiling
from cellseg_utils.preprocessing import scale, stains, symmetry
from cellseg_utils.run.language import listing, say
from cellseg_utils.run.plain_error import ArgumentError


class View(NamedTuple):
    """How a picture is looked at once.

    Attributes
    ----------
    zoom : float
        Over the one that gives nuclei their common size (no unit).
    symmetry : int
        As `symmetry.turned` takes it.
    shown : str
        `"all"` planes, or one of `stains.PLANES` alone, as a picture without counterstain has it.
    """

    zoom: float
    symmetry: int = 0
    shown: str = "all"


@dataclass(frozen=True)
class Views:
    """How a picture is looked at.

    Attributes
    ----------
    plain : tuple of View
        Of a picture without counterstain.
    stained : tuple of View
        Of a picture with it: with single planes among them, new stains are found that all planes mislead on.
    grid : float
        Zoom of the averaged maps, over the one that gives nuclei their common size (no unit).
    """

    plain: tuple
    stained: tuple
    grid: float


FOUR = (View(1.15, 0), View(1.6, 2), View(1.15, 5), View(1.6, 7))
BY_STAIN = (View(1.0), View(1.0, 2, "nuclear"), View(1.0, 5, "total"))
SPEEDS = {  # the more views, the better and the slower
    "fast": Views((View(1.0),), (View(1.0, 0, "nuclear"),), 1.0),
    "balanced": Views((View(1.15),), BY_STAIN, 1.15),
    "best": Views(
        FOUR, (View(1.15), View(1.0, 2, "nuclear"), View(1.15, 5, "nuclear"), View(1.0, 7, "total")), 1.35
    ),
}


def of_speed(speed):
    """Views of a speed.

    Parameters
    ----------
    speed : str
        A key of `SPEEDS`.

    Returns
    -------
    views : Views

    Raises
    ------
    ValueError
        If there is no such speed.
    """
    if speed not in SPEEDS:
        raise ArgumentError(say("speed={speed}：应为 {known} 之一", speed=speed, known=listing(SPEEDS)))
    return SPEEDS[speed]


def predict_views(network, planes, zoom, views):
    """Mean maps of a picture over views of it.

    Parameters
    ----------
    network : callable
        As `tiling.predict_tiled` takes it.
    planes : (H, W, 3) ndarray of uint8
        From `stains.planes` (no unit).
    zoom : float
        That gives nuclei their common size (no unit).
    views : Views

    Returns
    -------
    maps : (h, w, C) ndarray of float32
        In the order of `targets.MAPS`, at the grid's times the zoom.

    References
    ----------
    Test-time augmentation: Moshkov et al. 2020, doi:10.1038/s41598-020-61808-3.
    """
    each = _of_stain(views, planes)
    size = scale.zoomed_size(planes.shape, _limited(views.grid * zoom))[::-1]
    total = _view(network, planes, each[0], zoom, size)
    for view in each[1:]:  # in place: the maps of a large picture take much memory
        total += _view(network, planes, view, zoom, size)
    total /= len(each)
    return total


def settled(views, planes):
    """The views of a picture, for parts of it that may lack its counterstain.

    Parameters
    ----------
    views : Views
    planes : (H, W, 3) ndarray of uint8
        Of the picture, or of a sample of all of it (no unit).

    Returns
    -------
    views : Views
    """
    each = _of_stain(views, planes)
    return Views(each, each, views.grid)


def fed_with(arguments):
    """What a network is fed with.

    Parameters
    ----------
    arguments : dict
        Of `architectures.build`.

    Returns
    -------
    fed_with : dict of str to str
        `channels`, `values`, `resize`.
    """
    if arguments["image_size"] is None:
        channels = "nuclear stain, counterstain, all stain (stains.planes)"
        zooms = sorted({view.zoom for seen in SPEEDS.values() for view in seen.plain + seen.stained})
        times = f"{zooms[0]:g} to {zooms[-1]:g} times that"
        resize = f"typical nucleus to {scale.DIAMETER:g} pixels; to predict, to {times}"
        return {"channels": channels, "values": "0..255", "resize": resize}
    return {"channels": "RGB", "values": "0..255", "resize": "to the square of image_size"}


def _of_stain(views, planes):
    return views.stained if planes[..., stains.PLANES.index("counter")].any() else views.plain


def _view(network, planes, view, zoom, size):
    if view.shown != "all":
        planes = stains.single(planes, view.shown)
    picture = np.ascontiguousarray(symmetry.turned(_zoomed(planes, view.zoom * zoom), view.symmetry))
    maps = np.ascontiguousarray(symmetry.turned_back(tiling.predict_tiled(network, picture), view.symmetry))
    if maps.shape[1::-1] == size:
        return maps
    stretch = np.divide(size, maps.shape[1::-1])
    maps = np.atleast_3d(cv2.resize(maps, size, interpolation=cv2.INTER_LINEAR))
    if maps.shape[2] > symmetry.OFFSETS:
        maps[..., symmetry.OFFSETS :] *= stretch[::-1]  # offsets are lengths on the grid
    return maps


def _zoomed(image, zoom):
    return scale.zoomed(image, _limited(zoom))


def _limited(zoom):
    return min(zoom, scale.ZOOM[1])
