"""Scores of a predicted mask against the truth, in plain NumPy."""

import numpy as np
import pandas as pd


def dice(truth, prediction):
    """Dice coefficient of every picture: twice the overlap over the sum of both areas.

    Parameters
    ----------
    truth, prediction : (N, ...) ndarray of bool
        Masks, one picture a row (no unit).

    Returns
    -------
    dice : (N,) ndarray of float64
        0..1 (no unit); 1 where both masks are empty.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    overlap, truth_area, prediction_area = _areas(truth, prediction)
    return _ratio(2 * overlap, truth_area + prediction_area)


def iou(truth, prediction):
    """Intersection over union (Jaccard index) of every picture.

    Parameters
    ----------
    truth, prediction : (N, ...) ndarray of bool
        Masks, one picture a row (no unit).

    Returns
    -------
    iou : (N,) ndarray of float64
        0..1 (no unit); 1 where both masks are empty.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    overlap, truth_area, prediction_area = _areas(truth, prediction)
    return _ratio(overlap, truth_area + prediction_area - overlap)


def pixel_accuracy(truth, prediction):
    """Share of pixels of every picture that are labelled as in the truth.

    Parameters
    ----------
    truth, prediction : (N, ...) ndarray of bool
        Masks, one picture a row (no unit).

    Returns
    -------
    accuracy : (N,) ndarray of float64
        0..1 (no unit).

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    _check_shapes(truth, prediction)
    agreement = np.asarray(truth, bool) == np.asarray(prediction, bool)
    return agreement.reshape(len(agreement), -1).mean(axis=1)


def threshold_sweep(truths, probabilities, thresholds):
    """Mean Dice and IoU over the pictures for every threshold.

    Parameters
    ----------
    truths : sequence of (H, W) ndarray of bool
        Masks, one a picture (no unit).
    probabilities : sequence of (H, W) ndarray of float
        Probability of nucleus in the same pictures, 0..1 (no unit).
    thresholds : sequence of float
        A pixel is nucleus above it, 0..1 (no unit).

    Returns
    -------
    sweep : DataFrame
        Columns threshold, dice, iou.

    Raises
    ------
    ValueError
        If there are more of one than of the other, or two shapes differ.
    """
    rows = [
        (threshold, *dice(truth[None], mask), *iou(truth[None], mask))
        for truth, probability in zip(truths, probabilities, strict=True)
        for threshold, mask in ((threshold, probability[None] > threshold) for threshold in thresholds)
    ]
    sweep = pd.DataFrame(rows, columns=["threshold", "dice", "iou"])
    return sweep.groupby("threshold", as_index=False).mean()


def from_areas(true_pixels, predicted_pixels, shared_pixels):
    """Dice coefficient and intersection over union of two masks by their areas.

    Parameters
    ----------
    true_pixels, predicted_pixels, shared_pixels : int
        Of the truth, of the prediction, and of both (pixels).

    Returns
    -------
    scores : dict of str to float
        dice and iou, 0..1 (no unit); 1 where both masks are empty.
    """
    both = true_pixels + predicted_pixels
    if both == 0:
        return {"dice": 1.0, "iou": 1.0}
    return {"dice": float(2 * shared_pixels / both), "iou": float(shared_pixels / (both - shared_pixels))}


def _areas(truth, prediction):
    _check_shapes(truth, prediction)
    truth = np.asarray(truth, bool).reshape(len(truth), -1)
    prediction = np.asarray(prediction, bool).reshape(len(prediction), -1)
    return (truth & prediction).sum(axis=1), truth.sum(axis=1), prediction.sum(axis=1)


def _ratio(part, whole):
    return np.divide(part, whole, out=np.ones(len(whole)), where=whole > 0)


def _check_shapes(truth, prediction):
    if np.shape(truth) != np.shape(prediction):
        raise ValueError(f"truth has shape {np.shape(truth)}, prediction has {np.shape(prediction)}")
