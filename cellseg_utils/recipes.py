"""What the two recipes train on and minimise; how the epochs run is `training`'s and `schedule`'s."""

from dataclasses import dataclass

import keras
import numpy as np

from cellseg_utils import crops, fingerprint, losses, schedule

RECIPES = ("seed", "best")
WEIGHT_DECAY = 1e-3  # of AdamW, best recipe (no unit)
CLIP = 1.0  # largest norm of a gradient, best recipe (no unit)
WARM_UP = 1 / 40  # of the steps pass until the learning rate is reached, best recipe (no unit)
LAST = 0.01  # of the learning rate is left at the end, best recipe (no unit)
AVERAGED = 1 / 16  # of the steps are what the weights are averaged over, best recipe (no unit)
HELD_OUT = 192  # crops that validate, best recipe


def arguments(recipe, image_size, filters, depth):
    """Arguments of the network that a recipe trains.

    Parameters
    ----------
    recipe : str
        One of `RECIPES`.
    image_size : int
        Side of the prepared pictures (pixels).
    filters, depth : int
        As for `models.unet`.

    Returns
    -------
    arguments : dict
        For `models.build`; a network of the best recipe takes pictures of any size.

    Raises
    ------
    ValueError
        If there is no such recipe.
    """
    if recipe not in RECIPES:
        raise ValueError(f"recipe={recipe}：应为 {'、'.join(RECIPES)} 之一")
    common = {"image_size": image_size, "filters": filters, "depth": depth}
    if recipe == "seed":
        return common
    return {**common, "image_size": None, "stride": 2, "standardised": True, "maps": "separating"}


@dataclass(frozen=True)
class Squares:
    """Whole pictures at the network's size: what the seed recipe trains on.

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
        return schedule.Batches(self.images[~self.validation], self.masks[~self.validation], settings, epoch)

    def held_out(self, settings):
        """Pictures and masks that validate."""
        return self.images[self.validation], self.masks[self.validation].astype(np.float32)

    def compile(self, model, settings, steps):
        """Adam and binary cross-entropy."""
        optimizer = keras.optimizers.Adam(settings.learning_rate)
        model.compile(optimizer, "binary_crossentropy", metrics=["accuracy", losses.dice_coef])


@dataclass(frozen=True)
class Cuts:
    """Crops of pictures at one nucleus size: what the best recipe trains on.

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

    def digest(self):
        """Fingerprint of the data."""
        arrays = [array for field in self.fields for array in (field.image, field.labels)]
        zooms = [field.zoom for field in self.fields]
        return fingerprint.of_values(
            fingerprint.of_arrays(*arrays, self.validation), zooms, list(self.groups)
        )

    def batches(self, settings, epoch):
        """Batches of an epoch and of those after it."""
        return self._crops(~self.validation, settings.steps, settings, epoch)

    def held_out(self, settings):
        """Crops and maps that validate: the same in every epoch."""
        steps = -(-HELD_OUT // settings.batch_size)
        drawn = self._crops(self.validation, steps, settings, 0)
        images, maps = zip(*(drawn[index] for index in range(steps)), strict=True)
        return np.concatenate(images), np.concatenate(maps)

    def compile(self, model, settings, steps):
        """AdamW with a warm-up, a cosine down to `LAST`, and averaged weights; the loss of all maps."""
        warm_up = max(1, round(WARM_UP * steps))
        rate = keras.optimizers.schedules.CosineDecay(
            settings.learning_rate / warm_up,
            max(1, steps - warm_up),
            LAST,
            warmup_target=settings.learning_rate,
            warmup_steps=warm_up,
        )
        momentum = 1 - 1 / max(1, round(AVERAGED * steps))
        optimizer = keras.optimizers.AdamW(
            rate, weight_decay=WEIGHT_DECAY, clipnorm=CLIP, use_ema=True, ema_momentum=momentum
        )
        optimizer.exclude_from_weight_decay(var_names=["bias", "gain"])
        accuracy = keras.metrics.MeanMetricWrapper(losses.accuracy, name="accuracy")
        model.compile(optimizer, losses.separating, metrics=[accuracy, losses.dice_coef])

    def _crops(self, chosen, steps, settings, epoch):
        rows = np.flatnonzero(chosen)
        fields = [self.fields[row] for row in rows]
        weights = crops.sampling_weights([self.groups[row] for row in rows])
        return crops.Crops(
            fields, weights, settings.crop_side, settings.batch_size, steps, settings.seed, epoch
        )
