"""Score a network on pictures with truth: at native size, and on the square grid of published tables."""

from dataclasses import replace

import numpy as np
import pandas as pd

from cellseg_utils import calibration, instances, metrics, prediction, preprocessing, scoring

PIXELS = ("dice", "iou", "accuracy")
NUCLEI = ("ap50", "ap75", "kaggle", "pq", "aji", "count_error_relative")
SQUARE = tuple(f"square_{name}" for name in PIXELS)
NAMES = (*PIXELS, *SQUARE, *NUCLEI)


def with_threshold(bundle, threshold):
    """Bundle that calls a pixel nucleus above another probability.

    Parameters
    ----------
    bundle : bundle.Bundle
        Stays as it is.
    threshold : float
        0..1 (no unit).

    Returns
    -------
    bundle : bundle.Bundle
        Of the same network.
    """
    rule = {**bundle.about.get("instances", {}), "threshold": threshold}
    return replace(bundle, about={**bundle.about, "instances": rule})


def picture_scores(samples, segmentations):
    """Score every picture at its native size.

    Parameters
    ----------
    samples : sequence of dataset.Sample
        With labels.
    segmentations : sequence of prediction.Segmentation
        Of the same pictures in the same order.

    Returns
    -------
    rows : DataFrame
        One row a picture: accuracy (share of pixels as in the truth, 0..1, no unit), and the scores of
        `scoring.image_scores`.

    Raises
    ------
    ValueError
        If there are more of one than of the other, or a picture and its segmentation differ in size.
    """
    return pd.DataFrame(
        [
            {
                **scoring.image_scores(sample.labels, found.labels),
                "accuracy": float(((sample.labels > 0) == (found.labels > 0)).mean()),
            }
            for sample, found in zip(samples, segmentations, strict=True)
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
    segmentations : sequence of prediction.Segmentation
        N of them, at native size.

    Returns
    -------
    masks : (N, S, S) ndarray of bool
        True is nucleus (no unit).
    """
    if bundle.any_size:
        size = images.shape[1:3]
        return np.stack([preprocessing.resize_mask(found.labels, size) for found in segmentations])
    rule = instances.Rule(**bundle.about.get("instances", {}))
    return prediction.square_probabilities(bundle, images) > rule.threshold


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
    scores = metrics.dice(truth, masks), metrics.iou(truth, masks), metrics.pixel_accuracy(truth, masks)
    return pd.DataFrame(dict(zip(SQUARE, scores, strict=True)))


def means(rows, names, seed):
    """Mean of every score over the pictures, and its 95 % bootstrap interval over the families.

    Parameters
    ----------
    rows : DataFrame
        One row a picture, with a column family and one for each score.
    names : sequence of str
        Of the scores. A picture whose score is not a number is left out of that score.
    seed : int
        Of the bootstrap.

    Returns
    -------
    means : dict
        `name` (float) and `name_interval` (two floats) for each score; None where no picture has it, and no
        interval where its pictures have too few families.
    """
    result = {}
    for name in names:
        known = rows.dropna(subset=[name])
        result[name] = float(known[name].mean()) if len(known) else None
        enough = known["family"].nunique() >= metrics.FEWEST_FAMILIES
        result[f"{name}_interval"] = (
            metrics.bootstrap_interval(known[name], seed, groups=known["family"]) if enough else None
        )
    return result


def kind_means(rows, names, seed):
    """`means` for each kind of picture.

    Parameters
    ----------
    rows, names, seed
        As for `means`; rows have the columns kind and nuclei, too.

    Returns
    -------
    kinds : dict of str to dict
        Kind to images, families, nuclei (how many), and what `means` returns; the most frequent kind first.
    """
    kinds = {kind: rows[rows["kind"] == kind] for kind in rows["kind"].value_counts().index}
    return {
        kind: {
            "images": len(own),
            "families": own["family"].nunique(),
            "nuclei": int(own["nuclei"].sum()),
            **means(own, names, seed),
        }
        for kind, own in kinds.items()
    }


def nuclei_found(samples, segmentations):
    """How large each true nucleus of all pictures is and how well it was found.

    Parameters
    ----------
    samples, segmentations
        As for `picture_scores`.

    Returns
    -------
    nuclei : DataFrame
        Those of `scoring.nuclei_found`, picture by picture.
    """
    pairs = zip(samples, segmentations, strict=True)
    return pd.concat([scoring.nuclei_found(sample.labels, found.labels) for sample, found in pairs])


def threshold_sweep(samples, segmentations, thresholds):
    """Mean Dice and IoU of the pixels, at native size, for every threshold of the probability.

    Parameters
    ----------
    samples, segmentations
        As for `picture_scores`.
    thresholds : sequence of float
        0..1 (no unit).

    Returns
    -------
    sweep : DataFrame
        Columns threshold, dice, iou; means over the pictures.
    """
    sweeps = [
        metrics.threshold_sweep(sample.labels[None] > 0, found.probability[None], thresholds)
        for sample, found in zip(samples, segmentations, strict=True)
    ]
    return pd.concat(sweeps).groupby("threshold", as_index=False).mean()


def reliability(samples, segmentations):
    """Predicted probability and observed frequency of nucleus over the pixels of all pictures.

    Parameters
    ----------
    samples, segmentations
        As for `picture_scores`.

    Returns
    -------
    curve : DataFrame
        As `calibration.reliability` returns it.
    """
    pairs = zip(samples, segmentations, strict=True)
    return calibration.reliability(
        sum(calibration.count_pixels(sample.labels, found.probability) for sample, found in pairs)
    )
