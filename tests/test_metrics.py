import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import stats
from scipy.spatial import distance

from cellseg_utils import metrics

TRUTH = np.array([[[1, 1], [0, 0]], [[0, 0], [0, 0]], [[1, 1], [1, 1]], [[1, 0], [0, 0]]], bool)
PREDICTION = np.array([[[1, 0], [1, 0]], [[0, 0], [0, 0]], [[1, 1], [1, 1]], [[0, 1], [0, 0]]], bool)
PER_PICTURE = [metrics.dice, metrics.iou, metrics.pixel_accuracy]
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
        (metrics.dice, [0.5, 1, 1, 0]),
        (metrics.iou, [1 / 3, 1, 1, 0]),
        (metrics.pixel_accuracy, [0.5, 1, 1, 0.5]),
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
    assert metrics.iou(outer, inner)[0] == pytest.approx(1 / 4, abs=0.002)
    assert metrics.dice(outer, inner)[0] == pytest.approx(2 / 5, abs=0.002)


def test_discs_that_do_not_touch_score_zero():
    assert metrics.dice(disc(64, 10, (16, 16))[None], disc(64, 10, (48, 48))[None])[0] == 0


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
    iou = metrics.iou(*pair)
    np.testing.assert_allclose(metrics.dice(*pair), 2 * iou / (1 + iou))


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
    sweep = metrics.threshold_sweep(truth, probability, [0.0, 0.25, 0.5, 0.75])
    assert list(sweep.columns) == ["threshold", "dice", "iou"]
    np.testing.assert_allclose(sweep["threshold"], [0.0, 0.25, 0.5, 0.75])
    np.testing.assert_allclose(sweep["dice"], [4 / 5, 1, 2 / 3, 0])
    np.testing.assert_allclose(sweep["iou"], [2 / 3, 1, 1 / 2, 0])


def test_threshold_sweep_is_the_mean_over_the_pictures():
    probability = np.where(PREDICTION, 0.9, 0.1)
    sweep = metrics.threshold_sweep(TRUTH, probability, [0.5])
    assert sweep["dice"].item() == pytest.approx((0.5 + 1 + 1 + 0) / 4)
    assert sweep["iou"].item() == pytest.approx((1 / 3 + 1 + 1 + 0) / 4)


def test_threshold_sweep_refuses_maps_of_another_size():
    with pytest.raises(ValueError, match=r"\(4, 2, 2\).*\(4, 2, 3\)"):
        metrics.threshold_sweep(TRUTH, np.zeros((4, 2, 3)), [0.5])


def test_bootstrap_interval_of_equal_values_has_no_width():
    assert metrics.bootstrap_interval([0.5] * 10, seed=0) == (0.5, 0.5)
    assert metrics.bootstrap_interval([0.25], seed=0) == (0.25, 0.25)


def test_bootstrap_interval_is_the_same_for_the_same_seed_and_not_for_another():
    values = np.linspace(0, 1, 30)
    assert metrics.bootstrap_interval(values, 1) == metrics.bootstrap_interval(list(values), 1)
    assert metrics.bootstrap_interval(values, 1) != metrics.bootstrap_interval(values, 2)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.integers(0, 2**32))
def test_bootstrap_interval_lies_within_the_values_and_widens_with_the_level(values, seed):
    narrow = metrics.bootstrap_interval(values, seed, repeats=100, level=0.5)
    wide = metrics.bootstrap_interval(values, seed, repeats=100, level=0.99)
    assert min(values) - 1e-12 <= wide[0] <= narrow[0] <= narrow[1] <= wide[1] <= max(values) + 1e-12


def test_bootstrap_interval_agrees_with_scipy():
    values = np.random.default_rng(0).beta(8, 2, 65)
    ours = metrics.bootstrap_interval(values, 0, repeats=5000)
    theirs = stats.bootstrap((values,), np.mean, n_resamples=5000, method="percentile", rng=1)
    np.testing.assert_allclose(ours, theirs.confidence_interval, atol=0.003)


def test_bootstrap_interval_contains_the_true_mean_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    intervals = [metrics.bootstrap_interval(rng.normal(0.8, 0.1, 60), n, repeats=400) for n in range(200)]
    hits = sum(low <= 0.8 <= high for low, high in intervals)
    assert 0.88 <= hits / 200 <= 0.99


def test_bootstrap_interval_of_nothing_raises():
    with pytest.raises(ValueError, match="at least one"):
        metrics.bootstrap_interval([], 0)


