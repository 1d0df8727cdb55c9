"""Scores of every picture, pixel by pixel and nucleus by nucleus, at native size and on a square."""

import numpy as np
import pandas as pd

from cellseg_utils.evaluation import object_errors, object_metrics, pixel_metrics
from cellseg_utils.prediction import segmentation
from cellseg_utils.preprocessing import resizing

PIXELS = ("dice", "iou", "accuracy")
SQUARE = tuple(f"square_{name}" for name in PIXELS)
WRONG = (*object_errors.NAMES, "blocks")
FOUND = [f"tp_{round(100 * threshold)}" for threshold in object_metrics.THRESHOLDS]


def score_picture(truth, prediction):
    """Score one picture.

    Parameters
    ----------
    truth, prediction : (H, W) array_like of int
        Label images, 0 is background (no unit).

    Returns
    -------
    scores : dict of str to float
        One row of the table that `averages.pooled` reads:

        - dice, iou (pixels), f1 (at an IoU above .5), ap50, ap75, kaggle, pq, aji: 0..1, 1 if both are
          empty (no unit);
        - nuclei, predicted: how many there are and were found;
        - count_error (nuclei), count_error_relative (no unit; see `object_metrics.count_error`);
        - missed, merged, split: true nuclei; invented, and blocks that merge several: predicted ones (see
          `object_errors.errors`);
        - tp_50, tp_55, ... tp_95: nuclei found at that IoU in percent. False positives are `predicted`
          less these, false negatives `nuclei` less these;
        - true_pixels, predicted_pixels, shared_pixels: areas (pixels).

    Raises
    ------
    ValueError
        If the two shapes differ, or the labels are negative or no whole numbers.
    """
    table = object_metrics.overlaps(truth, prediction)
    iou = object_metrics.pairwise_iou(table)
    counts = object_metrics.match_counts(iou)
    precision = dict(zip(FOUND, object_metrics.average_precision(counts), strict=True))
    nuclei, predicted = iou.shape
    signed, relative = object_metrics.count_error(nuclei, predicted)
    areas = table[1:].sum(), table[:, 1:].sum(), table[1:, 1:].sum()
    wrong = object_errors.errors(truth, prediction)
    scores = {
        **pixel_metrics.from_areas(*areas),
        "f1": object_metrics.f1(counts)[0],
        "ap50": precision["tp_50"],
        "ap75": precision["tp_75"],
        "kaggle": object_metrics.kaggle_score(iou),
        "pq": object_metrics.panoptic_quality(iou),
        "aji": object_metrics.aggregated_jaccard(table),
        "nuclei": nuclei,
        "predicted": predicted,
        "count_error": signed,
        "count_error_relative": relative,
        **{name: len(getattr(wrong, name)) for name in WRONG},
        **dict(zip(FOUND, counts[:, 0], strict=True)),
        **dict(zip(("true_pixels", "predicted_pixels", "shared_pixels"), areas, strict=True)),
    }
    return {name: float(value) for name, value in scores.items()}


def score_pictures(samples, segmentations):
    """Score every picture at its native size.

    Parameters
    ----------
    samples : sequence of dataset.Sample
        With labels.
    segmentations : sequence of segmentation.Segmentation
        Of the same pictures in the same order.

    Returns
    -------
    rows : DataFrame
        One row a picture: accuracy (share of pixels as in the truth, 0..1, no unit), and the scores of
        `score_picture`.

    Raises
    ------
    ValueError
        If there are more of one than of the other, or a picture and its segmentation differ in size.
    """
    return pd.DataFrame(
        [
            {
                **score_picture(sample.labels, predicted.labels),
                "accuracy": float(((sample.labels > 0) == (predicted.labels > 0)).mean()),
            }
            for sample, predicted in zip(samples, segmentations, strict=True)
        ]
    )


def square_masks(bundle, images, segmentations):
    """Predicted masks at the square size at which published tables compare networks.

    A network for pictures of any size never sees this one: what it finds at native size is shrunk like the
    truth. Any other network was trained on these squares and predicts them as they are.

    Parameters
    ----------
    bundle : bundle.Bundle
        The network that made the segmentations.
    images : (N, S, S, 3) ndarray of uint8
        The same pictures, resized (no unit).
    segmentations : sequence of segmentation.Segmentation
        N of them, at native size.

    Returns
    -------
    masks : (N, S, S) ndarray of bool
        True is nucleus (no unit).
    """
    if bundle.any_size:
        size = images.shape[1:3]
        return np.stack([resizing.resize_mask(predicted.labels, size) for predicted in segmentations])
    return segmentation.square_probabilities(bundle, images) > bundle.rule.threshold


def square_scores(truth, masks):
    """Score every picture at the square size.

    Parameters
    ----------
    truth, masks : (N, S, S) ndarray of bool
        True is nucleus (no unit).

    Returns
    -------
    rows : DataFrame
        One row a picture: square_dice, square_iou, square_accuracy, 0..1 (no unit).

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    metrics = pixel_metrics.dice, pixel_metrics.iou, pixel_metrics.pixel_accuracy
    return pd.DataFrame({name: metric(truth, masks) for name, metric in zip(SQUARE, metrics, strict=True)})
