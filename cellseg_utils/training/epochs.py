"""What happens around every epoch: scores are told, weights and history recorded, the end is seen."""

import sys
import time
from contextlib import ExitStack, contextmanager

import keras
import numpy as np
import pandas as pd
from tqdm import tqdm

from cellseg_utils.run import files
from cellseg_utils.run.language import say
from cellseg_utils.run.plain_error import ArgumentError
from cellseg_utils.training import checkpoint
from cellseg_utils.training.history import best_epoch, exhausted, passed_mark


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
    """Record every epoch, and stop when the history says so.

    Parameters
    ----------
    before : checkpoint.Checkpoint
        Where the training stands.
    settings : fit.Settings
    steps : int
        Batches an epoch.
    """

    def __init__(self, before, settings, steps):
        super().__init__()
        self._checkpoint, self._settings, self._swap = before, settings, ExitStack()
        done = steps * len(before.history)
        total = steps * settings.epochs
        self._bar = tqdm(total=total, initial=done, desc=say("训练"), unit=say("步"))

    def on_epoch_begin(self, epoch, logs=None):
        self._started = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        self._bar.update()

    def on_epoch_end(self, epoch, logs=None):
        number, seconds = epoch + 1, time.perf_counter() - self._started
        scores = {name: float(value) for name, value in logs.items()}
        if not np.isfinite(scores["val_loss"]):
            raise ArgumentError(
                say("第 {number} 轮的损失不是有限的数，请减小 learning_rate 后再训练", number=number)
            )
        row = pd.DataFrame([{"epoch": number, "seconds": seconds, **scores}])
        earlier = self._checkpoint.history
        history = pd.concat([earlier, row], ignore_index=True) if len(earlier) else row
        written = self._write(number, history)
        self._checkpoint = checkpoint.advance(self._checkpoint, history, written)
        self._tell(scores, number)
        self.model.stop_training = exhausted(history, self._settings)

    def on_test_begin(self, logs=None):
        self._swap.enter_context(averaged(self.model))

    def on_test_end(self, logs=None):
        self._swap.close()

    def on_train_end(self, logs=None):
        self._bar.close()

    def _write(self, number, history):
        """Write the weights of an epoch; the names of their files."""
        kept = {
            checkpoint.best_name(number): best_epoch(history) == number,
            checkpoint.snapshot_name(number): passed_mark(history),
        }
        names = [name for name, wanted in kept.items() if wanted]
        if names:
            with averaged(self.model):
                # Without the optimizer; a name that Keras counts up would make the same weights another file.
                network = keras.Model(self.model.inputs, self.model.outputs, name=self.model.name)
                for name in names:
                    self._write_weights(network, name)
        self._write_weights(self.model, checkpoint.state_name(number))
        return [*names, checkpoint.state_name(number)]

    def _write_weights(self, model, name):
        with files.replacing(self._checkpoint.folder / name) as temporary:
            model.save_weights(temporary)

    def _tell(self, scores, number):
        shown = "  ".join(f"{name} {value:.4f}" for name, value in scores.items())
        epoch = say("第 {number:3d}/{limit} 轮", number=number, limit=self._settings.epochs)
        tqdm.write(f"{epoch}  {shown}", file=sys.stderr)
