"""Small sound files of every kind that is read, as bytes."""

import io
import json
import zipfile

import cv2
import h5py
import numpy as np
import tifffile
from PIL import Image

PICTURE = np.random.default_rng(0).integers(0, 256, (20, 24, 3), np.uint8)
LABELS = np.kron(np.arange(1, 7, dtype=np.uint16).reshape(2, 3), np.pad(np.ones((6, 6), np.uint16), 1))
SQUARE = [[2, 2], [8, 2], [8, 8], [2, 8], [2, 2]]
ARGUMENTS = {"image_size": 16, "filters": 2, "depth": 1}


def by_opencv(suffix, array=PICTURE):
    return cv2.imencode(suffix, array)[1].tobytes()


def by_pillow(kind, array=PICTURE, **options):
    file = io.BytesIO()
    Image.fromarray(array).save(file, kind, **options)
    return file.getvalue()


def tiffs():
    colour, deep = {"photometric": "rgb"}, np.dstack([PICTURE[..., 0]] * 6).astype(np.uint16)
    stack = np.moveaxis(deep, -1, 0)
    ways = [
        (PICTURE, colour),
        (PICTURE, {**colour, "compression": "zlib", "predictor": True}),
        (PICTURE[..., 0], {"compression": "packbits"}),
        (PICTURE, {**colour, "tile": (16, 16)}),
        (stack, {"imagej": True, "metadata": {"axes": "CYX", "unit": "um"}, "resolution": (2, 2)}),
        (stack, {"ome": True, "metadata": {"axes": "ZYX", "PhysicalSizeX": 0.5}}),
        (PICTURE[..., 0].astype(np.float32), {"bigtiff": True}),
        (PICTURE[..., 0] > 99, {}),
    ]
    return [_tiff(array, **options) for array, options in ways] + [by_pillow("TIFF", compression="tiff_lzw")]


def _tiff(array, **options):
    file = io.BytesIO()
    tifffile.imwrite(file, array, **options)
    return file.getvalue()


def npys():
    arrays = (PICTURE, LABELS, np.asfortranarray(LABELS), LABELS.astype(np.float32), LABELS.astype("U3"))
    return [_npy(array) for array in arrays]


def _npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def label_files():
    tiff = [
        _tiff(LABELS),
        _tiff(LABELS, compression="zlib"),
        by_pillow("TIFF", LABELS, compression="tiff_lzw"),
    ]
    palette = Image.fromarray(LABELS.astype(np.uint8), "L").convert("P")
    file = io.BytesIO()
    palette.save(file, "PNG")
    return {".tif": tiff, ".png": [by_opencv(".png", LABELS), file.getvalue()], ".npy": npys()}


def zips():
    made = []
    for packing in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", packing) as archive:
            for name in ("a/images/a.png", "a/masks/1.png", "a/masks/2.png", "b/images/b.png", "细胞.png"):
                archive.writestr(name, bytes(2000))
        made.append(file.getvalue())
    return made


def geojson():
    def feature(kind, coordinates, own):
        shape = {"type": kind, "coordinates": coordinates}
        about = {"objectType": own, "measurements": {"area": 3.5}}
        return {"type": "Feature", "geometry": shape, "properties": about}

    features = [
        feature("Polygon", [SQUARE], "detection"),
        feature("MultiPolygon", [[SQUARE]], "cell"),
        feature("Point", [3, 4], "annotation"),
    ]
    return [_json({"type": "FeatureCollection", "features": features}), _json(features)]


def coco():
    images = [{"id": n, "file_name": f"{n}.png", "height": 20, "width": 24} for n in (1, 2)]
    ring = [float(value) for point in SQUARE for value in point]
    shapes = [[ring], {"size": [20, 24], "counts": [100, 5, 375]}, {"size": [20, 24], "counts": "T35gc0"}]
    annotations = [
        {"id": n, "image_id": 1 + n % 2, "category_id": 1, "segmentation": shape, "iscrowd": 0}
        for n, shape in enumerate(shapes)
    ]
    kinds = [{"id": 1, "name": "nucleus"}]
    return [_json({"images": images, "annotations": annotations, "categories": kinds})]


def run_lengths():
    return [_json({"size": [20, 24], "counts": counts}) for counts in ([100, 5, 375], [480], "T35gc0", "P?")]


def submission():
    return [b"ImageId,EncodedPixels\na,1 5 9 2\na,30 4\nb,\n"]


def bundle():
    rule = {"threshold": 0.5, "blur": 4.5, "reach": 5, "votes": 0.6, "smallest": 30}
    about = {"architecture": "unet", "title": "U-Net", "arguments": ARGUMENTS, "instances": rule}
    return [_json({**about, "scores": {"dice": 0.9}, "weights_sha256": "", "training": {}})]


def weights():
    file = io.BytesIO()
    with h5py.File(file, "w") as content:
        group = content.create_group("layers/conv2d/vars")
        group["0"] = np.ones((3, 3, 3, 2), np.float32)
        group["1"] = np.zeros(2, np.float32)
    return [file.getvalue()]


def manifest():
    journal = {"reads": {"a.json": "0"}, "writes": {"b.json": "0"}, "data": {"/a": "0"}, "told": {}}
    about = {"commit": "0", "machine": "Linux", "versions": "Python", "when": "2026-01-01T00:00:00+00:00"}
    entry = {"key": {"cells": "0"}, "seconds": 1.5, "journal": journal, "executed": "0"}
    entry |= {"contents": {}, "provenance": about}
    notebooks = {"01_segmentation": entry, "02_applications": None}
    value = {"profile": "demo", "overrides": {"epochs": 5}, "language": "zh"}
    return [_json({**value, "notebooks": notebooks, "pages": {"index.html": "0"}})]


def record():
    return [
        _json(
            {"settings": "0", "picture": "0", "call": "0", "files": {"labels/a.tif": [1, "0"]}, "problem": ""}
        )
    ]


PROFILE = b"epochs: 5\nrate: 1e-3\nsymmetries: true\nrecipe: best\n"
SETTINGS = [b"epochs=5", b"rate=1e-3", b"symmetries=true", b"recipe='best'"]
NAMES = [b"a.png\na.tif\nb/a.png\n\xe7\xbb\x86\xe8\x83\x9e.png\nCON.png\nx\xff.png"]
SWEEP = b"profile: demo\nset: {epochs: 5}\ngrid:\n  rate: [1e-3, 1e-4]\nruns:\n- {recipe: best}\n"


def _json(value):
    return json.dumps(value).encode()
