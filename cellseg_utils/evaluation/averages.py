"""Scores of many pictures together: means with intervals, by kind of picture, and pooled."""

import numpy as np

from cellseg_utils.audit import image_kinds
from cellseg_utils.evaluation import intervals, object_metrics, pixel_metrics, scoring

NUCLEI = ("f1", "ap50", "ap75", "kaggle", "pq", "aji", "count_error_relative")
NAMES = (*scoring.PIXELS, *scoring.SQUARE, *NUCLEI)


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
        enough = known["family"].nunique() >= intervals.FEWEST_FAMILIES
        result[f"{name}_interval"] = (
            intervals.bootstrap_interval(known[name], seed, groups=known["family"]) if enough else None
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
        Kind to images, families, nuclei (how many), and what `means` returns; in the order of
        `image_kinds.KINDS`.
    """
    kinds = {kind: rows[rows["kind"] == kind] for kind in image_kinds.ordered(rows["kind"])}
    return {
        kind: {
            "images": len(own),
            "families": own["family"].nunique(),
            "nuclei": int(own["nuclei"].sum()),
            **means(own, names, seed),
        }
        for kind, own in kinds.items()
    }


def precisions(rows):
    """Average precision of every picture at every threshold.

    Parameters
    ----------
    rows : DataFrame
        Columns nuclei, predicted, tp_50 ... tp_95; one row a picture.

    Returns
    -------
    precisions : (N, K) ndarray of float64
        Columns follow `object_metrics.THRESHOLDS`; 0..1 (no unit).

    Raises
    ------
    KeyError
        If a column is missing.
    """
    found, nuclei = rows[scoring.FOUND].to_numpy(float), (rows["nuclei"] + rows["predicted"]).to_numpy(float)
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
        dice, iou, f1, ap50, ap75, kaggle, pq (0..1, no unit), nuclei, predicted, count_error (nuclei),
        count_error_relative (no unit), tp_50, missed, merged, split, invented and blocks
        (how many).

    Raises
    ------
    KeyError
        If a column is missing.
    """
    names = ["nuclei", "predicted", *scoring.WRONG]
    sums = rows[[*names, *scoring.FOUND, "true_pixels", "predicted_pixels", "shared_pixels"]].sum()
    precision = precisions(sums.to_frame().T)[0]
    signed, relative = object_metrics.count_error(sums["nuclei"], sums["predicted"])
    nuclei, found = rows["nuclei"] + rows["predicted"], float(precision[scoring.FOUND.index("tp_50")])
    return {
        **pixel_metrics.from_areas(sums["true_pixels"], sums["predicted_pixels"], sums["shared_pixels"]),
        "f1": float(2 * found / (1 + found)),
        "ap50": found,
        "ap75": float(precision[scoring.FOUND.index("tp_75")]),
        "kaggle": float(precision.mean()),
        "pq": float((rows["pq"] * nuclei).sum() / nuclei.sum()) if nuclei.sum() else 1.0,
        "count_error": float(signed),
        "count_error_relative": relative,
        "tp_50": float(sums["tp_50"]),
        **sums[names].astype(float).to_dict(),
    }
