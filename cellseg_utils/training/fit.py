"""Train a network: same settings, same weights; a killed training goes on where it stopped."""

from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import pandas as pd

from cellseg_utils.models import architectures
from cellseg_utils.run import code_fingerprint, files, fingerprint
from cellseg_utils.training import epochs, recipes

# how things are written and told apart does not change the weights
WITHOUT_INFLUENCE = ("run.files", "run.fingerprint", "run.code_fingerprint")
PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


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
        """Refuse what can't train, in one Chinese line."""
        for name in ("epochs", "batch_size", "patience", "crop_side", "steps"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)}：至少应为 1")
        if not self.learning_rate > 0:
            raise ValueError(f"learning_rate={self.learning_rate}：应大于 0")
        if self.seed < 0:
            raise ValueError(f"seed={self.seed}：不能是负数")
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision={self.precision}：应为 auto、{'、'.join(PRECISIONS)} 之一")
        if self.recipe not in recipes.RECIPES:
            raise ValueError(f"recipe={self.recipe}：应为 {'、'.join(recipes.RECIPES)} 之一")


@dataclass(frozen=True)
class Training:
    """A finished training.

    Attributes
    ----------
    history : DataFrame
        One row an epoch: epoch, seconds, loss, accuracy, dice_coef and the same with `val_`.
    weights : Path
        `best.weights.h5`: the weights of the epoch with the lowest validation loss.
    found : bool
        Whether it had been finished before and was only found again.
    """

    history: pd.DataFrame
    weights: Path
    found: bool

    @property
    def best_epoch(self):
        """Number of the epoch with the lowest validation loss, counted from 1."""
        return epochs.best_epoch(self.history)

    def snapshots(self):
        """Weights after some minutes of training.

        Returns
        -------
        snapshots : dict of float to Path
            Minutes of training to a file, in this order.
        """
        found = {}
        for epoch, minutes in zip(self.history["epoch"], epochs.minutes(self.history), strict=True):
            path = self.weights.with_name(epochs.snapshot_name(epoch))
            if path.exists():
                found[minutes] = path
        return found


def resolve_precision(precision):
    """Turn `"auto"` into the fastest policy that this processor computes natively.

    Parameters
    ----------
    precision : str
        `"auto"`, or a Keras dtype policy.

    Returns
    -------
    policy : str
        `"mixed_bfloat16"` where the processor has bfloat16 instructions, else `"float32"`.
    """
    if precision != "auto":
        return precision
    cpuinfo = Path("/proc/cpuinfo")
    flags = cpuinfo.read_text() if cpuinfo.exists() else ""
    return "mixed_bfloat16" if "avx512_bf16" in flags or "amx_bf16" in flags else "float32"


def key(architecture, arguments, data, settings):
    """Fingerprint of all that a training's outcome depends on: data, settings, and the code that trains.

    Parameters
    ----------
    architecture : str
        A key of `architectures.ARCHITECTURES`.
    arguments : dict
        Its arguments.
    data : training_data.Squares or training_data.Cuts
    settings : Settings

    Returns
    -------
    key : str
        16 hexadecimal digits.
    """
    code = code_fingerprint.of_modules(["training.fit", "training.training_data"], without=WITHOUT_INFLUENCE)
    engine = keras.__version__, keras.backend.backend()
    return fingerprint.of_values(architecture, arguments, asdict(settings), data.digest(), code, engine)


def train(architecture, arguments, data, settings, cache):
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
    folder = cache / key(architecture, arguments, data, settings)
    with files.alone(folder, files.wait_aloud("另一个进程正在做同样的训练，等它结束，再取用它的结果")):
        return _found_or_trained(folder, architecture, arguments, data, settings)


def _found_or_trained(folder, architecture, arguments, data, settings):
    history = epochs.read_history(folder)
    if (folder / "finished").exists():
        return Training(history, folder / "best.weights.h5", True)
    batches = data.batches(settings, len(history))
    model = _compiled(architecture, arguments, data, settings, len(batches))
    if len(history):
        model.load_weights(folder / epochs.state_name(len(history)))
    if not epochs.exhausted(history, settings):
        model.fit(
            batches,
            validation_data=data.held_out(settings),
            epochs=settings.epochs,
            initial_epoch=len(history),
            shuffle=False,
            verbose=0,
            callbacks=[epochs.Recorder(folder, history, settings, len(batches))],
        )
    files.write_bytes(folder / "finished", b"")
    for state in folder.glob(epochs.STATES):
        state.unlink()
    return Training(epochs.read_history(folder), folder / "best.weights.h5", False)


def _compiled(architecture, arguments, data, settings, steps):
    keras.config.set_dtype_policy(settings.precision)
    keras.utils.set_random_seed(settings.seed)
    model = architectures.build(architecture, arguments)
    recipes.prepare(model, settings, steps * settings.epochs)
    model.optimizer.build(model.trainable_variables)  # so that a resumed training can load its state
    return model


def facts(history, settings, images):
    """What a bundle remembers of its training.

    Parameters
    ----------
    history : DataFrame
        From `fit.train`.
    settings : fit.Settings
    images : int
        Pictures or crops an epoch.

    Returns
    -------
    facts : dict
        `settings`, `precision`, `epochs`, `best_epoch`, `seconds` and `images_per_second` (both by the median
        epoch).
    """
    return {
        "settings": asdict(settings),
        "precision": settings.precision,
        "epochs": len(history),
        "best_epoch": epochs.best_epoch(history),
        "seconds": 60 * float(epochs.minutes(history).iloc[-1]),
        "images_per_second": images / float(history["seconds"].median()),
    }
