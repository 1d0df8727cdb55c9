"""The size of nuclei: how large the typical one is, and the zoom that makes it the same in every picture."""

import cv2
import numpy as np

DIAMETER = 20.0  # pixels: the common size to which the typical nucleus of every picture is brought
SPECK = 1 / 10  # of the usual nucleus's area: what is smaller has no say in what is typical (no unit)
ZOOM = (0.03, 4.0)  # limits of the zoom to the common size (no unit)


def typical_diameter(labels):
    """Median equivalent diameter of the nuclei of a picture, specks left out.

    The usual area is the one that half of all nucleus pixels lie in nuclei below: however many specks are
    found beside the nuclei, they hardly change it.

    Parameters
    ----------
    labels : (H, W) ndarray of int
        0 is background (no unit).

    Returns
    -------
    diameter : float
        Of the disc of the nucleus's area, in pixels; not a number where there is no nucleus.
    """
    areas = np.bincount(np.ravel(labels))[1:]
    areas = np.sort(areas[areas > 0])
    if not len(areas):
        return float("nan")
    usual = areas[np.searchsorted(np.cumsum(areas), areas.sum() / 2)]
    return float(np.median(2 * np.sqrt(areas[areas >= SPECK * usual] / np.pi)))


def zoom_for(diameter):
    """Zoom that brings nuclei of a diameter to the common one.

    Parameters
    ----------
    diameter : float
        In pixels; not a number where it is unknown.

    Returns
    -------
    zoom : float
        Within `ZOOM` (no unit); 1 where the diameter is unknown.
    """
    return float(np.clip(DIAMETER / diameter, *ZOOM)) if diameter > 0 else 1.0


def zoomed_size(shape, zoom):
    """Height and width of a picture that is resized by a factor.

    Parameters
    ----------
    shape : tuple of int
        `(H, W, ...)` of the picture (pixels).
    zoom : float
        New sides over old ones (no unit).

    Returns
    -------
    height, width : int
        No side is less than one pixel.
    """
    return tuple(max(1, round(length * zoom)) for length in shape[:2])


def zoomed(image, zoom):
    """Resize a picture by a factor.

    Parameters
    ----------
    image : (H, W, 3) ndarray of uint8
        RGB (no unit).
    zoom : float
        New sides over old ones (no unit).

    Returns
    -------
    zoomed : (h, w, 3) ndarray of uint8
        No side is less than one pixel.
    """
    return cv2.resize(
        image,
        zoomed_size(image.shape, zoom)[::-1],
        interpolation=cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR,
    )
