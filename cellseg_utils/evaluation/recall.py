"""Which true nuclei were found, by their size."""

import numpy as np
import pandas as pd

from cellseg_utils.evaluation import object_metrics

DIAMETERS = (0, 8, 12, 16, 24, 32, np.inf)  # pixels; edges of the size bins


def nucleus_ious(truths, predictions):
    """How large each true nucleus is and how well it was found.

    Parameters
    ----------
    truths, predictions : sequence of (H, W) array_like of int
        Label images of the same pictures, 0 is background (no unit).

    Returns
    -------
    nuclei : DataFrame
        One row a true nucleus, picture by picture and by label: area (pixels), diameter of the disc of that
        area (pixels), iou with the best prediction (0..1, no unit).

    Raises
    ------
    ValueError
        If there are more of one than of the other or none, two shapes differ, or labels are negative or no
        whole numbers.
    """
    return pd.concat([_nucleus_ious(*pair) for pair in zip(truths, predictions, strict=True)])


def _nucleus_ious(truth, prediction):
    table = object_metrics.overlaps(truth, prediction)
    area, best = table[1:].sum(axis=1), object_metrics.pairwise_iou(table).max(axis=1, initial=0)
    return pd.DataFrame({"area": area, "diameter": np.sqrt(4 * area / np.pi), "iou": best})


def recall_by_size(nuclei, edges=DIAMETERS, threshold=0.5):
    """Share of the true nuclei that were found, by their size.

    Parameters
    ----------
    nuclei : DataFrame
        Columns diameter (pixels) and iou (0..1), as `nucleus_ious` returns it.
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
