"""Pictures that show the same, at whatever size and brightness."""

import cv2
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

THUMBNAIL = 32  # pixels a side
ALIKE = 0.95  # correlation of two thumbnails above which they show the same
CHUNK = 256  # pictures compared with all others at a time, which bounds the memory


def thumbnail(image):
    """Shrink a picture to what duplicates are told by.

    Parameters
    ----------
    image : (H, W, 3) ndarray of uint8
        RGB, 0..255 (no unit).

    Returns
    -------
    thumbnail : (32, 32) ndarray of uint8
        Grey values, 0..255 (no unit).

    Raises
    ------
    ValueError
        If the picture is not `(H, W, 3)`.
    """
    if image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"expected an (H, W, 3) image, got {image.shape}")
    small = cv2.resize(image, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)


def groups(thumbnails):
    """Find pictures that show the same, and those that show the same as these.

    Parameters
    ----------
    thumbnails : sequence of (32, 32) ndarray of uint8
        From `thumbnail`.

    Returns
    -------
    group : (N,) ndarray of int64
        Number of each picture's group, in the order in which groups first appear; pictures without any
        contrast are nobody's duplicates.
    """
    flat = np.array(thumbnails, np.float64).reshape(len(thumbnails), THUMBNAIL**2)
    flat -= flat.mean(axis=1, keepdims=True)
    contrast = np.linalg.norm(flat, axis=1)
    group = np.arange(len(flat))
    for first in range(0, len(flat), CHUNK):
        part = slice(first, first + CHUNK)
        likeness = flat[part] @ flat[first:].T
        likeness /= np.maximum(np.outer(contrast[part], contrast[first:]), 1e-9)
        group = _united(group, first, likeness > ALIKE)
    return group


def connected(first, second, count):
    """Number the groups of what is linked, directly or through others.

    Parameters
    ----------
    first, second : (M,) array of int
        Ends of the links, 0..count - 1.
    count : int
        How many there are.

    Returns
    -------
    group : (count,) ndarray of int64
        Numbers from 0, in the order in which groups first appear.
    """
    graph = coo_array((np.ones(len(first), bool), (first, second)), (count, count))
    component = connected_components(graph, directed=False)[1]
    _, start, inverse = np.unique(component, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(start))[inverse].astype(np.int64)


def _united(group, first, alike):
    """Groups after pictures `first`, `first + 1` ... turn out to be like some of those that follow them.

    Each round links a picture to only one of those that it is like: of many copies there are more pairs than
    memory. What that leaves apart is linked in the next round.
    """
    while True:
        apart = alike & (group[first : first + len(alike), None] != group[first:])
        linked = np.flatnonzero(apart.any(axis=0))
        if not len(linked):
            return group
        like = first + apart[:, linked].argmax(axis=0)
        group = connected(group[like], group[first + linked], group.max() + 1)[group]
