"""Labelled pictures in the layouts that labs have, written by independent writers where there are any."""

import json

import cv2
import numpy as np
import tifffile
from pycocotools import mask as coco_mask

from cellseg_utils.prediction import interchange
from cellseg_utils.prediction.segmentation import Segmentation


def write(layout, folder, samples):
    """Write samples as a folder of one of `labelled.LAYOUTS`; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    {"coco": _coco}.get(layout, _one_by_one)(layout, folder, samples)
    return folder


def _one_by_one(layout, folder, samples):
    places = {
        "folders": ("images/{}.png", "labels/{}.tif"),
        "masks": ("{}.tif", "{}_masks.tif"),
        "cellpose": ("{}.tif", "{}_cp_masks.png"),
        "geojson": ("{}.tif", "{}.geojson"),
    }[layout]
    for sample in samples:
        picture, labels = (folder / place.format(sample.id) for place in places)
        for path in (picture, labels):
            path.parent.mkdir(parents=True, exist_ok=True)
        save(picture, sample.image)
        if layout == "geojson":
            labels.write_bytes(geojson(sample.labels))
        else:
            save(labels, sample.labels.astype(np.uint16))


def save(path, array):
    """Write a picture or a label image, by its ending."""
    if path.suffix == ".npy":
        np.save(path, array)
    elif path.suffix == ".tif":
        tifffile.imwrite(path, array, photometric="rgb" if array.ndim == 3 else "minisblack")
    else:
        path.write_bytes(
            cv2.imencode(path.suffix, array[..., ::-1] if array.ndim == 3 else array)[1].tobytes()
        )


def geojson(labels):
    """What `cellseg predict --also qupath` writes."""
    return interchange.qupath(None, Segmentation(labels, np.zeros(labels.shape)))


def compressed(mask):
    """COCO's compressed run lengths by pycocotools."""
    packed = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    return {"size": packed["size"], "counts": packed["counts"].decode()}


def uncompressed(mask):
    """COCO's run lengths, counted one by one."""
    counts, value = [0], 0
    for pixel in mask.ravel(order="F").astype(int).tolist():
        if pixel != value:
            counts.append(0)
            value = pixel
        counts[-1] += 1
    return {"size": list(mask.shape), "counts": counts}


def coco_of(labelled_by_file, segment=compressed):
    """COCO's JSON of label images by the names of their pictures' files."""
    images, annotations = [], []
    for number, (file, labels) in enumerate(labelled_by_file.items()):
        height, width = labels.shape
        images.append({"id": number, "file_name": file, "height": height, "width": width})
        for label in range(1, labels.max() + 1):
            one = {
                "image_id": number,
                "category_id": 1,
                "iscrowd": 0,
                "segmentation": segment(labels == label),
            }
            annotations.append({"id": len(annotations), **one})
    return {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "nucleus"}]}


def _coco(_, folder, samples):
    (folder / "images").mkdir()
    for sample in samples:
        save(folder / "images" / f"{sample.id}.png", sample.image)
    written = coco_of({f"{sample.id}.png": sample.labels for sample in samples})
    (folder / "annotations.json").write_text(json.dumps(written))
