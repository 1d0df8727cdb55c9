"""Nuclei as annotations in COCO's JSON, to the pixel: run lengths, not polygons."""

import json

import numpy as np

from cellseg_utils.prediction import run_lengths


def coco(image, segmentation, about):
    """Annotations of one picture.

    Parameters
    ----------
    image : object
        Not needed.
    segmentation : segmentation.Segmentation
        Its certainties become scores.
    about : interchange.About

    Returns
    -------
    data : bytes
        A JSON file. Boxes are x, y, width, height (pixels); run lengths count down the first column, then
        down the next, background first.

    References
    ----------
    https://cocodataset.org/#format-data
    """
    labels, certainty = segmentation.labels, segmentation.certainty
    height, width = labels.shape
    image = {"id": 1, "file_name": about.file, "height": height, "width": width}
    annotations = [
        _annotation(number, np.array(text.split(), int).reshape(-1, 2), labels.shape)
        for number, text in enumerate(run_lengths.encode_objects(labels), 1)
    ]
    for annotation in annotations if certainty is not None else ():
        annotation["score"] = round(float(certainty[annotation["id"] - 1]), 3)
    kinds = [{"id": 1, "name": "nucleus"}]
    return json.dumps({"images": [image], "annotations": annotations, "categories": kinds}).encode()


def _annotation(number, runs, shape):
    """Of a nucleus from start (from 1) and length of its runs."""
    starts, lengths = runs[:, 0] - 1, runs[:, 1]
    ends = starts + lengths
    gaps = np.diff(starts, prepend=0) - np.concatenate([[0], lengths[:-1]])
    counts = [*np.column_stack([gaps, lengths]).ravel().tolist(), int(np.prod(shape) - ends[-1])]
    return {
        **{"id": number, "image_id": 1, "category_id": 1, "iscrowd": 0, "area": int(lengths.sum())},
        "bbox": _box(starts, ends - 1, shape[0]),
        "segmentation": {"size": list(shape), "counts": counts},
    }


def _box(first, last, height):
    """Of runs from their first and last pixels; one that goes on in the next column reaches both edges."""
    left, right = int(first[0]) // height, int(last[-1]) // height
    whole = (first // height != last // height).any()
    top, bottom = (0, height - 1) if whole else ((first % height).min(), (last % height).max())
    return [left, int(top), right - left + 1, int(bottom - top) + 1]
