"""How sure it is that a nucleus is one."""

import numpy as np

from cellseg_utils.prediction import instances

STRIP = 512  # rows that are measured at once
SURE = 0.8  # probability of nucleus above which a pixel is sure, 0..1 (no unit)
LEAST = 0.1  # certainty below which a nucleus costs more than it gives: it is dropped, 0..1 (no unit)
UNKNOWN = 0.5  # agreement where the look shows none of the nuclei, 0..1 (no unit)
FEATURES = ("agreement", "sureness", "fullness")
WEIGHTS = (1.39, 3.64, 12.88)  # of the features, in logits
INTERCEPT = -14.53


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
    if look.labels.shape != labels.shape:
        agreement[instances.at_border(labels[look.place])] = np.nan
    known = agreement[~np.isnan(agreement)]
    agreement[np.isnan(agreement)] = known.mean() if len(known) else UNKNOWN
    return with_agreement(agreement, labels, probability)


def with_agreement(agreement, labels, probability):
    """The same features where the agreement is known.

    Parameters
    ----------
    agreement : (n,) ndarray of float64, or float
        0..1 (no unit).
    labels, probability
        As for `features`.

    Returns
    -------
    features : (n, 3) ndarray of float64
    """
    count = int(labels.max(initial=0))
    areas, sure, *moments = _sums(labels, probability, count)
    agreement = np.broadcast_to(agreement, count)
    return np.column_stack([agreement, sure / np.maximum(areas, 1), _fullness(areas, *moments)])


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


def _sums(labels, probability, count):
    """Of every nucleus: pixels, sure ones, and sums of row, column, their squares and their product."""
    sums = np.zeros((7, count))
    for top in range(0, len(labels), STRIP):
        numbers = labels[top : top + STRIP].ravel()
        inside = np.flatnonzero(numbers)
        row, column = np.divmod(inside.astype(np.float64), labels.shape[1])
        sure = probability[top : top + STRIP].ravel()[inside] > SURE
        row += top
        for own, values in zip(sums, (None, sure, row, column, row**2, column**2, row * column), strict=True):
            own += np.bincount(numbers[inside] - 1, values, count)
    return sums


def _fullness(areas, row, column, rows, columns, both):
    """Area over that of the ellipse with the same second moments: 1 for ellipses, less for letters."""
    pixels = np.maximum(areas, 1)
    row, column = row / pixels, column / pixels
    pixel = 1 / 12  # variance within a pixel
    variances = (rows / pixels - row**2 + pixel) * (columns / pixels - column**2 + pixel)
    determinant = np.maximum(variances - (both / pixels - row * column) ** 2, pixel**2)
    return np.minimum(areas / (4 * np.pi * np.sqrt(determinant)), 1)
