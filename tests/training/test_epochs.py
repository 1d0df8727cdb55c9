import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg_utils.training import epochs, fit

EXAMPLES = settings(max_examples=50, deadline=None)


def how(**changes):
    values = {"epochs": 30, "batch_size": 4, "learning_rate": 1e-3, "patience": 5, "precision": "float32"}
    return fit.Settings(**{**values, "symmetries": False, "seed": 0, **changes})


def history(losses):
    return pd.DataFrame({"epoch": range(1, len(losses) + 1), "val_loss": losses})


@pytest.mark.parametrize(
    ("losses", "best"), [([0.5], 1), ([0.5, 0.4, 0.3], 3), ([0.5, 0.2, 0.3], 2), ([0.5, 0.2, 0.2], 2)]
)
def test_the_best_epoch_is_the_first_of_the_lowest_validation_loss_counted_from_1(losses, best):
    assert epochs.best_epoch(history(losses)) == best


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
    assert epochs.exhausted(history(losses), how(epochs=5, patience=2)) is expected


@EXAMPLES
@given(st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.4]), min_size=1, max_size=12), st.integers(1, 5))
def test_it_ends_after_the_same_epoch_as_with_early_stopping_of_keras(losses, patience):
    stopping = keras.callbacks.EarlyStopping("val_loss", patience=patience)
    stopping.set_model(keras.Sequential())
    stopping.model.stop_training = False
    stopping.on_train_begin()
    for epoch, loss in enumerate(losses):
        stopping.on_epoch_end(epoch, {"val_loss": loss})
        ends = epochs.exhausted(history(losses[: epoch + 1]), how(epochs=1000, patience=patience))
        assert ends == stopping.model.stop_training
        if ends:
            break


def test_a_training_that_never_began_has_no_epochs(tmp_path):
    assert len(epochs.read_history(tmp_path / "none")) == 0


@pytest.fixture
def averaging():
    """A network of one weight that was 1 after its first step and is 5 after its second."""

    def make(use_ema=True):
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
        model.compile(keras.optimizers.SGD(1.0, use_ema=use_ema, ema_momentum=0.75), "mse")
        model.optimizer.build(model.trainable_variables)
        for value in (0.0, -4.0):
            model.set_weights([np.ones((1, 1), np.float32)])
            model.optimizer.apply([keras.ops.full((1, 1), value)], model.trainable_variables)
        return model

    return make


def weight(model):
    return float(model.get_weights()[0][0, 0])


def test_averaged_weights_are_in_the_model_for_a_while_and_then_its_own_again(averaging):
    model = averaging()
    assert weight(model) == 5
    with epochs.averaged(model):
        assert weight(model) == 0.75 * 1 + 0.25 * 5
    assert weight(model) == 5


def test_its_own_weights_come_back_after_an_error_too(averaging):
    model = averaging()
    with pytest.raises(KeyError), epochs.averaged(model):
        raise KeyError
    assert weight(model) == 5


def test_the_averages_themselves_stay_as_they_are(averaging):
    model = averaging()
    for _ in range(2):
        with epochs.averaged(model):
            assert weight(model) == 2


def test_without_averages_a_model_keeps_its_own_weights(averaging):
    model = averaging(use_ema=False)
    with epochs.averaged(model):
        assert weight(model) == 5
    assert weight(model) == 5


@pytest.mark.parametrize(
    ("minutes", "passed"),
    [([4.9], False), ([5], True), ([4, 2], True), ([5, 1], False), ([90], True), ([6, 6], False)],
)
def test_weights_are_kept_in_the_epoch_in_which_a_mark_passes(minutes, passed):
    history = pd.DataFrame({"epoch": range(1, 1 + len(minutes)), "seconds": np.multiply(minutes, 60.0)})
    assert epochs.passed_mark(history) is passed


def test_a_pause_does_not_count_as_training():
    history = pd.DataFrame({"epoch": [1, 2, 3], "seconds": [60.0, 3600.0, 60.0]})
    assert epochs.minutes(history).tolist() == [1, 2, 3]
