import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg_utils.training import fit, history

EXAMPLES = settings(max_examples=50, deadline=None)


def how(**changes):
    values = {"epochs": 30, "batch_size": 4, "learning_rate": 1e-3, "patience": 5, "precision": "float32"}
    return fit.Settings(**{**values, "symmetries": False, "seed": 0, **changes})


def table(losses):
    return pd.DataFrame({"epoch": range(1, len(losses) + 1), "val_loss": losses})


@pytest.mark.parametrize(
    ("losses", "best"), [([0.5], 1), ([0.5, 0.4, 0.3], 3), ([0.5, 0.2, 0.3], 2), ([0.5, 0.2, 0.2], 2)]
)
def test_the_best_epoch_is_the_first_of_the_lowest_validation_loss_counted_from_1(losses, best):
    assert history.best_epoch(table(losses)) == best


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([], False),
        ([0.5], False),
        ([0.5, 0.6], False),
        ([0.5, 0.6, 0.7], True),
        ([0.5, 0.5, 0.5], True),
        ([0.5, 0.6, 0.4], False),
        ([0.5, 0.4, 0.3, 0.2], False),
        ([0.5, 0.4, 0.3, 0.2, 0.1], True),
    ],
)
def test_a_training_of_five_epochs_with_patience_two_ends(losses, expected):
    assert history.exhausted(table(losses), how(epochs=5, patience=2)) is expected


@EXAMPLES
@given(st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.4]), min_size=1, max_size=12), st.integers(1, 5))
def test_it_ends_after_the_same_epoch_as_with_early_stopping_of_keras(losses, patience):
    stopping = keras.callbacks.EarlyStopping("val_loss", patience=patience)
    stopping.set_model(keras.Sequential())
    stopping.model.stop_training = False
    stopping.on_train_begin()
    for epoch, loss in enumerate(losses):
        stopping.on_epoch_end(epoch, {"val_loss": loss})
        ends = history.exhausted(table(losses[: epoch + 1]), how(epochs=1000, patience=patience))
        assert ends == stopping.model.stop_training
        if ends:
            break


@pytest.mark.parametrize(
    ("minutes", "passed"),
    [
        ([4.9], False),
        ([5], True),
        ([4, 2], True),
        ([5, 1], False),
        ([90], True),
        ([6, 6], False),
        ([4, 4, 8], True),
    ],
)
def test_weights_are_kept_in_the_epoch_in_which_a_mark_passes(minutes, passed):
    rows = pd.DataFrame({"epoch": range(1, 1 + len(minutes)), "seconds": np.multiply(minutes, 60.0)})
    assert history.passed_mark(rows) is passed


def test_minutes_are_the_sum_of_what_the_epochs_took():
    rows = pd.DataFrame({"epoch": [1, 2, 3], "seconds": [60.0, 90.0, 30.0]})
    assert history.minutes(rows).tolist() == [1, 2.5, 3]
