"""Train a network: same settings, same weights; a killed training goes on where it stopped."""

import functools
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import pandas as pd

from cellseg_utils.models import architectures, precision, randomness
from cellseg_utils.run import code_fingerprint, files, fingerprint, libraries
from cellseg_utils.run.language import listing, say
from cellseg_utils.run.plain_error import ArgumentError
from cellseg_utils.training import checkpoint, epochs, recipes
from cellseg_utils.training.history import best_epoch, exhausted, minutes

# how things are written, told apart and said does not change the weights
WITHOUT_INFLUENCE = ("run.files", "run.fingerprint", "run.code_fingerprint", "run.language")


@dataclass(frozen=True)
class Settings:
    """How to train.

    Attributes
    ----------
    epochs : int
        Upper limit.
    batch_size : int
        Pictures a step.
    learning_rate : float
        Of Adam (no unit).
    patience : int
        Stop after so many epochs without a lower validation loss.
    precision : str
        A Keras dtype policy: `"float32"` or `"mixed_bfloat16"`.
    symmetries : bool
        Turn and mirror the training pictures at random; a recipe with crops does it anyway.
    seed : int
        Of the initial weights, the order of the pictures and their changes.
    recipe : str
        A key of `recipes.RECIPES`.
    crop_side : int
        Side of the crops (pixels), if the recipe takes any.
    steps : int
        Batches an epoch, if the recipe takes crops.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    patience: int
    precision: str
    symmetries: bool
    seed: int
    recipe: str = "seed"
    crop_side: int = 192
    steps: int = 150

    def __post_init__(self):
        """Refuse what can't train, in one line."""
        for name in ("epochs", "batch_size", "patience", "crop_side", "steps"):
            if getattr(self, name) < 1:
                raise ArgumentError(say("{name}={value}：至少应为 1", name=name, value=getattr(self, name)))
        if not self.learning_rate > 0:
            raise ArgumentError(say("learning_rate={rate}：应大于 0", rate=self.learning_rate))
        if self.seed < 0:
            raise ArgumentError(say("seed={seed}：不能是负数", seed=self.seed))
        if self.precision not in precision.PRECISIONS:
            known = listing(["auto", *precision.PRECISIONS])
            raise ArgumentError(say("precision={name}：应为 {known} 之一", name=self.precision, known=known))
        if self.recipe not in recipes.RECIPES:
            raise ValueError(recipes.unknown(self.recipe))


@dataclass(frozen=True)
class Training:
    """A finished training.

    Attributes
    ----------
    history : DataFrame
        One row an epoch: epoch, seconds, loss, accuracy, dice_coef and the same with `val_`.
    weights : Path
        Those of the epoch with the lowest validation loss.
    snapshots : dict of float to Path
        Weights after some minutes of training, in this order.
    earlier_epochs : int
        How many of the epochs an earlier call had trained; all, if the training was only found again.
    """

    history: pd.DataFrame
    weights: Path
    snapshots: dict
    earlier_epochs: int

    @property
    def best_epoch(self):
        """Number of the epoch with the lowest validation loss, counted from 1."""
        return best_epoch(self.history)

    @property
    def minutes(self):
        """What all its epochs took together."""
        return float(minutes(self.history).iloc[-1])

    @property
    def reused(self):
        """Whether it had been finished before and was only found again."""
        return self.earlier_epochs == len(self.history)


def key(architecture, arguments, data, settings, start=None):
    """Fingerprint of all that a training's outcome depends on: data, settings, and the code that trains.

    Parameters
    ----------
    architecture : str
        A key of `architectures.ARCHITECTURES`.
    arguments : dict
        Its arguments.
    data : training_data.Squares or training_data.Cuts
    settings : Settings
    start : Path, optional
        As for `train`.

    Returns
    -------
    key : str
        16 hexadecimal digits.
    """
    code = code_fingerprint.of_modules(["training.fit", "training.training_data"], without=WITHOUT_INFLUENCE)
    engine = libraries.versions(), keras.backend.backend()
    first = start and fingerprint.of_file(start)
    return fingerprint.of_values(
        architecture, arguments, asdict(settings), data.digest(), first, code, engine
    )


def train(architecture, arguments, data, settings, cache, tell=print, start=None):
    """Train a network, go on with a training that was cut off, or find a finished one again.

    Parameters
    ----------
    architecture : str
        A key of `architectures.ARCHITECTURES`.
    arguments : dict
        Its arguments.
    data : training_data.Squares or training_data.Cuts
        What the recipe of the settings trains on.
    settings : Settings
    cache : Path
        Folder of all trainings; this one keeps its state below, in a folder named after its `key`. Where
        another process trains the same, this one waits and then finds it.
    tell : callable
        Gets one line if this call waits, or an earlier training is damaged and begins anew.
    start : Path, optional
        A `.weights.h5` file of the same network, whose origin has been checked, to begin with; random weights
        when left out.

    Returns
    -------
    training : Training

    Raises
    ------
    ValueError
        If the architecture is unknown or its arguments do not fit.
    OSError
        If the disk is full; what earlier epochs wrote stays.
    """
    folder = cache / key(architecture, arguments, data, settings, start)
    waiting = say("另一个进程正在做同样的训练，等它结束，再取用它的结果")
    with files.locked(folder, functools.partial(tell, waiting)):
        before = checkpoint.read(folder, tell)
        if not (before.finished or exhausted(before.history, settings)):
            with precision.computing_in(settings.precision), randomness.kept():
                keras.utils.set_random_seed(settings.seed)
                _run_epochs(before, architecture, arguments, data, settings, start)
        last = checkpoint.read(folder, tell)
        return _training(last if last.finished else checkpoint.finish(last), len(before.history))


def _run_epochs(before, architecture, arguments, data, settings, start):
    done = len(before.history)
    batches = data.batches(settings, done)
    model = architectures.build(architecture, arguments)
    if start and not done:
        model.load_weights(start)
    recipes.prepare(model, settings, len(batches) * settings.epochs)
    model.optimizer.build(model.trainable_variables)  # so that a resumed training can load its state
    if done:
        model.load_weights(before.state)
    model.fit(
        batches,
        validation_data=data.held_out(settings),
        epochs=settings.epochs,
        initial_epoch=done,
        shuffle=False,
        verbose=0,
        callbacks=[epochs.Recorder(before, settings, len(batches))],
    )


def _training(last, earlier_epochs):
    passed = zip(last.history["epoch"], minutes(last.history), strict=True)
    snapshots = {spent: last.snapshot(epoch) for epoch, spent in passed if last.snapshot(epoch)}
    return Training(last.history, last.best, snapshots, earlier_epochs)


def facts(training, settings, images):
    """What a bundle remembers of its training.

    Parameters
    ----------
    training : Training
    settings : Settings
    images : int
        Pictures or crops an epoch.

    Returns
    -------
    facts : dict
        `settings`, `precision`, `epochs`, `best_epoch`, `seconds` (of all epochs) and `images_per_second`.
    """
    seconds = 60 * training.minutes
    return {
        "settings": asdict(settings),
        "precision": settings.precision,
        "epochs": len(training.history),
        "best_epoch": training.best_epoch,
        "seconds": seconds,
        "images_per_second": images * len(training.history) / seconds,
    }
