import cv2
import numpy as np
import pytest
from discs import discs
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg_utils.evaluation import object_metrics
from cellseg_utils.prediction import certainty, looks

ALL = np.s_[:, :]
LABELS = discs((60, 80), [(15, 20, 9), (40, 20, 7), (30, 55, 12)])


def features(labels, other=None, probability=None, place=ALL):
    probability = (labels > 0).astype(np.float32) if probability is None else probability
    return certainty.features(labels, probability, looks.Look(place, labels if other is None else other, 1.0))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 12), st.integers(1, 12))
def test_the_best_iou_is_that_of_all_pairs(seed, height, width):
    rng = np.random.default_rng(seed)
    one, other = rng.integers(0, 5, (2, height, width)).astype(np.int32)
    pairs = object_metrics.pairwise_iou(object_metrics.overlaps(one, other))
    found = certainty.best_iou(one, other, 6)
    assert found.shape == (6,)
    there = np.isin(np.arange(1, 7), one)
    assert np.isnan(found[~there]).all()
    expected = pairs.max(axis=1, initial=0)
    np.testing.assert_allclose(found[there], expected)


def test_right_nuclei_have_features_near_1():
    found = features(LABELS)
    assert found.shape == (3, 3)
    assert found.min() > 0.97
    assert found.max() <= 1


def test_agreement_is_the_iou_with_the_look():
    moved = np.roll(LABELS, 4, axis=0)
    found = features(LABELS, moved)[:, 0]
    for number in (1, 2, 3):
        both = (number == LABELS) & (moved == number)
        either = (number == LABELS) | (moved == number)
        assert found[number - 1] == pytest.approx(both.sum() / either.sum())


def test_nuclei_outside_of_the_look_count_as_its_mean():
    place = np.s_[:, :40]
    other = LABELS[place].copy()
    other[other == 2] = 0
    assert features(LABELS, other, place=place)[:, 0].tolist() == [1, 0, 0.5]
    nowhere = np.s_[50:, 60:]
    assert features(LABELS, LABELS[nowhere], place=nowhere)[:, 0].tolist() == [certainty.UNKNOWN] * 3


def test_nuclei_that_the_edge_of_the_look_cuts_count_as_its_mean():
    place = np.s_[:, :20]
    seen = LABELS[place].copy()
    assert set(np.unique(seen)) == {0, 1, 2}
    assert features(LABELS, seen, place=place)[:, 0].tolist() == [certainty.UNKNOWN] * 3
    place = np.s_[:, :30]
    assert features(LABELS, LABELS[place], place=place)[:, 0].tolist() == [1, 1, 1]


def test_sureness_is_the_share_of_sure_pixels():
    probability = np.where(LABELS == 1, 0.81, 0.79).astype(np.float32)
    probability[:, :20] = 0.9
    found = features(LABELS, probability=probability)[:, 1]
    assert found.tolist() == pytest.approx([1, (LABELS[:, :20] == 2).sum() / (LABELS == 2).sum(), 0])


@pytest.mark.parametrize("text", ["C", "L", "T", "W"])
def test_letters_are_less_full_than_nuclei(text):
    letter = cv2.putText(np.zeros((60, 60), np.uint8), text, (5, 50), cv2.FONT_HERSHEY_SIMPLEX, 1.8, 1, 5)
    ellipse = cv2.ellipse(np.zeros((60, 60), np.uint8), (30, 30), (25, 9), 30, 0, 360, 1, -1)
    assert features(letter.astype(np.int32))[0, 2] < 0.75
    assert features(ellipse.astype(np.int32))[0, 2] > 0.97


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_the_ellipse_has_the_second_moments_of_the_nucleus_made_of_square_pixels(seed):
    rng = np.random.default_rng(seed)
    labels = np.kron(rng.integers(0, 4, (6, 7)), np.ones((4, 3), int)).astype(np.int32)
    found = features(labels)[:, 2]
    for number in set(np.unique(labels)) - {0}:
        pixels = np.argwhere(labels == number)
        moments = np.cov(pixels.T, bias=True) + np.eye(2) / 12
        ellipse = 4 * np.pi * np.sqrt(np.linalg.det(moments))
        assert found[number - 1] == pytest.approx(min(1, len(pixels) / ellipse))


@pytest.mark.parametrize("shape", [(5, 6), (0, 6)])
def test_without_nuclei_there_is_nothing_to_be_sure_of(shape):
    nothing = np.zeros(shape, np.int32)
    assert certainty.of_nuclei(features(nothing)).shape == (0,)


def test_certainty_rises_with_every_feature_within_0_and_1():
    low, high = certainty.of_nuclei(np.array([[0, 0, 0.4], [1, 1, 1]]))
    assert 0 < low < 0.2
    assert 0.9 < high < 1
    for feature in range(3):
        raised = np.full(3, 0.7)
        raised[feature] = 0.9
        before, after = certainty.of_nuclei(np.array([np.full(3, 0.7), raised]))
        assert after > before


def test_strips_of_a_large_picture_are_added_up(monkeypatch):
    probability = np.random.default_rng(0).random(LABELS.shape).astype(np.float32)
    whole = features(LABELS, probability=probability)
    monkeypatch.setattr(certainty, "STRIP", 7)
    np.testing.assert_allclose(features(LABELS, probability=probability), whole)


def test_shapes_far_from_the_origin_are_measured_as_well_as_near_it():
    labels = np.zeros((30_000, 60), np.int32)
    labels[-60:, :60] = LABELS[:, :60]
    near, far = features(LABELS[:, :60].copy()), features(labels)
    np.testing.assert_allclose(far, near, atol=1e-4)


@pytest.mark.parametrize("agreement", [0.25, [0.25, 0.5]])
def test_the_agreement_may_be_known_and_the_rest_stays(agreement):
    labels = discs((30, 60), [(14, 14, 8), (15, 42, 9)])
    probability = np.where(labels == 1, 0.9, 0.6).astype(np.float32)
    known = certainty.with_agreement(agreement, labels, probability)
    other = certainty.features(labels, probability, looks.Look(np.s_[:, :], labels, 1.0))
    np.testing.assert_array_equal(known[:, 0], np.broadcast_to(agreement, 2))
    np.testing.assert_array_equal(known[:, 1:], other[:, 1:])
