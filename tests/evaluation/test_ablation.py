import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import dataclasses

import keras
import numpy as np
import pandas as pd
import pytest
from discs import discs

from cellseg_utils.data import dataset
from cellseg_utils.evaluation import ablation, compare
from cellseg_utils.models import architectures
from cellseg_utils.training import fit, recipes

USED = fit.Settings(
    epochs=100,
    batch_size=16,
    learning_rate=2e-3,
    patience=50,
    precision="float32",
    symmetries=False,
    seed=3,
    recipe="best",
    crop_side=192,
    steps=160,
)
BEST = recipes.arguments("best", 256, filters=32, depth=3)


def test_the_rungs_are_the_recipes_in_their_order():
    assert list(ablation.RUNGS) == list(recipes.RECIPES)


def test_one_of_the_short_trainings_is_as_long_as_a_rung():
    assert 1 in ablation.PLANS


def test_the_last_rung_is_the_training_that_the_best_recipe_has():
    assert ablation.rung("best", USED, BEST, 256) == (BEST, USED)


def test_the_first_rung_is_the_seeds_network_at_its_learning_rate():
    arguments, settings = ablation.rung("seed", USED, BEST, 256)
    assert arguments == {"image_size": 256, "filters": 16, "depth": 4}
    assert (settings.recipe, settings.learning_rate, settings.seed) == ("seed", 1e-3, 3)


@pytest.mark.parametrize(
    ("recipe", "filters", "rate"),
    [("crops", 16, 1e-3), ("colours", 16, 1e-3), ("separating", 16, 1e-3), ("compact", 32, 1e-3)],
)
def test_rungs_get_the_best_network_first_and_its_schedule_last(recipe, filters, rate):
    arguments, settings = ablation.rung(recipe, USED, BEST, 256)
    assert (arguments["filters"], settings.learning_rate) == (filters, rate)
    assert architectures.build("unet", arguments).input_shape == (None, None, None, 3)


@pytest.mark.parametrize(
    ("recipe", "batches", "pictures", "epochs"),
    [("best", 480, 570, 3), ("best", 1, 570, 1), ("seed", 480, 570, 13), ("seed", 480, 5, 480)],
)
def test_epochs_are_as_many_as_have_about_so_many_batches(recipe, batches, pictures, epochs):
    _, settings = ablation.rung(recipe, USED, BEST, 256)
    assert ablation.epochs_for(batches, settings, pictures) == epochs


def test_the_seeds_network_is_as_deep_as_the_sides_allow():
    arguments, _ = ablation.rung("crops", dataclasses.replace(USED, crop_side=24), BEST, 256)
    assert arguments["depth"] == 3
    assert ablation.rung("seed", USED, BEST, 256)[0]["depth"] == 4


def test_a_planned_training_trains_all_its_epochs():
    settings = ablation.for_epochs(USED, 7)
    assert (settings.epochs, settings.patience, settings.seed) == (7, 7, USED.seed)


@pytest.fixture
def contender(tmp_path):
    """An untrained network, saved as if its weights had been kept after 5 minutes too."""
    arguments = {"image_size": 16, "filters": 2, "depth": 1}
    keras.config.set_dtype_policy("float32")
    model = architectures.build("unet", arguments)
    best, after = tmp_path / "best.weights.h5", tmp_path / "after.weights.h5"
    for path in (best, after):
        model.save_weights(path)
    history = pd.DataFrame({"epoch": [1, 2, 3], "seconds": [150.0, 150.0, 150.0]})
    trained = fit.Training(history, best, {5.0: after}, 3)
    return compare.Contender("unet", arguments, trained)


def test_a_training_over_time_ends_with_the_weights_that_are_used(contender):
    moments = ablation.over_time(contender)
    names = {minutes: moment.training.weights.name for minutes, moment in moments.items()}
    assert names == {5.0: "after.weights.h5", 7.5: "best.weights.h5"}


def test_short_trainings_count_at_their_end_and_the_long_one_after_them(contender):
    def lasting(seconds):
        history = pd.DataFrame({"epoch": [1], "seconds": [seconds]})
        trained = dataclasses.replace(contender.training, history=history)
        return dataclasses.replace(contender, training=trained)

    short, shorter = lasting(390.0), lasting(120.0)
    moments = ablation.planned([shorter, short], contender)
    assert list(moments) == [2, 6.5, 7.5]  # the long one's weights after 5 minutes are left out
    assert moments[6.5] == short
    assert list(ablation.planned([], contender)) == [5.0, 7.5]
    assert list(ablation.planned([lasting(600.0)], contender)) == [10, 7.5]  # its end counts anyhow


def test_the_curve_scores_every_moment(contender):
    labels = discs((16, 16), [(8, 8, 5)])
    image = (200 * (labels[..., None] > 0)).repeat(3, 2).astype(np.uint8)
    samples = [dataset.Sample("x", image, labels, 0)]
    minutes, scores = ablation.curve(ablation.over_time(contender), {"threshold": 0.5}, samples)
    assert minutes.tolist() == [5, 7.5]
    assert set(scores) == set(compare.SCORES)
    assert scores["dice"][0] == scores["dice"][1]  # the same weights
    table = ablation.curve_table({"a": (minutes, scores)})
    assert table["minutes"].tolist() == [5, 7.5]
    assert table["recipe"].tolist() == ["a", "a"]
    assert set(compare.SCORES) <= set(table.columns)
