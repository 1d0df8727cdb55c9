"""What is decided once for a picture that is segmented block by block."""

from dataclasses import dataclass

import cv2
import numpy as np

from cellseg_utils.prediction import certainty, looks, segmentation, views
from cellseg_utils.preprocessing import scale, stains

SMALL = 4096  # pixels: longer side of the small picture, at most
BAND = 8_000_000  # pixels that are read at once
SIDE, GRID_SIDE = 4096, 2560  # pixels of a side of a block, at most: of the picture, and of the maps
MARGIN = 128  # pixels of the maps around a block: five typical nuclei


@dataclass(frozen=True)
class Survey:
    """A picture at a glance.

    Attributes
    ----------
    sample : (h, w, 3) ndarray of uint8
        Every n-th pixel along rows and columns, as `stains.unmixing` would take them; RGB (no unit).
    small : (h, w, 3) ndarray of uint8
        The picture made smaller by a whole number, no side above `SMALL`; RGB (no unit).
    factor : int
        That number.
    """

    sample: np.ndarray
    small: np.ndarray
    factor: int


@dataclass(frozen=True)
class Plan:
    """How every block of a picture is segmented.

    Attributes
    ----------
    unmixing : stains.Unmixing
    zoom : float
        That gives nuclei their common size (no unit).
    views : views.Views
    agreement : float
        Of a nucleus with a look at another zoom, on average, 0..1 (no unit).
    """

    unmixing: stains.Unmixing
    zoom: float
    views: views.Views
    agreement: float

    @property
    def grid(self):
        """Sides of the maps over those of the picture (no unit)."""
        return segmentation.grid_zoom(self.zoom, self.views)

    @property
    def side(self):
        """Of a block, at most (pixels)."""
        return min(SIDE, round(GRID_SIDE / self.grid))

    @property
    def margin(self):
        """What is seen around a block (pixels)."""
        return round(MARGIN / self.grid)


def surveyed(source):
    """Read a picture once, from top to bottom.

    Parameters
    ----------
    source : large_tiff.LargeTiff or Whole

    Returns
    -------
    survey : Survey

    Raises
    ------
    imagefile.ImageFileError
        If the picture can't be read.
    """
    height, width = source.shape
    step = max(1, max(source.shape) // stains.SAMPLE_SIDE)
    factor = -(-max(source.shape) // SMALL)
    small = np.empty((-(-height // factor), -(-width // factor), 3), np.uint8)
    high, sample = factor * max(1, BAND // (factor * width)), []
    for top in range(0, height, high):
        band = source.region(slice(top, min(top + high, height)), slice(0, width)).rgb
        sample.append(band[-top % step :: step, ::step])
        small[top // factor : (top + high) // factor] = _reduced(band, factor)
    return Survey(np.concatenate(sample), small, factor)


def planned(bundle, source, survey, speed, diameter=0):
    """Decide how a picture is segmented.

    Contrast and stains are those of the whole picture. The size of nuclei is that in its busiest part, as for
    a small picture, if those in the busiest parts of its quarters don't speak against it.

    Parameters
    ----------
    bundle : bundle.Bundle
        Of a network for pictures of any size.
    source : large_tiff.LargeTiff or Whole
    survey : Survey
    speed : str
        A key of `views.SPEEDS`.
    diameter : float
        Of nuclei (pixels); 0 to find it out.

    Returns
    -------
    plan : Plan

    Raises
    ------
    imagefile.ImageFileError
        If the picture can't be read.
    """
    unmixing = stains.unmixing(survey.sample)
    seen = views.settled(views.of_speed(speed), unmixing.planes(survey.sample))
    scenes = list(_scenes(survey, unmixing, source))
    found = [looks.at_common_size(bundle.predict, scene, bundle.rule, diameter) for scene in scenes]
    chosen = _trusted(found)
    zoom, agreement = scale.zoom_for(diameter or found[chosen].diameter), certainty.UNKNOWN
    if bundle.separates:
        agreement = _agreement(bundle, scenes[chosen], found[chosen], zoom, seen)
    return Plan(unmixing, zoom, seen, agreement)


def _reduced(image, factor):
    """Means of squares of pixels; those at the lower and right border may be smaller."""
    below, beside = (-length % factor for length in image.shape[:2])
    whole = cv2.copyMakeBorder(image, 0, below, 0, beside, cv2.BORDER_REPLICATE)
    size = whole.shape[1] // factor, whole.shape[0] // factor
    return cv2.resize(whole, size, interpolation=cv2.INTER_AREA)


def _scenes(survey, unmixing, source):
    """The picture, and each of its quarters."""
    planes = unmixing.planes(survey.small)
    yield _scene(planes, unmixing, source, (0, 0), source.shape)
    half = [max(1, length // 2) for length in planes.shape[:2]]
    for top, left in ((0, 0), (0, half[1]), (half[0], 0), tuple(half)):
        shown = planes[top : top + half[0], left : left + half[1]]
        corner = top * survey.factor, left * survey.factor
        spans = zip(source.shape, corner, half, strict=True)
        shape = tuple(min(survey.factor * own, length - start) for length, start, own in spans)
        if shown.size:
            yield _scene(shown, unmixing, source, corner, shape)


def _scene(small, unmixing, source, corner, shape):
    """A part of a picture, from what is seen of it in the small one."""
    size = scale.zoomed_size(shape, min(1, looks.SMALL / max(shape)))

    def part(rows, columns):
        moved = (
            slice(span.start + start, span.stop + start)
            for span, start in zip((rows, columns), corner, strict=True)
        )
        return unmixing.planes(source.region(*moved).rgb)

    nuclear = np.ascontiguousarray(small[..., 0])
    return looks.Scene(shape, cv2.resize(nuclear, size[::-1], interpolation=cv2.INTER_AREA), part)


def _trusted(found):
    """Which look tells the size of nuclei: the first one, if it does not stand alone.

    Otherwise it is the one that shows nuclei of the median size, where those that show more count more.
    """
    shown = np.array([(look.labels > 0).mean() for look in found])
    order = np.argsort([look.diameter for look in found])  # those without nuclei, not a number, are last
    median = order[np.searchsorted(np.cumsum(shown[order]), shown.sum() / 2)]
    if shown[0] and looks.same_zoom(found[0].diameter, found[median].diameter):
        return 0
    return median


def _agreement(bundle, scene, look, zoom, seen):
    """Mean agreement of nuclei, where the second opinion is."""
    other = segmentation.second_opinion(bundle, scene, look, zoom, seen)
    margin = round(MARGIN / segmentation.grid_zoom(zoom, seen))
    spans = [span.indices(length)[:2] for span, length in zip(other.place, scene.shape, strict=True)]
    around = tuple(slice(max(0, start - margin), stop + margin) for start, stop in spans)
    labels, probability = segmentation.nuclei(bundle.predict, scene[around], zoom, seen, bundle.rule)
    inside = tuple(
        slice(start - own.start, stop - own.start) for own, (start, stop) in zip(around, spans, strict=True)
    )
    features = certainty.features(labels, probability, looks.Look(inside, other.labels, other.zoom))
    return features[:, 0].mean() if len(features) else certainty.UNKNOWN
