"""True and predicted nuclei of label images, paired by their overlap, and the scores that follow.

In a label image 0 is background and every other value is one nucleus; labels need not be consecutive.
"""

import numpy as np
import pandas as pd

THRESHOLDS = np.arange(50, 100, 5) / 100  # IoU, those of the 2018 Data Science Bowl


def overlaps(truth, prediction):
    """Count the pixels that every true and predicted nucleus share.

    Parameters
    ----------
    truth, prediction : (H, W) array_like of int
        Label images, 0 is background (no unit).

    Returns
    -------
    table : (1 + T, 1 + P) ndarray of int64
        Pixels; the first row and column are the background, the others follow the sorted labels.

    Raises
    ------
    ValueError
        If the two shapes differ, or the labels are negative or no whole numbers.
    """
    truth, prediction = _check_labels(truth, "truth"), _check_labels(prediction, "prediction")
    if truth.shape != prediction.shape:
        raise ValueError(f"truth has shape {truth.shape}, prediction has {prediction.shape}")
    rows, row_count = _positions(truth)
    columns, column_count = _positions(prediction)
    pairs = np.bincount(rows * column_count + columns, minlength=row_count * column_count)
    return pairs.reshape(row_count, column_count)


def pairwise_iou(table):
    """Intersection over union from the pixels that nuclei share.

    Parameters
    ----------
    table : (1 + T, 1 + P) ndarray of int
        As `overlaps` returns it (pixels).

    Returns
    -------
    iou : (T, P) ndarray of float64
        0..1 (no unit).
    """
    shared, union = _shared_and_union(table)
    return shared / union


def match_counts(iou, thresholds=THRESHOLDS):
    """Count the nuclei that were found, invented and missed at each threshold.

    A pair matches if its IoU exceeds the threshold. From 0.5 on no nucleus can have two partners.

    Parameters
    ----------
    iou : (T, P) ndarray of float
        As `pairwise_iou` returns it.
    thresholds : (K,) sequence of float
        0.5..1 (no unit).

    Returns
    -------
    counts : (K, 3) ndarray of int64
        True positives, false positives, false negatives (nuclei).

    Raises
    ------
    ValueError
        If a threshold lies below 0.5.
    """
    thresholds = np.asarray(thresholds, float)
    if not (thresholds >= 0.5).all():
        raise ValueError(f"expected thresholds of 0.5 or more, where a match is unique, got {thresholds}")
    found = np.array([np.count_nonzero(iou > threshold) for threshold in thresholds], np.int64)
    return np.stack([found, iou.shape[1] - found, iou.shape[0] - found], axis=1)


def average_precision(counts):
    """Found nuclei over all that were found, invented or missed: TP / (TP + FP + FN).

    This is what the Data Science Bowl and StarDist call average precision, not the area under a curve.

    Parameters
    ----------
    counts : (K, 3) array_like of int
        As `match_counts` returns it, or the sum of several.

    Returns
    -------
    precision : (K,) ndarray of float64
        0..1 (no unit); 1 where there is no nucleus at all.

    References
    ----------
    Caicedo et al. 2019, doi:10.1038/s41592-019-0612-7.
    """
    counts = np.asarray(counts)
    nuclei = counts.sum(axis=1)
    return np.divide(counts[:, 0], nuclei, out=np.ones(len(counts)), where=nuclei > 0)


def f1(counts):
    """Found nuclei against all true and predicted ones: 2 TP / (2 TP + FP + FN).

    Parameters
    ----------
    counts : (K, 3) array_like of int
        As for `average_precision`.

    Returns
    -------
    f1 : (K,) ndarray of float64
        0..1 (no unit); 1 where there is no nucleus at all. Of an average precision p it is 2 p / (1 + p).
    """
    precision = average_precision(counts)
    return 2 * precision / (1 + precision)


