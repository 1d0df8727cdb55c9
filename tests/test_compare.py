import keras
import numpy as np
import pandas as pd
import pytest

from cellseg_utils import compare, models, training

ARGUMENTS = {"image_size": 16, "filters": 2, "depth": 1}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Two untrained networks, saved as if they had been trained."""
    history = pd.DataFrame({"epoch": [1, 2], "seconds": [3.0, 5.0]})
    found = {}
    for name in ("unet", "attention_unet"):
        keras.utils.set_random_seed(1)
        weights = tmp_path_factory.mktemp(name) / "best.weights.h5"
        models.build(name, ARGUMENTS).save_weights(weights)
        found[name] = training.Training(history, weights, True)
    return found


def rows(*ends):
    columns = ["model", "difference", "difference_low", "difference_high"]
    return next(pd.DataFrame([["U-Net++", *ends]], columns=columns).itertuples())


def test_predict_gives_each_network_a_map_of_probabilities(trained):
    images = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), np.uint8)
    maps = compare.predict(trained, ARGUMENTS, images)
    assert list(maps) == list(trained)
    for probability in maps.values():
        assert probability.shape == (3, 16, 16)
        assert 0 <= probability.min() <= probability.max() <= 1


def test_table_scores_each_network_and_its_paired_difference_to_the_first(trained):
    truth = np.zeros((4, 16, 16), bool)
    truth[:, :8] = True
    half = truth.copy()
    half[:, 4:8] = False
    table = compare.table(trained, ARGUMENTS, {"unet": truth, "attention_unet": half}, truth, seed=0)
    assert table["model"].tolist() == ["U-Net", "Attention U-Net"]
    np.testing.assert_allclose(table["dice"], [1, 2 / 3])
    np.testing.assert_allclose(table["iou"], [1, 1 / 2])
    np.testing.assert_allclose(table["difference"], [0, -1 / 3])
    np.testing.assert_allclose(table["difference_high"], [0, -1 / 3])
    assert table["seconds_per_epoch"].tolist() == [4, 4]
    assert table["parameters"][0] == models.build("unet", ARGUMENTS).count_params()
    shown = compare.readable(table)
    assert shown["Dice（95% 区间）"][0] == "1.000（1.000–1.000）"
    assert shown["差"].tolist() == ["", "-0.333"]


@pytest.mark.parametrize(
    ("ends", "text"),
    [((0.02, -0.01, 0.05), "分不出高下"), ((0.02, 0.01, 0.03), "高"), ((-0.02, -0.03, -0.01), "低")],
)
def test_verdict_says_higher_or_lower_only_if_the_interval_excludes_zero(ends, text):
    assert text in compare.verdict(rows(*ends))
