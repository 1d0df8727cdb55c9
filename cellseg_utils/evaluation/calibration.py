"""Whether probabilities can be believed: how often pixels, and nuclei, are right where the model says so."""

import numpy as np
import pandas as pd

from cellseg_utils.evaluation import object_metrics

BINS = 10


def count_pixels(truth, probability, bins=BINS):
    """Count the pixels of one picture by their probability; the counts of several pictures can be added up.

    Parameters
    ----------
    truth : (...) array_like of bool or int
        Everything above 0 is nucleus (no unit).
    probability : (...) array_like of float
        Probability of nucleus, 0..1 (no unit).
    bins : int
        How many equally wide bins; each holds its lower edge, the last one also 1.

    Returns
    -------
    counts : (bins, 3) ndarray of float64
        Pixels, sum of their probabilities (no unit), pixels that are nucleus.

    Raises
    ------
    ValueError
        If the shapes differ, or a probability is not within 0..1.
    """
    truth, probability = np.asarray(truth), np.asarray(probability)
    if truth.shape != probability.shape:
        raise ValueError(f"truth has shape {truth.shape}, probability has {probability.shape}")
    if not ((probability >= 0) & (probability <= 1)).all():
        raise ValueError("expected probabilities from 0 to 1, got others: pass the output of a sigmoid")
    probability = probability.astype(np.float64).ravel()
    numbers = np.minimum((probability * bins).astype(np.int64), bins - 1)
    columns = [None, probability, truth.ravel() > 0]
    return np.stack([np.bincount(numbers, weights, bins) for weights in columns], axis=1).astype(np.float64)


def count_nuclei(truth, found, bins=BINS):
    """Count the nuclei found in one picture by their certainty, as `count_pixels` counts pixels.

    Parameters
    ----------
    truth : (H, W) ndarray of int
        Label image, 0 is background (no unit).
    found : segmentation.Segmentation
        With certainty.
    bins : int
        How many equally wide bins.

    Returns
    -------
    counts : (bins, 3) ndarray of float64
        Nuclei, sum of their certainties (no unit), nuclei that match a true one at an IoU above .5.
    """
    iou = object_metrics.pairwise_iou(object_metrics.overlaps(truth, found.labels))
    right = (iou > 0.5).any(axis=0) if len(iou) else np.zeros(iou.shape[1], bool)
    return count_pixels(right, found.certainty, bins)


def reliability(counts):
    """Predicted probability and observed frequency of nucleus, bin by bin.

    Parameters
    ----------
    counts : (B, 3) array_like of float
        As `count_pixels` or `count_nuclei` returns it, or the sum of several.

    Returns
    -------
    curve : DataFrame
        One row a bin: low, high (edges), predicted (mean probability), observed (share of nucleus), all
        0..1 (no unit), and pixels; predicted and observed are not a number in a bin without pixels.

    References
    ----------
    Niculescu-Mizil and Caruana 2005, doi:10.1145/1102351.1102430.
    """
    pixels, probabilities, nuclei = np.asarray(counts, float).T
    edges = np.linspace(0, 1, len(pixels) + 1)
    filled = np.where(pixels > 0, pixels, np.nan)
    columns = {"low": edges[:-1], "high": edges[1:]}
    columns |= {"predicted": probabilities / filled, "observed": nuclei / filled}
    return pd.DataFrame({**columns, "pixels": pixels.astype(np.int64)})


def expected_error(curve):
    """Expected calibration error: mean distance of predicted and observed, weighted by pixels.

    Parameters
    ----------
    curve : DataFrame
        Columns predicted, observed, pixels, as `reliability` returns it.

    Returns
    -------
    error : float
        0..1 (no unit).

    Raises
    ------
    ValueError
        If there is no pixel.

    References
    ----------
    Naeini et al. 2015, doi:10.1609/aaai.v29i1.9602.
    """
    if curve["pixels"].sum() == 0:
        raise ValueError("expected at least one pixel, got none")
    distance = (curve["predicted"] - curve["observed"]).abs()
    return float((distance * curve["pixels"]).sum() / curve["pixels"].sum())
