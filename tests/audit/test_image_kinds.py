from collections import Counter

import numpy as np
import pandas as pd
import pytest

from cellseg_utils.audit import image_kinds
from cellseg_utils.data import imagefile, layout, sources, synthetic


def flat(*colour):
    return np.full((20, 30, 3), colour, np.uint8)


@pytest.mark.parametrize(
    ("colour", "kind"),
    [
        ((0, 0, 0), "fluorescence"),
        ((40, 40, 40), "fluorescence"),
        ((0, 40, 0), "fluorescence"),
        ((200, 200, 200), "grey_tissue"),
        ((255, 255, 255), "grey_tissue"),
        ((200, 160, 210), "purple_on_white"),
        ((220, 200, 150), "purple_on_yellow"),
        ((240, 242, 230), "purple_on_yellow"),
        ((109, 109, 109), "fluorescence"),
        ((110, 110, 110), "grey_tissue"),
        ((0, 47, 0), "fluorescence"),
        ((0, 48, 0), "fluorescence"),
        ((20, 60, 250), "fluorescence"),
        ((140, 26, 91), "purple_on_white"),
        ((140, 25, 91), "fluorescence"),
        ((91, 30, 80), "purple_on_white"),
        ((90, 30, 80), "fluorescence"),
        ((200, 200, 205), "grey_tissue"),
        ((200, 200, 206), "purple_on_white"),
        ((220, 220, 214), "purple_on_white"),
        ((220, 220, 213), "purple_on_yellow"),
    ],
)
def test_flat_colours_have_the_kind_of_their_background(colour, kind):
    assert image_kinds.image_kind(flat(*colour)) == kind


def test_bright_nuclei_on_a_dark_background_stay_fluorescence():
    image = flat(10, 10, 10)
    image[5:10, 5:15] = 250
    assert image_kinds.image_kind(image) == "fluorescence"


@pytest.mark.parametrize("brightness", [60, 90])
def test_dense_tissue_in_fluorescence_is_told_by_its_contrast_not_by_its_brightness(brightness):
    image = flat(brightness, brightness, brightness)
    image[:9, :12] = 250
    image[15:] //= 3
    assert image_kinds.image_kind(image) == "fluorescence"
    assert image_kinds.image_kind(255 - image) == "grey_tissue"


def test_grey_tissue_with_some_glass_is_no_fluorescence():
    image = flat(140, 140, 140)
    image[:3] = 245
    image[5:12, 3:18] = 60
    assert image_kinds.image_kind(image) == "grey_tissue"


def test_bright_fluorescence_of_dense_tissue_is_told_by_its_range():
    image = flat(123, 123, 123)
    image[:6] = 50
    image[8:13, 3:18] = 255
    assert image_kinds.image_kind(image) == "fluorescence"


def test_a_dark_section_without_glass_is_a_stain():
    image = flat(130, 60, 115)
    image[5:10, 5:15] = 60, 30, 100
    assert image_kinds.image_kind(image) == "purple_on_white"


def test_a_merged_picture_of_two_dyes_is_fluorescence():
    image = flat(0, 30, 5)
    image[:12] = 10, 190, 20
    image[3:8, 5:15] = 20, 60, 240
    assert image_kinds.image_kind(image) == "fluorescence"


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(("side", "kind"), [(64, "purple_on_yellow"), (128, "grey_tissue")])
def test_colours_count_that_64_pixels_a_side_still_show(side, kind, turned):
    stripes = np.tile(np.array([[[200, 200, 208]], [[208, 208, 200]]], np.uint8), (side // 2, side, 1))
    assert image_kinds.image_kind(stripes.transpose(1, 0, 2).copy() if turned else stripes) == kind


def test_purple_nuclei_do_not_hide_a_yellow_background():
    image = flat(225, 215, 170)
    image[2:12, 3:20] = (120, 60, 140)
    assert image_kinds.image_kind(image) == "purple_on_yellow"


@pytest.mark.parametrize("kind", synthetic.KINDS)
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("size", [(32, 48), (128, 160)])
def test_synthetic_pictures_are_recognised(kind, seed, size):
    image, _ = synthetic.draw_sample(kind, size, np.random.default_rng(seed))
    assert image_kinds.image_kind(image) == kind


def test_turning_a_picture_does_not_change_its_kind(samples):
    for sample in samples:
        assert image_kinds.image_kind(np.ascontiguousarray(np.rot90(sample.image))) == image_kinds.image_kind(
            sample.image
        )


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 1), (8, 8, 4), (2, 8, 8, 3)])
def test_what_is_not_rgb_is_refused_with_its_shape(shape):
    with pytest.raises(ValueError, match=r"\(H, W, 3\).*\(" + ", ".join(map(str, shape))):
        image_kinds.image_kind(np.zeros(shape, np.uint8))


def test_every_kind_has_a_chinese_name():
    assert set(synthetic.KINDS) < set(image_kinds.KINDS)
    assert len(set(image_kinds.KINDS.values())) == len(image_kinds.KINDS) == 4


