"""From pictures of any size to probability maps of the same size."""

import cv2
import numpy as np
from tqdm import tqdm

from cellseg_utils import preprocessing


def probabilities(bundle, images, batch_size=16):
    """Predict the probability of nucleus for every pixel of every picture.

    The picture is brought to the size that the network was trained on, and the map back to the picture's.

    Parameters
    ----------
    bundle : bundle.Bundle
        From `bundle.load`.
    images : sequence of (H, W, 3) ndarray of uint8
        RGB pictures of any size (no unit).
    batch_size : int
        Pictures that go through the network at once.

    Returns
    -------
    maps : list of (H, W) ndarray of float32
        0..1 (no unit), each of its picture's size.

    Raises
    ------
    ValueError
        If a picture is not `(H, W, 3)` of uint8, or is empty.
    """
    for image in images:
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or image.size == 0:
            raise ValueError(f"expected (H, W, 3) uint8 pictures, got {image.shape} {image.dtype}")
    size = bundle.about["arguments"]["image_size"]
    maps = []
    for start in tqdm(range(0, len(images), batch_size), desc="预测", unit="批"):
        batch = images[start : start + batch_size]
        squares = np.stack([preprocessing.resize_image(image, (size, size)) for image in batch])
        maps += [
            _resize_map(square, image.shape[:2])
            for square, image in zip(square_probabilities(bundle, squares, batch_size), batch, strict=True)
        ]
    return maps


def square_probabilities(bundle, images, batch_size=16):
    """Predict pictures that already have the network's size.

    Parameters
    ----------
    bundle : bundle.Bundle
        From `bundle.load`.
    images : (N, S, S, 3) ndarray of uint8
        RGB (no unit).
    batch_size : int
        Pictures that go through the network at once.

    Returns
    -------
    probability : (N, S, S) ndarray of float32
        0..1 (no unit).
    """
    return bundle.model.predict(images, batch_size=batch_size, verbose=0)[..., 0]


def _resize_map(probability, size):
    return np.clip(cv2.resize(probability, size[::-1], interpolation=cv2.INTER_LINEAR), 0, 1)
