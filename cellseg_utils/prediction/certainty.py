"""How sure it is that a nucleus is one."""

import numpy as np

SURE = 0.8  # probability of nucleus above which a pixel is sure, 0..1 (no unit)
FEATURES = ("agreement", "sureness", "fullness")
WEIGHTS = (2.23, 5.19, 8.79)  # of the features, in logits
INTERCEPT = -12.6


def features(labels, probability, look):
    """What tells right nuclei from wrong ones without the truth.

    Parameters
    ----------
    labels : (H, W) ndarray of int32
        0 is background, 1..n are the nuclei (no unit).
    probability : (H, W) ndarray of float32
        Of nucleus, 0..1 (no unit).
    look : looks.Look
        At another zoom; nuclei outside of its part count as its mean.

    Returns
    -------
    features : (n, 3) ndarray of float64
        In the order of `FEATURES`, 0..1 each (no unit): the best IoU with a nucleus of the look; the share of
        pixels that are sure; the area over that of the ellipse with the same second moments.
    """
    count = int(labels.max(initial=0))
    if not count:
        return np.zeros((0, len(FEATURES)))
    agreement = best_iou(labels[look.place], look.labels, count)
    agreement[np.isnan(agreement)] = 0 if np.isnan(agreement).all() else np.nanmean(agreement)
    rows, columns = np.nonzero(labels)
    numbers = labels[rows, columns] - 1
    areas = np.bincount(numbers, minlength=count)
    sureness = np.bincount(numbers, probability[rows, columns] > SURE, count) / np.maximum(areas, 1)
    return np.column_stack([agreement, sureness, _fullness(rows, columns, numbers, areas)])


def of_nuclei(features):
    """Probability that a nucleus is one of the truth at an IoU above .5, as found on pictures with truth.

    Parameters
    ----------
    features : (n, 3) ndarray of float64
        From `features`.

    Returns
    -------
    certainty : (n,) ndarray of float64
        0..1 (no unit).
    """
    return 1 / (1 + np.exp(-(features @ np.array(WEIGHTS) + INTERCEPT)))


def best_iou(labels, other, count):
    """The best IoU of every nucleus with one of another label image.

    Parameters
    ----------
    labels, other : (H, W) ndarray of int32
        0 is background (no unit).
    count : int
        Nuclei that there may be in `labels`.

    Returns
    -------
    iou : (count,) ndarray of float64
        0..1 (no unit); not a number for those that are not there.
    """
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    others = np.bincount(other.ravel())
    both = np.flatnonzero(labels.ravel().astype(bool) & other.ravel().astype(bool))
    pairs, shared = np.unique(
        labels.ravel()[both].astype(np.int64) * len(others) + other.ravel()[both], return_counts=True
    )
    own, their = np.divmod(pairs, len(others))
    result = np.where(areas > 0, 0.0, np.nan)
    np.maximum.at(result, own, shared / (areas[own] + others[their] - shared))
    return result[1:]


def _fullness(rows, columns, numbers, areas):
    """Area over that of the ellipse with the same second moments: 1 for ellipses, less for letters."""
    safe = np.maximum(areas, 1)

    def mean(values):
        return np.bincount(numbers, values, len(areas)) / safe

    row, column = (place - mean(place)[numbers] for place in (rows, columns))
    pixel = 1 / 12  # variance within a pixel
    determinant = (mean(row**2) + pixel) * (mean(column**2) + pixel) - mean(row * column) ** 2
    return np.minimum(areas / (4 * np.pi * np.sqrt(determinant)), 1)
