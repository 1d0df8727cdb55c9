"""Random places, sizes and directions of training pictures, the truth changed alike."""

import cv2
import numpy as np

from cellseg_utils.preprocessing import symmetry

SCALES = (0.6, 1.7)  # range of the usual zoom, relative to the common nucleus size (no unit)
WIDE_SCALES = (0.35, 2.5)  # range of the rare zoom
WIDE_SHARE = 0.2  # how often the zoom is a rare one, 0..1
NUCLEUS_SHARE = 0.7  # how often a cut is placed on a nucleus, 0..1
STRETCH = 0.12  # largest usual difference of one axis from the mean of both, as a logarithm (no unit)
WIDE_STRETCH = 0.45  # largest rare one: long nuclei of muscle and gut, about 2.5 times as long as wide
STRETCHED_SHARE = 0.2  # how often the stretch is a rare one, 0..1


def symmetries(images, masks, rng):
    """Turn and mirror every picture of a batch by one of the eight symmetries of the square.

    Parameters
    ----------
    images, masks : (N, S, S, C) ndarray
        Pictures and their masks (no unit).
    rng : numpy.random.Generator
        Draws the symmetry of each picture.

    Returns
    -------
    images, masks : ndarray
        Of the same shapes; picture and mask are changed alike.

    Raises
    ------
    ValueError
        If the pictures are not square.
    """
    if images.shape[1] != images.shape[2]:
        raise ValueError(f"expected square pictures, got {images.shape[1:3]}")
    turned = [
        (symmetry.turned(i, n), symmetry.turned(m, n))
        for i, m, n in zip(images, masks, rng.integers(0, symmetry.COUNT, len(images)), strict=True)
    ]
    return np.stack([i for i, _ in turned]), np.stack([m for _, m in turned])


def crop(image, labels, zoom, side, rng):
    """Cut a square out of a picture and its labels, zoomed, turned, mirrored and stretched at random.

    Parameters
    ----------
    image : (H, W, 3) ndarray of uint8
        Colours, or planes of stain (no unit).
    labels : (H, W) ndarray of int
        0 is background (no unit); fewer than 2 ** 24 nuclei.
    zoom : float
        That brings the picture to the common nucleus size (no unit); a random one is put on top.
    side : int
        Of the square (pixels).
    rng : numpy.random.Generator

    Returns
    -------
    image : (side, side, 3) ndarray of uint8
    labels : (side, side) ndarray of int32
        Beyond the picture both are 0.
    """
    low, high = WIDE_SCALES if rng.random() < WIDE_SHARE else SCALES
    zoom = zoom * np.exp(rng.uniform(np.log(low), np.log(high)))
    most = WIDE_STRETCH if rng.random() < STRETCHED_SHARE else STRETCH
    stretch = np.exp(rng.uniform(-most, most))
    angle = rng.integers(4) * np.pi / 2 + (rng.uniform(-np.pi / 4, np.pi / 4) if rng.random() < 0.5 else 0)
    mirror = rng.choice([-1, 1])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    backward = turn @ np.diag([mirror / (zoom * stretch), stretch / zoom])  # from the square to the picture
    centre = _centre(labels, side / zoom, rng)
    matrix = np.column_stack([backward, centre - backward @ np.full(2, (side - 1) / 2)])
    if zoom < 0.7:
        image = cv2.GaussianBlur(image, (0, 0), 0.35 / zoom)
    cut = {"M": matrix, "dsize": (side, side)}
    return (
        cv2.warpAffine(image, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, **cut),
        cv2.warpAffine(
            labels.astype(np.float32), flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP, **cut
        ).astype(np.int32),
    )


def _centre(labels, needed, rng):
    """Centre (x, y) of a cut: often on a nucleus, and inside as far as the picture is large enough."""
    lengths = np.array(labels.shape[::-1])
    centre = rng.uniform(0, lengths)
    if rng.random() < NUCLEUS_SHARE:
        centre = _on_a_nucleus(labels, rng) + rng.uniform(-needed / 3, needed / 3, 2)
    margin = np.minimum(needed, lengths) / 2
    return np.clip(centre, margin, lengths - margin) - 0.5


def _on_a_nucleus(labels, rng):
    """Place (x, y) of a random pixel of a nucleus, or of any pixel where there is no nucleus."""
    tries = rng.integers(0, labels.size, 64)
    hits = tries[labels.flat[tries] > 0]
    if not len(hits):
        nuclei = np.flatnonzero(labels)
        hits = [rng.choice(nuclei)] if len(nuclei) else tries
    return np.divmod(hits[0], labels.shape[1])[::-1]
