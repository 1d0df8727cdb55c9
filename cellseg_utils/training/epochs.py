"""What happens around every epoch: the state on disk, the end of the training."""

import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from tqdm import tqdm

from cellseg_utils.run import files

MARKS = (5, 15, 45, 90)  # minutes of training after which the weights are kept, to see what longer gives


def read_history(folder):
    """Epochs that a training has finished so far.

    Parameters
    ----------
    folder : Path
        Of the training.

    Returns
    -------
    history : DataFrame
        Empty where nothing was trained yet.
    """
    path = Path(folder) / "history.csv"
    return pd.read_csv(path) if path.exists() else pd.DataFrame()


def best_epoch(history):
    """Number of the epoch with the lowest validation loss, counted from 1.

    Parameters
    ----------
    history : DataFrame
        With the columns epoch and val_loss.

    Returns
    -------
    epoch : int
    """
    return int(history.loc[history["val_loss"].idxmin(), "epoch"])


def exhausted(history, settings):
    """Whether a training ends here: told by the history alone, so that a resumed one agrees.

    Parameters
    ----------
    history : DataFrame
        Epochs so far.
    settings : fit.Settings

    Returns
    -------
    exhausted : bool
        All epochs are done, or `patience` of them without a lower validation loss.
    """
    if len(history) == 0:
        return False
    return len(history) >= settings.epochs or len(history) - best_epoch(history) >= settings.patience


def snapshot_name(epoch):
    """File that holds the weights after an epoch of those in which one of `MARKS` passed."""
    return f"after-{epoch:04d}.weights.h5"


def minutes(history):
    """How long a training has taken after each epoch, without the time in which the machine slept or waited.

    Parameters
    ----------
    history : DataFrame
        With the columns epoch and seconds.

    Returns
    -------
    minutes : Series of float64
        Every epoch counts as the median one.
    """
    return history["epoch"] * history["seconds"].median() / 60


def passed_mark(history):
    """Whether one of `MARKS` passed in the last epoch.

    Parameters
    ----------
    history : DataFrame
        Epochs so far, with the columns epoch and seconds.

    Returns
    -------
    passed : bool
    """
    before, now = (minutes(epochs).max() for epochs in (history[:-1], history))
    return any(np.nan_to_num(before) < mark <= now for mark in MARKS)


STATES = "epoch-*.weights.h5"  # all that `state_name` gives


def state_name(epoch):
    """File that holds weights and optimizer after an epoch."""
    return f"epoch-{epoch:04d}.weights.h5"


@contextmanager
def averaged(model):
    """Put the averaged weights into a model for a while, if its optimizer keeps some.

    Parameters
    ----------
    model : keras.Model
        Compiled.

    Yields
    ------
    None
    """
    kept = model.optimizer.use_ema
    if kept:
        own = [variable.numpy() for variable in model.trainable_variables]
        model.optimizer.finalize_variable_values(model.trainable_variables)
        for variable in model.trainable_variables:  # a copy: JAX may free what a validation has used
            variable.assign(variable.numpy())
    try:
        yield
    finally:
        if kept:
            for variable, value in zip(model.trainable_variables, own, strict=True):
                variable.assign(value)


class Recorder(keras.callbacks.Callback):
    """Keep best weights, state and history of every epoch; the history is written last, and it counts."""

    def __init__(self, folder, history, settings, steps):
        super().__init__()
        self._folder, self._settings, self._swap = folder, settings, ExitStack()
        self._rows = history.to_dict("records")
        folder.mkdir(parents=True, exist_ok=True)
        self._bar = tqdm(total=steps * settings.epochs, initial=steps * len(history), desc="训练", unit="步")

    def on_epoch_begin(self, epoch, logs=None):
        self._started = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        self._bar.update()

    def on_epoch_end(self, epoch, logs=None):
        scores = {name: float(value) for name, value in logs.items()}
        self._rows.append({"epoch": epoch + 1, "seconds": time.perf_counter() - self._started, **scores})
        if not np.isfinite(scores["val_loss"]):
            raise ValueError(f"第 {epoch + 1} 轮的损失不是有限的数，请减小 learning_rate 后再训练")
        history = pd.DataFrame(self._rows)
        kept = {
            "best.weights.h5": best_epoch(history) == epoch + 1,
            snapshot_name(epoch + 1): passed_mark(history),
        }
        self._write_averaged([name for name, wanted in kept.items() if wanted])
        self._write_weights(self.model, state_name(epoch + 1))
        files.write_bytes(self._folder / "history.csv", history.to_csv(index=False).encode())
        (self._folder / state_name(epoch)).unlink(missing_ok=True)
        self._tell(scores, epoch + 1)
        self.model.stop_training = exhausted(history, self._settings)

    def on_test_begin(self, logs=None):
        self._swap.enter_context(averaged(self.model))

    def on_test_end(self, logs=None):
        self._swap.close()

    def on_train_end(self, logs=None):
        self._bar.close()

    def _write_averaged(self, names):
        if names:
            with averaged(self.model):
                network = keras.Model(self.model.inputs, self.model.outputs)  # without the optimizer
                for name in names:
                    self._write_weights(network, name)

    def _write_weights(self, model, name):
        with files.replacing(self._folder / name) as temporary:
            model.save_weights(temporary)

    def _tell(self, scores, epoch):
        shown = "  ".join(f"{name} {value:.4f}" for name, value in scores.items())
        tqdm.write(f"第 {epoch:3d}/{self._settings.epochs} 轮  {shown}", file=sys.stderr)
