import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import dataclasses
import itertools
import shutil

import keras
import numpy as np
import pandas as pd
import pytest
from trainings import ARGUMENTS, SETTINGS, cuts, squares, train

from cellseg_utils.models import architectures
from cellseg_utils.training import checkpoint, history, recipes, training_data


def compiled(steps=10, rate=0.5):
    keras.config.set_dtype_policy("float32")
    keras.utils.set_random_seed(0)
    model = architectures.build("unet", ARGUMENTS)
    recipes.prepare(model, dataclasses.replace(SETTINGS, learning_rate=rate), steps)
    model.optimizer.build(model.trainable_variables)
    return model


def test_the_seed_recipe_trains_a_network_for_whole_pictures_of_one_size():
    assert recipes.arguments("seed", 64, 8, 3) == {"image_size": 64, "filters": 8, "depth": 3}


def test_the_best_recipe_trains_a_network_for_any_size_that_separates():
    assert ARGUMENTS == {
        "image_size": None,
        "filters": 2,
        "depth": 1,
        "stride": 2,
        "standardised": True,
        "maps": "separating",
    }


def test_each_recipe_trains_a_network_of_its_own_sizes_and_maps():
    seed, best = (
        architectures.build("unet", recipes.arguments(recipe, 64, 2, 2)) for recipe in ("seed", "best")
    )
    assert seed.input_shape == (None, 64, 64, 3)
    assert seed.output_shape == (None, 64, 64, 1)
    assert best.input_shape == (None, None, None, 3)
    assert best(np.zeros((1, 32, 64, 3), np.uint8)).shape == (1, 32, 64, 5)


@pytest.mark.parametrize("image_size", [16, 64, 256])
def test_the_size_of_the_prepared_pictures_matters_to_the_seed_recipe_only(image_size):
    assert recipes.arguments("seed", image_size, 2, 1)["image_size"] == image_size
    assert recipes.arguments("best", image_size, 2, 1) == ARGUMENTS


@pytest.mark.parametrize("recipe", ["", "worst", None, "Best"])
def test_an_unknown_recipe_is_refused_in_one_chinese_line(recipe):
    with pytest.raises(
        ValueError, match=r"^recipe=.*应为 seed、crops、colours、separating、compact、best 之一$"
    ) as refusal:
        recipes.arguments(recipe, 64, 8, 3)
    assert "\n" not in str(refusal.value)


def test_every_rung_of_the_ladder_adds_one_step_to_the_one_before():
    rungs = [dataclasses.astuple(recipe) for recipe in recipes.RECIPES.values()]
    assert not any(rungs[0])
    assert all(rungs[-1])
    for lower, upper in itertools.pairwise(rungs):
        assert sorted(b - a for a, b in zip(lower, upper, strict=True)) == [0, 0, 0, 0, 1]


@pytest.mark.parametrize("architecture", architectures.ARCHITECTURES)
@pytest.mark.parametrize("recipe", recipes.RECIPES)
def test_every_network_trains_under_every_recipe(architecture, recipe):
    keras.config.set_dtype_policy("float32")
    settings = dataclasses.replace(SETTINGS, recipe=recipe, learning_rate=0.01, crop_side=16)
    model = architectures.build(architecture, recipes.arguments(recipe, 16, filters=2, depth=2))
    recipes.prepare(model, settings, 10)
    data = cuts() if recipes.RECIPES[recipe].crops else squares()
    before = model.get_weights()
    found = model.train_on_batch(*data.batches(settings, 0)[0], return_dict=True)
    assert set(found) == {"loss", "accuracy", "dice_coef"}
    assert np.isfinite(list(found.values())).all()
    moved = [(a != b).any() for a, b in zip(before, model.get_weights(), strict=True)]
    assert np.mean(moved) > 0.9  # a filter of two may be dead


@pytest.mark.parametrize(
    ("steps", "warm_up"), [(40, 1), (59, 1), (61, 2), (80, 2), (100, 2), (101, 3), (1000, 25), (8000, 200)]
)
def test_the_learning_rate_warms_up_in_a_line_and_falls_by_a_cosine_to_a_hundredth(steps, warm_up):
    rate = compiled(steps, 0.004).optimizer._learning_rate
    for step in {0, warm_up // 2, warm_up}:
        expected = 0.004 * (1 / warm_up + (1 - 1 / warm_up) * step / warm_up)
        assert float(rate(step)) == pytest.approx(expected)
    assert float(rate(warm_up)) == pytest.approx(0.004)
    assert float(rate((warm_up + steps) / 2)) == pytest.approx(0.004 * (0.01 + 0.99 / 2))
    assert float(rate(steps)) == float(rate(5 * steps)) == pytest.approx(0.00004)


@pytest.mark.parametrize("steps", [1, 2, 20, 39])
def test_a_short_training_starts_at_the_learning_rate_and_only_falls(steps):
    rate = compiled(steps).optimizer._learning_rate
    rates = [float(rate(step)) for step in range(steps + 2)]
    assert rates[0] == rates[1] == pytest.approx(0.5)
    assert all(one > other for one, other in itertools.pairwise(rates[1 : steps + 1]))
    assert rates[-1] == pytest.approx(0.005)


def test_kernels_decay_and_biases_and_gains_do_not():
    model = compiled(8000)
    rng = np.random.default_rng(0)
    for variable in model.trainable_variables:
        variable.assign(rng.uniform(1, 2, variable.shape))
    before = model.get_weights()
    zeros = [keras.ops.zeros_like(variable) for variable in model.trainable_variables]
    model.optimizer.apply(zeros, model.trainable_variables)
    names = set()
    for variable, old in zip(model.trainable_variables, before, strict=True):
        share = variable.numpy() / old
        names.add(variable.name)
        if variable.name == "kernel":
            np.testing.assert_allclose(share, 1 - 1e-3 * 0.5 / 200, rtol=1e-7)
        else:
            np.testing.assert_array_equal(share, 1)
    assert names == {"kernel", "bias", "gain"}


def test_gradients_longer_than_1_are_cut_to_1_and_others_stay():
    long, short = keras.ops.full((4,), 100.0), keras.ops.full((4,), 0.1)
    cut = compiled().optimizer._clip_gradients([long, short])
    np.testing.assert_allclose(keras.ops.convert_to_numpy(cut[0]), 0.5, rtol=1e-6)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(cut[1]), 0.1, rtol=1e-6)


