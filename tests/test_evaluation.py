import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pandas as pd
import pytest
from keras import layers

from cellseg_utils import bundle, dataset, evaluation, metrics, prediction, preprocessing, scoring

SIDE = 16
ABOUT = {"arguments": {"image_size": SIDE, "filters": 2, "depth": 1}}


def sample(labels, seed=0):
    labels = np.asarray(labels, np.int32)
    image = np.random.default_rng(seed).integers(0, 256, (*labels.shape, 3), np.uint8)
    return dataset.Sample("甲", image, labels, 0)


def found(labels, probability=None):
    labels = np.asarray(labels, np.int32)
    return prediction.Segmentation(
        labels, (labels > 0) * np.float32(0.9) if probability is None else probability
    )


@pytest.fixture(scope="module")
def red():
    """A network whose probability is the red value of the same pixel over 255."""
    inputs = keras.Input((SIDE, SIDE, 3))
    outputs = layers.Conv2D(1, 1, use_bias=False)(inputs)
    model = keras.Model(inputs, outputs)
    model.set_weights([np.array([1 / 255, 0, 0], np.float32).reshape(1, 1, 3, 1)])
    return bundle.Bundle(model, ABOUT)


TRUTH = np.zeros((20, 30), np.int32)
TRUTH[2:8, 2:8], TRUTH[2:8, 12:18], TRUTH[12:18, 2:12] = 1, 2, 3
HALF = np.where(TRUTH == 1, 7, 0)


def test_threshold_of_the_notebook_wins_and_the_bundle_stays_as_it_is(red):
    tuned = bundle.Bundle(red.model, {**ABOUT, "instances": {"threshold": 0.4, "reach": 6}})
    changed = evaluation.with_threshold(tuned, 0.7)
    assert changed.about["instances"] == {"threshold": 0.7, "reach": 6}
    assert tuned.about["instances"]["threshold"] == 0.4
    assert changed.model is red.model
    image = np.full((SIDE, SIDE, 3), 128, np.uint8)
    assert prediction.segment(evaluation.with_threshold(red, 0.45), image).labels.max() == 1
    assert prediction.segment(evaluation.with_threshold(red, 0.55), image).labels.max() == 0


def test_picture_scores_are_those_of_every_picture_and_its_accuracy():
    rows = evaluation.picture_scores([sample(TRUTH), sample(TRUTH)], [found(TRUTH), found(HALF)])
    assert rows["kaggle"].tolist() == [1, pytest.approx(1 / 3)]
    assert rows["accuracy"].tolist() == [1, pytest.approx(1 - 96 / 600)]
    assert rows.drop(columns="accuracy").iloc[1].to_dict() == scoring.image_scores(TRUTH, HALF)


def test_picture_scores_refuse_another_number_of_segmentations():
    with pytest.raises(ValueError, match="zip"):
        evaluation.picture_scores([sample(TRUTH)], [])


def test_square_masks_of_a_plain_network_are_what_it_makes_of_the_squares(red):
    squares = np.random.default_rng(1).integers(0, 256, (3, SIDE, SIDE, 3), np.uint8)
    masks = evaluation.square_masks(evaluation.with_threshold(red, 0.6), squares, [])
    np.testing.assert_array_equal(masks, squares[..., 0] / 255 > 0.6)


def test_square_masks_of_a_separating_network_are_its_native_masks_shrunk_like_the_truth(red):
    separating = bundle.Bundle(red.model, {"arguments": {"image_size": None, "maps": "separating"}})
    squares = np.zeros((2, SIDE, SIDE, 3), np.uint8)
    masks = evaluation.square_masks(separating, squares, [found(TRUTH), found(HALF)])
    for mask, labels in zip(masks, (TRUTH, HALF), strict=True):
        np.testing.assert_array_equal(mask, preprocessing.resize_mask(labels, (SIDE, SIDE)))


def test_square_scores_are_those_of_the_masks():
    truth = np.zeros((2, 4, 4), bool)
    truth[:, :2] = True
    masks = truth.copy()
    masks[1, 1] = False
    rows = evaluation.square_scores(truth, masks)
    assert rows["square_dice"].tolist() == [1, pytest.approx(2 / 3)]
    assert rows["square_iou"].tolist() == [1, 0.5]
    assert rows["square_accuracy"].tolist() == [1, 0.75]


ROWS = pd.DataFrame(
    {
        "kind": [
            "fluorescence",
            "grey_tissue",
            "fluorescence",
            "fluorescence",
            "fluorescence",
            "fluorescence",
        ],
        "family": [0, 1, 2, 2, 3, 4],
        "nuclei": [3.0, 1, 4, 0, 2, 2],
        "dice": [0.2, 0.4, 0.6, 0.8, 0.6, 0.4],
        "count_error_relative": [0.5, -0.5, 0.0, np.nan, 0.25, -0.25],
    }
)


def test_means_are_over_pictures_and_intervals_over_families():
    means = evaluation.means(ROWS, ["dice", "count_error_relative"], seed=3)
    assert means["dice"] == pytest.approx(0.5)
    assert means["dice_interval"] == metrics.bootstrap_interval(ROWS["dice"], 3, groups=ROWS["family"])
    assert means["count_error_relative"] == pytest.approx(0)


def test_a_score_that_no_picture_has_is_none():
    means = evaluation.means(ROWS.iloc[3:4], ["count_error_relative"], seed=3)
    assert means == {"count_error_relative": None, "count_error_relative_interval": None}


def test_means_of_a_kind_are_those_of_its_pictures_and_the_most_frequent_comes_first():
    kinds = evaluation.kind_means(ROWS, ["dice"], seed=3)
    assert list(kinds) == ["fluorescence", "grey_tissue"]
    assert [kinds["fluorescence"][name] for name in ("images", "families", "nuclei")] == [5, 4, 11]
    assert kinds["fluorescence"]["dice"] == pytest.approx(0.52)
    low, high = kinds["fluorescence"]["dice_interval"]
    assert 0.2 <= low < 0.52 < high <= 0.8
    assert (kinds["grey_tissue"]["dice"], kinds["grey_tissue"]["dice_interval"]) == (0.4, None)


def test_nuclei_of_all_pictures_stand_below_each_other():
    nuclei = evaluation.nuclei_found([sample(TRUTH), sample(TRUTH)], [found(TRUTH), found(HALF)])
    assert nuclei["area"].tolist() == [36, 36, 60] * 2
    assert nuclei["iou"].tolist() == [1, 1, 1, 1, 0, 0]


def test_sweep_is_the_mean_over_pictures_of_different_size():
    wide = np.zeros((4, 6), np.int32)
    wide[:2] = 1
    sure, unsure = np.where(wide > 0, 0.9, 0.1), np.where(wide > 0, 0.4, 0.1)
    pictures = [sample(wide), sample(wide[:, :3])]
    sweep = evaluation.threshold_sweep(
        pictures, [found(wide, sure), found(wide[:, :3], unsure[:, :3])], [0.3, 0.5]
    )
    assert sweep["threshold"].tolist() == [0.3, 0.5]
    assert sweep["dice"].tolist() == [1, 0.5]
    assert sweep["iou"].tolist() == [1, 0.5]


def test_reliability_counts_the_pixels_of_all_pictures():
    curve = evaluation.reliability(
        [sample(TRUTH), sample(TRUTH[:, :10])],
        [found(TRUTH), found(TRUTH[:, :10], np.full((20, 10), 0.35))],
    )
    assert curve["pixels"].sum() == 600 + 200
    assert curve.loc[3, "observed"] == pytest.approx((TRUTH[:, :10] > 0).mean())
