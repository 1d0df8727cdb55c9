"""What is drawn of the nuclei of a label image: colours that differ from neighbours, outlines, boxes."""

import numpy as np
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
