"""Files of other programs, written block by block for a picture that is larger than the memory."""

import json
import zipfile
from contextlib import contextmanager

from cellseg_utils.prediction import interchange

FARTHEST = 32767  # pixels: an ImageJ ROI has coordinates of 16 bit


@contextmanager
def qupath(path):
    """A GeoJSON file as `interchange.qupath` makes it.

    Parameters
    ----------
    path : Path

    Yields
    ------
    add : callable
        Takes a `segmentation.Segmentation` of a part of the picture, row and column where the part begins,
        and how many nuclei the parts before had.
    """
    with path.open("w", encoding="utf-8") as file:
        file.write('{"type": "FeatureCollection", "features": [')

        def add(found, corner, before):
            features = interchange.features(found, corner, before)
            for number, feature in enumerate(features, before):
                file.write((", " if number else "") + json.dumps(feature))

        yield add
        file.write("]}")


@contextmanager
def imagej(path):
    """A RoiSet.zip as `interchange.imagej` makes it.

    Parameters
    ----------
    path : Path

    Yields
    ------
    add : callable
        As `qupath` yields it.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:

        def add(found, corner, before):
            for name, data in interchange.rois(found, corner, before):
                archive.writestr(name, data)

        yield add


def possible(names, shape):
    """Which formats a large picture can be written in.

    Parameters
    ----------
    names : iterable of str
        Keys of `interchange.FORMATS`.
    shape : tuple of int
        Height and width of the picture (pixels).

    Returns
    -------
    formats : dict of str to callable
        From the path of a file to what it yields.
    """
    held = {"qupath": qupath} | ({"imagej": imagej} if max(shape) <= FARTHEST else {})
    return {name: held[name] for name in names if name in held}
