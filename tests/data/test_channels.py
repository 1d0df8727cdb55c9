import composites
import numpy as np
import pytest

from cellseg_utils.data import channels
from cellseg_utils.data.image import ImageFileError, Pixels
from cellseg_utils.data.selection import Selection, SelectionError
from cellseg_utils.preprocessing import stains

DNA, BODIES = np.uint16(4000 * composites.dna()), np.uint16(60000 * composites.bodies())
GREY = np.uint8(255 * composites.dna())
COMPOSITE = np.dstack([0 * GREY, np.uint8(255 * composites.bodies()), GREY])
HE = np.random.default_rng(0).integers((180, 100, 190), (240, 160, 230), (60, 60, 3)).astype(np.uint8)


def test_of_channels_the_one_that_shows_the_dna_is_looked_at_and_all_are_kept():
    stack = np.stack([BODIES, DNA, BODIES])
    image = channels.looked_at(Pixels(stack, "CYX"), "a")
    np.testing.assert_array_equal(image.channels, np.moveaxis(stack, 0, -1))
    assert (image.names, image.channel, image.by, image.sure) == (("1", "2", "3"), "2", "looks", True)
    alone = channels.looked_at(Pixels(DNA, "YX"), "a")
    np.testing.assert_array_equal(image.rgb, alone.rgb)
    assert (alone.names, alone.channel, alone.by) == (("grey",), "", "")


def test_a_channel_is_chosen_by_its_name_in_the_file_or_asked_for():
    pixels = Pixels(np.stack([BODIES, DNA]), "CYX", ("actin 488", "Dye\n2"))
    dapi = Pixels(pixels.array, "CYX", ("DAPI", "x"))
    assert (channels.looked_at(dapi, "a").channel, channels.looked_at(dapi, "a").by) == ("DAPI", "name")
    for asked in ("1", "actin 488", "ACTIN", "488"):
        image = channels.looked_at(pixels, "a", Selection(asked))
        assert (image.channel, image.by) == ("actin 488", "asked")
    assert channels.looked_at(pixels, "a", Selection("dye")).channel == "Dye 2"


def test_names_that_two_channels_share_get_numbers():
    stack = np.stack([DNA, BODIES, DNA])
    assert channels.looked_at(Pixels(stack, "CYX", ("a", "a", "")), "a").names == ("a 1", "a 2", "3")


def test_shining_colours_stay_and_the_channel_that_is_segmented_is_named():
    image = channels.looked_at(Pixels(COMPOSITE, "YXS"), "a")
    np.testing.assert_array_equal(image.rgb, COMPOSITE)
    assert (image.names, image.channel, image.by) == (("red", "green", "blue"), "blue", "looks")
    seen = stains.planes(image.rgb)[..., 0].astype(float)
    assert np.corrcoef(seen.ravel(), GREY.ravel())[0, 1] > 0.99
    green = channels.looked_at(Pixels(COMPOSITE, "YXS"), "a", Selection("green"))
    np.testing.assert_array_equal(green.rgb, COMPOSITE[..., 1:2].repeat(3, 2))


@pytest.mark.parametrize("axes", ["YXS", "CYX"])
def test_stains_and_grey_pictures_in_three_channels_stay_as_they_are(axes):
    for picture in (HE, GREY[..., None].repeat(3, 2)):
        array = picture if axes == "YXS" else np.moveaxis(picture, -1, 0)
        image = channels.looked_at(Pixels(array, axes), "a")
        np.testing.assert_array_equal(image.rgb, picture)
        assert image.channel in ("", "1")


def test_a_sample_that_may_be_a_dye_is_refused_until_one_is_chosen():
    pixels = Pixels(np.dstack([COMPOSITE, GREY]), "YXS")
    with pytest.raises(SelectionError, match=r"有 4 个通道，第 4 个没有写明.+请用 --channel"):
        channels.looked_at(pixels, "a")
    np.testing.assert_array_equal(
        channels.looked_at(pixels, "a", Selection("4")).rgb, GREY[..., None].repeat(3, 2)
    )


def test_a_choice_that_is_not_sure_is_said():
    stack = np.stack([DNA, np.where(np.arange(DNA.shape[1]) < 120, DNA, 200)])
    image = channels.looked_at(Pixels(stack, "CYX"), "a")
    assert image.doubt == "拿不准哪个通道是细胞核，取了 1；若不对，请用 --channel 指定"
    assert not channels.looked_at(Pixels(DNA, "YX"), "a").doubt


def test_the_size_of_a_pixel_is_the_files_or_what_the_user_says():
    pixels = Pixels(DNA, "YX", pixel_size=(0.3, 0.3))
    assert channels.looked_at(pixels, "a").pixel_size == (0.3, 0.3)
    assert channels.looked_at(pixels, "a", Selection(pixel_size=0.5)).pixel_size == (0.5, 0.5)
    assert channels.looked_at(Pixels(DNA, "YX"), "a").pixel_size is None


def test_a_channel_without_a_finite_value_is_refused():
    with pytest.raises(ImageFileError, match="a：没有一个有限的像素值"):
        channels.looked_at(Pixels(np.full((4, 4), np.nan), "YX"), "a")