@pytest.mark.parametrize(
    ("steps", "momentum"),
    [(1, 0), (23, 0), (25, 1 / 2), (32, 1 / 2), (64, 3 / 4), (1000, 61 / 62), (8000, 0.998)],
)
def test_weights_are_averaged_over_a_sixteenth_of_the_steps(steps, momentum):
    optimizer = compiled(steps).optimizer
    assert optimizer.use_ema
    assert optimizer.ema_momentum == pytest.approx(momentum, abs=1e-12)


@pytest.mark.parametrize(("steps", "momentum"), [(8000, 0.998), (64, 0.75)])
def test_the_averaged_weights_are_a_running_mean_of_the_weights_after_every_step(steps, momentum):
    model = compiled(steps, 1 / steps)
    batch = cuts().batches(SETTINGS, 0)[0]
    mean = None
    for _ in range(3):
        model.train_on_batch(*batch)
        now = [variable.numpy() for variable in model.trainable_variables]
        mean = (
            now
            if mean is None
            else [momentum * a + (1 - momentum) * b for a, b in zip(mean, now, strict=True)]
        )
    averages = model.optimizer._model_variables_moving_average
    assert any((a != b).any() for a, b in zip(mean, now, strict=True))
    for one, other in zip(averages, mean, strict=True):
        np.testing.assert_allclose(one.numpy(), other, rtol=1e-4, atol=1e-6)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    """A training, and copies of its folder as a SIGKILL after each of its writes would have left it."""
    cache, copies = tmp_path_factory.mktemp("uninterrupted"), tmp_path_factory.mktemp("killed")
    killed, replace = [], os.replace

    def replace_and_copy(source, target):
        replace(source, target)
        killed.append(copies / str(len(killed)))
        shutil.copytree(cache, killed[-1])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "replace", replace_and_copy)
        patch.setattr(history, "MARKS", (1e-9,))  # passes in the first epoch
        trained = train(cache)
    return trained, killed


def weights(trained):
    model = architectures.build("unet", ARGUMENTS)
    model.load_weights(trained.weights)
    return model.get_weights()


def assert_same_training(one, other):
    a, b = (trained.history.drop(columns="seconds") for trained in (one, other))
    pd.testing.assert_frame_equal(a, b, check_exact=True)
    assert_same(weights(one), weights(other))


def recorded(folder):
    """How many epochs its record holds."""
    return len(checkpoint.read(folder, pytest.fail).history)


def killed_after(killed, rows):
    """The first copy with so many rows of history."""
    return next(cache for cache in killed if recorded(next(cache.iterdir())) == rows)


def test_a_training_of_the_best_recipe_has_the_scores_that_the_report_reads(uninterrupted):
    trained, _ = uninterrupted
    names = {"loss", "accuracy", "dice_coef"}
    assert set(trained.history.columns) == {"epoch", "seconds"} | names | {f"val_{name}" for name in names}
    assert len(trained.history) == 2
    assert np.isfinite(trained.history.to_numpy()).all()


def test_a_training_killed_between_two_epochs_goes_on_to_the_same_history_and_weights(
    uninterrupted, tmp_path
):
    trained, killed = uninterrupted
    resumed = train(shutil.copytree(killed_after(killed, 1), tmp_path / "cache"))
    assert not resumed.reused
    assert_same_training(resumed, trained)


def test_the_kept_weights_are_the_averaged_ones_of_the_best_epoch(uninterrupted):
    trained, killed = uninterrupted
    best = history.best_epoch(trained.history)
    folder = next(killed_after(killed, best).iterdir())
    model = compiled()
    model.load_weights(folder / checkpoint.state_name(best))
    averages = [variable.numpy() for variable in model.optimizer._model_variables_moving_average]
    assert_same(weights(trained), averages)
    assert any((a != b).any() for a, b in zip(averages, model.get_weights(), strict=True))


def test_the_weights_at_a_mark_are_the_averaged_ones_of_that_epoch(uninterrupted):
    trained, killed = uninterrupted
    [(minutes, path)] = trained.snapshots.items()
    assert minutes == pytest.approx(trained.history["seconds"][0] / 60)
    model = compiled()
    model.load_weights(next(killed_after(killed, 1).iterdir()) / checkpoint.state_name(1))
    averages = [variable.numpy() for variable in model.optimizer._model_variables_moving_average]
    assert_same(weights(dataclasses.replace(trained, weights=path)), averages)


@pytest.mark.filterwarnings("ignore:Skipping variable loading for optimizer")
def test_validation_scores_are_those_of_the_averaged_weights(uninterrupted, monkeypatch):
    trained, _ = uninterrupted
    monkeypatch.setattr(training_data, "HELD_OUT", 4)
    model = compiled()
    model.load_weights(trained.weights)
    found = model.evaluate(cuts().held_out(SETTINGS), verbose=0, return_dict=True)
    best = trained.history.iloc[history.best_epoch(trained.history) - 1]
    for name in ("loss", "accuracy", "dice_coef"):
        assert found[name] == pytest.approx(best[f"val_{name}"], rel=1e-4)


def assert_same(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)
