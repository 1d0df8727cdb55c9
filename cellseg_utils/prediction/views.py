"""Look at a picture once or several times: turned, mirrored, and at several zooms; average what is seen."""

from dataclasses import dataclass

import cv2
import numpy as np

from cellseg_utils.prediction import tiling
from cellseg_utils.preprocessing import scale, symmetry


@dataclass(frozen=True)
class Views:
    """How a picture is looked at; zooms are over the one that gives nuclei their common size (no unit).

    Attributes
    ----------
    each : tuple of (float, int)
        Zoom and symmetry (`symmetry.turned`) of each view.
    grid : float
        Zoom of the averaged maps.
    """

    each: tuple
    grid: float


SPEEDS = {  # the more views, the better and the slower
    "fast": Views(((1.0, 0),), 1.0),
    "balanced": Views(((1.35, 0),), 1.35),
    "best": Views(((1.15, 0), (1.6, 2), (1.15, 5), (1.6, 7)), 1.35),
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
        raise ValueError(f"speed={speed}：应为 {'、'.join(SPEEDS)} 之一")
    return SPEEDS[speed]


def predict_views(network, image, zoom, views):
    """Mean maps of a picture over views of it.

    Parameters
    ----------
    network : callable
        As `tiling.predict_tiled` takes it.
    image : (H, W, 3) ndarray of uint8
        RGB (no unit).
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
    if views.each == ((views.grid, 0),):
        return tiling.predict_tiled(network, _zoomed(image, views.grid * zoom))
    size = scale.zoomed_size(image.shape, _limited(views.grid * zoom))[::-1]
    return sum(_view(network, image, view, zoom, size) for view in views.each) / len(views.each)


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
        zooms = sorted({zoom for seen in SPEEDS.values() for zoom, _ in seen.each})
        times = f"{zooms[0]:g} to {zooms[-1]:g} times that"
        resize = f"typical nucleus to {scale.DIAMETER:g} pixels; to predict, to {times}"
        return {"channels": channels, "values": "0..255", "resize": resize}
    return {"channels": "RGB", "values": "0..255", "resize": "to the square of image_size"}


def _view(network, image, view, zoom, size):
    factor, number = view
    picture = np.ascontiguousarray(symmetry.turned(_zoomed(image, factor * zoom), number))
    maps = np.ascontiguousarray(symmetry.turned_back(tiling.predict_tiled(network, picture), number))
    stretch = np.divide(size, maps.shape[1::-1])
    maps = np.atleast_3d(cv2.resize(maps, size, interpolation=cv2.INTER_LINEAR))
    if maps.shape[2] > symmetry.OFFSETS:
        maps[..., symmetry.OFFSETS :] *= stretch[::-1]  # offsets are lengths on the grid
    return maps


def _zoomed(image, zoom):
    return scale.zoomed(image, _limited(zoom))


def _limited(zoom):
    return min(zoom, scale.ZOOM[1])
