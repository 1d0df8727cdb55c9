import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pandas as pd
import pytest
from keras import layers

from cellseg_utils.data import dataset
from cellseg_utils.evaluation import pixel_metrics, scoring
from cellseg_utils.prediction import bundle, segmentation
from cellseg_utils.preprocessing import resizing

TRUTH = np.array([[1, 1, 1, 1, 0, 2, 2, 0], [1, 1, 1, 1, 0, 2, 2, 0], [0, 0, 0, 0, 0, 0, 0, 0]])
PREDICTION = np.array([[5, 5, 5, 0, 0, 0, 0, 0], [5, 5, 5, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 9, 9]])
EMPTY = np.zeros_like(TRUTH)


def table(*pairs):
    return pd.DataFrame([scoring.score_picture(truth, prediction) for truth, prediction in pairs])


def test_scores_of_a_picture_are_those_on_paper():
    scores = scoring.score_picture(TRUTH, PREDICTION)
    assert all(type(value) is float for value in scores.values())
    expected = {
        "dice": 12 / 20, "iou": 6 / 14, "f1": 1 / 2, "ap50": 1 / 3, "ap75": 0,
        "kaggle": 5 / 3 / 10, "pq": 0.75 / 2,
        "aji": 6 / (8 + 4 + 2), "nuclei": 2, "predicted": 2, "count_error": 0, "count_error_relative": 0,
        "missed": 1, "invented": 1, "merged": 0, "split": 0, "tp_50": 1, "tp_70": 1, "tp_75": 0, "tp_95": 0,
        "true_pixels": 12, "predicted_pixels": 8, "shared_pixels": 6,
    }  # fmt: skip
    assert {name: scores[name] for name in expected} == pytest.approx(expected)


def test_an_empty_picture_without_prediction_scores_one():
    scores = scoring.score_picture(EMPTY, EMPTY)
    for name in ("dice", "iou", "f1", "ap50", "ap75", "kaggle", "pq", "aji"):
        assert scores[name] == 1
    assert scores["count_error_relative"] == 0


def test_pixel_scores_are_those_of_metrics():
    scores, masks = scoring.score_picture(TRUTH, PREDICTION), (TRUTH[None] > 0, PREDICTION[None] > 0)
    assert scores["dice"] == pixel_metrics.dice(*masks)[0]
    assert scores["iou"] == pixel_metrics.iou(*masks)[0]


THREE = np.zeros((20, 30), np.int32)
THREE[2:8, 2:8], THREE[2:8, 12:18], THREE[12:18, 2:12] = 1, 2, 3
ONE_OF_THREE = np.where(THREE == 1, 7, 0)


SIDE = 16


ABOUT = {"arguments": {"image_size": SIDE, "filters": 2, "depth": 1}}


def sample(labels, seed=0):
    labels = np.asarray(labels, np.int32)
    image = np.random.default_rng(seed).integers(0, 256, (*labels.shape, 3), np.uint8)
    return dataset.Sample("甲", image, labels, 0)


def found(labels, probability=None):
    labels = np.asarray(labels, np.int32)
    return segmentation.Segmentation(
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


def test_picture_scores_are_those_of_every_picture_and_its_accuracy():
    rows = scoring.score_pictures([sample(THREE), sample(THREE)], [found(THREE), found(ONE_OF_THREE)])
    assert rows["kaggle"].tolist() == [1, pytest.approx(1 / 3)]
    assert rows["accuracy"].tolist() == [1, pytest.approx(1 - 96 / 600)]
    assert rows.drop(columns="accuracy").iloc[1].to_dict() == scoring.score_picture(THREE, ONE_OF_THREE)


def test_picture_scores_refuse_another_number_of_segmentations():
    with pytest.raises(ValueError, match="zip"):
        scoring.score_pictures([sample(THREE)], [])


def test_square_masks_of_a_plain_network_are_what_it_makes_of_the_squares(red):
    squares = np.random.default_rng(1).integers(0, 256, (3, SIDE, SIDE, 3), np.uint8)
    masks = scoring.square_masks(red.with_threshold(0.6), squares, [])
    np.testing.assert_array_equal(masks, squares[..., 0] / 255 > 0.6)


def test_square_masks_of_a_separating_network_are_its_native_masks_shrunk_like_the_truth(red):
    separating = bundle.Bundle(red.model, {"arguments": {"image_size": None, "maps": "separating"}})
    squares = np.zeros((2, SIDE, SIDE, 3), np.uint8)
    masks = scoring.square_masks(separating, squares, [found(THREE), found(ONE_OF_THREE)])
    for mask, labels in zip(masks, (THREE, ONE_OF_THREE), strict=True):
        np.testing.assert_array_equal(mask, resizing.resize_mask(labels, (SIDE, SIDE)))


def test_square_scores_are_those_of_the_masks():
    truth = np.zeros((2, 4, 4), bool)
    truth[:, :2] = True
    masks = truth.copy()
    masks[1, 1] = False
    rows = scoring.square_scores(truth, masks)
    assert rows["square_dice"].tolist() == [1, pytest.approx(2 / 3)]
    assert rows["square_iou"].tolist() == [1, 0.5]
    assert rows["square_accuracy"].tolist() == [1, 0.75]
