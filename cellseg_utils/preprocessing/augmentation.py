"""Random changes of training pictures that leave the truth true."""

import cv2
import numpy as np

from cellseg_utils.preprocessing import symmetry

SCALES = (0.6, 1.7)  # range of the usual zoom, relative to the common nucleus size (no unit)
WIDE_SCALES = (0.35, 2.5)  # range of the rare zoom
WIDE_SHARE = 0.2  # how often the zoom is a rare one, 0..1
NUCLEUS_SHARE = 0.7  # how often a cut is placed on a nucleus, 0..1
STRETCH = 0.12  # largest difference of one axis from the mean of both (no unit)


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
        RGB (no unit).
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
    stretch = np.exp(rng.uniform(-STRETCH, STRETCH))
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


def recolour(image, rng):
    """Change colour, contrast, light, sharpness and noise of a picture at random.

    Parameters
    ----------
    image : (S, S, 3) ndarray of uint8
        RGB, 0..255 (no unit).
    rng : numpy.random.Generator

    Returns
    -------
    image : (S, S, 3) ndarray of uint8
    """
    image = _mix_channels(image, rng)
    if rng.random() < 0.2:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.6))
    values = np.linspace(0, 1, 256) ** np.exp(rng.uniform(-0.5, 0.5))
    values = values * rng.uniform(0.65, 1.15) + rng.uniform(-0.08, 0.12)
    if rng.random() < 0.04:
        values = 1 - values
    result = cv2.LUT(image, np.round(255 * np.clip(values, 0, 1)).astype(np.uint8)).astype(np.float32)
    if rng.random() < 0.25:
        result *= _uneven_light(image.shape[0], rng)
    if rng.random() < 0.35:
        noise = np.empty(image.shape[:2] if rng.random() < 0.7 else image.shape, np.float32)
        noise = rng.standard_normal(noise.shape, np.float32) * rng.uniform(1, 16)
        result += noise if noise.ndim == 3 else noise[..., None]
    return np.clip(result, 0, 255).astype(np.uint8)


def _centre(labels, needed, rng):
    """Centre (x, y) of a cut: often on a nucleus, and inside as far as the picture is large enough."""
    lengths = np.array(labels.shape[::-1])
    centre = rng.uniform(0, lengths)
    nuclei = np.flatnonzero(labels)
    if len(nuclei) and rng.random() < NUCLEUS_SHARE:
        centre = np.divmod(rng.choice(nuclei), labels.shape[1])[::-1] + rng.uniform(
            -needed / 3, needed / 3, 2
        )
    margin = np.minimum(needed, lengths) / 2
    return np.clip(centre, margin, lengths - margin) - 0.5


def _mix_channels(image, rng):
    choice = rng.random()
    if choice < 0.3:  # as one channel would see it
        weights = np.tile(rng.dirichlet([2, 2, 2]), (3, 1))
    elif choice < 0.8:
        weights = np.eye(3) + rng.normal(0, 0.15, (3, 3))
        weights = weights[rng.permutation(3)] if rng.random() < 0.4 else weights
        weights /= weights.sum(axis=1, keepdims=True)
    else:
        return image
    return np.clip(cv2.transform(image, weights), 0, 255)


def _uneven_light(side, rng):
    coarse = rng.uniform(0.6, 1.2, (3, 3)).astype(np.float32)
    return cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)[..., None]
