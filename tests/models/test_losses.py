import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from cellseg_utils.models import losses
from cellseg_utils.preprocessing import targets

EXAMPLES = settings(max_examples=25, deadline=None)
SEEDS = st.integers(0, 2**32)


def truth(seed=0):
    """Target maps of two pictures with touching nuclei."""
    labels = np.random.default_rng(seed).integers(0, 3, (2, 4, 4)).repeat(4, 1).repeat(4, 2)
    return np.stack([targets.target_maps(picture) for picture in labels])


def guess(seed=0):
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.uniform(0, 1, (2, 16, 16, 3)), rng.normal(size=(2, 16, 16, 2))], 3).astype(
        "f4"
    )


def loss(y_true, y_pred):
    return float(losses.separating(y_true, y_pred))


def test_dice_of_a_batch_is_twice_the_overlap_over_both_areas_plus_one():
    y_true = np.array([1, 1, 0, 0], np.float32).reshape(1, 2, 2, 1)
    y_pred = np.array([1, 0.5, 0.5, 0], np.float32).reshape(1, 2, 2, 1)
    assert float(losses.dice_coef(y_true, y_pred)) == pytest.approx((2 * 1.5 + 1) / (2 + 2 + 1))
    assert float(losses.dice_coef(y_true * 0, y_pred * 0)) == 1
    assert float(losses.dice_coef(y_true, y_true)) == 1


def test_dice_of_a_batch_is_computed_in_float32_whatever_the_precision():
    ones = ops.ones((1, 64, 64, 1), "bfloat16")
    assert float(losses.dice_coef(ones, ones)) == 1
    assert ops.dtype(losses.dice_coef(ones, ones)) == "float32"


@pytest.mark.parametrize("metric", [losses.dice_coef, losses.accuracy])
def test_of_several_maps_the_first_counts(metric):
    y_true, y_pred = truth(), guess()
    several, one = metric(y_true, y_pred), metric(y_true[..., :1], y_pred[..., :1])
    np.testing.assert_array_equal(ops.convert_to_numpy(several), ops.convert_to_numpy(one))


def test_accuracy_is_1_where_truth_and_probability_are_on_one_side_of_a_half():
    y_true = np.array([1, 1, 0, 0], np.float32).reshape(1, 2, 2, 1)
    y_pred = np.array([0.6, 0.4, 0.4, 0.5], np.float32).reshape(1, 2, 2, 1)
    found = losses.accuracy(y_true, y_pred)
    assert ops.dtype(found) == "float32"
    assert ops.convert_to_numpy(found).tolist() == [[[1, 0], [1, 1]]]


def test_the_loss_of_one_pixel_is_that_computed_by_hand():
    y_true = np.array([1, 0, 1, 0.5, 0], np.float32).reshape(1, 1, 1, 5)
    y_pred = np.array([0.5, 0.5, 0.5, 0.3, 1], np.float32).reshape(1, 1, 1, 5)
    share = 1 / 1.01
    expected = np.log(2) + 1 - (2 * 0.5 + 1) / (1 + 0.5 + 1)  # foreground: cross-entropy and Dice
    expected += 2 * np.log(2)  # border
    expected += 2 * (0.2 + share) * 0.25  # distance
    expected += 2 * share * (0.2**2 + (1 - 0.25)) / 2  # offsets: one is near, one is far
    assert loss(y_true, y_pred) == pytest.approx(expected, rel=1e-5)


def by_numpy(y_true, y_pred):
    t, p = y_true.astype(float), y_pred.astype(float)
    q = p[..., :2].clip(1e-6, 1 - 1e-6)
    entropy = -(t[..., :2] * np.log(q) + (1 - t[..., :2]) * np.log(1 - q)) * (1 + 3 * t[..., 1:2])
    dice = (2 * (t[..., 0] * p[..., 0]).sum() + 1) / (t[..., 0].sum() + p[..., 0].sum() + 1)
    share = t[..., 0] / (t[..., 0].mean() + 0.01)
    distance = ((0.2 + share) * (t[..., 2] - p[..., 2]) ** 2).mean()
    size = np.abs(t[..., 3:] - p[..., 3:])
    offsets = (share[..., None] * np.where(size < 0.5, size**2, size - 0.25)).mean()
    return entropy[..., 0].mean() + 1 - dice + 2 * entropy[..., 1].mean() + 2 * distance + 2 * offsets


