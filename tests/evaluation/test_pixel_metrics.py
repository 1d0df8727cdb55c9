import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy.spatial import distance

from cellseg_utils.evaluation import pixel_metrics

TRUTH = np.array([[[1, 1], [0, 0]], [[0, 0], [0, 0]], [[1, 1], [1, 1]], [[1, 0], [0, 0]]], bool)
PREDICTION = np.array([[[1, 0], [1, 0]], [[0, 0], [0, 0]], [[1, 1], [1, 1]], [[0, 1], [0, 0]]], bool)
PER_PICTURE = [pixel_metrics.dice, pixel_metrics.iou, pixel_metrics.pixel_accuracy]
EXAMPLES = settings(max_examples=50, deadline=None)
SHAPES = npst.array_shapes(min_dims=2, max_dims=4, max_side=6)


@st.composite
def mask_pairs(draw):
    shape = draw(SHAPES)
    return draw(npst.arrays(bool, shape)), draw(npst.arrays(bool, shape))


def disc(size, radius, centre):
    y, x = np.mgrid[:size, :size]
    return (y - centre[0]) ** 2 + (x - centre[1]) ** 2 < radius**2


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (pixel_metrics.dice, [0.5, 1, 1, 0]),
        (pixel_metrics.iou, [1 / 3, 1, 1, 0]),
        (pixel_metrics.pixel_accuracy, [0.5, 1, 1, 0.5]),
    ],
)
def test_scores_of_four_pictures_are_those_on_paper(metric, expected):
    scores = metric(TRUTH, PREDICTION)
    assert scores.dtype == np.float64
    np.testing.assert_allclose(scores, expected)


@pytest.mark.parametrize("metric", PER_PICTURE)
def test_a_mask_of_0_and_255_scores_like_one_of_false_and_true(metric):
    bytes_ = TRUTH.astype(np.uint8) * 255
    np.testing.assert_array_equal(metric(bytes_, PREDICTION), metric(TRUTH, PREDICTION))
    np.testing.assert_array_equal(metric(bytes_.tolist(), PREDICTION.tolist()), metric(TRUTH, PREDICTION))


def test_a_disc_inside_another_has_the_ratio_of_their_areas():
    inner, outer = disc(200, 40, (100, 100))[None], disc(200, 80, (100, 100))[None]
    assert pixel_metrics.iou(outer, inner)[0] == pytest.approx(1 / 4, abs=0.002)
    assert pixel_metrics.dice(outer, inner)[0] == pytest.approx(2 / 5, abs=0.002)


def test_discs_that_do_not_touch_score_zero():
    assert pixel_metrics.dice(disc(64, 10, (16, 16))[None], disc(64, 10, (48, 48))[None])[0] == 0


@pytest.mark.parametrize("metric", PER_PICTURE)
def test_different_shapes_raise_and_both_are_named(metric):
    with pytest.raises(ValueError, match=r"\(4, 2, 2\).*\(4, 4\)"):
        metric(TRUTH, PREDICTION.reshape(4, 4))


@EXAMPLES
@given(mask_pairs())
def test_truth_and_prediction_may_change_places(pair):
    for metric in PER_PICTURE:
        np.testing.assert_array_equal(metric(*pair), metric(*pair[::-1]))


@EXAMPLES
@given(mask_pairs())
def test_scores_lie_between_0_and_1_and_are_1_only_for_equal_masks(pair):
    equal = (pair[0] == pair[1]).reshape(len(pair[0]), -1).all(axis=1)
    for metric in PER_PICTURE:
        scores = metric(*pair)
        assert ((scores >= 0) & (scores <= 1)).all()
        np.testing.assert_array_equal(scores == 1, equal)


@EXAMPLES
@given(mask_pairs())
def test_dice_follows_from_iou(pair):
    iou = pixel_metrics.iou(*pair)
    np.testing.assert_allclose(pixel_metrics.dice(*pair), 2 * iou / (1 + iou))


@EXAMPLES
@given(mask_pairs())
def test_every_picture_is_scored_by_itself(pair):
    for metric in PER_PICTURE:
        alone = np.concatenate([metric(t[None], p[None]) for t, p in zip(*pair, strict=True)])
        np.testing.assert_array_equal(metric(*pair), alone)


@EXAMPLES
@given(mask_pairs())
def test_scores_agree_with_scipy(pair):
    assume(all(mask.reshape(len(mask), -1).any(axis=1).all() for mask in pair))
    flat = [(t.ravel(), p.ravel()) for t, p in zip(*pair, strict=True)]
    for metric, dissimilarity in zip(
        PER_PICTURE, [distance.dice, distance.jaccard, distance.hamming], strict=True
    ):
        np.testing.assert_allclose(metric(*pair), [1 - dissimilarity(t, p) for t, p in flat], atol=1e-12)


def test_threshold_sweep_counts_a_pixel_above_the_threshold_only():
    truth = np.array([[1, 1, 0, 0]], bool)
    probability = np.array([[0.75, 0.5, 0.25, 0.0]], np.float32)
    sweep = pixel_metrics.threshold_sweep(truth, probability, [0.0, 0.25, 0.5, 0.75])
    assert list(sweep.columns) == ["threshold", "dice", "iou"]
    np.testing.assert_allclose(sweep["threshold"], [0.0, 0.25, 0.5, 0.75])
    np.testing.assert_allclose(sweep["dice"], [4 / 5, 1, 2 / 3, 0])
    np.testing.assert_allclose(sweep["iou"], [2 / 3, 1, 1 / 2, 0])


def test_threshold_sweep_is_the_mean_over_the_pictures():
    probability = np.where(PREDICTION, 0.9, 0.1)
    sweep = pixel_metrics.threshold_sweep(TRUTH, probability, [0.5])
    assert sweep["dice"].item() == pytest.approx((0.5 + 1 + 1 + 0) / 4)
    assert sweep["iou"].item() == pytest.approx((1 / 3 + 1 + 1 + 0) / 4)


def test_threshold_sweep_refuses_maps_of_another_size():
    with pytest.raises(ValueError, match=r"\(1, 2, 2\).*\(1, 2, 3\)"):
        pixel_metrics.threshold_sweep(TRUTH, np.zeros((4, 2, 3)), [0.5])


def test_sweep_is_the_mean_over_pictures_of_different_size():
    wide = np.zeros((4, 6), np.int32)
    wide[:2] = 1
    sure, unsure = np.where(wide > 0, 0.9, 0.1), np.where(wide > 0, 0.4, 0.1)
    truths = [wide > 0, wide[:, :3] > 0]
    sweep = pixel_metrics.threshold_sweep(truths, [sure, unsure[:, :3]], [0.3, 0.5])
    assert sweep["threshold"].tolist() == [0.3, 0.5]
    assert sweep["dice"].tolist() == [1, 0.5]
    assert sweep["iou"].tolist() == [1, 0.5]