def test_examples_are_the_pictures_around_the_median_of_their_kind():
    samples = pd.DataFrame(
        {
            "kind": ["grey_tissue", *["fluorescence"] * 5, "grey_tissue"],
            "nuclei": [1, 10, 20, 30, 40, 50, 3],
        }
    )
    assert image_kinds.examples(samples, per_kind=1) == [3, 0]
    assert image_kinds.examples(samples, per_kind=3) == [3, 2, 4, 0, 6]
    assert image_kinds.examples(samples.iloc[:0], per_kind=3) == []


def test_of_pictures_as_near_to_the_median_the_first_are_examples():
    samples = pd.DataFrame({"kind": ["fluorescence"] * 200, "nuclei": np.arange(200) % 7})
    assert image_kinds.examples(samples, per_kind=4) == [3, 10, 17, 24]


def placed(family, kind, *places, size=256):
    return [
        {"kind": kind, "height": size, "width": size, "family": family, "row": row, "column": column}
        for row, column in places
    ]


def test_mosaic_examples_take_kinds_and_sizes_in_turn_and_the_largest_first():
    square = [(0, 0), (0, 1), (1, 0), (1, 1)]
    samples = pd.DataFrame(
        placed(0, "fluorescence", *square)
        + placed(1, "fluorescence", *square, (2, 0))
        + placed(2, "fluorescence", (0, 0))
        + placed(3, "grey_tissue", (0, 0), (0, 1))
        + placed(4, "fluorescence", *square, size=360)
        + placed(5, "fluorescence", (0, 0), (0, 0))
    )

    def picked(count):
        return {tiles.family.iloc[0] for tiles in image_kinds.mosaic_examples(samples, count)}

    assert picked(1) == {1}
    assert picked(3) == {1, 3, 4}
    assert picked(10) == {0, 1, 3, 4}


def test_mosaic_examples_show_each_place_once_and_flat_mosaics_first():
    samples = pd.DataFrame(
        placed(0, "fluorescence", (0, 0), (1, 0), (1, 0)) + placed(1, "grey_tissue", (0, 0), (0, 1))
    )
    flat, tall = image_kinds.mosaic_examples(samples, 5)
    assert flat.family.tolist() == [1, 1]
    assert tall.index.tolist() == [0, 1]


def test_mosaics_are_as_flat_as_height_over_width_says():
    def block(rows, columns):
        return [(row, column) for row in range(rows) for column in range(columns)]

    samples = pd.DataFrame(placed(0, "fluorescence", *block(2, 1)) + placed(1, "grey_tissue", *block(5, 3)))
    flat, tall = image_kinds.mosaic_examples(samples, 5)
    assert (flat.family.iloc[0], tall.family.iloc[0]) == (1, 0)  # 5 / 3 and 2 / 1


def test_without_mosaics_there_are_no_examples():
    assert image_kinds.mosaic_examples(pd.DataFrame(placed(0, "fluorescence", (0, 0))), 5) == []


def images(path):
    source = layout.open_source(path)
    with sources.reader(source) as read:
        for name in source.images.values():
            yield imagefile.decode_rgb(*read([name]), name)


@pytest.mark.real
def test_the_real_pictures_have_the_known_kinds_and_sizes(real_data):
    facts = [
        (image_kinds.image_kind(image), image.shape[:2]) for image in images(real_data / "stage1_train.zip")
    ]
    kinds, sizes = Counter(kind for kind, _ in facts), Counter(size for _, size in facts)
    assert kinds == {"fluorescence": 541, "purple_on_white": 107, "grey_tissue": 16}
    assert {kind for kind, size in facts if size == (1024, 1024)} == {"grey_tissue"}
    assert sizes.total() == 664
    assert sizes[256, 256] == 334
    assert sizes[256, 320] == 111
    assert sizes[360, 360] == sizes[520, 696] == 90
    assert sizes[1024, 1024] == 16
    assert {size for size, count in sizes.items() if count < 16} == {
        (512, 640),
        (603, 1272),
        (260, 347),
        (1040, 1388),
    }


@pytest.mark.real
def test_purple_on_yellow_is_in_the_real_test_set_only(real_data):
    facts = [
        (image_kinds.image_kind(image), image.shape[:2]) for image in images(real_data / "stage1_test.zip")
    ]
    kinds = Counter(kind for kind, _ in facts)
    assert kinds == {"fluorescence": 53, "purple_on_white": 4, "purple_on_yellow": 8}
    assert all(side in range(161, 697) for _, size in facts for side in size)


def test_kinds_are_named_in_the_language_of_today(monkeypatch):
    assert image_kinds.named("purple_on_white") == "白底染色"
    monkeypatch.setenv("CELLSEG_LANG", "en")
    assert image_kinds.named("purple_on_white") == "stained on white"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_kinds_have_one_order_by_key_and_by_name_each_once(language, monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", language)
    keys = list(image_kinds.KINDS)
    names = [image_kinds.named(kind) for kind in keys]
    assert image_kinds.ordered(reversed(keys * 2)) == keys
    assert image_kinds.ordered(reversed(names)) == names
    assert image_kinds.ordered(["?", keys[2], "!", keys[0]]) == [keys[0], keys[2], "?", "!"]
    assert image_kinds.ordered([]) == []