def test_bootstrap_interval_without_groups_stays_what_it_was():
    values = np.random.default_rng(0).beta(8, 2, 65)
    picks = np.random.default_rng(3).integers(0, 65, (2000, 65))
    expected = tuple(np.quantile(values[picks].mean(axis=1), [0.025, 0.975]).tolist())
    assert metrics.bootstrap_interval(values, 3) == pytest.approx(expected, abs=1e-15)
    assert metrics.bootstrap_interval(values, 3, groups=None) == metrics.bootstrap_interval(values, 3)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.integers(0, 2**32))
def test_a_family_for_each_picture_is_as_none(values, seed):
    names = [f"picture {n}" for n in range(len(values))]
    alone = metrics.bootstrap_interval(values, seed, repeats=100, groups=names)
    assert alone == pytest.approx(metrics.bootstrap_interval(values, seed, repeats=100))


def test_families_are_drawn_whole():
    low, high = metrics.bootstrap_interval([0, 0, 0, 1], 0, groups=["a", "a", "a", "b"])
    assert (low, high) == (0, 1)  # a quarter of all draws is one family twice
    assert metrics.bootstrap_interval([0, 1, 0, 1], 0, groups=["a", "a", "b", "b"]) == (0.5, 0.5)
    assert metrics.bootstrap_interval([0, 1, 0.5], 0, groups=[7, 7, 7]) == (0.5, 0.5)


def test_copies_of_a_picture_do_not_make_the_interval_narrower():
    values = np.random.default_rng(0).beta(8, 2, 40)
    once = metrics.bootstrap_interval(values, 1)
    copies = metrics.bootstrap_interval(values.repeat(4), 1, groups=np.arange(40).repeat(4))
    naive = metrics.bootstrap_interval(values.repeat(4), 1)
    assert copies == pytest.approx(once)
    assert naive[1] - naive[0] < 0.7 * (copies[1] - copies[0])


def test_interval_of_families_contains_the_true_mean_about_as_often_as_it_says():
    rng, hits = np.random.default_rng(0), 0
    groups = np.arange(40).repeat(4)
    for n in range(200):
        values = 0.8 + rng.normal(0, 0.1, 40).repeat(4) + rng.normal(0, 0.02, 160)
        low, high = metrics.bootstrap_interval(values, n, repeats=400, groups=groups)
        hits += low <= 0.8 <= high
    assert 0.88 <= hits / 200 <= 0.99


@pytest.mark.parametrize("groups", [["a"], ["a", "b", "c"], ["a", None]])
def test_a_value_without_group_is_refused(groups):
    with pytest.raises(ValueError, match="a group for each of 2 values"):
        metrics.bootstrap_interval([0.1, 0.2], 0, groups=groups)


def test_paired_difference_is_that_of_the_means_and_sees_through_hard_pictures():
    hardness = np.random.default_rng(0).uniform(0, 0.8, 50)
    a = 0.99 - hardness + np.random.default_rng(1).normal(0, 0.005, 50)
    difference, low, high = metrics.paired_difference(a, 0.98 - hardness, seed=0)
    assert difference == pytest.approx(a.mean() - (0.98 - hardness).mean())
    assert 0 < low < difference < high
    assert metrics.bootstrap_interval(a, 0)[0] < metrics.bootstrap_interval(0.98 - hardness, 0)[1]


def test_paired_difference_changes_its_sign_with_the_order():
    a, b = np.random.default_rng(0).random((2, 30))
    families = np.arange(30) // 3
    one = metrics.paired_difference(a, b, seed=5, groups=families)
    other = metrics.paired_difference(b, a, seed=5, groups=families)
    np.testing.assert_allclose(one, [-other[0], -other[2], -other[1]])


def test_paired_difference_of_equal_scores_is_zero():
    scores = np.linspace(0.2, 0.7, metrics.FEWEST_TO_COMPARE)
    assert metrics.paired_difference(scores, scores, seed=0) == (0, 0, 0)


def test_too_few_families_have_a_difference_without_an_interval():
    worse, better, families = np.full(15, 0.5), np.full(15, 0.6), np.arange(15) // 3
    difference, low, high = metrics.paired_difference(better, worse, seed=0, groups=families)
    assert difference == pytest.approx(0.1)
    assert np.isnan([low, high]).all()


def test_paired_difference_refuses_other_pictures_and_none():
    with pytest.raises(ValueError, match=r"\(2,\).*\(3,\)"):
        metrics.paired_difference([1, 2], [1, 2, 3], seed=0)
    with pytest.raises(ValueError, match="at least one"):
        metrics.paired_difference([], [], seed=0)