@EXAMPLES
@given(SEEDS)
def test_the_loss_is_that_of_numpy(seed):
    assert loss(truth(seed), guess(seed)) == pytest.approx(by_numpy(truth(seed), guess(seed)), rel=1e-4)


@EXAMPLES
@given(SEEDS)
def test_the_truth_itself_costs_nothing_and_all_else_more(seed):
    assert loss(truth(seed), truth(seed)) == pytest.approx(0, abs=1e-4)
    assert loss(truth(seed), guess(seed)) > 0.1


@pytest.mark.parametrize("channel", range(5))
def test_every_map_counts(channel):
    wrong = truth()
    wrong[..., channel] = np.where(truth()[..., 0] > 0, wrong[..., channel] + 0.3, wrong[..., channel])
    if channel < 2:
        wrong[..., channel] = abs(truth()[..., channel] - 0.3)
    assert loss(truth(), wrong) > 0.05


def test_offsets_of_the_background_cost_nothing():
    wrong = truth()
    wrong[..., 3:] += 5 * (truth()[..., :1] == 0)
    assert loss(truth(), wrong) == pytest.approx(loss(truth(), truth()), abs=1e-6)


def test_a_wrong_pixel_costs_four_times_as_much_where_nuclei_come_near():
    y_true = np.zeros((1, 2, 2, 5), np.float32)
    y_true[0, 0, 0, 1] = 1
    costs = []
    for place in (0, 1):
        y_pred = y_true.copy()
        y_pred[0, place, place, 0] = 0.5
        costs.append(loss(y_true, y_pred) - (1 - 1 / 1.5))  # without what Dice costs
    assert costs[0] == pytest.approx(4 * costs[1], rel=1e-3)


def test_a_picture_without_nuclei_has_a_finite_loss():
    assert np.isfinite(loss(np.zeros((1, 8, 8, 5), np.float32), np.ones((1, 8, 8, 5), np.float32)))


def test_certain_and_wrong_probabilities_have_a_finite_loss():
    wrong = truth()
    wrong[..., :2] = 1 - wrong[..., :2]
    assert np.isfinite(loss(truth(), wrong))
    assert loss(truth(), wrong) == pytest.approx(by_numpy(truth(), wrong), rel=1e-2)


def test_the_loss_is_computed_in_float32_whatever_the_precision():
    low = ops.cast(guess(), "bfloat16")
    assert ops.dtype(losses.separating(truth(), low)) == "float32"
    assert loss(truth(), low) == pytest.approx(loss(truth(), guess()), rel=0.01)


def test_keras_takes_it_as_a_loss_and_the_metrics_as_metrics():
    model = keras.Sequential([keras.Input((16, 16, 5)), keras.layers.Identity()])
    accuracy = keras.metrics.MeanMetricWrapper(losses.accuracy, name="accuracy")
    model.compile("sgd", losses.separating, metrics=[accuracy, losses.dice_coef], run_eagerly=True)
    found = model.evaluate(guess(), truth(), batch_size=2, verbose=0, return_dict=True)
    right = (truth()[..., 0] > 0.5) == (guess()[..., 0] > 0.5)
    assert found["accuracy"] == pytest.approx(right.mean(), abs=1e-6)
    assert found["loss"] == pytest.approx(by_numpy(truth(), guess()), rel=1e-4)
    assert found["dice_coef"] == pytest.approx(float(losses.dice_coef(truth(), guess())), rel=1e-5)


def test_a_network_with_one_head_has_the_loss_of_this_head():
    truth, found = np.random.default_rng(0).uniform(0.1, 0.9, (2, 3, 8, 8, 5)).astype(np.float32)
    assert float(losses.on_every_head(losses.separating)(truth, found)) == float(
        losses.separating(truth, found)
    )


def test_several_heads_have_their_mean_loss_and_the_answer_before_them_none():
    truth, *heads = np.random.default_rng(0).uniform(0.1, 0.9, (4, 3, 8, 8, 5)).astype(np.float32)
    answer = np.full_like(truth, 0.5)
    found = losses.on_every_head(losses.separating)(truth, np.concatenate([answer, *heads], -1))
    expected = np.mean([float(losses.separating(truth, head)) for head in heads])
    assert float(found) == pytest.approx(expected, rel=1e-6)
