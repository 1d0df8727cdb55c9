"""What is decided once for a picture that is segmented block by block."""

from dataclasses import dataclass

import cv2
import numpy as np

from cellseg_utils.prediction import certainty, looks, segmentation, views
from cellseg_utils.preprocessing import scale, stains

SMALL = 4096  # pixels: longer side of the small picture, at most
BAND = 32_000_000  # pixels that are read at once
PART = 4096  # pixels of a side: of every quarter its busiest part is looked at
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


def planned(bundle, source, survey, speed):
    """Decide how a picture is segmented.

    Contrast and stains are those of the whole picture. The size of nuclei is the typical one of looks at the
    busiest part of every quarter.

    Parameters
    ----------
    bundle : bundle.Bundle
        Of a network for pictures of any size.
    source : large_tiff.LargeTiff or Whole
    survey : Survey
    speed : str
        A key of `views.SPEEDS`.

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
    looked = []
    for part in _busiest_parts(survey, unmixing, source.shape):
        planes = unmixing.planes(source.region(*part).rgb)
        looked.append((looks.at_common_size(bundle.predict, planes, bundle.rule), part))
    look, part = looked[_typical([look for look, _ in looked])]
    zoom, agreement = scale.zoom_for(look.diameter), certainty.UNKNOWN
    if bundle.separates:
        planes = unmixing.planes(source.region(*part).rgb)
        agreement = _agreement(bundle, planes, look, zoom, seen)
    return Plan(unmixing, zoom, seen, agreement)


def _reduced(image, factor):
    """Means of squares of pixels; those at the lower and right border may be smaller."""
    below, beside = (-length % factor for length in image.shape[:2])
    whole = cv2.copyMakeBorder(image, 0, below, 0, beside, cv2.BORDER_REPLICATE)
    size = whole.shape[1] // factor, whole.shape[0] // factor
    return cv2.resize(whole, size, interpolation=cv2.INTER_AREA)


def _busiest_parts(survey, unmixing, shape):
    """Rows and columns of a part of every quarter."""
    planes, side = unmixing.planes(survey.small), round(looks.LOOKED_AT / looks.FIRST_LOOKS[0])
    middle = [length // 2 for length in planes.shape[:2]]
    for top in (0, middle[0]):
        for left in (0, middle[1]):
            quarter = planes[top : top + middle[0], left : left + middle[1]]
            place = looks.richest_place(quarter, max(1, side // survey.factor))
            yield tuple(
                _around(survey.factor * (start + sum(span.indices(inside)[:2]) // 2), length)
                for start, span, inside, length in zip((top, left), place, quarter.shape, shape, strict=False)
            )


def _around(centre, length):
    start = max(0, min(centre - PART // 2, length - PART))
    return slice(start, min(start + PART, length))


def _typical(all_looks):
    """Which look shows nuclei of the median size, those that show more of them counting more."""
    shown = np.array([(look.labels > 0).mean() for look in all_looks])
    order = np.argsort([look.diameter for look in all_looks])  # those without nuclei, not a number, are last
    return order[np.searchsorted(np.cumsum(shown[order]), shown.sum() / 2)]


def _agreement(bundle, planes, look, zoom, seen):
    """Mean agreement of nuclei, where the second opinion is."""
    other = segmentation.second_opinion(bundle, planes, look, zoom, seen)
    margin = round(MARGIN / segmentation.grid_zoom(zoom, seen))
    spans = [span.indices(length)[:2] for span, length in zip(other.place, planes.shape, strict=False)]
    around = tuple(slice(max(0, start - margin), stop + margin) for start, stop in spans)
    labels, probability = segmentation.nuclei(bundle.predict, planes[around], zoom, seen, bundle.rule)
    inside = tuple(
        slice(start - own.start, stop - own.start) for own, (start, stop) in zip(around, spans, strict=True)
    )
    features = certainty.features(labels, probability, looks.Look(inside, other.labels, other.zoom))
    return features[:, 0].mean() if len(features) else certainty.UNKNOWN
