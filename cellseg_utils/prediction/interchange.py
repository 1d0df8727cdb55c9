"""What was found in a picture as files that other programs open: shapes, label PNG, a picture to look at."""

import io
import json
import zipfile
from typing import NamedTuple

import cv2
import numpy as np
import roifile
import tifffile
from skimage import segmentation as skimage_segmentation

from cellseg_utils.prediction import coco_json, exports, outlines
from cellseg_utils.run.language import listing, say
from cellseg_utils.run.plain_error import ArgumentError, PlainError

OUTLINE = (255, 225, 0)  # RGB: seen on dark and on light ground
JPEG = (  # colours as sharp as the light, or thin outlines would fade
    *(cv2.IMWRITE_JPEG_QUALITY, 90),
    *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444),
)


class FormatError(PlainError, ValueError):
    """A format that can't hold what was found; the message says what to do."""


class About(NamedTuple):
    """What is known of a picture besides its pixels.

    Attributes
    ----------
    file : str
        Where it lies, below what the user named.
    pixel_size : tuple of float, or None
        Height and width of a pixel (µm).
    """

    file: str
    pixel_size: tuple | None = None


def overlay(image, segmentation, about=None):
    """Draw the outlines of what was found.

    Parameters
    ----------
    image : (H, W, 3) ndarray of uint8
        RGB (no unit).
    segmentation : segmentation.Segmentation
    about : object
        Not needed.

    Returns
    -------
    data : bytes
        A JPEG file.
    """
    drawn = image.copy()
    drawn[skimage_segmentation.find_boundaries(segmentation.labels, mode="inner")] = OUTLINE
    return _encoded(".jpg", drawn[..., ::-1], JPEG)


def label_png(image, segmentation, about=None):
    """The label image as a PNG file of 16 bit.

    Parameters
    ----------
    image, about : object
        Not needed.
    segmentation : segmentation.Segmentation

    Returns
    -------
    data : bytes

    Raises
    ------
    FormatError
        If there are more nuclei than 16 bit can number.
    """
    count = int(segmentation.labels.max(initial=0))
    if count > np.iinfo(np.uint16).max:
        raise FormatError(say("有 {n} 个核，超过 PNG 能编号的 65535 个，请用 labels/ 里的 TIFF", n=count))
    return _encoded(".png", segmentation.labels.astype(np.uint16))


def qupath(image, segmentation, about=None):
    """Nuclei as GeoJSON, which QuPath imports as detections.

    Parameters
    ----------
    image, about : object
        Not needed.
    segmentation : segmentation.Segmentation

    Returns
    -------
    data : bytes
        A FeatureCollection, in pixels.

    References
    ----------
    https://qupath.readthedocs.io/en/stable/docs/advanced/exporting_annotations.html
    """
    collection = {"type": "FeatureCollection", "features": list(features(segmentation))}
    return json.dumps(collection).encode()


def features(segmentation, corner=(0, 0), before=0):
    """Features of GeoJSON, of nuclei in a picture or in a part of it.

    Parameters
    ----------
    segmentation : segmentation.Segmentation
    corner : tuple of int
        Row and column of the picture where the part begins (pixels).
    before : int
        Nuclei of the parts before.

    Yields
    ------
    feature : dict
    """
    for number, points in outlines.polygons(segmentation.labels).items():
        points = points + corner[::-1]
        named = {"objectType": "detection", "name": str(number + before)}
        yield {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": [[*points.tolist(), points[0].tolist()]]},
            "properties": {**named, **_measured(segmentation, number)},
        }


def imagej(image, segmentation, about=None):
    """Nuclei as a RoiSet.zip, which ImageJ and Fiji open in their ROI manager.

    Parameters
    ----------
    image, about : object
        Not needed.
    segmentation : segmentation.Segmentation

    Returns
    -------
    data : bytes
        A zip file with a `.roi` for each nucleus, named by its number.

    References
    ----------
    https://github.com/cgohlke/roifile
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in rois(segmentation):
            archive.writestr(name, data)
    return buffer.getvalue()


def rois(segmentation, corner=(0, 0), before=0):
    """Regions of interest of ImageJ, of nuclei in a picture or in a part of it.

    Parameters
    ----------
    segmentation, corner, before
        As for `features`.

    Yields
    ------
    name : zipfile.ZipInfo
    data : bytes
    """
    for number, points in outlines.polygons(segmentation.labels).items():
        own = number + before
        roi = roifile.ImagejRoi.frompoints(points + corner[::-1], name=str(own))
        yield zipfile.ZipInfo(f"{own:05}.roi"), roi.tobytes()


def probability(image, segmentation, about):
    """The probability of nucleus of every pixel as a TIFF, which ImageJ and Fiji open.

    Parameters
    ----------
    image : object
        Not needed.
    segmentation : segmentation.Segmentation
    about : About

    Returns
    -------
    data : bytes
        Of 16 bit: 65535 stands for 1. The size of a pixel is kept.
    """
    buffer, top = io.BytesIO(), np.iinfo(np.uint16).max
    values = np.rint(segmentation.probability * np.float64(top)).astype(np.uint16)
    form = {"photometric": "minisblack", "compression": "zlib", "metadata": None}
    tifffile.imwrite(buffer, values, **form, **exports.resolution(about.pixel_size))
    return buffer.getvalue()


def _measured(segmentation, number):
    if segmentation.certainty is None:
        return {}
    return {"measurements": {"certainty": round(float(segmentation.certainty[number - 1]), 3)}}


def _encoded(suffix, picture, options=()):
    return cv2.imencode(suffix, picture, options)[1].tobytes()


FORMATS = {  # what can be asked for besides: the end of its files' names, what makes them
    "png": (".png", label_png),
    "qupath": (".geojson", qupath),
    "imagej": ("_RoiSet.zip", imagej),
    "coco": (".coco.json", coco_json.coco),
    "probability": (".tif", probability),
}
ALWAYS = {"overlays": (".jpg", overlay)}  # what is made without being asked for


def chosen(names):
    """The formats that a user asks for.

    Parameters
    ----------
    names : sequence of str
        Keys of `FORMATS`.

    Returns
    -------
    formats : dict of str to (str, callable)
        Keyed by folder, with those that are always made.

    Raises
    ------
    ValueError
        If there is no such format; the message is one line.
    """
    unknown = [name for name in names if name not in FORMATS]
    if unknown:
        raise ArgumentError(
            say("also={names}：应为 {known} 之一", names=listing(unknown), known=listing(FORMATS))
        )
    return ALWAYS | {name: FORMATS[name] for name in names}
