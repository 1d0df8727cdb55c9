import numpy as np
import painter
import pytest
from discs import discs
from hypothesis import given
from hypothesis import strategies as st
from painter import PAINTER, drawn, painting

from cellseg_utils.prediction import in_blocks, label_file, segmentation, survey
from cellseg_utils.prediction.certainty import best_iou
from cellseg_utils.prediction.filters import EVERY, Filter

SHAPE = (330, 410)


def scattered(shape=SHAPE, radius=(7, 11), step=30, seed=0):
    """Discs that don't touch, on a grid that the borders of no blocks follow."""
    rng = np.random.default_rng(seed)
    rows, columns = np.arange(15, shape[0] - 12, step), np.arange(15, shape[1] - 12, step)
    places = [(y + rng.integers(-2, 3), x + rng.integers(-2, 3)) for y in rows for x in columns]
    return discs(shape, [(y, x, rng.uniform(*radius)) for y, x in places])


def alike(one, other):
    """Whether two label images show the same nuclei; a shifted grid may move their outlines a little."""
    count = one.max()
    return count == other.max() and (best_iou(one, other, count) > 0.8).all()


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(survey, "GRID_SIDE", 80)
    monkeypatch.setattr(survey, "MARGIN", 40)


def planned(image, bundle=PAINTER, speed="balanced"):
    source = in_blocks.Whole(painter.image_of(image))
    return source, survey.planned(bundle, source, survey.surveyed(source), speed)


def found_in_blocks(tmp_path, image, bundle=PAINTER, wanted=EVERY):
    """The label image that blocks make of a picture, and the blocks."""
    source, plan = planned(image, bundle)
    with (tmp_path / "labels").open("w+b", buffering=0) as file:
        into = label_file.LabelFile(file, source.shape)
        blocks = list(in_blocks.segmented(bundle, bundle.predict, source, plan, into, wanted))
        return into.region(*(slice(0, length) for length in source.shape)), blocks


def test_blocks_find_what_one_piece_finds_and_cut_no_nucleus(tmp_path, small_blocks):
    image = drawn(scattered())
    whole = segmentation.segment(PAINTER, image)
    labels, blocks = found_in_blocks(tmp_path, image)
    assert len(blocks) > 12
    assert whole.labels.max() == labels.max() == scattered().max()
    assert alike(labels, whole.labels)
    assert not any(block.cut for block in blocks)


def test_every_nucleus_is_of_one_block_and_numbers_follow_each_other(tmp_path, small_blocks):
    labels, blocks = found_in_blocks(tmp_path, drawn(scattered()))
    assert sorted(np.unique(labels)) == list(range(labels.max() + 1))
    for block in blocks:
        own = block.found.labels
        there = labels[block.rows, block.columns]
        np.testing.assert_array_equal(there[own > 0], own[own > 0] + block.before)
    assert sum(block.found.labels.max() for block in blocks) == labels.max()
    assert all(len(block.found.certainty) == block.found.labels.max() for block in blocks)


def with_bars(length):
    """Discs, and between their rows bars of a length."""
    labels = discs(SHAPE, [(y, x, 9) for y in (20, 300) for x in range(20, 400, 30)])
    for number, left in enumerate(range(10, SHAPE[1] - length, length + 8), labels.max() + 1):
        labels[150:158, left : left + length] = number
    return labels


def test_a_nucleus_larger_than_the_margin_is_not_cut(tmp_path, monkeypatch, small_blocks):
    monkeypatch.setattr(survey, "MARGIN", 20)
    image = drawn(with_bars(44))
    labels, blocks = found_in_blocks(tmp_path, image)
    assert alike(labels, segmentation.segment(PAINTER, image).labels)
    assert not any(block.cut for block in blocks)


def test_a_nucleus_larger_than_all_that_is_seen_is_counted(tmp_path, monkeypatch, small_blocks):
    monkeypatch.setattr(survey, "MARGIN", 2)
    assert sum(block.cut for block in found_in_blocks(tmp_path, drawn(with_bars(120)))[1]) > 0


def test_only_the_nuclei_that_are_wanted_are_drawn(tmp_path, small_blocks):
    image = drawn(scattered())
    least = 250
    labels, _ = found_in_blocks(tmp_path, image, wanted=Filter(min_area=least))
    expected = Filter(min_area=least).of(segmentation.segment(PAINTER, image)).labels
    assert 0 < labels.max() < scattered().max()
    assert alike(labels, expected)


def test_a_picture_without_nuclei_has_none(tmp_path, small_blocks):
    labels, blocks = found_in_blocks(tmp_path, np.full((*SHAPE, 3), 7, np.uint8))
    assert not labels.any()
    assert sum(len(block.features) for block in blocks) == 0


