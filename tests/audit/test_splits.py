import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellseg_utils.audit import splits

KINDS = ["fluorescence", "grey_tissue", "purple_on_white"]


@st.composite
def data_sets(draw):
    """Families of 1 to 12 pictures, each of one kind, in random order."""
    sizes = draw(st.lists(st.integers(1, 12), min_size=2, max_size=40))
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=len(sizes), max_size=len(sizes)))
    order = draw(st.permutations(range(sum(sizes))))
    return np.repeat(np.arange(len(sizes)), sizes)[order], np.repeat(kinds, sizes)[order]


@given(st.integers(2, 300), st.floats(0.01, 0.9), st.integers(0, 5))
def test_the_random_split_is_a_partition_of_the_asked_size_and_the_same_every_time(samples, fraction, seed):
    if max(1, round(samples * fraction)) >= samples:
        with pytest.raises(ValueError, match="validation_fraction"):
            splits.random(samples, fraction, seed)
        return
    validation = splits.random(samples, fraction, seed)
    assert validation.shape == (samples,)
    assert validation.dtype == bool
    assert validation.sum() == max(1, round(samples * fraction))
    assert 0 < validation.sum() < samples
    np.testing.assert_array_equal(validation, splits.random(samples, fraction, seed))


def test_the_random_split_is_shuffled_and_depends_on_the_seed():
    one, other = (splits.random(664, 0.1, seed) for seed in (0, 1))
    assert one.sum() == 66
    assert (one != other).any()
    assert 20 < np.flatnonzero(one).mean() / 664 * 100 < 80
    assert np.diff(np.flatnonzero(one)).max() > 1


def test_the_random_split_of_the_report_stays_what_it_was():
    validation = splits.random(664, 0.1, 2018)
    assert np.flatnonzero(validation)[:5].tolist() == [9, 28, 42, 44, 47]
    assert validation.sum() == 66


@pytest.mark.parametrize(("samples", "fraction"), [(10, 0.0), (10, 1.0), (10, -1), (2, 0.8)])
def test_a_random_split_with_an_empty_part_is_refused_with_its_numbers(samples, fraction):
    with pytest.raises(ValueError, match=f"{samples} 张图、验证比例 {fraction}.*validation_fraction"):
        splits.random(samples, fraction, 0)


@given(data_sets(), st.floats(0.01, 0.9), st.integers(0, 5))
def test_the_grouped_split_keeps_families_together_and_both_parts_have_pictures(data, fraction, seed):
    families, kinds = data
    validation = splits.grouped(families, kinds, fraction, seed)
    assert validation.dtype == bool
    assert not set(families[validation]) & set(families[~validation])
    assert 0 < validation.sum() < len(families)
    np.testing.assert_array_equal(validation, splits.grouped(families, kinds, fraction, seed))


@given(data_sets(), st.floats(0.1, 0.9), st.integers(0, 5))
def test_the_grouped_split_misses_the_share_by_less_than_the_largest_family(data, fraction, seed):
    families, kinds = data
    validation = splits.grouped(families, kinds, fraction, seed)
    assert abs(validation.sum() - fraction * len(families)) < np.bincount(families).max() + 1


def test_the_grouped_split_takes_the_same_share_of_every_kind():
    families = np.concatenate([np.repeat(np.arange(100), 4), np.arange(100, 200), np.arange(200, 240)])
    kinds = np.repeat(["fluorescence", "purple_on_white", "grey_tissue"], [400, 100, 40])
    validation = splits.grouped(families, kinds, 0.1, 3)
    shares = {kind: validation[kinds == kind].sum() for kind in KINDS}
    assert shares == {"fluorescence": 40, "purple_on_white": 10, "grey_tissue": 4}


def test_what_one_kind_lacks_of_its_share_the_next_by_name_gives():
    kinds = np.repeat(
        list("abcdefghijklmno"), 4
    )  # each owes 0.4 pictures: 0.4, 0.8 - 1, 0.2, 0.6 - 1, 0.0 ...
    validation = splits.grouped(np.arange(60), kinds, 0.1, 0)
    assert kinds[validation].tolist() == ["b", "d", "g", "i", "l", "n"]


