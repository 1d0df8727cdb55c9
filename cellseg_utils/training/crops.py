"""Training crops of pictures at one common nucleus size: drawn, changed, turned into targets on the fly."""

from dataclasses import dataclass

import cv2
import numpy as np

from cellseg_utils.preprocessing import augmentation, painting, recolouring, scale, stains, targets
from cellseg_utils.training import feeding

VARIED = 0.3  # of the fluorescence crops have nuclei of different brightness
COVERED = 0.3  # of them lie over another one
PAINTED = 0.35  # of them are painted as stained tissue
EMPTY = 0.04  # of them are painted without their nuclei: textures that are none
LARGEST = 1.7 * scale.DIAMETER  # pixels: pictures of larger nuclei are shrunk once, before all training


@dataclass(frozen=True)
class Field:
    """A picture to cut from.

    Attributes
    ----------
    planes : (H, W, 3) ndarray of uint8
        `stains.planes` (no unit).
    labels : (H, W) ndarray of int32
        0 is background (no unit).
    zoom : float
        That brings its typical nucleus to `scale.DIAMETER` (no unit).
    """

    planes: np.ndarray
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
    planes, labels = stains.planes(sample.image), sample.labels
    diameter = scale.typical_diameter(labels)
    if diameter > LARGEST:
        planes = scale.zoomed(planes, LARGEST / diameter)
        labels = cv2.resize(labels, planes.shape[1::-1], interpolation=cv2.INTER_NEAREST_EXACT)
        diameter = LARGEST
    return Field(planes, labels, scale.zoom_for(diameter))


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
        Whether stain, light, sharpness and noise change at random, and some fluorescence is painted.
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
        picks = rng.choice(len(self._fields), (self._batch_size, 2), p=self._weights)
        drawn = [draw(*(self._fields[pick] for pick in pair), self._form, rng) for pair in picks]
        return np.stack([planes for planes, _ in drawn]), np.stack([maps for _, maps in drawn])

    def on_epoch_end(self):
        self._epoch += 1


def draw(field, other, form, rng):
    """Draw one training crop.

    Parameters
    ----------
    field : Field
    other : Field
        That may be laid over the first.
    form : CropForm
    rng : numpy.random.Generator

    Returns
    -------
    planes : (side, side, 3) ndarray of uint8
        As `stains.planes` (no unit).
    maps : (side, side, C) ndarray of float32
        From `targets.target_maps`, or the foreground alone.
    """
    planes, labels = _cut(field, form, rng)
    if form.colours:
        if painting.is_single_stain(planes):
            planes, labels = _painted(planes, labels, lambda: _cut(other, form, rng), rng)
        planes = recolouring.recolour(planes, rng)
    maps = targets.target_maps(labels) if form.separates else (labels > 0)[..., None].astype(np.float32)
    return planes, maps


def _cut(field, form, rng):
    return augmentation.crop(field.planes, field.labels, field.zoom, form.side, rng)


def _painted(planes, labels, cut_other, rng):
    """A crop of fluorescence, more often than not made into something else."""
    if rng.random() < COVERED:
        above = cut_other()
        if painting.is_single_stain(above[0]):
            planes, labels = painting.lay_over((planes, labels), above, rng)
    if rng.random() < VARIED:
        planes = painting.vary_nuclei(planes, labels, rng)
    kind = rng.random()
    if kind < EMPTY:
        planes, labels = np.zeros_like(planes), np.zeros_like(labels)
    return (painting.as_tissue(planes, labels, rng) if kind < EMPTY + PAINTED else planes), labels
