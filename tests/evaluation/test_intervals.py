import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cellseg_utils.evaluation import intervals

EXAMPLES = settings(max_examples=50, deadline=None)


def test_bootstrap_interval_of_equal_values_has_no_width():
    assert intervals.bootstrap_interval([0.5] * 10, seed=0) == (0.5, 0.5)
    assert intervals.bootstrap_interval([0.25], seed=0) == (0.25, 0.25)


def test_bootstrap_interval_is_the_same_for_the_same_seed_and_not_for_another():
    values = np.linspace(0, 1, 30)
    assert intervals.bootstrap_interval(values, 1) == intervals.bootstrap_interval(list(values), 1)
    assert intervals.bootstrap_interval(values, 1) != intervals.bootstrap_interval(values, 2)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.integers(0, 2**32))
def test_bootstrap_interval_lies_within_the_values_and_widens_with_the_level(values, seed):
    narrow = intervals.bootstrap_interval(values, seed, repeats=100, level=0.5)
    wide = intervals.bootstrap_interval(values, seed, repeats=100, level=0.99)
    assert min(values) - 1e-12 <= wide[0] <= narrow[0] <= narrow[1] <= wide[1] <= max(values) + 1e-12


def test_bootstrap_interval_agrees_with_scipy():
    values = np.random.default_rng(0).beta(8, 2, 65)
    ours = intervals.bootstrap_interval(values, 0, repeats=5000)
    theirs = stats.bootstrap((values,), np.mean, n_resamples=5000, method="percentile", rng=1)
    np.testing.assert_allclose(ours, theirs.confidence_interval, atol=0.003)


def test_bootstrap_interval_contains_the_true_mean_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    drawn = [intervals.bootstrap_interval(rng.normal(0.8, 0.1, 60), n, repeats=400) for n in range(200)]
    hits = sum(low <= 0.8 <= high for low, high in drawn)
    assert 0.88 <= hits / 200 <= 0.99


def test_bootstrap_interval_of_nothing_raises():
    with pytest.raises(ValueError, match="at least one"):
        intervals.bootstrap_interval([], 0)


def test_bootstrap_interval_without_groups_stays_what_it_was():
    values = np.random.default_rng(0).beta(8, 2, 65)
    picks = np.random.default_rng(3).integers(0, 65, (2000, 65))
    expected = tuple(np.quantile(values[picks].mean(axis=1), [0.025, 0.975]).tolist())
    assert intervals.bootstrap_interval(values, 3) == pytest.approx(expected, abs=1e-15)
    assert intervals.bootstrap_interval(values, 3, groups=None) == intervals.bootstrap_interval(values, 3)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.integers(0, 2**32))
def test_a_family_for_each_picture_is_as_none(values, seed):
    names = [f"picture {n}" for n in range(len(values))]
    alone = intervals.bootstrap_interval(values, seed, repeats=100, groups=names)
    assert alone == pytest.approx(intervals.bootstrap_interval(values, seed, repeats=100))


def test_families_are_drawn_whole():
    low, high = intervals.bootstrap_interval([0, 0, 0, 1], 0, groups=["a", "a", "a", "b"])
    assert (low, high) == (0, 1)  # a quarter of all draws is one family twice
    assert intervals.bootstrap_interval([0, 1, 0, 1], 0, groups=["a", "a", "b", "b"]) == (0.5, 0.5)
    assert intervals.bootstrap_interval([0, 1, 0.5], 0, groups=[7, 7, 7]) == (0.5, 0.5)


def test_in_a_draw_every_picture_weighs_the_same_however_large_its_family():
    low, high = intervals.bootstrap_interval([0, 0, 0, 1], 0, level=0.4, groups=["a", "a", "a", "b"])
    assert (low, high) == (0.25, 0.25)  # half of all draws have both families: one picture of four


def test_copies_of_a_picture_do_not_make_the_interval_narrower():
    values = np.random.default_rng(0).beta(8, 2, 40)
    once = intervals.bootstrap_interval(values, 1)
    copies = intervals.bootstrap_interval(values.repeat(4), 1, groups=np.arange(40).repeat(4))
    naive = intervals.bootstrap_interval(values.repeat(4), 1)
    assert copies == pytest.approx(once)
    assert naive[1] - naive[0] < 0.7 * (copies[1] - copies[0])


def test_interval_of_families_contains_the_true_mean_about_as_often_as_it_says():
    rng, hits = np.random.default_rng(0), 0
    groups = np.arange(40).repeat(4)
    for n in range(200):
        values = 0.8 + rng.normal(0, 0.1, 40).repeat(4) + rng.normal(0, 0.02, 160)
        low, high = intervals.bootstrap_interval(values, n, repeats=400, groups=groups)
        hits += low <= 0.8 <= high
    assert 0.88 <= hits / 200 <= 0.99


@pytest.mark.parametrize(("groups", "given"), [(["a"], 1), (["a", "b", "c"], 3), (["a", None], 1)])
def test_a_value_without_group_is_refused(groups, given):
    with pytest.raises(ValueError, match=f"a group for each of 2 values, got {given}"):
        intervals.bootstrap_interval([0.1, 0.2], 0, groups=groups)


def test_paired_difference_is_that_of_the_means_and_sees_through_hard_pictures():
    hardness = np.random.default_rng(0).uniform(0, 0.8, 50)
    a = 0.99 - hardness + np.random.default_rng(1).normal(0, 0.005, 50)
    difference, low, high = intervals.paired_difference(a, 0.98 - hardness, seed=0)
    assert difference == pytest.approx(a.mean() - (0.98 - hardness).mean())
    assert 0 < low < difference < high
    assert intervals.bootstrap_interval(a, 0)[0] < intervals.bootstrap_interval(0.98 - hardness, 0)[1]


def test_paired_difference_has_the_interval_of_the_differences():
    a, b = np.random.default_rng(0).random((2, 30))
    families = np.arange(30) // 3
    ends = intervals.paired_difference(a, b, 5, families)[1:]
    assert ends == intervals.bootstrap_interval(a - b, 5, groups=families)


def test_paired_difference_changes_its_sign_with_the_order():
    a, b = np.random.default_rng(0).random((2, 30))
    families = np.arange(30) // 3
    one = intervals.paired_difference(a, b, seed=5, groups=families)
    other = intervals.paired_difference(b, a, seed=5, groups=families)
    np.testing.assert_allclose(one, [-other[0], -other[2], -other[1]])


def test_paired_difference_of_equal_scores_is_zero():
    scores = np.linspace(0.2, 0.7, intervals.FEWEST_TO_COMPARE)
    assert intervals.paired_difference(scores, scores, seed=0) == (0, 0, 0)


def test_too_few_families_have_a_difference_without_an_interval():
    worse, better, families = np.full(15, 0.5), np.full(15, 0.6), np.arange(15) // 3
    difference, low, high = intervals.paired_difference(better, worse, seed=0, groups=families)
    assert difference == pytest.approx(0.1)
    assert np.isnan([low, high]).all()


def test_paired_difference_refuses_other_pictures_and_none():
    with pytest.raises(ValueError, match=r"\(2,\).*\(3,\)"):
        intervals.paired_difference([1, 2], [1, 2, 3], seed=0)
    with pytest.raises(ValueError, match="at least one"):
        intervals.paired_difference([], [], seed=0)
