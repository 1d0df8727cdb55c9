from types import SimpleNamespace

import keras
import numpy as np
import pandas as pd
import pytest

from cellseg_utils.data import dataset
from cellseg_utils.evaluation import compare, scoring
from cellseg_utils.models import architectures
from cellseg_utils.training import fit

ARGUMENTS = {"image_size": 16, "filters": 2, "depth": 1}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Two untrained networks, saved as if they had been trained, by the names that a reader sees."""
    history = pd.DataFrame({"epoch": [1, 2, 3], "seconds": [3.0, 5.0, 10.0]})
    found = {}
    for name in ("unet", "attention_unet"):
        keras.utils.set_random_seed(1)
        weights = tmp_path_factory.mktemp(name) / "best.weights.h5"
        architectures.build(name, ARGUMENTS).save_weights(weights)
        found[architectures.TITLES[name]] = compare.Contender(
            name, ARGUMENTS, fit.Training(history, weights, {}, 3)
        )
    return found


def discs(count):
    """Pictures of one bright disc on dark ground, larger from one to the next, with their labels."""
    y, x = np.mgrid[:16, :16]
    found = []
    for number in range(count):
        labels = ((y - 8) ** 2 + (x - 8) ** 2 < (3 + number) ** 2).astype(np.int32)
        found.append(
            dataset.Sample(str(number), np.repeat(200 * labels[..., None], 3, 2).astype(np.uint8), labels, 0)
        )
    return found


def test_every_network_is_scored_on_every_picture(trained):
    samples = discs(3)
    found, rows = compare.scores(trained, {"threshold": 0.5}, samples)
    assert list(found) == list(rows) == list(trained)
    for name in trained:
        assert [segmentation.labels.shape for segmentation in found[name]] == [(16, 16)] * 3
        expected = [
            scoring.score_picture(s.labels, f.labels)["kaggle"]
            for s, f in zip(samples, found[name], strict=True)
        ]
        assert rows[name]["kaggle"].tolist() == expected


def test_the_threshold_of_the_rule_counts(trained):
    found, _ = compare.scores(trained, {"threshold": 1.0}, discs(1))
    assert found["U-Net"][0].labels.max() == 0


def test_table_scores_each_network_and_its_paired_difference_to_the_first(trained):
    families = np.arange(12) // 2
    perfect = pd.DataFrame({"dice": 1.0, "iou": 1.0, "ap50": 1.0, "kaggle": np.ones(12)})
    worse = perfect.assign(dice=0.5, kaggle=[0.5, 0.7] * 6)
    rows = {"U-Net": perfect, "Attention U-Net": worse}
    table = compare.table(trained, rows, {"Attention U-Net": "U-Net"}, families, seed=0)
    assert table["model"].tolist() == ["U-Net", "Attention U-Net"]
    np.testing.assert_allclose(table["dice"], [1, 0.5])
    np.testing.assert_allclose(table["kaggle"], [1, 0.6])
    np.testing.assert_allclose(table["difference"], [0, -0.4])
    np.testing.assert_allclose(table["difference_high"], [0, -0.4])  # all families differ by as much
    assert table["seconds_per_epoch"].tolist() == [5, 5]
    assert table["parameters"][0] == architectures.build("unet", ARGUMENTS).count_params()
    assert table["minutes"].tolist() == [0.3, 0.3]
    assert table["rival"].isna().tolist() == [True, False]


def test_too_few_families_tell_no_networks_apart(trained):
    scored = pd.DataFrame({"dice": 1.0, "iou": 1.0, "ap50": 1.0, "kaggle": np.ones(5)})
    rows = {"U-Net": scored, "Attention U-Net": scored.assign(kaggle=0.5)}
    table = compare.table(trained, rows, {"Attention U-Net": "U-Net"}, np.arange(5), seed=0)
    assert table["difference"].tolist() == [0, -0.5]
    assert table["difference_low"].isna().all()
    assert table["kaggle_low"].tolist() == [1, 0.5]


def test_the_pictures_are_read_once_for_all_recipes_that_take_them_alike(monkeypatch):
    read = []
    monkeypatch.setattr(compare.training_data, "read", lambda *given: read.append(given) or given[0])
    monkeypatch.setattr(compare.fit, "train", lambda *given: given)
    trainer = compare.Trainer("path", "samples", "arrays", "cache", tell=None)
    for recipe, first in (("seed", "seed"), ("crops", "crops"), ("best", "crops"), ("seed", "seed")):
        settings = SimpleNamespace(recipe=recipe)
        contender = trainer.train("unet", ARGUMENTS, settings)
        assert contender.training == ("unet", ARGUMENTS, first, settings, "cache", None)
    assert read == [(recipe, "path", "samples", "arrays") for recipe in ("seed", "crops")]


def test_a_training_on_some_pictures_sees_only_these(monkeypatch):
    whole = SimpleNamespace(only=lambda chosen: ("only", chosen))
    monkeypatch.setattr(compare.training_data, "read", lambda *given: whole)
    monkeypatch.setattr(compare.fit, "train", lambda *given: given[2])
    trainer = compare.Trainer("path", "samples", "arrays", "cache")
    settings = SimpleNamespace(recipe="best")
    assert trainer.train("unet", ARGUMENTS, settings, "some").training == ("only", "some")
    assert trainer.train("unet", ARGUMENTS, settings).training is whole
