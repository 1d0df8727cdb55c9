import numpy as np
import pytest
from discs import discs, same_instances
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from cellseg_utils.prediction import instances
from cellseg_utils.preprocessing import targets

EXAMPLES = settings(max_examples=25, deadline=None)
SEEDS = st.integers(0, 2**32)
RULE = instances.Rule()
TINY = instances.Rule(blur=0.5, reach=1, votes=0.3, smallest=0)
TOUCHING = [(20, 20, 9), (20, 38, 9), (35.6, 29, 9), (50, 50, 6), (50, 62, 6)]


def scattered(seed, shape=(97, 131), cell=32):
    """Discs in the cells of a grid: some touch, some are cut by the edge."""
    rng = np.random.default_rng(seed)
    places = [(y, x) for y in range(8, shape[0], cell) for x in range(8, shape[1], cell)]
    return discs(shape, [(*(place + rng.uniform(-5, 5, 2)), rng.uniform(5, 16)) for place in places])


def found(labels, rule=RULE, shape=None):
    return instances.label(targets.target_maps(labels), shape or labels.shape, rule)


def assert_numbered(labels):
    assert labels.dtype == np.int32
    assert sorted(set(np.unique(labels)) - {0}) == list(range(1, labels.max() + 1))


def test_two_discs_come_back_as_they_were():
    labels = discs((40, 64), [(15, 16, 8), (22, 45, 11)])
    assert same_instances(found(labels), labels)


def test_touching_discs_are_told_apart_to_the_pixel():
    labels = discs((70, 80), TOUCHING)
    assert ndimage.label(labels)[1] == 2
    assert same_instances(found(labels), labels)


@EXAMPLES
@given(SEEDS)
def test_discs_anywhere_come_back_as_they_were(seed):
    labels = scattered(seed)
    again = found(labels)
    assert_numbered(again)
    assert same_instances(again, labels)


@pytest.mark.parametrize("zoom", [0.5, 0.75, 1.5, 2, 3.3])
def test_discs_come_back_at_another_size_than_that_of_the_maps(zoom):
    shape = round(70 * zoom), round(80 * zoom)
    circles = [((y + 0.5) * zoom - 0.5, (x + 0.5) * zoom - 0.5, r * zoom) for y, x, r in TOUCHING]
    labels, expected = found(discs((70, 80), TOUCHING), shape=shape), discs(shape, circles)
    assert labels.shape == shape
    assert_numbered(labels)
    assert labels.max() == len(TOUCHING)
    for number in range(1, len(TOUCHING) + 1):
        own = labels == np.bincount(labels[expected == number]).argmax()
        overlap = np.count_nonzero(own & (expected == number))
        assert overlap / np.count_nonzero(own | (expected == number)) > 0.85


def test_height_and_width_may_change_differently():
    labels = found(discs((60, 60), [(30, 30, 12)]), shape=(120, 61))
    rows, columns = np.nonzero(labels)
    assert labels.max() == 1
    assert rows.mean() == pytest.approx(60.5, abs=0.6)
    assert columns.mean() == pytest.approx(30.5, abs=0.6)


@pytest.mark.parametrize("shape", [(32, 32), (7, 50), (1, 1), (64, 33)])
def test_a_picture_without_nuclei_gives_none(shape):
    labels = instances.label(targets.target_maps(np.zeros((32, 32), np.int32)), shape, RULE)
    assert labels.shape == shape
    assert labels.dtype == np.int32
    assert not labels.any()


def test_nuclei_of_one_pixel_come_back_if_the_rule_lets_them():
    labels = np.zeros((12, 15), np.int32)
    labels[2, 3], labels[2, 9], labels[9, 14], labels[11, 0] = 1, 2, 3, 4
    assert same_instances(found(labels, TINY), labels)
    assert not found(labels).any()


def test_a_picture_of_one_pixel_can_be_a_nucleus():
    assert found(np.ones((1, 1), np.int32), TINY).tolist() == [[1]]


