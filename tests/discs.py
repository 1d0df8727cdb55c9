"""Label images of discs: nuclei whose place and size are known on paper."""

import numpy as np


def discs(shape, circles):
    """Draw discs `(y, x, radius)`, numbered from 1; a pixel that two claim goes to the nearer centre."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    labels, nearest = np.zeros(shape, np.int32), np.full(shape, np.inf)
    for number, (row, column, radius) in enumerate(circles, 1):
        distance = np.hypot(y - row, x - column)
        inside = (distance <= radius) & (distance < nearest)
        labels[inside] = number
        nearest[inside] = distance[inside]
    return labels


def same_instances(one, other):
    """Whether two label images are equal but for the numbers of their nuclei."""
    pairs = {(int(a), int(b)) for a, b in zip(one.ravel(), other.ravel(), strict=True)}
    alone = len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)
    return one.shape == other.shape and alone and all((a == 0) == (b == 0) for a, b in pairs)
