"""Look at a part of a picture: how large its nuclei are, and a second opinion on those found later."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np

from cellseg_utils.prediction import certainty, instances, tiling
from cellseg_utils.preprocessing import scale

FIRST_LOOKS = (0.8, 0.35)  # zooms at which nuclei are looked for until some are found (no unit)
FAR_LOOKS, FAR_SIDE = (0.09,), 300  # also at these, if the picture's longer side is not less (pixels)
NEAR_LOOK, FEW = 2.4, 3  # and at this one if fewer nuclei are found: they may be very small
AGAIN = 1.35  # zoom of the look that tells how sure another one is, over that one's (no unit)
LEAD = 0.08  # certainty that nuclei of another size must have more (no unit)
LEAST_RATIO = 2.0  # of diameters, and
MOST_COVERED = 0.6  # share of what is seen, if larger nuclei are several nuclei and not all of a tissue
LOOKED_AT = 512  # pixels of a side: of a picture that is larger at the zoom of a look, a part is seen
WIDEST = 3072  # pixels of a side of that part: votes of more take a gigabyte
LOG_STEP = 0.2  # zooms whose logarithms are nearer to each other show the same (no unit)
SMALL = 512  # pixels: longer side of the picture in which the richest place is searched, at most
_ONE_READER = threading.Lock()  # of files that are read in pieces: no two looks read at once
LOG_FAR = 0.6  # nuclei whose size differs by more, as a logarithm, from the common one are measured again


@dataclass(frozen=True)
class Look:
    """What a network sees in a part of a picture at one zoom.

    Attributes
    ----------
    place : tuple of slice
        Rows and columns of the picture.
    labels : (H, W) ndarray of int32
        Nuclei of that part, at the picture's size; 0 is background (no unit).
    zoom : float
        Of the picture that the network saw (no unit).
    probability : (H, W) ndarray of float32, or None
        Of nucleus, 0..1 (no unit).
    """

    place: tuple
    labels: np.ndarray
    zoom: float
    probability: np.ndarray | None = None

    @property
    def diameter(self):
        """Of the typical nucleus, in pixels of the picture; not a number where none was found."""
        return scale.typical_diameter(self.labels)


@dataclass(frozen=True)
class Scene:
    """Planes of a picture that is larger than the memory, to be looked at.

    Attributes
    ----------
    shape : tuple of int
        Height and width of the picture (pixels).
    small : (h, w) ndarray of uint8
        The nuclear stain of all of it, no side above `SMALL` (no unit).
    part : callable
        Gives planes of rows and columns, two slices with start and stop.
    """

    shape: tuple
    small: np.ndarray
    part: Callable

    def __getitem__(self, place):
        """Planes of rows and columns, as of an array that holds all of them."""
        spans = zip(place, self.shape, strict=True)
        with _ONE_READER:
            return self.part(*(slice(*span.indices(length)[:2]) for span, length in spans))


def at_common_size(network, planes, rule, diameter=0):
    """Find out how large nuclei are by segmenting, and look again at the zoom that this suggests.

    A network that was trained on nuclei of one size finds them best at the zoom that gives them this size.

    Parameters
    ----------
    network : callable
        As `tiling.predict_tiled` takes it.
    planes : (H, W, 3) ndarray of uint8, or Scene
        From `stains.planes` (no unit).
    rule : instances.Rule
    diameter : float
        Of nuclei (pixels), where it is known; then one look suffices.

    Returns
    -------
    look : Look
        The last one that found nuclei; if none did, the last one.
    """
    if diameter:
        return look(network, planes, rule, scale.zoom_for(diameter))
    first = _surest(network, planes, rule)
    if not first.labels.any():
        return first
    zoom = scale.zoom_for(first.diameter)
    if abs(np.log(zoom / first.zoom)) < LOG_FAR:
        return first
    again = look(network, planes, rule, zoom)
    return again if again.labels.any() else first


def look(network, planes, rule, zoom, magnified=1.0):
    """Segment the part of a picture where most is to be seen.

    Parameters
    ----------
    network, planes, rule
        As for `at_common_size`.
    zoom : float
        Of what the network sees (no unit).
    magnified : float
        How much larger nuclei are then than their common size (no unit).

    Returns
    -------
    look : Look
    """
    place = _richest_place(planes, round(min(LOOKED_AT / zoom, WIDEST)))
    part = planes[place]
    maps, size = tiling.predict_tiled(network, scale.zoomed(part, zoom)), part.shape[:2]
    labels = instances.label(maps, size, rule.at(magnified / instances.GRID))
    return Look(place, labels, zoom, cv2.resize(maps[..., 0], size[::-1]))


def _surest(network, planes, rule):
    """The first look that finds nuclei, or one that finds them more surely at quite another size."""
    with ThreadPoolExecutor(1) as beside:  # one core votes while the other computes
        zooms = FAR_LOOKS if max(planes.shape[:2]) >= FAR_SIDE else ()
        far = [beside.submit(look, network, planes, rule, zoom) for zoom in zooms]
        for zoom in FIRST_LOOKS:
            first = look(network, planes, rule, zoom)
            if first.labels.any():
                break
    rivals = [own.result() for own in far if _shows_larger(own.result(), first)]
    if first.labels.max(initial=0) < FEW:
        near = look(network, planes, rule, NEAR_LOOK)
        rivals += [near] if near.labels.max(initial=0) >= FEW else []
    if not rivals:
        return first
    sure = [_certainty(network, planes, rule, own) for own in (first, *rivals)]
    best = int(np.argmax(sure[1:]))
    return rivals[best] if sure[1 + best] > sure[0] + LEAD else first


def _shows_larger(own, first):
    """Whether a far look shows several nuclei that are too large for the first one."""
    several = own.labels.max(initial=0) > 1 and (own.labels > 0).mean() < MOST_COVERED
    return several and not own.diameter < LEAST_RATIO * first.diameter


def _certainty(network, planes, rule, own):
    """Mean certainty of the nuclei of a look, large ones counting more; 0 where there is none."""
    if not own.labels.any():
        return 0.0
    again = look(network, planes[own.place], rule, AGAIN * own.zoom, AGAIN)
    sure = certainty.of_nuclei(certainty.features(own.labels, own.probability, again))
    return float(np.average(sure, weights=np.bincount(own.labels.ravel())[1:]))


def same_zoom(one, other):
    """Whether two zooms are so near to each other that a network sees the same.

    Parameters
    ----------
    one, other : float
        No unit.

    Returns
    -------
    same : bool
    """
    return abs(np.log(one / other)) < LOG_STEP


def _richest_place(planes, side):
    """The square in which the nuclear stain varies most: nuclei are there, and not on blank ground."""
    if max(planes.shape[:2]) <= side:
        return np.s_[:, :]
    zoom = min(1, SMALL / max(planes.shape[:2]))
    small = planes.small if isinstance(planes, Scene) else scale.zoomed(planes, zoom)[..., 0]
    window = [max(1, min(length, round(side * zoom))) for length in small.shape]
    detail = np.abs(cv2.Laplacian(small, cv2.CV_32F))
    sums = cv2.boxFilter(detail, -1, window[::-1], anchor=(0, 0), borderType=cv2.BORDER_CONSTANT)
    inside = sums[: small.shape[0] - window[0] + 1, : small.shape[1] - window[1] + 1]
    corner = np.divide(np.unravel_index(inside.argmax(), inside.shape), zoom).astype(int)
    top, left = np.minimum(corner, np.maximum(np.subtract(planes.shape[:2], side), 0))
    return np.s_[top : top + side, left : left + side]
