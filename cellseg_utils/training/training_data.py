"""What a recipe trains on: whole pictures at one size, or crops of pictures at one nucleus size."""

from dataclasses import dataclass

import numpy as np

from cellseg_utils.data import dataset, layout
from cellseg_utils.run import fingerprint
from cellseg_utils.training import crops, feeding, recipes

HELD_OUT = 192  # crops that validate


@dataclass(frozen=True)
class Squares:
    """Whole pictures at the network's size: what a recipe without crops trains on.

    Attributes
    ----------
    images : (N, S, S, 3) ndarray of uint8
        RGB, 0..255 (no unit).
    masks : (N, S, S, 1) ndarray of uint8
        1 is nucleus (no unit).
    validation : (N,) ndarray of bool
        True where a picture validates and does not train.
    """

    images: np.ndarray
    masks: np.ndarray
    validation: np.ndarray

    def digest(self):
        """Fingerprint of the data."""
        return fingerprint.of_arrays(self.images, self.masks, self.validation)

    def batches(self, settings, epoch):
        """Batches of an epoch and of those after it."""
        return feeding.Shuffled(self.images[~self.validation], self.masks[~self.validation], settings, epoch)

    def held_out(self, settings):
        """Batches that validate."""
        rows, size = np.flatnonzero(self.validation), settings.batch_size
        picks = [rows[start : start + size] for start in range(0, len(rows), size)]
        return feeding.Stored([(self.images[pick], self.masks[pick].astype(np.float32)) for pick in picks])


@dataclass(frozen=True)
class Cuts:
    """Crops of pictures at one nucleus size: what a recipe with crops trains on.

    Attributes
    ----------
    fields : sequence of crops.Field
        All pictures.
    groups : sequence of str
        The group of each: rare groups are drawn more often than their number.
    validation : (N,) ndarray of bool
        True where a picture validates and does not train.
    """

    fields: tuple
    groups: tuple
    validation: np.ndarray

    def only(self, chosen):
        """Some of the pictures.

        Parameters
        ----------
        chosen : (N,) ndarray of bool

        Returns
        -------
        cuts : Cuts
        """
        rows = np.flatnonzero(chosen)
        fields, groups = (tuple(own[row] for row in rows) for own in (self.fields, self.groups))
        return Cuts(fields, groups, self.validation[rows])

    def digest(self):
        """Fingerprint of the data."""
        arrays = [array for field in self.fields for array in (field.planes, field.labels)]
        zooms = [field.zoom for field in self.fields]
        return fingerprint.of_values(
            fingerprint.of_arrays(*arrays, self.validation), zooms, list(self.groups)
        )

    def batches(self, settings, epoch):
        """Batches of an epoch and of those after it."""
        return self._crops(~self.validation, settings.steps, settings, epoch)

    def held_out(self, settings):
        """Batches that validate: the same crops in every epoch."""
        steps = -(-HELD_OUT // settings.batch_size)
        drawn = self._crops(self.validation, steps, settings, 0)
        return feeding.Stored([drawn[index] for index in range(steps)])

    def _crops(self, chosen, steps, settings, epoch):
        rows = np.flatnonzero(chosen)
        fields = [self.fields[row] for row in rows]
        weights = crops.sampling_weights([self.groups[row] for row in rows])
        recipe = recipes.RECIPES[settings.recipe]
        form = crops.CropForm(settings.crop_side, recipe.colours, recipe.separates)
        return crops.Crops(fields, weights, form, settings.batch_size, steps, settings.seed, epoch)


def read(recipe, path, samples, arrays):
    """The pictures of a data set, as the recipe wants them.

    Parameters
    ----------
    recipe : str
        A key of `recipes.RECIPES`.
    path : path-like
        The training images, as `layout.open_source` takes them.
    samples : DataFrame
        One row a picture that is used: id, kind, height, width, validation.
    arrays : dict of str to ndarray
        images, masks and validation at the network's size: what a recipe without crops trains on.

    Returns
    -------
    data : Squares or Cuts

    Raises
    ------
    layout.DataError
        If a picture can't be read.
    """
    if not recipes.RECIPES[recipe].crops:
        return Squares(arrays["images"], arrays["masks"], arrays["validation"])
    source = layout.open_source(path)
    fields, _ = dataset.map_samples(source, crops.field, samples["id"])
    groups = [f"{row.kind} {row.height} x {row.width}" for row in samples.itertuples()]
    return Cuts(tuple(fields), tuple(groups), arrays["validation"])
