"""Training crops of pictures at one common nucleus size: drawn, changed, turned into targets on the fly."""

from dataclasses import dataclass

import cv2
import numpy as np

from cellseg_utils.preprocessing import augmentation, normalisation, scale, targets
from cellseg_utils.training import feeding

LARGEST = 1.7 * scale.DIAMETER  # pixels: pictures of larger nuclei are shrunk once, before all training


@dataclass(frozen=True)
class Field:
    """A picture to cut from.

    Attributes
    ----------
    image : (H, W, 3) ndarray of uint8
        Normalised (no unit).
    labels : (H, W) ndarray of int32
        0 is background (no unit).
    zoom : float
        That brings its typical nucleus to `scale.DIAMETER` (no unit).
    """

    image: np.ndarray
    labels: np.ndarray
    zoom: float


def field(sample):
    """Make a picture ready to be cut from.

    Parameters
    ----------
    sample : dataset.Sample
        With labels.

    Returns
    -------
    field : Field
    """
    image, labels = normalisation.normalise(sample.image), sample.labels
    diameter = scale.typical_diameter(labels)
    if diameter > LARGEST:
        image = scale.zoomed(image, LARGEST / diameter)
        labels = cv2.resize(labels, image.shape[1::-1], interpolation=cv2.INTER_NEAREST_EXACT)
        diameter = LARGEST
    return Field(image, labels, scale.zoom_for(diameter))


def sampling_weights(groups):
    """Share of the crops that every picture gives: rare groups more than their number.

    Parameters
    ----------
    groups : sequence of str
        The group of every picture.

    Returns
    -------
    weights : (N,) ndarray of float64
        They sum to 1; a group of n pictures weighs as the square root of n.
    """
    _, inverse, counts = np.unique(np.asarray(groups), return_inverse=True, return_counts=True)
    weights = 1 / np.sqrt(counts[inverse])
    return weights / weights.sum()


@dataclass(frozen=True)
class CropForm:
    """What is made of every cut.

    Attributes
    ----------
    side : int
        Of the crop (pixels).
    colours : bool
        Whether colour, light, sharpness and noise change at random.
    separates : bool
        Whether to learn all maps of `targets.MAPS`, or the foreground alone.
    """

    side: int
    colours: bool = True
    separates: bool = True


class Crops(feeding.Feed):
    """Batches of crops that depend on seed, epoch and place in the epoch only."""

    def __init__(self, fields, weights, form, batch_size, steps, seed, epoch=0):
        super().__init__()
        self._fields, self._weights, self._form = fields, weights, form
        self._batch_size, self._steps, self._seed, self._epoch = batch_size, steps, seed, epoch

    def __len__(self):
        return self._steps

    def __getitem__(self, index):
        rng = np.random.default_rng([self._seed, self._epoch, index])
        picks = rng.choice(len(self._fields), self._batch_size, p=self._weights)
        drawn = [draw(self._fields[pick], self._form, rng) for pick in picks]
        return np.stack([image for image, _ in drawn]), np.stack([maps for _, maps in drawn])

    def on_epoch_end(self):
        self._epoch += 1


def draw(field, form, rng):
    """Draw one training crop.

    Parameters
    ----------
    field : Field
    form : CropForm
    rng : numpy.random.Generator

    Returns
    -------
    image : (side, side, 3) ndarray of uint8
        RGB (no unit).
    maps : (side, side, C) ndarray of float32
        From `targets.target_maps`, or the foreground alone.
    """
    image, labels = augmentation.crop(field.image, field.labels, field.zoom, form.side, rng)
    image = augmentation.recolour(image, rng) if form.colours else image
    return image, targets.target_maps(labels) if form.separates else (labels > 0)[..., None].astype(
        np.float32
    )
