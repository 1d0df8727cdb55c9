"""Random changes of training pictures that leave the truth true."""

import numpy as np


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
        (_turn(i, n), _turn(m, n))
        for i, m, n in zip(images, masks, rng.integers(0, 8, len(images)), strict=True)
    ]
    return np.stack([i for i, _ in turned]), np.stack([m for _, m in turned])


def _turn(array, number):
    array = np.rot90(array, number % 4)
    return array[:, ::-1] if number >= 4 else array
