"""What went wrong with which nucleus: missed, invented, merged with its neighbours or split."""

from dataclasses import dataclass

import numpy as np

from cellseg_utils.evaluation import object_metrics
from cellseg_utils.run.language import later

MOST = 0.5  # share of a nucleus that another one must exceed to cover most of it
SPECK = 0.1  # share of a nucleus, or IoU, up to which a piece of it does not count
NAMES = {  # what a reader is told
    "missed": later("漏检"),
    "merged": later("粘连"),
    "split": later("分裂"),
    "invented": later("误检"),
}


@dataclass(frozen=True)
class ObjectErrors:
    """Labels of the nuclei in error; what is in no list was found.

    Parameters
    ----------
    missed, split, merged : tuple of int
        Labels of the truth: not found, found in pieces, found together with neighbours. None is in two.
    invented, blocks, pieces : tuple of int
        Labels of the prediction: without a true nucleus, over several of them (`merged`), one of
        several in the same (`split`). None is in two.
    """

    missed: tuple
    invented: tuple
    blocks: tuple
    split: tuple
    merged: tuple
    pieces: tuple


def errors(truth, prediction):
    """Sort the nuclei that were not found one to one, or not at all, by what went wrong.

    - Merged: one prediction covers more than `MOST` of two or more true nuclei.
    - Split: two or more predictions that merge nothing lie by more than `MOST` in one nucleus that is not
      merged, and those beside the largest cover together more than `SPECK` of it.
    - Missed or invented: a nucleus in neither of these that belongs together with none on the other side.
      Two belong together if they share more than `MOST` of the smaller one and their IoU exceeds `SPECK`.

    How well the outline of a nucleus fits is left to the scores at rising IoU thresholds.

    Parameters
    ----------
    truth, prediction : (H, W) array_like of int
        Label images, 0 is background (no unit).

    Returns
    -------
    errors : ObjectErrors

    Raises
    ------
    ValueError
        If the two shapes differ, or the labels are negative or no whole numbers.
    """
    table = object_metrics.overlaps(truth, prediction)
    shared, true_areas, predicted_areas = table[1:, 1:], table[1:].sum(axis=1), table[:, 1:].sum(axis=0)
    covers, lies_in = shared > MOST * true_areas[:, None], shared > MOST * predicted_areas
    blocks = np.count_nonzero(covers, axis=0) >= 2
    merged = covers[:, blocks].any(axis=1)
    parts = np.where(lies_in & ~blocks & ~merged[:, None], shared, 0)
    split = parts.sum(axis=1) - parts.max(axis=1, initial=0) > SPECK * true_areas
    pieces = parts[split].any(axis=0)
    together = (covers | lies_in) & (object_metrics.pairwise_iou(table) > SPECK)
    missed = ~(together.any(axis=1) | merged | split)
    invented = ~(together.any(axis=0) | blocks | pieces)
    true_labels, predicted_labels = _labels(truth), _labels(prediction)
    return ObjectErrors(
        missed=tuple(true_labels[missed].tolist()),
        invented=tuple(predicted_labels[invented].tolist()),
        blocks=tuple(predicted_labels[blocks].tolist()),
        split=tuple(true_labels[split].tolist()),
        merged=tuple(true_labels[merged].tolist()),
        pieces=tuple(predicted_labels[pieces].tolist()),
    )


def _labels(labels):
    names = np.unique(labels)
    return names[names > 0]
