"""What was found in a picture as files that other programs open: shapes, label PNG, a picture to look at."""

import io
import json
import zipfile

import cv2
import numpy as np
import roifile
from skimage import segmentation as skimage_segmentation

from cellseg_utils.prediction import outlines

OUTLINE = (255, 225, 0)  # RGB: seen on dark and on light ground
JPEG = (  # colours as sharp as the light, or thin outlines would fade
    *(cv2.IMWRITE_JPEG_QUALITY, 90),
    *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444),
)


class FormatError(ValueError):
    """A format that can't hold what was found; the message is Chinese."""


def overlay(image, segmentation):
    """Draw the outlines of what was found.

    Parameters
    ----------
    image : (H, W, 3) ndarray of uint8
        RGB (no unit).
    segmentation : segmentation.Segmentation

    Returns
    -------
    data : bytes
        A JPEG file.
    """
    drawn = image.copy()
    drawn[skimage_segmentation.find_boundaries(segmentation.labels, mode="inner")] = OUTLINE
    return _encoded(".jpg", drawn[..., ::-1], JPEG)


def label_png(image, segmentation):
    """The label image as a PNG file of 16 bit.

    Parameters
    ----------
    image : object
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
        raise FormatError(f"有 {count} 个核，超过 PNG 能编号的 65535 个，请用 labels/ 里的 TIFF")
    return _encoded(".png", segmentation.labels.astype(np.uint16))


def qupath(image, segmentation):
    """Nuclei as GeoJSON, which QuPath imports as detections.

    Parameters
    ----------
    image : object
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


def imagej(image, segmentation):
    """Nuclei as a RoiSet.zip, which ImageJ and Fiji open in their ROI manager.

    Parameters
    ----------
    image : object
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
        If there is no such format; the message is one Chinese line.
    """
    unknown = [name for name in names if name not in FORMATS]
    if unknown:
        raise ValueError(f"also={'、'.join(unknown)}：应为 {'、'.join(FORMATS)} 之一")
    return ALWAYS | {name: FORMATS[name] for name in names}