def test_the_probability_decides_what_is_nucleus():
    maps = targets.target_maps(discs((40, 40), [(20, 20, 10)]))
    maps[..., 0] *= 0.6
    assert instances.label(maps, (40, 40), RULE).max() == 1
    assert not instances.label(maps, (40, 40), instances.Rule(threshold=0.7)).any()


@pytest.mark.parametrize("channels", [1, 5])
def test_a_pixel_at_the_threshold_is_no_nucleus(channels):
    maps = targets.target_maps(discs((40, 40), [(20, 20, 10)]))[..., :channels]
    maps[..., 0] *= 0.5
    assert not instances.label(maps, (40, 40), RULE).any()


def test_smaller_nuclei_than_the_rule_asks_for_are_dropped_measured_on_the_networks_grid():
    labels = discs((60, 60), [(15, 15, 6), (40, 40, 12)])
    area = np.count_nonzero(labels == 1)
    for shape in ((60, 60), (120, 120), (90, 60)):
        assert found(labels, instances.Rule(smallest=0.9 * area), shape).max() == 2
        assert found(labels, instances.Rule(smallest=1.1 * area), shape).max() == 1


def test_the_rule_by_default():
    assert instances.Rule(threshold=0.5, blur=4.5, reach=5, votes=0.6, smallest=30) == RULE


def test_centres_with_too_few_votes_are_left_out_and_their_pixels_go_to_the_nearest_centre():
    labels = discs((40, 60), [(20, 20, 14), (20, 38, 4)])
    merged = found(labels)
    np.testing.assert_array_equal(merged, labels > 0)
    assert same_instances(found(labels, instances.Rule(votes=0.1)), labels)


def test_the_votes_of_a_centre_are_its_pixels_over_the_area_of_the_blur():
    labels = discs((40, 40), [(20, 20, 5)])
    peak = np.count_nonzero(labels) / (2 * np.pi * RULE.blur**2)
    assert peak > RULE.votes
    assert found(labels, instances.Rule(votes=0.97 * peak)).max() == 1
    assert not found(labels, instances.Rule(votes=1.03 * peak)).any()


def test_votes_that_scatter_still_meet_in_one_centre():
    labels = discs((70, 80), TOUCHING)
    maps = targets.target_maps(labels)
    maps[..., 3:] += np.random.default_rng(0).normal(0, 0.15, (70, 80, 2))
    again = instances.label(maps, (70, 80), RULE)
    assert again.max() == len(TOUCHING)
    assert np.count_nonzero((again > 0) != (labels > 0)) < 0.01 * labels.size


@pytest.mark.parametrize("offset", [-9, 9])
def test_votes_beyond_the_picture_count_at_its_edge(offset):
    maps = np.zeros((30, 30, 5), np.float32)
    maps[:, :, 0], maps[:, :, 3:] = 1, offset
    assert (instances.label(maps, (30, 30), RULE) == 1).all()


def test_the_maps_given_stay_as_they_are():
    maps = targets.target_maps(scattered(0))
    before = maps.copy()
    instances.label(maps, (50, 60), RULE)
    np.testing.assert_array_equal(maps, before)


def test_pieces_share_sides_not_corners():
    mask = np.array([[1, 1, 0, 0], [0, 0, 1, 0], [0, 1, 1, 0], [0, 0, 0, 1]], bool)
    labels = instances.pieces(mask)
    assert labels.dtype == np.int32
    assert same_instances(labels, np.array([[1, 1, 0, 0], [0, 0, 2, 0], [0, 2, 2, 0], [0, 0, 0, 3]]))
    assert_numbered(labels)


@EXAMPLES
@given(SEEDS)
def test_pieces_are_those_of_scipy(seed):
    mask = np.random.default_rng(seed).random((20, 30)) < 0.5
    assert same_instances(instances.pieces(mask), ndimage.label(mask)[0])


def picture(*rows):
    return np.array([[int(letter) for letter in row] for row in rows], np.int32)


def test_tidy_keeps_the_largest_piece_of_a_nucleus():
    labels = picture("1100010", "1100010", "0000000", "1000000")
    assert instances.tidy(labels, 0).tolist() == picture("1100000", "1100000", "0000000", "0000000").tolist()


