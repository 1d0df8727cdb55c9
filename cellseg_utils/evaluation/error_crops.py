"""Small parts of pictures around nuclei in error, to look at side by side."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from cellseg_utils.evaluation import object_errors
from cellseg_utils.evaluation.object_errors import ObjectErrors

MARGIN = 1.6  # least height and width of a part, in those of its nucleus


@dataclass(frozen=True)
class ErrorCrop:
    """A part of a picture with one nucleus in error in its middle.

    Parameters
    ----------
    error : str
        missed, merged, split or invented.
    severity : int
        Pixels of the nucleus, or of the prediction that merged or invented it.
    image : (S, S, 3) ndarray of uint8
    truth, prediction : (S, S) ndarray of int
        Labels as in the whole picture.
    errors : ObjectErrors
        Those of the whole picture, as a cut nucleus would look like another error.
    """

    error: str
    severity: int
    image: np.ndarray
    truth: np.ndarray
    prediction: np.ndarray
    errors: ObjectErrors


def worst_crops(image, truth, prediction, errors, count=4, side=64):
    """Cut out the largest nuclei of each kind of error.

    Parameters
    ----------
    image : (H, W, 3) ndarray of uint8
    truth, prediction : (H, W) ndarray of int
        Label images, 0 is background (no unit).
    errors : ObjectErrors
        Those of the two, as `object_errors.errors` returns it.
    count : int
        How many of each kind of error at most.
    side : int
        Height and width of a part (pixels); more where a nucleus needs it, less in a smaller picture.

    Returns
    -------
    crops : list of ErrorCrop
        Ordered by kind of error, the largest nucleus first.
    """
    crops = []
    of_truth, of_prediction = (
        {"missed": errors.missed, "split": errors.split},
        {"merged": errors.blocks, "invented": errors.invented},
    )
    for error in object_errors.NAMES:
        labels = truth if error in of_truth else prediction
        names = np.array((of_truth | of_prediction)[error], np.int64)
        areas = ndimage.sum_labels(labels > 0, labels, names).astype(np.int64) if names.size else names
        for place in np.argsort(-areas, kind="stable")[:count]:
            window = _window(labels == names[place], side)
            layers = (layer[window].copy() for layer in (image, truth, prediction))
            crops.append(ErrorCrop(error, int(areas[place]), *layers, errors))
    return crops


def worst_of(crops, error, count):
    """Choose the largest nuclei of one kind of error.

    Parameters
    ----------
    crops : sequence of ErrorCrop
        Of any number of pictures.
    error : str
        missed, merged, split or invented.
    count : int

    Returns
    -------
    crops : list of ErrorCrop
        At most `count`, the largest nucleus first.
    """
    alike = [crop for crop in crops if crop.error == error]
    return sorted(alike, key=lambda crop: -crop.severity)[:count]


def _window(nucleus, side):
    [box] = ndimage.find_objects(nucleus.astype(np.uint8))
    side = max(side, *(round(MARGIN * (part.stop - part.start)) for part in box))
    return tuple(_span(part, min(side, size), size) for part, size in zip(box, nucleus.shape, strict=True))


def _span(part, length, size):
    start = (part.start + part.stop - length) // 2
    start = min(max(start, 0), size - length)
    return slice(start, start + length)