def test_a_nucleus_belongs_to_the_first_block_that_it_reaches_into():
    labels = np.zeros((4, 8), np.int32)
    labels[0, :3], labels[1, 3:5], labels[2, 5:], labels[3, 1:4] = 1, 2, 3, 4
    core = np.s_[:, 4:]
    claimed = in_blocks._claimed(labels, core, np.zeros_like(labels))
    np.testing.assert_array_equal(claimed, [[0] * 8, [0, 0, 0, 1, 1, 0, 0, 0], [0] * 5 + [2] * 3, [0] * 8])


@pytest.mark.parametrize(("covered", "kept"), [(3, 0), (2, 2), (1, 3), (0, 4)])
def test_of_a_nucleus_that_is_mostly_drawn_nothing_is_kept(covered, kept):
    labels, there = np.zeros((3, 6), np.int32), np.zeros((3, 6), np.int32)
    labels[1, 1:5] = 1
    there[1, :1] = there[1, 1 : 1 + covered] = 9
    claimed = in_blocks._claimed(labels, np.s_[:, :], there)
    assert np.count_nonzero(claimed) == kept
    assert not claimed[there > 0].any()


def test_what_an_earlier_nucleus_leaves_in_two_pieces_keeps_the_larger():
    labels, there = np.zeros((3, 9), np.int32), np.zeros((3, 9), np.int32)
    labels[1, 1:8] = 1
    there[1, 3] = 4
    claimed = in_blocks._claimed(labels, np.s_[:, :], there)
    np.testing.assert_array_equal(claimed[1], [0, 0, 0, 0, 1, 1, 1, 1, 0])


@given(st.integers(1, 500), st.integers(1, 500), st.integers(1, 200))
def test_blocks_cover_a_picture_once_and_none_is_too_large(height, width, side):
    times = np.zeros((height, width), int)
    for rows, columns in in_blocks.cores((height, width), side):
        times[rows, columns] += 1
        assert 0 < rows.stop - rows.start <= side
        assert 0 < columns.stop - columns.start <= side
    assert (times == 1).all()


def sparing_of(image):
    seen = []

    def network(images):
        seen.append(images.shape)
        return np.ones((*images.shape[:3], 5), np.float32)

    sparing = in_blocks.Sparing(painting(network))
    return sparing(image[None]), seen, sparing.asked


def ground(noise, shape=(256, 320)):
    """A ground without nuclei, darker on one side than on the other."""
    slope = np.linspace(20, 30, shape[1])[:, None]
    return np.random.default_rng(0).normal(0, noise, (*shape, 3)) + slope


def test_the_network_is_not_asked_where_nothing_is_to_be_seen():
    maps, seen, asked = sparing_of(ground(1.5).clip(0, 255).astype(np.uint8))
    assert not seen
    assert asked == [False]
    assert maps.shape == (1, 256, 320, 5)
    assert not maps.any()


@pytest.mark.parametrize("plane", [0, 1, 2])
@pytest.mark.parametrize(("contrast", "radius"), [(4, 10), (10, 5), (-4, 10), (200, 3), (200, 60)])
def test_one_faint_nucleus_in_any_plane_is_enough_to_ask(plane, contrast, radius):
    image = ground(1.5)
    image[..., plane] += contrast * (discs(image.shape[:2], [(130, 170, radius)]) > 0)
    maps, seen, asked = sparing_of(image.clip(0, 255).astype(np.uint8))
    assert seen
    assert asked == [True]
    assert maps.all()


@pytest.mark.parametrize("shape", [(1, 1), (2, 900), (33, 1)])
def test_tiles_may_be_as_thin_as_pictures_are(shape):
    assert sparing_of(np.full((*shape, 3), 9, np.uint8))[2] == [False]


def test_blank_tiles_change_nothing(tmp_path, small_blocks):
    labels = np.zeros((330, 800), np.int32)
    labels[:, : SHAPE[1]] = scattered()
    image = drawn(labels, bright=200, dark=10)
    source, plan = planned(image)
    network = in_blocks.Sparing(PAINTER)
    with (tmp_path / "labels").open("w+b", buffering=0) as file:
        into = label_file.LabelFile(file, source.shape)
        list(in_blocks.segmented(PAINTER, network, source, plan, into))
        found = into.region(slice(0, 330), slice(0, 800))
    assert alike(found, segmentation.segment(PAINTER, image).labels)
    assert 0.3 < np.mean(network.asked) < 0.8


def test_regions_of_a_picture_in_memory_are_its_own():
    image = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    source = in_blocks.Whole(painter.image_of(image))
    assert source.shape == (4, 5)
    np.testing.assert_array_equal(source.region(slice(1, 3), slice(2, 5)).rgb, image[1:3, 2:5])