def test_the_kind_with_the_fewest_pictures_gives_first():
    families, kinds = [0, 1, 2, 3, 4, 5, *[6] * 4, *[7] * 4], ["z"] * 6 + ["a"] * 8
    validation = splits.grouped(families, kinds, 0.25, 0)
    # 1.5 of the six: one; then 0.5 + 2 of the eight: four. The other way round it would be 2: none, and 3.5.
    assert (validation[:6].sum(), validation[6:].sum()) == (1, 4)


def test_a_family_validates_if_that_brings_nearer_to_the_share():
    families, kinds = np.repeat(np.arange(20), 3), ["fluorescence"] * 60
    assert splits.grouped(families, kinds, 1 / 12, 0).sum() == 6  # nearer to 5 than 3
    assert splits.grouped(families[:18], kinds[:18], 0.25, 0).sum() == 3  # as near to 4.5 as 6


@pytest.mark.parametrize(("fraction", "expected"), [(0.9, [1, 1, 1, 0]), (0.1, [0, 0, 0, 1])])
def test_if_a_part_would_be_empty_the_smallest_family_makes_it(fraction, expected):
    validation = splits.grouped([0, 0, 0, 1], ["fluorescence"] * 4, fraction, 0)
    assert validation.tolist() == expected


@pytest.mark.parametrize("seed", range(4))
def test_a_family_is_of_its_first_pictures_kind(seed):
    validation = splits.grouped([0, 0, 1], ["a", "b", "b"], 0.6, seed)
    assert validation.tolist() == [False, False, True]  # 0.6 of the one b, then 1.2 - 0.4 of the two a


def test_the_grouped_split_depends_on_the_seed():
    families, kinds = np.arange(100), np.full(100, "fluorescence")
    one, other = (splits.grouped(families, kinds, 0.1, seed) for seed in (0, 1))
    assert one.sum() == other.sum() == 10
    assert (one != other).any()


def test_the_way_is_chosen_by_its_name_and_a_wrong_name_is_refused_with_all_names():
    families, kinds = np.repeat(range(50), 2), ["fluorescence"] * 100
    one, other = (splits.draw(way, families, kinds, 0.1, 0) for way in splits.WAYS)
    np.testing.assert_array_equal(one, splits.grouped(families, kinds, 0.1, 0))
    np.testing.assert_array_equal(other, splits.random(100, 0.1, 0))
    with pytest.raises(ValueError, match="split 应是 grouped、random 之一，得到的是 'Random'"):
        splits.draw("Random", families, kinds, 0.1, 0)


@pytest.mark.parametrize("way", splits.WAYS)
@pytest.mark.parametrize("count", [0, 1])
def test_one_picture_can_not_be_split_and_more_labels_are_asked_for(way, count):
    with pytest.raises(ValueError, match=f"只有 {count} 张带标注的图像.*请再标注几张"):
        splits.draw(way, [0] * count, ["fluorescence"] * count, 0.1, 0)


def test_one_family_can_not_be_split_and_the_way_out_is_told():
    with pytest.raises(ValueError, match=r"3 张图像都出自同一张大图.*split=random"):
        splits.grouped([0, 0, 0], ["fluorescence"] * 3, 0.1, 0)


@pytest.mark.parametrize("fraction", [0, 1, -0.1])
def test_a_share_that_leaves_a_part_empty_is_refused(fraction):
    with pytest.raises(ValueError, match=f"验证比例 {fraction}"):
        splits.grouped([0, 1], ["fluorescence"] * 2, fraction, 0)


def test_families_and_kinds_of_different_length_are_refused():
    with pytest.raises(ValueError, match=r"\(3,\), \(2,\)"):
        splits.grouped([0, 1, 2], ["fluorescence"] * 2, 0.5, 0)


def test_leaked_are_the_validation_pictures_whose_family_trains_too():
    validation = np.array([True, False, True, True, False])
    assert splits.leaked([0, 0, 1, 1, 2], validation).tolist() == [True, False, False, False, False]


@given(data_sets(), st.floats(0.1, 0.9))
def test_nothing_leaks_from_a_grouped_split(data, fraction):
    families, kinds = data
    assert not splits.leaked(families, splits.grouped(families, kinds, fraction, 0)).any()
