from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import stats

from cellseg_utils.evaluation import calibration

TRUTH = np.array([[1, 1, 0], [0, 1, 0]])
PROBABILITY = np.array([[0.9, 1.0, 0.5], [0.0, 0.5, 0.1]])
MAPS = npst.arrays(np.float32, npst.array_shapes(min_dims=2, max_dims=2), elements=st.floats(0, 1, width=32))


def masks(probability):
    return np.random.default_rng(7).random(probability.shape) < probability


def test_counts_are_those_on_paper():
    counts = calibration.count_pixels(TRUTH, PROBABILITY, bins=2)
    np.testing.assert_allclose(counts, [[2, 0.1, 0], [4, 2.9, 3]])


def test_curve_and_error_are_those_on_paper():
    curve = calibration.reliability(calibration.count_pixels(TRUTH, PROBABILITY, bins=2))
    assert list(curve.columns) == ["low", "high", "predicted", "observed", "pixels"]
    np.testing.assert_allclose(curve[["low", "high"]], [[0, 0.5], [0.5, 1]])
    np.testing.assert_allclose(curve["predicted"], [0.05, 0.725])
    np.testing.assert_allclose(curve["observed"], [0, 0.75])
    assert curve["pixels"].tolist() == [2, 4]
    assert calibration.expected_error(curve) == pytest.approx((2 * 0.05 + 4 * 0.025) / 6)


def test_a_bin_without_pixels_has_no_value_and_no_weight():
    with np.errstate(all="raise"):
        curve = calibration.reliability(calibration.count_pixels([1, 1], [0.95, 0.95]))
    assert curve["pixels"].tolist() == [0] * 9 + [2]
    assert curve["predicted"].isna().tolist() == [True] * 9 + [False]
    assert calibration.expected_error(curve) == pytest.approx(0.05)


def test_certain_and_right_has_no_error_and_certain_and_wrong_has_all():
    for probability, error in ((TRUTH, 0), (1 - TRUTH, 1)):
        curve = calibration.reliability(calibration.count_pixels(TRUTH, probability))
        assert calibration.expected_error(curve) == error


def test_true_probabilities_have_a_small_error_and_overconfident_ones_a_larger():
    probability = np.random.default_rng(0).random((300, 300))
    truth = masks(probability)
    sharper = probability**3 / (probability**3 + (1 - probability) ** 3)
    errors = [
        calibration.expected_error(calibration.reliability(calibration.count_pixels(truth, p)))
        for p in (probability, sharper)
    ]
    assert errors[0] < 0.01 < 0.1 < errors[1]


@given(st.lists(MAPS, min_size=1, max_size=4))
def test_counts_of_pictures_of_any_size_add_up_to_those_of_all_pixels(probabilities):
    added = sum(calibration.count_pixels(masks(p), p) for p in probabilities)
    everything = np.concatenate([p.ravel() for p in probabilities])
    truth = np.concatenate([masks(p).ravel() for p in probabilities])
    np.testing.assert_allclose(added, calibration.count_pixels(truth, everything))


@given(MAPS, st.integers(1, 20))
def test_counts_agree_with_scipy(probability, bins):
    truth, values = masks(probability), probability.astype(float).ravel()
    for column, statistic, data in (
        (0, "count", values),
        (1, "sum", values),
        (2, "sum", truth.ravel().astype(float)),
    ):
        theirs = stats.binned_statistic(values * bins, data, statistic, bins, range=(0, bins)).statistic
        np.testing.assert_allclose(calibration.count_pixels(truth, probability, bins)[:, column], theirs)


def test_what_is_no_probability_is_refused():
    for wrong in (PROBABILITY + 1, PROBABILITY - 1, np.full((2, 3), np.nan)):
        with pytest.raises(ValueError, match="probabilities from 0 to 1"):
            calibration.count_pixels(TRUTH, wrong)


def test_other_shapes_and_no_pixels_are_refused():
    with pytest.raises(ValueError, match=r"\(2, 3\).*\(3, 2\)"):
        calibration.count_pixels(TRUTH, PROBABILITY.T)
    with pytest.raises(ValueError, match="at least one pixel"):
        calibration.expected_error(calibration.reliability(np.zeros((10, 3))))


def test_nuclei_are_counted_by_their_certainty_and_by_whether_they_match():
    truth, labels = np.zeros((2, 20, 40), np.int32)
    truth[2:10, 2:10], truth[2:10, 20:28] = 1, 2
    labels[2:10, 2:10], labels[12:18, 30:38], labels[2:10, 23:31] = 1, 2, 3
    found = SimpleNamespace(labels=labels, certainty=np.array([0.95, 0.35, 0.3]))
    counts = calibration.count_nuclei(truth, found)
    assert counts[9].tolist() == [1, 0.95, 1]
    assert counts[3].tolist() == pytest.approx([2, 0.65, 0])
    assert counts.sum(axis=0)[0] == 3
    none = calibration.count_nuclei(np.zeros_like(truth), found)
    assert none[:, 2].sum() == 0
    assert none[:, 0].sum() == 3


def test_pictures_without_found_nuclei_count_nothing():
    nothing = SimpleNamespace(labels=np.zeros((4, 4), np.int32), certainty=np.zeros(0))
    assert not calibration.count_nuclei(np.ones((4, 4), np.int32), nothing).any()
