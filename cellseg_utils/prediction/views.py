"""Average what a network makes of several views of a picture: turned, mirrored, and at several zooms."""

import cv2
import numpy as np

from cellseg_utils.prediction import tiling
from cellseg_utils.preprocessing import scale, symmetry

GRID = 1.35  # zoom of the averaged maps, over the one that gives nuclei their common size (no unit)
VIEWS = ((1.15, 0), (1.6, 2), (1.15, 5), (1.6, 7))  # zoom, likewise, and symmetry of each view
ALL = len(VIEWS)


def predict_views(network, image, zoom, count):
    """Mean maps of a picture over the first of its views.

    Parameters
    ----------
    network : callable
        As `tiling.predict_tiled` takes it.
    image : (H, W, 3) ndarray of uint8
        RGB (no unit).
    zoom : float
        That gives nuclei their common size (no unit).
    count : int
        How many views, 1 to `ALL`; one alone is the picture as it is, at the zoom of the grid.

    Returns
    -------
    maps : (h, w, C) ndarray of float32
        In the order of `targets.MAPS`, at `GRID` times the zoom.

    Raises
    ------
    ValueError
        If there are not so many views.

    References
    ----------
    Test-time augmentation: Moshkov et al. 2020, doi:10.1038/s41598-020-61808-3.
    """
    if not 1 <= count <= ALL:
        raise ValueError(f"expected 1 to {ALL} views, got {count}")
    if count == 1:
        return tiling.predict_tiled(network, _zoomed(image, GRID * zoom))
    size = scale.zoomed_size(image.shape, _limited(GRID * zoom))[::-1]
    return sum(_view(network, image, view, zoom, size) for view in VIEWS[:count]) / count


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
