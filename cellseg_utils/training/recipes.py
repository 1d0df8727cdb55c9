"""What the recipes minimise and how they step: losses, optimizers, learning rates; epochs run in `fit`.

`RECIPES` is a ladder: every recipe is the one before it with one step more, from `seed` to `best`.
"""

from dataclasses import dataclass

import keras

from cellseg_utils.models import losses
from cellseg_utils.run.language import listing, say

WEIGHT_DECAY = 1e-3  # of AdamW (no unit)
CLIP = 1.0  # largest norm of a gradient (no unit)
WARM_UP = 1 / 40  # of the steps pass until the learning rate is reached (no unit)
LAST = 0.01  # of the learning rate is left at the end (no unit)
AVERAGED = 1 / 16  # of the steps are what the weights are averaged over (no unit)


@dataclass(frozen=True)
class Recipe:
    """The steps that a recipe takes; without any, it is the seed's.

    Attributes
    ----------
    crops : bool
        Train on crops of planes of stain at one nucleus size, turned, mirrored and zoomed at
        random, rare groups more often than their share, not on squashed pictures.
    colours : bool
        Change stain, light, sharpness and noise of the crops, and paint some fluorescence as tissue.
    separates : bool
        Learn the maps that tell touching nuclei apart, not the foreground alone.
    compact : bool
        A network that works at half the side, with standardised kernels.
    scheduled : bool
        AdamW with a warm-up and a cosine, and averaged weights, in place of Adam.
    """

    crops: bool = False
    colours: bool = False
    separates: bool = False
    compact: bool = False
    scheduled: bool = False


RECIPES = {
    "seed": Recipe(),
    "crops": Recipe(crops=True),
    "colours": Recipe(crops=True, colours=True),
    "separating": Recipe(crops=True, colours=True, separates=True),
    "compact": Recipe(crops=True, colours=True, separates=True, compact=True),
    "best": Recipe(crops=True, colours=True, separates=True, compact=True, scheduled=True),
}


def arguments(recipe, image_size, filters, depth):
    """Arguments of the network that a recipe trains.

    Parameters
    ----------
    recipe : str
        A key of `RECIPES`.
    image_size : int
        Side of the prepared pictures (pixels).
    filters, depth : int
        As for `architectures.unet`.

    Returns
    -------
    arguments : dict
        For `architectures.build`; a network that is trained on crops takes pictures of any size.

    Raises
    ------
    ValueError
        If there is no such recipe.
    """
    if recipe not in RECIPES:
        raise ValueError(unknown(recipe))
    steps, chosen = RECIPES[recipe], {"image_size": image_size, "filters": filters, "depth": depth}
    if steps.crops:
        chosen["image_size"] = None
    if steps.compact:
        chosen |= {"stride": 2, "standardised": True}
    if steps.separates:
        chosen["maps"] = "separating"
    return chosen


def unknown(recipe):
    """What is said of a recipe that there is not.

    Parameters
    ----------
    recipe : str

    Returns
    -------
    line : str
    """
    return say("recipe={recipe}：应为 {known} 之一", recipe=recipe, known=listing(RECIPES))


def prepare(model, settings, steps):
    """Give a network the loss, the scores and the optimizer of its recipe.

    Parameters
    ----------
    model : keras.Model
        Compiled in place.
    settings : fit.Settings
    steps : int
        Batches of the whole training.
    """
    recipe = RECIPES[settings.recipe]
    loss = losses.separating if recipe.separates else keras.losses.binary_crossentropy
    rate = settings.learning_rate
    optimizer = _scheduled(rate, steps) if recipe.scheduled else keras.optimizers.Adam(rate)
    accuracy = keras.metrics.MeanMetricWrapper(losses.accuracy, name="accuracy")
    model.compile(optimizer, losses.on_every_head(loss), metrics=[accuracy, losses.dice_coef])


def _scheduled(learning_rate, steps):
    """AdamW with a warm-up, a cosine down to `LAST` of the learning rate, and averaged weights."""
    warm_up = max(1, round(WARM_UP * steps))
    rate = keras.optimizers.schedules.CosineDecay(
        learning_rate / warm_up,
        max(1, steps - warm_up),
        LAST,
        warmup_target=learning_rate,
        warmup_steps=warm_up,
    )
    momentum = 1 - 1 / max(1, round(AVERAGED * steps))
    optimizer = keras.optimizers.AdamW(
        rate, weight_decay=WEIGHT_DECAY, clipnorm=CLIP, use_ema=True, ema_momentum=momentum
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gain"])
    return optimizer
