"""Nuclei of one picture as GeoJSON in pixels, as QuPath and `prediction.interchange` write them.

Formats: https://datatracker.ietf.org/doc/html/rfc7946,
https://qupath.readthedocs.io/en/stable/docs/advanced/exporting_annotations.html.
"""

import json

from cellseg_utils.data import label_images, shapes
from cellseg_utils.data.sources import DataError
from cellseg_utils.run.language import say
from cellseg_utils.run.plain_error import ArgumentError, one_line

FOUND = ("detection", "cell")  # QuPath's types of what a program found; the other one is drawn by hand


def truth(data, name, shape):
    """Labels of a picture.

    Parameters
    ----------
    data : bytes
        The whole file: a FeatureCollection, a list of features, or one.
    name : str
        What to call it in a message.
    shape : tuple of int or None
        `(H, W)` of the picture (pixels), which the file does not name.

    Returns
    -------
    truth : label_images.Truth
        In the order of the features. QuPath's annotations are left out where there are detections or cells,
        too, since they outline regions; of a cell its nucleus counts. The remark says what was left out.

    Raises
    ------
    label_images.SizeUnknown
        If the size is None.
    DataError
        If it is no such file, or a shape can't be drawn.
    """
    shape = label_images.known(shape, name)
    try:
        nuclei, remark = _nuclei(json.loads(data))
        masks = ((name, shapes.polygon_mask(polygons, shape)) for polygons in nuclei)
        joined = label_images.join_masks(masks, shape)
    except DataError as error:
        raise DataError(say("{name}：{error}", name=name, error=error)) from error
    except MemoryError:
        raise
    except Exception as error:  # whatever a value of another type leads to
        about = {"name": name, "error": f"{type(error).__name__}: {one_line(error)}"}
        raise DataError(say("{name}：不是 QuPath 导出的 GeoJSON（{error}），请重新导出", **about)) from error
    return label_images.Truth(*joined, say("{name}：{remark}", name=name, remark=remark) if remark else "")


def _nuclei(value):
    """Polygons of each nucleus, and what was left out."""
    features = value if isinstance(value, list) else value.get("features", [value])
    kinds = [(feature.get("properties") or {}).get("objectType") for feature in features]
    regions = any(kind in FOUND for kind in kinds)
    nuclei, drawn, other = [], 0, 0
    for feature, kind in zip(features, kinds, strict=True):
        polygons = _polygons(feature.get("nucleusGeometry") or feature["geometry"])
        if regions and kind not in FOUND:
            drawn += 1
        elif polygons is None:
            other += 1
        else:
            nuclei.append(polygons)
    said = [say("{drawn} 个手绘的区域（annotation）不当作细胞核", drawn=drawn)] * bool(drawn)
    said += [say("{other} 个没有面积的图形（点或线）不当作细胞核", other=other)] * bool(other)
    return nuclei, say("，").join(said)


def _polygons(geometry):
    """Rings of each polygon of a geometry; None if it has no area."""
    if geometry["type"] == "Polygon":
        return [geometry["coordinates"]]
    if geometry["type"] == "MultiPolygon":
        return geometry["coordinates"]
    if geometry["type"] in ("Point", "MultiPoint", "LineString", "MultiLineString"):
        return None
    raise ArgumentError(say("未知的图形 {kind}", kind=geometry["type"]))
