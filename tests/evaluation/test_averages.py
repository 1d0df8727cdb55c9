import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellseg_utils.evaluation import averages, intervals, object_metrics, scoring

TRUTH = np.array([[1, 1, 1, 1, 0, 2, 2, 0], [1, 1, 1, 1, 0, 2, 2, 0], [0, 0, 0, 0, 0, 0, 0, 0]])
PREDICTION = np.array([[5, 5, 5, 0, 0, 0, 0, 0], [5, 5, 5, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 9, 9]])
EMPTY = np.zeros_like(TRUTH)


def table(*pairs):
    return pd.DataFrame([scoring.score_picture(truth, prediction) for truth, prediction in pairs])


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
    means = averages.means(ROWS, ["dice", "count_error_relative"], seed=3)
    assert means["dice"] == pytest.approx(0.5)
    assert means["dice_interval"] == intervals.bootstrap_interval(ROWS["dice"], 3, groups=ROWS["family"])
    assert means["count_error_relative"] == pytest.approx(0)


def test_a_score_that_no_picture_has_is_none():
    means = averages.means(ROWS.iloc[3:4], ["count_error_relative"], seed=3)
    assert means == {"count_error_relative": None, "count_error_relative_interval": None}


def test_means_of_a_kind_are_those_of_its_pictures_and_stand_in_the_order_of_kinds():
    kinds = averages.kind_means(ROWS, ["dice"], seed=3)
    assert list(kinds) == ["fluorescence", "grey_tissue"]
    rare_first = pd.concat(
        [ROWS[ROWS["kind"] == "fluorescence"][:1], ROWS[ROWS["kind"] == "grey_tissue"]] * 2
    )
    assert list(averages.kind_means(rare_first[::-1], ["dice"], seed=3)) == ["fluorescence", "grey_tissue"]
    assert [kinds["fluorescence"][name] for name in ("images", "families", "nuclei")] == [5, 4, 11]
    assert kinds["fluorescence"]["dice"] == pytest.approx(0.52)
    low, high = kinds["fluorescence"]["dice_interval"]
    assert 0.2 <= low < 0.52 < high <= 0.8
    assert (kinds["grey_tissue"]["dice"], kinds["grey_tissue"]["dice_interval"]) == (0.4, None)


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


def test_precisions_have_a_row_for_each_picture():
    rows = table((TRUTH, PREDICTION), (EMPTY, EMPTY), (TRUTH, TRUTH), (TRUTH, EMPTY))
    precisions = averages.precisions(rows)
    assert precisions.shape == (4, len(object_metrics.THRESHOLDS))
    np.testing.assert_allclose(precisions[:, 0], rows["ap50"])
    np.testing.assert_allclose(precisions.mean(axis=1), rows["kaggle"])


def test_pooled_scores_weigh_pixels_and_nuclei_not_pictures():
    pooled = averages.pooled(table((TRUTH, PREDICTION), (TRUTH, TRUTH)))
    expected = {
        "dice": 36 / 44, "iou": 18 / 26, "f1": 6 / 8, "ap50": 3 / 5, "ap75": 2 / 6, "pq": 2.75 / 4,
        "kaggle": (5 * 3 / 5 + 5 * 2 / 6) / 10, "nuclei": 4, "predicted": 4, "missed": 1,
    }  # fmt: skip
    assert {name: pooled[name] for name in expected} == pytest.approx(expected)


def test_pooled_scores_of_nothing_are_one():
    pooled = averages.pooled(table((EMPTY, EMPTY)))
    assert (pooled["dice"], pooled["iou"], pooled["kaggle"], pooled["pq"]) == (1, 1, 1, 1)


def test_pooled_scores_refuse_a_table_without_their_columns():
    with pytest.raises(KeyError, match="tp_50"):
        averages.pooled(table((TRUTH, PREDICTION)).drop(columns="tp_50"))


@given(many_pairs())
def test_pooled_scores_are_those_of_one_large_picture(pairs):
    pooled = averages.pooled(table(*pairs))
    large = scoring.score_picture(*side_by_side(pairs))
    assert pooled == pytest.approx({name: large[name] for name in pooled}, nan_ok=True)


@given(many_pairs())
def test_pooled_scores_of_one_picture_are_its_own(pairs):
    pooled, [own] = averages.pooled(table(pairs[0])), table(pairs[0]).to_dict("records")
    assert pooled == pytest.approx({name: own[name] for name in pooled}, nan_ok=True)