def kaggle_score(iou):
    """Score of one picture in the 2018 Data Science Bowl: its mean average precision over `THRESHOLDS`.

    Parameters
    ----------
    iou : (T, P) ndarray of float
        As `pairwise_iou` returns it.

    Returns
    -------
    score : float
        0..1 (no unit); 1 if there is no nucleus at all.

    References
    ----------
    Caicedo et al. 2019, doi:10.1038/s41592-019-0612-7.
    """
    return float(average_precision(match_counts(iou)).mean())


def panoptic_quality(iou):
    """Sum of the IoU of matched nuclei over TP + FP / 2 + FN / 2; a match exceeds an IoU of 0.5.

    Parameters
    ----------
    iou : (T, P) ndarray of float
        As `pairwise_iou` returns it.

    Returns
    -------
    quality : float
        0..1 (no unit); 1 if there is no nucleus at all.

    References
    ----------
    Kirillov et al. 2019, doi:10.1109/CVPR.2019.00963.
    """
    nuclei = sum(iou.shape)
    return float(2 * iou[iou > 0.5].sum() / nuclei) if nuclei else 1.0


def aggregated_jaccard(table):
    """Aggregated Jaccard index: shared pixels over united pixels, summed over all nuclei.

    Every true nucleus is paired with the predicted one of highest IoU, which may serve several; predicted
    nuclei that serve none, and true ones without any overlap, add their whole area to the union.

    Parameters
    ----------
    table : (1 + T, 1 + P) ndarray of int
        As `overlaps` returns it (pixels).

    Returns
    -------
    index : float
        0..1 (no unit); 1 if there is no nucleus at all.

    References
    ----------
    Kumar et al. 2017, doi:10.1109/TMI.2017.2677499.
    """
    true_areas, predicted_areas = table[1:].sum(axis=1), table[:, 1:].sum(axis=0)
    shared, union = _shared_and_union(table)
    touched = np.flatnonzero(shared.any(axis=1))
    best = (shared[touched] / union[touched]).argmax(axis=1) if touched.size else touched
    united = union[touched, best].sum() + np.delete(true_areas, touched).sum()
    united += np.delete(predicted_areas, best).sum()
    return float(shared[touched, best].sum() / united) if united else 1.0


def count_error(nuclei, predicted):
    """How many nuclei too many (positive) or too few (negative) were counted.

    Parameters
    ----------
    nuclei, predicted : int
        True and predicted number of nuclei.

    Returns
    -------
    signed : int
        Nuclei.
    relative : float
        Share of the true number (no unit); not a number if there is no true nucleus but a predicted one.
    """
    signed = int(predicted) - int(nuclei)
    if nuclei == 0:
        return signed, 0.0 if signed == 0 else float("nan")
    return signed, signed / int(nuclei)


def area_ratio(table):
    """Mean of predicted over true area of the nuclei that were found, at an IoU above 0.5.

    Parameters
    ----------
    table : (1 + T, 1 + P) ndarray of int
        As `overlaps` returns it (pixels).

    Returns
    -------
    ratio : float
        1 where outlines are neither too wide nor too narrow (no unit); not a number if none was found.
    """
    true, predicted = np.nonzero(pairwise_iou(table) > 0.5)
    if not true.size:
        return float("nan")
    true_areas, predicted_areas = table[1:].sum(axis=1), table[:, 1:].sum(axis=0)
    return float((predicted_areas[predicted] / true_areas[true]).mean())


def _check_labels(labels, name):
    labels = np.asarray(labels)
    if labels.dtype.kind not in "bui" or (labels.size and labels.min() < 0):
        raise ValueError(f"expected labels of {name} to be whole numbers from 0 on, got {labels.dtype}")
    return labels


def _positions(labels):
    """Position of every pixel's label among the sorted ones, background first; counts background too."""
    positions, nuclei = np.zeros(labels.shape, np.int64), labels > 0
    codes, names = pd.factorize(labels[nuclei], sort=True)
    positions[nuclei] = codes + 1
    return positions.ravel(), 1 + len(names)


def _shared_and_union(table):
    shared = table[1:, 1:]
    return shared, table[1:].sum(axis=1)[:, None] + table[:, 1:].sum(axis=0) - shared
