import dataclasses
import itertools
import tracemalloc
from collections import Counter

import cv2
import numpy as np
import pytest
from known_joins import known_joins, nothing_fits

from cellseg_utils.audit import joins, mosaics
from cellseg_utils.data import imagefile, layout, sources, synthetic


def tiles(image, rows=2, columns=2):
    height, width = image.shape[0] // rows, image.shape[1] // columns
    return [
        image[r * height : (r + 1) * height, c * width : (c + 1) * width]
        for r in range(rows)
        for c in range(columns)
    ]


def draw(kind, size, seed):
    return synthetic.draw_sample(kind, size, np.random.default_rng(seed))[0]


def find(images):
    return mosaics.find([mosaics.trace(image) for image in images])


def pairs(numbers):
    """All pairs of pictures that have the same number."""
    return {(a, b) for a, b in itertools.combinations(range(len(numbers)), 2) if numbers[a] == numbers[b]}


@pytest.fixture(scope="module")
def mixed():
    """Mosaics of every kind, single pictures and brighter duplicates, shuffled; and what belongs together."""
    rng = np.random.default_rng(0)
    images, truth = [], []
    for seed, kind in enumerate(synthetic.KINDS * 4):
        images += tiles(draw(kind, (512, 512), seed))
        truth += [seed] * 4
    for seed, kind in enumerate(synthetic.KINDS * 6, start=100):
        images.append(draw(kind, (256, 256), seed))
        truth.append(seed)
    for number in (3, 50, 60):
        brighter = np.clip(images[number] * 1.04 + 3, 0, 255).astype(np.uint8)
        images.append(brighter)
        truth.append(truth[number])
    order = rng.permutation(len(images))
    return [images[n] for n in order], np.array(truth)[order]


def test_synthetic_mosaics_and_duplicates_are_found_all_and_nothing_else(mixed):
    images, truth = mixed
    found, wanted = pairs(find(images).family), pairs(truth)
    assert len(found & wanted) / len(found) == 1  # precision
    assert len(found & wanted) / len(wanted) == 1  # recall


