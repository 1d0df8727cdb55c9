"""From pictures of any size to probability maps and label images of the same size."""

from dataclasses import dataclass

import cv2
import numpy as np
from tqdm import tqdm

from cellseg_utils.prediction import instances, tiling, views
from cellseg_utils.preprocessing import resizing, scale, stains

SPEED = "balanced"  # hardly worse than "best", in two fifths of its time
FIRST_LOOKS = (1.0, 0.35)  # zooms at which nuclei are looked for until some are found (no unit)
LOOKED_AT = 768  # pixels of a side: of a picture that is larger at the zoom of a look, a part is seen
LOG_STEP = 0.2  # a zoom whose logarithm is nearer to 0 needs no second look (no unit)


@dataclass(frozen=True)
class Segmentation:
    """What a network finds in one picture.

    Attributes
    ----------
    labels : (H, W) ndarray of int32
        0 is background, 1..n are the nuclei (no unit).
    probability : (H, W) ndarray of float32
        Of nucleus, 0..1 (no unit).
    """

    labels: np.ndarray
    probability: np.ndarray


def segment(bundle, image, speed=SPEED):
    """Find the nuclei of a picture.

    A network for pictures of any size sees several views of the picture, about at the zoom that gives nuclei
    their common size; for any other the picture is squashed. Only a network that makes the maps for it
    separates touching nuclei: of any other the connected pieces of its mask are taken for nuclei.

    Parameters
    ----------
    bundle : bundle.Bundle
        From `bundle.load`.
    image : (H, W, 3) ndarray of uint8
        RGB, any size (no unit).
    speed : str
        A key of `views.SPEEDS`: how many views of the picture are averaged.

    Returns
    -------
    segmentation : Segmentation

    Raises
    ------
    ValueError
        If the picture is not `(H, W, 3)` of uint8, or is empty, or there is no such speed.
    """
    rule, looks = bundle.rule, views.of_speed(speed)
    if not bundle.any_size:
        [probability] = probabilities(bundle, [image], progress=False)
        return Segmentation(instances.pieces(probability > rule.threshold), probability)
    planes = stains.planes(image)
    zoom = scale.zoom_for(estimate_diameter(bundle.predict, planes, rule))
    maps = views.predict_views(bundle.predict, planes, zoom, looks)
    shape, rule = image.shape[:2], rule.at(looks.grid / instances.GRID)
    return Segmentation(instances.label(maps, shape, rule), _resize_map(maps[..., 0], shape))


def segment_all(bundle, images, speed=SPEED):
    """Find the nuclei of many pictures.

    Parameters
    ----------
    bundle : bundle.Bundle
        From `bundle.load`.
    images : sequence of (H, W, 3) ndarray of uint8
        RGB, any size (no unit).
    speed : str
        As for `segment`.

    Returns
    -------
    segmentations : list of Segmentation

    Raises
    ------
    ValueError
        As `segment`.
    """
    return [segment(bundle, image, speed) for image in tqdm(images, desc="分割", unit="张")]


def estimate_diameter(network, planes, rule):
    """Diameter of the typical nucleus, found by segmenting, and again at the zoom that this suggests.

    A network that was trained on nuclei of one size finds them best at the zoom that gives them this size.

    Parameters
    ----------
    network : callable
        As `tiling.predict_tiled` takes it.
    planes : (H, W, 3) ndarray of uint8
        From `stains.planes` (no unit).
    rule : instances.Rule

    Returns
    -------
    diameter : float
        In pixels of the picture; not a number where no nucleus was found.
    """
    diameter = next(filter(np.isfinite, (_look(network, planes, rule, zoom) for zoom in FIRST_LOOKS)), np.nan)
    zoom = scale.zoom_for(diameter)
    if abs(np.log(zoom)) < LOG_STEP:
        return diameter
    again = _look(network, planes, rule, zoom)
    return again if np.isfinite(again) else diameter


def _look(network, planes, rule, zoom):
    part = _richest_part(planes, round(LOOKED_AT / zoom))
    maps = tiling.predict_tiled(network, scale.zoomed(part, zoom))
    return scale.typical_diameter(instances.label(maps, maps.shape[:2], rule)) / zoom


def _richest_part(planes, side):
    """The square in which the nuclear stain varies most: nuclei are there, and not on blank ground."""
    if max(planes.shape[:2]) <= side:
        return planes
    zoom = min(1, 512 / max(planes.shape[:2]))
    small = scale.zoomed(planes, zoom)[..., 0]
    window = [max(1, min(length, round(side * zoom))) for length in small.shape]
    detail = np.abs(cv2.Laplacian(small, cv2.CV_32F))
    sums = cv2.boxFilter(detail, -1, window[::-1], anchor=(0, 0), borderType=cv2.BORDER_CONSTANT)
    inside = sums[: small.shape[0] - window[0] + 1, : small.shape[1] - window[1] + 1]
    corner = np.divide(np.unravel_index(inside.argmax(), inside.shape), zoom).astype(int)
    top, left = np.minimum(corner, np.maximum(np.subtract(planes.shape[:2], side), 0))
    return planes[top : top + side, left : left + side]


def probabilities(bundle, images, batch_size=16, progress=True):
    """Predict the probability of nucleus for every pixel of every picture.

    The picture is brought to the size that the network was trained on, and the map back to the picture's.

    Parameters
    ----------
    bundle : bundle.Bundle
        From `bundle.load`, of a network for pictures of one size.
    images : sequence of (H, W, 3) ndarray of uint8
        RGB pictures of any size (no unit).
    batch_size : int
        Pictures that go through the network at once.
    progress : bool
        Whether to show a progress bar.

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
    for start in tqdm(range(0, len(images), batch_size), desc="预测", unit="批", disable=not progress):
        batch = images[start : start + batch_size]
        squares = np.stack([resizing.resize_image(image, (size, size)) for image in batch])
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
    starts = range(0, len(images), batch_size)
    batches = [bundle.model.predict_on_batch(images[start : start + batch_size]) for start in starts]
    return np.concatenate(batches)[..., 0]


def _resize_map(probability, size):
    return np.clip(cv2.resize(probability, size[::-1], interpolation=cv2.INTER_LINEAR), 0, 1)
