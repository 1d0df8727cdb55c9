import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellseg_utils import matching, metrics, scoring

TRUTH = np.array([[1, 1, 1, 1, 0, 2, 2, 0], [1, 1, 1, 1, 0, 2, 2, 0], [0, 0, 0, 0, 0, 0, 0, 0]])
PREDICTION = np.array([[5, 5, 5, 0, 0, 0, 0, 0], [5, 5, 5, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 9, 9]])
EMPTY = np.zeros_like(TRUTH)


def table(*pairs):
    return pd.DataFrame([scoring.image_scores(truth, prediction) for truth, prediction in pairs])


@st.composite
def many_pairs(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    pairs = []
    for _ in range(draw(st.integers(1, 4))):
        truth = rng.integers(0, 5, (3, 4)).repeat(4, axis=0).repeat(4, axis=1)
        pairs.append((truth, np.where(rng.random(truth.shape) < 0.8, truth, 0) * rng.integers(0, 2)))
    return pairs


def side_by_side(pairs):
    """All pictures as one, labels apart."""
    truths, predictions = zip(*pairs, strict=True)
    return [
        np.concatenate([np.where(labels > 0, labels + 100 * n, 0) for n, labels in enumerate(side)])
        for side in (truths, predictions)
    ]


def test_scores_of_a_picture_are_those_on_paper():
    scores = scoring.image_scores(TRUTH, PREDICTION)
    assert all(type(value) is float for value in scores.values())
    expected = {
        "dice": 12 / 20, "iou": 6 / 14, "ap50": 1 / 3, "ap75": 0, "kaggle": 5 / 3 / 10, "pq": 0.75 / 2,
        "aji": 6 / (8 + 4 + 2), "nuclei": 2, "predicted": 2, "count_error": 0, "count_error_relative": 0,
        "missed": 1, "invented": 1, "merged": 0, "split": 0, "tp_50": 1, "tp_70": 1, "tp_75": 0, "tp_95": 0,
        "true_pixels": 12, "predicted_pixels": 8, "shared_pixels": 6,
    }  # fmt: skip
    assert {name: scores[name] for name in expected} == pytest.approx(expected)


def test_an_empty_picture_without_prediction_scores_one():
    scores = scoring.image_scores(EMPTY, EMPTY)
    for name in ("dice", "iou", "ap50", "ap75", "kaggle", "pq", "aji"):
        assert scores[name] == 1
    assert scores["count_error_relative"] == 0


def test_pixel_scores_are_those_of_metrics():
    scores, masks = scoring.image_scores(TRUTH, PREDICTION), (TRUTH[None] > 0, PREDICTION[None] > 0)
    assert scores["dice"] == metrics.dice(*masks)[0]
    assert scores["iou"] == metrics.iou(*masks)[0]


def test_precisions_have_a_row_for_each_picture():
    rows = table((TRUTH, PREDICTION), (EMPTY, EMPTY), (TRUTH, TRUTH), (TRUTH, EMPTY))
    precisions = scoring.precisions(rows)
    assert precisions.shape == (4, len(matching.THRESHOLDS))
    np.testing.assert_allclose(precisions[:, 0], rows["ap50"])
    np.testing.assert_allclose(precisions.mean(axis=1), rows["kaggle"])


def test_pooled_scores_weigh_pixels_and_nuclei_not_pictures():
    pooled = scoring.pooled(table((TRUTH, PREDICTION), (TRUTH, TRUTH)))
    expected = {
        "dice": 36 / 44, "iou": 18 / 26, "ap50": 3 / 5, "ap75": 2 / 6, "pq": 2.75 / 4,
        "kaggle": (5 * 3 / 5 + 5 * 2 / 6) / 10, "nuclei": 4, "predicted": 4, "missed": 1,
    }  # fmt: skip
    assert {name: pooled[name] for name in expected} == pytest.approx(expected)


def test_pooled_scores_of_nothing_are_one():
    pooled = scoring.pooled(table((EMPTY, EMPTY)))
    assert (pooled["dice"], pooled["iou"], pooled["kaggle"], pooled["pq"]) == (1, 1, 1, 1)


def test_pooled_scores_refuse_a_table_without_their_columns():
    with pytest.raises(KeyError, match="tp_50"):
        scoring.pooled(table((TRUTH, PREDICTION)).drop(columns="tp_50"))


@given(many_pairs())
def test_pooled_scores_are_those_of_one_large_picture(pairs):
    pooled = scoring.pooled(table(*pairs))
    large = scoring.image_scores(*side_by_side(pairs))
    assert pooled == pytest.approx({name: large[name] for name in pooled}, nan_ok=True)


@given(many_pairs())
def test_pooled_scores_of_one_picture_are_its_own(pairs):
    pooled, [own] = scoring.pooled(table(pairs[0])), table(pairs[0]).to_dict("records")
    assert pooled == pytest.approx({name: own[name] for name in pooled}, nan_ok=True)


def test_nuclei_found_have_size_and_best_iou():
    nuclei = scoring.nuclei_found(TRUTH, PREDICTION)
    assert nuclei["area"].tolist() == [8, 4]
    np.testing.assert_allclose(np.pi / 4 * nuclei["diameter"] ** 2, [8, 4])
    assert nuclei["iou"].tolist() == [0.75, 0]
    assert scoring.nuclei_found(TRUTH, EMPTY)["iou"].tolist() == [0, 0]
    assert len(scoring.nuclei_found(EMPTY, TRUTH)) == 0


def test_recall_by_size_counts_a_nucleus_in_one_bin_from_its_lower_edge_on():
    nuclei = pd.DataFrame({"diameter": [5, 8, 9, 10, 40], "iou": [0.5, 0.6, 0.2, 0.9, 1.0]})
    sizes = scoring.recall_by_size(nuclei, edges=(0, 8, 10, 20, np.inf))
    assert sizes["low"].tolist() == [0, 8, 10, 20]
    assert sizes["high"].tolist() == [8, 10, 20, np.inf]
    assert sizes["nuclei"].tolist() == [1, 2, 1, 1]
    assert sizes["found"].tolist() == [0, 1, 1, 1]
    assert sizes["recall"].tolist() == [0, 0.5, 1, 1]


def test_recall_of_a_bin_without_nuclei_is_no_number():
    sizes = scoring.recall_by_size(pd.DataFrame({"diameter": [5.0], "iou": [1.0]}))
    assert sizes["recall"].isna().tolist() == [False, True, True, True, True, True]


def test_recall_below_one_half_is_refused():
    with pytest.raises(ValueError, match=r"0\.5 or more"):
        scoring.recall_by_size(scoring.nuclei_found(TRUTH, PREDICTION), threshold=0.3)