@pytest.mark.parametrize("size", [(256, 256), (256, 320), (384, 512)])
def test_tiles_of_other_sizes_are_found_too(size):
    images = [tile for seed in range(3) for tile in tiles(draw("purple_on_white", size, seed))]
    images += [draw("purple_on_white", (size[0] // 2, size[1] // 2), seed) for seed in range(3, 9)]
    assert pairs(find(images).family) == pairs(np.r_[np.repeat(range(3), 4), 3:9])


def test_families_are_numbered_in_the_order_in_which_they_appear():
    mosaic = tiles(draw("fluorescence", (512, 512), 0))
    single = draw("fluorescence", (256, 256), 1)
    assert find([mosaic[2], single, mosaic[0], mosaic[1], mosaic[3]]).family.tolist() == [0, 1, 0, 0, 0]


def test_every_tile_knows_its_row_and_column():
    mosaic = tiles(draw("purple_on_white", (512, 512), 0))
    single = draw("fluorescence", (256, 256), 1)
    families = find([mosaic[3], mosaic[1], single, mosaic[0], mosaic[2]])
    assert families.row.tolist() == [1, 0, 0, 0, 1]
    assert families.column.tolist() == [1, 1, 0, 0, 0]


def test_larger_mosaics_are_one_family_with_all_their_places():
    rows, columns = np.mgrid[:768, :1024]
    waves = np.sin(rows * 0.05) * np.cos(columns * 0.07) + np.sin(rows * 0.11 + columns * 0.13)
    noise = np.random.default_rng(0).normal(0, 1, waves.shape)
    image = (120 + 40 * waves + noise).astype(np.uint8)[..., None].repeat(3, axis=2)
    families = find(tiles(image, 3, 4))
    assert set(families.family) == {0}
    assert families.row.tolist() == np.repeat(range(3), 4).tolist()
    assert families.column.tolist() == [0, 1, 2, 3] * 3


def test_a_mosaic_without_one_of_its_tiles_is_still_one_family():
    assert set(find(tiles(draw("purple_on_white", (512, 512), 0))[:3]).family) == {0}


@pytest.mark.parametrize(
    ("height", "said", "family"),
    [(256, 1.1, [0, 0]), (256, 1.09, [0, 1]), (128, 2.2, [0, 0]), (128, 2.19, [0, 1])],
)
def test_two_parts_need_so_much_evidence_and_more_where_seams_are_short(monkeypatch, height, said, family):
    right = nothing_fits(2)
    right[0, 1] = said
    tables = iter([right, nothing_fits(2)])
    monkeypatch.setattr(mosaics.joins, "between", lambda ends, starts: known_joins(next(tables)))
    assert find([np.zeros((height, 256, 3), np.uint8)] * 2).family.tolist() == family


def test_a_duplicate_is_found_at_another_size_and_noise():
    image = draw("fluorescence", (256, 256), 0)
    noisy = np.clip(image + np.random.default_rng(0).normal(0, 3, image.shape), 0, 255).astype(np.uint8)
    small = cv2.resize(image, (128, 128), interpolation=cv2.INTER_AREA)
    families = find([image, noisy, small, draw("fluorescence", (256, 256), 1)])
    assert families.family.tolist() == [0, 0, 0, 1]
    assert families.row.tolist() == families.column.tolist() == [0, 0, 0, 0]


def test_pictures_without_contrast_are_families_of_their_own():
    flat = [np.full((64, 64, 3), grey, np.uint8) for grey in (0, 0, 0, 0, 7, 7, 255)]
    assert find(flat).family.tolist() == list(range(7))


def test_the_pictures_of_the_demo_have_nothing_to_do_with_each_other():
    images = [sample.image for sample in synthetic.make_samples(96, seed=2018)]
    assert find(images).family.tolist() == list(range(96))


def test_copies_of_a_picture_are_one_family_however_many():
    image, other = (draw("fluorescence", (64, 64), seed) for seed in (0, 1))
    families = find([image] * 300 + [other])
    assert families.family.tolist() == [0] * 300 + [1]
    assert not families.row.any()


def test_a_square_among_many_blank_tiles_is_found_with_its_blank_seams(monkeypatch):
    monkeypatch.setattr(joins, "KEPT", joins.KEPT // 4)
    rng = np.random.default_rng(0)
    image = draw("purple_on_white", (128, 128), 0)
    blank = [np.clip(rng.normal(20, 2, (64, 64, 3)), 0, 255).astype(np.uint8) for _ in range(200)]
    families = find(tiles(image) + blank)
    assert families.family[:4].tolist() == [0] * 4
    assert families.family.max() == 200


def blank_bordered(count, size=16):
    """Tiles with content of their own inside a blank border: every border fits nearly every other."""
    rng = np.random.default_rng(0)
    images = np.clip(rng.normal(20, 2, (count, size, size, 3)), 0, 255).astype(np.uint8)
    images[:, 2:-2, 2:-2] = rng.integers(0, 255, (count, size - 4, size - 4, 1))
    return images


def test_memory_grows_with_the_number_of_tiles_not_with_its_square():
    traces = [mosaics.trace(image) for image in blank_bordered(1200)]
    tracemalloc.start()
    families = mosaics.find(traces)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(set(families.family)) == 1200
    assert peak < 100e6  # a record of each of the 3 million seams that fit takes over 1 GB


def test_no_picture_and_one_picture_are_families_too():
    assert find([]).family.tolist() == []
    assert find([draw("fluorescence", (64, 64), 0)]).family.tolist() == [0]
    assert find([np.zeros((1, 1, 3), np.uint8)] * 2).family.tolist() == [0, 1]


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 4)])
def test_what_is_no_picture_is_refused_with_its_shape(shape):
    with pytest.raises(ValueError, match=r"\(H, W, 3\).*\(" + ", ".join(map(str, shape))):
        mosaics.trace(np.zeros(shape, np.uint8))


@pytest.fixture(scope="module")
def real_traces(real_data):
    source = layout.open_source(real_data / "stage1_train.zip")
    with sources.reader(source) as read:
        return [mosaics.trace(imagefile.decode_rgb(*read([name]), name)) for name in source.images.values()]


@pytest.mark.real
def test_most_real_pictures_come_from_mosaics(real_traces):
    """That 76 mosaics of four are in the data is long known; the borders give away more, and larger ones."""
    sizes = Counter(Counter(mosaics.find(real_traces).family.tolist()).values())
    assert sizes[4] >= 76
    assert sizes[8] + sizes[12] >= 8
    assert sum(size * count for size, count in sizes.items() if size > 1) == pytest.approx(546, abs=20)


@pytest.mark.real
def test_real_pictures_turned_upside_down_at_one_side_form_no_mosaic(real_traces):
    """Borders read backwards are as smooth as before, but belong nowhere: whatever is found is chance."""
    backwards = [
        dataclasses.replace(
            trace,
            border=dataclasses.replace(
                trace.border, left=trace.border.left[:, ::-1], top=trace.border.top[:, ::-1]
            ),
        )
        for trace in real_traces
    ]
    families = mosaics.find(backwards)
    assert not families.row.any()
    assert not families.column.any()
