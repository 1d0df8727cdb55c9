"""Scores of whole pictures and of many pictures together, pixel by pixel and nucleus by nucleus."""

import numpy as np
import pandas as pd

from cellseg_utils import matching, object_errors

FOUND = [f"tp_{round(100 * threshold)}" for threshold in matching.THRESHOLDS]
DIAMETERS = (0, 8, 12, 16, 24, 32, np.inf)  # pixels; edges of the size bins


def image_scores(truth, prediction):
    """Score one picture.

    Parameters
    ----------
    truth, prediction : (H, W) array_like of int
        Label images, 0 is background (no unit).

    Returns
    -------
    scores : dict of str to float
        One row of the table that `pooled` reads:

        - dice, iou (pixels), ap50, ap75, kaggle, pq, aji: 0..1, 1 if both are empty (no unit);
        - nuclei, predicted: how many there are and were found;
        - count_error (nuclei), count_error_relative (no unit; see `matching.count_error`);
        - missed, invented, merged, split: how many (see `object_errors.errors`);
        - tp_50, tp_55, ... tp_95: nuclei found at that IoU in percent. False positives are `predicted`
          less these, false negatives `nuclei` less these;
        - true_pixels, predicted_pixels, shared_pixels: areas (pixels).

    Raises
    ------
    ValueError
        If the two shapes differ, or the labels are negative or no whole numbers.
    """
    table = matching.overlaps(truth, prediction)
    iou = matching.pairwise_iou(table)
    counts = matching.match_counts(iou)
    precision = dict(zip(FOUND, matching.average_precision(counts), strict=True))
    nuclei, predicted = iou.shape
    signed, relative = matching.count_error(nuclei, predicted)
    areas = table[1:].sum(), table[:, 1:].sum(), table[1:, 1:].sum()
    wrong = object_errors.errors(truth, prediction)
    scores = {
        **_pixel_scores(*areas),
        "ap50": precision["tp_50"],
        "ap75": precision["tp_75"],
        "kaggle": matching.kaggle_score(iou),
        "pq": matching.panoptic_quality(iou),
        "aji": matching.aggregated_jaccard(table),
        "nuclei": nuclei,
        "predicted": predicted,
        "count_error": signed,
        "count_error_relative": relative,
        **{name: len(getattr(wrong, name)) for name in ("missed", "invented", "merged", "split")},
        **dict(zip(FOUND, counts[:, 0], strict=True)),
        **dict(zip(("true_pixels", "predicted_pixels", "shared_pixels"), areas, strict=True)),
    }
    return {name: float(value) for name, value in scores.items()}


def precisions(rows):
    """Average precision of every picture at every threshold.

    Parameters
    ----------
    rows : DataFrame
        Columns nuclei, predicted, tp_50 ... tp_95; one row a picture.

    Returns
    -------
    precisions : (N, K) ndarray of float64
        Columns follow `matching.THRESHOLDS`; 0..1 (no unit).

    Raises
    ------
    KeyError
        If a column is missing.
    """
    found, nuclei = rows[FOUND].to_numpy(float), (rows["nuclei"] + rows["predicted"]).to_numpy(float)
    either = nuclei[:, None] - found
    return np.divide(found, either, out=np.ones_like(found), where=either > 0)


def pooled(rows):
    """Score many pictures as if they were one: every pixel and every nucleus counts the same.

    Parameters
    ----------
    rows : DataFrame
        One row a picture, with the columns of `image_scores`.

    Returns
    -------
    scores : dict of str to float
        dice, iou, ap50, ap75, kaggle, pq (0..1, no unit), nuclei, predicted, count_error (nuclei),
        count_error_relative (no unit), missed, invented, merged, split.

    Raises
    ------
    KeyError
        If a column is missing.
    """
    names = ["nuclei", "predicted", "missed", "invented", "merged", "split"]
    sums = rows[[*names, *FOUND, "true_pixels", "predicted_pixels", "shared_pixels"]].sum()
    precision = precisions(sums.to_frame().T)[0]
    signed, relative = matching.count_error(sums["nuclei"], sums["predicted"])
    nuclei = rows["nuclei"] + rows["predicted"]
    return {
        **_pixel_scores(sums["true_pixels"], sums["predicted_pixels"], sums["shared_pixels"]),
        "ap50": float(precision[FOUND.index("tp_50")]),
        "ap75": float(precision[FOUND.index("tp_75")]),
        "kaggle": float(precision.mean()),
        "pq": float((rows["pq"] * nuclei).sum() / nuclei.sum()) if nuclei.sum() else 1.0,
        "count_error": float(signed),
        "count_error_relative": relative,
        **sums[names].astype(float).to_dict(),
    }


def nuclei_found(truth, prediction):
    """How large each true nucleus is and how well it was found.

    Parameters
    ----------
    truth, prediction : (H, W) array_like of int
        Label images, 0 is background (no unit).

    Returns
    -------
    nuclei : DataFrame
        One row a true nucleus, by label: area (pixels), diameter of the disc of that area (pixels), iou
        with the best prediction (0..1, no unit).

    Raises
    ------
    ValueError
        If the two shapes differ, or the labels are negative or no whole numbers.
    """
    table = matching.overlaps(truth, prediction)
    area, best = table[1:].sum(axis=1), matching.pairwise_iou(table).max(axis=1, initial=0)
    return pd.DataFrame({"area": area, "diameter": np.sqrt(4 * area / np.pi), "iou": best})


def recall_by_size(nuclei, edges=DIAMETERS, threshold=0.5):
    """Share of the true nuclei that were found, by their size.

    Parameters
    ----------
    nuclei : DataFrame
        Columns diameter (pixels) and iou (0..1), as `nuclei_found` returns it; those of many pictures may
        stand below each other.
    edges : (B + 1,) sequence of float
        Rising diameters (pixels); a bin holds its lower edge, not its upper.
    threshold : float
        A nucleus is found above this IoU, 0.5..1 (no unit).

    Returns
    -------
    sizes : DataFrame
        One row a bin: low, high (pixels), nuclei, found (how many), recall (0..1, no unit; not a number in
        a bin without nuclei).

    Raises
    ------
    ValueError
        If the threshold lies below 0.5.
    """
    if threshold < 0.5:
        raise ValueError(f"expected a threshold of 0.5 or more, where a match is unique, got {threshold}")
    bins = pd.cut(nuclei["diameter"], list(edges), right=False, labels=False)
    found = nuclei["iou"] > threshold
    counts = [((bins == number).sum(), found[bins == number].sum()) for number in range(len(edges) - 1)]
    sizes = pd.DataFrame(counts, columns=["nuclei", "found"])
    sizes.insert(0, "low", list(edges[:-1]))
    sizes.insert(1, "high", list(edges[1:]))
    return sizes.assign(recall=sizes["found"] / sizes["nuclei"])


def _pixel_scores(true_pixels, predicted_pixels, shared_pixels):
    both = true_pixels + predicted_pixels
    if both == 0:
        return {"dice": 1.0, "iou": 1.0}
    return {"dice": float(2 * shared_pixels / both), "iou": float(shared_pixels / (both - shared_pixels))}
