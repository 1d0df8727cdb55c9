"""The ladder from the seed recipe to the best one, and both recipes over the minutes of their training."""

import dataclasses
import math

import numpy as np
import pandas as pd

from cellseg_utils.evaluation import compare
from cellseg_utils.run.language import later
from cellseg_utils.training import recipes

SEED_NETWORK = {"filters": 16, "depth": 4}
SEED_RATE = 1e-3  # learning rate (no unit)
SEED_BUDGET = {"epochs": 30, "patience": 5}
PLANS = (0.5, 1, 4)  # of a rung's batches have the short trainings of the best recipe
RUNGS = {  # as a reader sees them; to be said
    "seed": later("seed 方案"),
    "crops": later("＋染料图、统一核的大小、裁块"),
    "colours": later("＋变染料、模糊、噪声、画成切片"),
    "separating": later("＋学习分开粘连的核"),
    "compact": later("＋换成 best 的网络"),
    "best": later("＋AdamW、余弦学习率、权重平均"),
}


def rung(recipe, used, arguments, image_size):
    """Network and settings with which a rung of the ladder is trained.

    Parameters
    ----------
    recipe : str
        A key of `recipes.RECIPES`.
    used : fit.Settings
        Of the best recipe.
    arguments : dict
        Of the network that the best recipe trains.
    image_size : int
        Side of the prepared pictures (pixels).

    Returns
    -------
    arguments : dict
    settings : fit.Settings
        A rung that does not have the best network or schedule yet has the seed's.
    """
    steps = recipes.RECIPES[recipe]
    if steps.compact:
        network = {name: arguments[name] for name in SEED_NETWORK}
    else:
        sides = math.gcd(image_size, used.crop_side)
        halvings = (sides & -sides).bit_length() - 1
        network = {**SEED_NETWORK, "depth": min(SEED_NETWORK["depth"], halvings)}
    rate = used.learning_rate if steps.scheduled else SEED_RATE
    own_arguments = recipes.arguments(recipe, image_size, **network)
    return own_arguments, dataclasses.replace(used, recipe=recipe, learning_rate=rate)


def for_epochs(settings, epochs):
    """The same settings for a training of so many epochs, all of which are trained.

    Parameters
    ----------
    settings : fit.Settings
    epochs : int

    Returns
    -------
    settings : fit.Settings
    """
    return dataclasses.replace(settings, epochs=epochs, patience=epochs)


def epochs_for(batches, settings, pictures):
    """How many epochs have about so many batches.

    Parameters
    ----------
    batches : int
        Of the whole training.
    settings : fit.Settings
    pictures : int
        That train.

    Returns
    -------
    epochs : int
        At least 1.
    """
    crops = recipes.RECIPES[settings.recipe].crops
    an_epoch = settings.steps if crops else -(-pictures // settings.batch_size)
    return max(1, round(batches / an_epoch))


def plans(batches, settings):
    """Settings of the short trainings of the best recipe, each planned for its own time.

    Parameters
    ----------
    batches : int
        Of a rung of the ladder.
    settings : fit.Settings
        Of the best recipe.

    Returns
    -------
    plans : list of fit.Settings
    """
    return [for_epochs(settings, epochs_for(batches * share, settings, 0)) for share in PLANS]


def over_time(contender):
    """A training at the moments at which its weights were kept, and at its end.

    Parameters
    ----------
    contender : compare.Contender

    Returns
    -------
    moments : dict of float to compare.Contender
        By the minutes of training; at the end the weights are those that the training is used for.
    """
    training = contender.training
    kept = {**training.snapshots, training.minutes: training.weights}
    return {
        minutes: dataclasses.replace(contender, training=dataclasses.replace(training, weights=path))
        for minutes, path in kept.items()
    }


def planned(short, long):
    """Short trainings, each planned for its own time, and what a long one gives after them.

    A schedule that is planned for hours is still warming up after minutes: its early moments say little.

    Parameters
    ----------
    short : sequence of compare.Contender
    long : compare.Contender

    Returns
    -------
    moments : dict of float to compare.Contender
        By the minutes of training.
    """
    moments = {plan.training.minutes: plan for plan in short}
    last = max(moments, default=0)
    return moments | {
        minutes: own
        for minutes, own in over_time(long).items()
        if minutes > last or minutes == long.training.minutes
    }


def curve(moments, rule, samples):
    """Scores over the minutes of a training.

    Parameters
    ----------
    moments : dict of float to compare.Contender
        From `over_time` or `planned`.
    rule, samples
        As for `compare.scores`.

    Returns
    -------
    minutes : (M,) ndarray of float64
    scores : dict of str to (M,) ndarray of float64
        Means over the pictures, of each of `compare.SCORES`.
    """
    _, rows = compare.scores(moments, rule, samples)
    means = [rows[minutes][list(compare.SCORES)].mean() for minutes in moments]
    return np.array(list(moments)), {
        name: np.array([mean[name] for mean in means]) for name in compare.SCORES
    }


def curve_table(curves):
    """Curves as one table.

    Parameters
    ----------
    curves : dict of str to (minutes, scores)
        From `curve`, by the name that a reader sees.

    Returns
    -------
    table : DataFrame
        One row a moment: recipe, minutes, and each of `compare.SCORES`.
    """
    columns = ["recipe", "minutes", *compare.SCORES]
    rows = [
        (name, *row)
        for name, (minutes, scores) in curves.items()
        for row in zip(minutes, *(scores[score] for score in compare.SCORES), strict=True)
    ]
    return pd.DataFrame(rows, columns=columns)