def test_tidy_keeps_a_long_thin_piece_rather_than_a_small_square():
    labels = picture("1111111", "0000000", "1100000", "1100000")
    assert instances.tidy(labels, 0).tolist() == picture("1111111", "0000000", "0000000", "0000000").tolist()


def test_tidy_keeps_pixels_that_meet_at_a_corner_together():
    labels = picture("1000", "0100", "0011")
    np.testing.assert_array_equal(instances.tidy(labels, 0), labels)


def test_tidy_fills_holes():
    labels = picture("22222", "20002", "20202", "22222")
    assert (instances.tidy(labels, 0) == 1).all()


def test_tidy_drops_what_is_smaller_and_keeps_what_is_as_large():
    labels = picture("1103330", "1102000", "0000000")
    for smallest in (0, 1):
        assert same_instances(instances.tidy(labels, smallest), labels)
    assert same_instances(instances.tidy(labels, 3), np.where(labels == 2, 0, labels))
    assert instances.tidy(labels, 4).tolist() == (labels == 1).astype(int).tolist()
    assert not instances.tidy(labels, 5).any()


@pytest.mark.parametrize("numbers", [(1, 2), (2, 1), (9, 4), (4, 9)])
def test_tidy_keeps_a_nucleus_that_lies_inside_another(numbers):
    labels = discs((30, 30), [(14, 14, 12)])
    inner = discs((30, 30), [(14, 14, 5)]) > 0
    labels = np.select([inner, labels > 0], numbers).astype(np.int32)
    again = instances.tidy(labels, 16)
    assert_numbered(again)
    assert same_instances(again, labels)


def test_tidy_fills_a_nucleus_with_the_small_piece_of_another_and_leaves_no_number_out():
    labels = picture("1111000", "1211033", "1111033")
    expected = picture("1111000", "1111022", "1111022")
    assert same_instances(instances.tidy(labels, 2), expected)
    assert_numbered(instances.tidy(labels, 2))


def largest_piece(mask):
    """The largest piece of a mask, its holes filled, pixels that meet at corners kept together; by scipy."""
    pieces, count = ndimage.label(mask, np.ones((3, 3)))
    filled = [ndimage.binary_fill_holes(pieces == number) for number in range(1, count + 1)]
    return max(filled, key=np.count_nonzero, default=mask)


@EXAMPLES
@given(SEEDS, st.floats(0.2, 0.8))
def test_tidy_of_one_nucleus_is_its_largest_filled_piece(seed, share):
    mask = np.random.default_rng(seed).random((9, 11)) < share
    again = instances.tidy(mask.astype(np.int32), 0)
    assert np.count_nonzero(again) == np.count_nonzero(largest_piece(mask))


@EXAMPLES
@given(SEEDS, st.integers(0, 12), st.integers(1, 4))
def test_tidy_numbers_from_1_whatever_it_is_given(seed, smallest, grain):
    labels = np.random.default_rng(seed).integers(0, 5, (8, 9)).astype(np.int32)
    labels = labels.repeat(grain, 0).repeat(grain, 1)
    again = instances.tidy(labels, smallest)
    assert again.shape == labels.shape
    assert_numbered(again)
    assert instances.tidy(labels, 0).max() == len(np.unique(labels[labels > 0]))


@EXAMPLES
@given(SEEDS)
def test_tidy_leaves_tidy_labels_alone(seed):
    labels = scattered(seed)
    assert same_instances(instances.tidy(labels, 1), labels)


def test_tidy_of_nothing_is_nothing():
    assert not instances.tidy(np.zeros((5, 6), np.int32), 3).any()


def test_of_the_foreground_alone_connected_pieces_are_nuclei():
    probability = np.zeros((20, 20, 1), np.float32)
    probability[2:8, 2:8] = probability[2:8, 10:18] = 0.9
    probability[15, 15] = 0.9
    labels = instances.label(probability, (40, 40), instances.Rule(smallest=10))
    assert labels.shape == (40, 40)
    assert labels.max() == 2
    assert labels[10, 10] != labels[10, 28]
