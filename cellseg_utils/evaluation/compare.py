"""Score several trained networks on the same pictures, each paired with a rival."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cellseg_utils.evaluation import averages, intervals, scoring
from cellseg_utils.models import architectures
from cellseg_utils.prediction import bundle, segmentation
from cellseg_utils.training import fit, recipes, training_data

COLUMNS = [
    *("model", "parameters", "epochs", "minutes", "seconds_per_epoch", "dice", "iou", "ap50", "kaggle"),
    *("kaggle_low", "kaggle_high", "rival", "difference", "difference_low", "difference_high"),
]
SPEED = "balanced"  # one view of a picture without counterstain: enough to compare, and several times as fast
SCORES = ("dice", "iou", "ap50", "kaggle")


@dataclass(frozen=True)
class Contender:
    """A network that is compared with others.

    Attributes
    ----------
    architecture : str
        A key of `architectures.ARCHITECTURES`.
    arguments : dict
        Its arguments.
    training : fit.Training
        Where its weights are, and how long they took.
    """

    architecture: str
    arguments: dict
    training: fit.Training


class Trainer:
    """Trains networks on the data of one run, each as its recipe wants it.

    Parameters
    ----------
    path, samples, arrays
        As for `training_data.read`.
    cache, tell
        As for `fit.train`.
    """

    def __init__(self, path, samples, arrays, cache, tell=print):
        self._data, self._cache, self._tell, self._read = (path, samples, arrays), cache, tell, {}

    def train(self, architecture, arguments, settings, chosen=None):
        """Train a network, or find the training again.

        Parameters
        ----------
        architecture, arguments
            As for `architectures.build`.
        settings : fit.Settings
        chosen : (N,) ndarray of bool, optional
            The pictures to train on and to validate by, of a recipe with crops; all when left out.

        Returns
        -------
        contender : Contender
        """
        crops = recipes.RECIPES[settings.recipe].crops
        if crops not in self._read:
            self._read[crops] = training_data.read(settings.recipe, *self._data)
        data = self._read[crops] if chosen is None else self._read[crops].only(chosen)
        trained = fit.train(architecture, arguments, data, settings, self._cache, self._tell)
        return Contender(architecture, arguments, trained)


def scores(contenders, rule, samples):
    """Score every network on the same pictures at native size.

    Parameters
    ----------
    contenders : dict of str to Contender
        By the name that a reader sees.
    rule : dict
        Fields of `instances.Rule` that are not the usual ones.
    samples : sequence of dataset.Sample
        With labels.

    Returns
    -------
    segmentations : dict of str to list of segmentation.Segmentation
        What each network finds in each picture.
    rows : dict of str to DataFrame
        `scoring.score_pictures` of each network.
    """
    segmentations, rows = {}, {}
    for name, own in contenders.items():
        model = bundle.network(own.architecture, own.arguments, own.training.weights)
        network = bundle.Bundle(model, {"arguments": own.arguments, "instances": rule})
        segmentations[name] = segmentation.segment_all(network, [sample.image for sample in samples], SPEED)
        rows[name] = scoring.score_pictures(samples, segmentations[name])
    return segmentations, rows


def table(contenders, rows, rivals, families, seed):
    """One row a network: size, time, scores, and the paired difference to its rival.

    Parameters
    ----------
    contenders : dict of str to Contender
    rows : dict of str to DataFrame
        From `scores`.
    rivals : dict of str to str
        Name of a network to the one that it is compared with; who has none is left out.
    families : (N,) array_like of int
        Family of each picture: whole families are drawn for the intervals.
    seed : int
        Of the bootstrap.

    Returns
    -------
    table : DataFrame
        With `COLUMNS`; the difference is that of the Kaggle score, scores are means over pictures, intervals
        cover 95 % and are not a number where the pictures have too few families.
    """
    lines = []
    for name, own in contenders.items():
        seconds = own.training.history["seconds"]
        means = averages.means(rows[name].assign(family=families), SCORES, seed)
        low, high = means["kaggle_interval"] or (np.nan, np.nan)
        rival = rivals.get(name)
        against = rows[rival or name]["kaggle"]
        difference = intervals.paired_difference(rows[name]["kaggle"], against, seed, families)
        lines.append(
            {
                "model": name,
                "parameters": architectures.build(own.architecture, own.arguments).count_params(),
                "epochs": len(seconds),
                "minutes": own.training.minutes,
                "seconds_per_epoch": seconds.median(),
                **{score: means[score] for score in SCORES},
                "kaggle_low": low,
                "kaggle_high": high,
                "rival": rival,
                **dict(zip(("difference", "difference_low", "difference_high"), difference, strict=True)),
            }
        )
    return pd.DataFrame(lines, columns=COLUMNS)
