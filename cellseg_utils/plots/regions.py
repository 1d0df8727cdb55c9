"""What is drawn of the nuclei of a label image: colours that differ from neighbours, outlines, boxes."""

import numpy as np
import pandas as pd
from scipy import ndimage
from skimage.measure import find_contours
from skimage.segmentation import expand_labels

from cellseg_utils.plots import pictures, style

INSTANCE_COLOURS = [
    style.ORANGE,
    style.SKY,
    style.GREEN,
    style.YELLOW,
    style.BLUE,
    style.VERMILLION,
    style.PURPLE,
]
NEIGHBOURHOOD = 6  # pixels; nuclei that are closer than twice this get different colours


def colour_instances(labels):
    """Choose a colour for every nucleus so that neighbours differ.

    Neighbours are coloured in smallest-last order (Matula and Beck, https://doi.org/10.1145/2402.322385),
    which needs six colours at most on a planar map.

    Parameters
    ----------
    labels : (H, W) ndarray of int
        Label image, 0 is background (no unit).

    Returns
    -------
    colours : dict of int to str
        Label to colour.
    """
    grown = expand_labels(pictures.plane(labels), NEIGHBOURHOOD)
    neighbours = {int(label): set() for label in np.unique(grown) if label}
    for one, other in ((grown[1:], grown[:-1]), (grown[:, 1:], grown[:, :-1])):
        border = (one != other) & (one > 0) & (other > 0)
        for a, b in np.unique(np.stack([one[border], other[border]]), axis=1).T.tolist():
            neighbours[a].add(b)
            neighbours[b].add(a)
    colours = {}
    for label in _smallest_last(neighbours):
        taken = [colours[other] for other in neighbours[label] if other in colours]
        turned = INSTANCE_COLOURS[label % 7 :] + INSTANCE_COLOURS[: label % 7]
        colours[label] = min(turned, key=taken.count)
    return colours


def _smallest_last(neighbours):
    degree = {label: len(others) for label, others in neighbours.items()}
    removed = []
    while degree:
        label = min(degree, key=degree.get)
        del degree[label]
        removed.append(label)
        for other in neighbours[label]:
            if other in degree:
                degree[other] -= 1
    return removed[::-1]


def outlines(labels):
    """Trace every nucleus, or the border of a mask.

    Parameters
    ----------
    labels : (H, W) ndarray of int or bool

    Returns
    -------
    lines : list of (N, 2) ndarray of float64
        Closed lines of x, y in pixels; (0, 0) is the centre of the first pixel.
    """
    labels = pictures.plane(labels).astype(np.int32)
    lines = []
    for label, box in enumerate(ndimage.find_objects(labels), start=1):
        if box is None:
            continue
        nucleus = np.pad(labels[box] == label, 1).astype(np.float32)
        corner = (box[1].start - 1, box[0].start - 1)
        lines += [line[:, ::-1] + corner for line in find_contours(nucleus, 0.5)]
    return lines


def boxes(labels):
    """Trace the bounding box of every nucleus.

    Parameters
    ----------
    labels : (H, W) ndarray of int

    Returns
    -------
    lines : list of (5, 2) ndarray of float64
        Closed lines of x, y in pixels along the outer edges; (0, 0) is the centre of the first pixel.
    """
    lines = []
    for rows, columns in filter(None, ndimage.find_objects(pictures.plane(labels).astype(np.int32))):
        top, bottom, left, right = rows.start, rows.stop, columns.start, columns.stop
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        lines.append(np.array(corners) - 0.5)
    return lines


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
    labels = pictures.plane(labels).astype(np.int32)
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
