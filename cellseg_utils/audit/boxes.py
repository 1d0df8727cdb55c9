"""How much of its bounding box a nucleus fills."""

import numpy as np
import pandas as pd
from scipy import ndimage


def box_fill(labels, at_border=False):
    """Measure how much of its bounding box each nucleus fills.

    Parameters
    ----------
    labels : (H, W) ndarray of int
        Label image, 0 is background (no unit).
    at_border : bool
        Whether nuclei count that touch the border of the picture, where they may be cut off.

    Returns
    -------
    nuclei : pandas.DataFrame
        Indexed by label: top, left, height, width (pixels), area (pixels), fill = area / (height * width)
        (no unit).
    """
    labels = np.asarray(labels, np.int32)
    rows = []
    for label, box in enumerate(ndimage.find_objects(labels), start=1):
        if box is None or (_touches_border(box, labels.shape) and not at_border):
            continue
        inside = labels[box] == label
        rows.append((label, box[0].start, box[1].start, *inside.shape, inside.sum(), inside.mean()))
    names = ["label", "top", "left", "height", "width", "area", "fill"]
    return pd.DataFrame(rows, columns=names).set_index("label")


def _touches_border(box, shape):
    return any(side.start == 0 or side.stop == size for side, size in zip(box, shape, strict=True))


def alike_in_box(nuclei):
    """Choose two nuclei, among the larger half, whose boxes are alike while their shapes are not.

    Parameters
    ----------
    nuclei : pandas.DataFrame
        As `box_fill` returns it.

    Returns
    -------
    labels : tuple of int
        The better filled nucleus first.

    Raises
    ------
    ValueError
        If there are fewer than two nuclei.
    """
    if len(nuclei) < 2:
        raise ValueError(f"expected two nuclei, got {len(nuclei)}: take another picture")
    nuclei = nuclei.nlargest(max(2, len(nuclei) // 2), "area")
    sizes = np.log(nuclei[["height", "width"]].to_numpy(float))
    unlike_box = np.abs(sizes[:, None] - sizes[None]).sum(axis=2)
    unlike_shape = nuclei.fill.to_numpy()[:, None] - nuclei.fill.to_numpy()[None]
    score = unlike_shape - unlike_box
    np.fill_diagonal(score, -np.inf)
    first, second = np.unravel_index(score.argmax(), score.shape)
    return int(nuclei.index[first]), int(nuclei.index[second])
