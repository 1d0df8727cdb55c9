"""From pictures of any size to probability maps and label images of the same size."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from tqdm import tqdm

from cellseg_utils.prediction import certainty, doubts, instances, looks, views
from cellseg_utils.preprocessing import resizing, scale, stains
from cellseg_utils.run.language import say

SPEED = "balanced"  # hardly worse than "best", and much faster
APART = 1.35  # zoom of a second opinion over that of the views, where the first look was too near (no unit)


@dataclass(frozen=True)
class Segmentation:
    """What a network finds in one picture.

    Attributes
    ----------
    labels : (H, W) ndarray of int32
        0 is background, 1..n are the nuclei (no unit).
    probability : (H, W) ndarray of float32
        Of nucleus, 0..1 (no unit).
    certainty : (n,) ndarray of float64, or None
        Of every nucleus, 0..1 (no unit); None from a network that does not separate nuclei.
    doubt : str
        Why the picture can't be trusted; empty where nothing speaks against it.
    """

    labels: np.ndarray
    probability: np.ndarray
    certainty: np.ndarray | None = None
    doubt: str = ""


def segment(bundle, image, speed=SPEED, diameter=0):
    """Find the nuclei of a picture.

    A network for pictures of any size sees several views of the picture, about at the zoom that gives nuclei
    their common size; for any other the picture is squashed. Only a network that makes the maps for it
    separates touching nuclei: of any other the connected pieces of its mask are taken for nuclei. What is
    hardly certain (`certainty.LEAST`) is dropped.

    Parameters
    ----------
    bundle : bundle.Bundle
        From `bundle.load`.
    image : (H, W, 3) ndarray of uint8
        RGB, any size (no unit).
    speed : str
        A key of `views.SPEEDS`: how many views of the picture are averaged.
    diameter : float
        Of nuclei (pixels); 0 to find it out.

    Returns
    -------
    segmentation : Segmentation

    Raises
    ------
    ValueError
        If the picture is not `(H, W, 3)` of uint8, or is empty, or there is no such speed.
    """
    rule, seen = bundle.rule, views.of_speed(speed)
    if not bundle.any_size:
        [probability] = probabilities(bundle, [image], progress=False)
        return Segmentation(instances.pieces(probability > rule.threshold), probability)
    planes = stains.planes(image)
    look = looks.at_common_size(bundle.predict, planes, rule, diameter)
    zoom = scale.zoom_for(diameter or look.diameter)
    if not bundle.separates:
        return Segmentation(*nuclei(bundle.predict, planes, zoom, seen, rule))
    with ThreadPoolExecutor(1) as beside:  # one core votes while the other computes
        other = beside.submit(second_opinion, bundle, planes, look, zoom, seen)
        labels, probability = nuclei(bundle.predict, planes, zoom, seen, rule)
    return trusted(labels, probability, certainty.features(labels, probability, other.result()))


def nuclei(network, planes, zoom, seen, rule):
    """Find the nuclei of a picture whose zoom is known, or of a part of it.

    Parameters
    ----------
    network : callable
        As `tiling.predict_tiled` takes it.
    planes : (H, W, 3) ndarray of uint8
        From `stains.planes` (no unit).
    zoom : float
        That gives nuclei their common size (no unit).
    seen : views.Views
    rule : instances.Rule

    Returns
    -------
    labels : (H, W) ndarray of int32
        0 is background, 1..n are the nuclei (no unit).
    probability : (H, W) ndarray of float32
        Of nucleus, 0..1 (no unit).
    """
    maps, shape = views.predict_views(network, planes, zoom, seen), planes.shape[:2]
    labels = instances.label(maps, shape, rule.at(grid_zoom(zoom, seen) / zoom / instances.GRID))
    return labels, _resize_map(maps[..., 0], shape)


def grid_zoom(zoom, seen):
    """Zoom of the maps of a picture.

    Parameters
    ----------
    zoom, seen
        As for `nuclei`.

    Returns
    -------
    zoom : float
        Sides of the maps over those of the picture (no unit).
    """
    return min(seen.grid * zoom, scale.ZOOM[1])


def second_opinion(bundle, planes, look, zoom, seen):
    """The look for the size, or another one if that was at the zoom of the views.

    Parameters
    ----------
    bundle : bundle.Bundle
    planes, zoom, seen
        As for `nuclei`.
    look : looks.Look
        From `looks.at_common_size`.

    Returns
    -------
    look : looks.Look
    """
    grid = grid_zoom(zoom, seen)
    if not looks.same_zoom(look.zoom, grid):
        return look
    other = APART * grid if APART * grid <= scale.ZOOM[1] else grid / APART
    return looks.look(bundle.predict, planes, bundle.rule, other, other / zoom)


def trusted(labels, probability, features):
    """Drop nuclei that are hardly certain or fill the picture, and say what all of them tell of it.

    Parameters
    ----------
    labels, probability
        From `nuclei`.
    features : (n, 3) ndarray of float64
        From `certainty.features`.

    Returns
    -------
    segmentation : Segmentation
    """
    sure = certainty.of_nuclei(features)
    largest = np.bincount(labels.ravel())[1:].max(initial=0) / labels.size
    kept = (sure >= certainty.LEAST) & (largest <= doubts.FULL)
    doubt = doubts.of_picture(features, largest)
    return Segmentation(instances.only(labels, kept), probability, sure[kept], doubt)


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
    bar = {"desc": say("分割"), "unit": say("张"), "disable": not len(images)}
    return [segment(bundle, image, speed) for image in tqdm(images, **bar)]


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
    bar = {"desc": say("预测"), "unit": say("批"), "disable": not progress or not len(images)}
    for start in tqdm(range(0, len(images), batch_size), **bar):
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
