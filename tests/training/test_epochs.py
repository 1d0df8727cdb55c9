import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest

from cellseg_utils.training import epochs


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
