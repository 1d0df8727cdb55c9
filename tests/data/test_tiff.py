"""TIFF files, as a user's pictures are read."""

import importlib.util

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from cellseg_utils.data import imagefile
from cellseg_utils.data.imagefile import ImageFileError
from cellseg_utils.data.selection import Selection

GREY = np.arange(48, dtype=np.uint8).reshape(6, 8) * 5
RGB = np.dstack([GREY, GREY[::-1], 255 - GREY])
ALPHA = np.full((6, 8), 9, np.uint8)


def tiff(path, array, **options):
    tifffile.imwrite(path, array, **options)
    return path


def by_pillow(path, image, **options):
    """The file that Pillow, an independent writer, makes of an array or an image."""
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(path, "TIFF", **options)
    return path


def grey_as_rgb(grey):
    return np.repeat(grey[..., None], 3, axis=2)


@pytest.mark.parametrize(
    ("array", "options", "expected"),
    [
        (GREY, {}, grey_as_rgb(GREY)),
        (RGB, {}, RGB),
        (np.dstack([RGB, ALPHA]), {}, RGB),
        (np.moveaxis(RGB, -1, 0), {"photometric": "rgb", "planarconfig": "separate"}, RGB),
        (np.moveaxis(RGB, -1, 0), {"imagej": True, "metadata": {"axes": "CYX"}}, RGB),
        (RGB, {"compression": "zlib"}, RGB),
        (GREY[:, :1], {}, grey_as_rgb(GREY[:, :1])),
        (GREY[None, None], {}, grey_as_rgb(GREY)),
    ],
    ids=["grey", "rgb", "rgba", "planar", "three_channels", "deflate", "one_column", "stack_of_one"],
)
def test_a_tiff_of_one_plane_keeps_its_values(tmp_path, array, options, expected):
    np.testing.assert_array_equal(imagefile.read_image(tiff(tmp_path / "a.tif", array, **options)), expected)


@pytest.mark.parametrize("array", [GREY, RGB])
def test_an_lzw_tiff_keeps_its_values(tmp_path, array):
    path = by_pillow(tmp_path / "a.TIFF", array, compression="tiff_lzw")
    np.testing.assert_array_equal(
        imagefile.read_image(path), array if array.ndim == 3 else grey_as_rgb(array)
    )


def test_a_sixteen_bit_lzw_tiff_is_stretched_like_an_unpacked_one(tmp_path):
    deep = GREY.astype(np.uint16) * 200
    np.testing.assert_array_equal(
        imagefile.read_image(by_pillow(tmp_path / "packed.tif", deep, compression="tiff_lzw")),
        imagefile.read_image(tiff(tmp_path / "plain.tif", deep)),
    )


@pytest.mark.parametrize(
    ("pages", "options"),
    [
        (2, {"photometric": "minisblack"}),
        (3, {"photometric": "minisblack"}),
        (4, {"photometric": "minisblack"}),
        (9, {"photometric": "minisblack"}),
        (3, {"imagej": True, "metadata": {"axes": "ZYX"}}),
        (3, {"imagej": True, "metadata": {"axes": "TYX"}}),
    ],
)
def test_a_tiff_of_several_planes_is_refused_and_never_taken_for_colour(tmp_path, pages, options):
    path = tiff(tmp_path / "stack.tif", np.repeat(GREY[None], pages, axis=0), **options)
    with pytest.raises(ImageFileError, match=rf"stack\.tif：轴 . 上有 {pages} 层；请用 --project max"):
        imagefile.read_image(path)


@pytest.mark.parametrize("count", [2, 4, 7])
def test_of_a_tiff_of_several_channels_the_chosen_one_is_read(tmp_path, count):
    channels = np.stack([GREY // (n + 1) for n in range(count)])
    path = tiff(tmp_path / "a.tif", channels, imagej=True, metadata={"axes": "CYX"})
    chosen = imagefile.read_image(path, chosen=Selection("2"))
    np.testing.assert_array_equal(chosen, grey_as_rgb(GREY // 2))
    with pytest.raises(ImageFileError, match=f"a.tif：只有 {count} 个通道，没有第 9 个"):
        imagefile.read_image(path, chosen=Selection("9"))


@pytest.mark.parametrize("axes", ["ZYX", "TYX", None])
def test_of_a_stack_one_plane_or_all_as_one_are_read(tmp_path, axes):
    stack = np.stack([GREY, GREY[::-1], GREY // 2])
    options = {"imagej": True, "metadata": {"axes": axes}} if axes else {"photometric": "minisblack"}
    path = tiff(tmp_path / "a.tif", stack, **options)
    second = imagefile.read_image(path, chosen=Selection(plane=2))
    np.testing.assert_array_equal(second, grey_as_rgb(stack[1]))
    highest = imagefile.read_image(path, chosen=Selection(project="max"))
    np.testing.assert_array_equal(highest, grey_as_rgb(stack.max(0)))
    with pytest.raises(ImageFileError, match="上只有 3 层，没有第 4 层"):
        imagefile.read_image(path, chosen=Selection(plane=4))


def test_of_a_hyperstack_plane_and_channel_are_read(tmp_path):
    stack = np.random.default_rng(0).integers(0, 256, (5, 2, 6, 8), np.uint8)
    path = tiff(tmp_path / "a.tif", stack, imagej=True, metadata={"axes": "ZCYX"})
    found = imagefile.read_image(path, chosen=Selection("2", project="max"))
    np.testing.assert_array_equal(found, grey_as_rgb(stack[:, 1].max(0)))
    first = imagefile.open_image(path, chosen=Selection("1", plane=3))
    np.testing.assert_array_equal(first.channels, np.moveaxis(stack[2], 0, -1))


@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
def test_of_a_picture_in_colour_one_channel_is_read(tmp_path, compression):
    path = by_pillow(tmp_path / "a.tif", RGB, compression=compression)
    np.testing.assert_array_equal(imagefile.read_image(path, chosen=Selection("3")), grey_as_rgb(RGB[..., 2]))


def test_a_tiff_of_pages_of_different_sizes_is_refused(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(GREY)
        writer.write(RGB)
    with pytest.raises(ImageFileError, match=r"a\.tif：含 2 组大小不同的图像"):
        imagefile.read_image(tmp_path / "a.tif")


@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
def test_a_palette_shows_its_colours(tmp_path, compression):
    image = Image.fromarray(GREY % 2).convert("P")
    image.putpalette([10, 250, 20, 200, 30, 90])
    path = by_pillow(tmp_path / "a.tif", image, compression=compression)
    colours = np.array([[10, 250, 20], [200, 30, 90]], np.uint8)
    np.testing.assert_array_equal(imagefile.read_image(path), colours[GREY % 2])


def test_a_palette_of_eight_bit_values_shows_its_colours(tmp_path):
    ramp = np.repeat(np.arange(256, dtype=np.uint16)[None], 3, axis=0)
    path = tiff(tmp_path / "a.tif", GREY, photometric="palette", colormap=ramp)
    np.testing.assert_array_equal(imagefile.read_image(path), grey_as_rgb(GREY))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float32])
def test_white_may_be_zero(tmp_path, dtype):
    values = GREY.astype(dtype)
    dark = imagefile.read_image(tiff(tmp_path / "dark.tif", values, photometric="miniswhite"))
    negative = 255 - values if dtype == np.uint8 else values.max() - values
    bright = imagefile.read_image(tiff(tmp_path / "bright.tif", negative.astype(dtype)))
    np.testing.assert_array_equal(dark, bright)


def test_one_bit_where_white_is_zero(tmp_path):
    path = by_pillow(tmp_path / "a.tif", Image.fromarray(GREY > 100), tiffinfo={262: 0})
    with tifffile.TiffFile(path) as file:
        assert file.pages[0].photometric == tifffile.PHOTOMETRIC.MINISWHITE
        stored = file.pages[0].asarray()
    np.testing.assert_array_equal(imagefile.read_image(path), grey_as_rgb(~stored * np.uint8(255)))


def test_colours_that_are_not_read_are_named(tmp_path):
    path = by_pillow(tmp_path / "a.tif", Image.fromarray(RGB).convert("CMYK"))
    with pytest.raises(ImageFileError, match=r"a\.tif：颜色的记法是 SEPARATED.+请另存为 RGB"):
        imagefile.read_image(path)


def test_packed_ink_colours_come_out_as_rgb(tmp_path):
    red = Image.new("CMYK", (8, 6), (0, 255, 255, 0))
    path = by_pillow(tmp_path / "a.tif", red, compression="tiff_lzw")
    np.testing.assert_array_equal(imagefile.read_image(path)[0, 0], [255, 0, 0])


@given(place=st.integers(0, 400), value=st.integers(0, 255))
def test_a_damaged_tiff_never_raises_anything_else(tmp_path_factory, place, value):
    path = tiff(tmp_path_factory.mktemp("tiff") / "a.tif", GREY)
    data = bytearray(path.read_bytes())
    data[place % len(data)] = value
    path.write_bytes(data)
    try:
        image = imagefile.read_image(path)
    except ImageFileError:
        return
    assert image.ndim == 3


UNDECLARED = {"planarconfig": "contig", "extrasamples": ["unspecified"]}


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_a_sample_beside_colours_that_may_be_a_dye_is_refused_and_not_dropped(tmp_path, compression):
    samples = np.dstack([ALPHA] * 3 + [GREY])
    path = tiff(tmp_path / "a.tif", samples, photometric="rgb", compression=compression, **UNDECLARED)
    with pytest.raises(ImageFileError, match=r"a\.tif：有 4 个通道，第 4 个没有写明"):
        imagefile.read_image(path)
    np.testing.assert_array_equal(imagefile.read_image(path, chosen=Selection("4")), grey_as_rgb(GREY))


def test_a_sample_beside_grey_that_may_be_a_dye_is_a_channel_like_the_first(tmp_path):
    path = tiff(tmp_path / "a.tif", np.dstack([GREY // 9, GREY]), photometric="minisblack", **UNDECLARED)
    image = imagefile.open_image(path)
    assert (image.names, image.channel) == (("1", "2"), "2")
    np.testing.assert_array_equal(image.rgb, grey_as_rgb(GREY))


def test_a_packed_sample_that_may_be_a_dye_is_refused(tmp_path):
    image = Image.fromarray(np.dstack([RGB, GREY]))
    path = by_pillow(tmp_path / "a.tif", image, compression="tiff_lzw")
    with tifffile.TiffFile(path, mode="r+") as file:
        file.pages[0].tags["ExtraSamples"].overwrite(0)
    with pytest.raises(ImageFileError, match=r"a\.tif：有 4 个通道，且是压缩的，请重新导出"):
        imagefile.read_image(path)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
def test_a_picture_is_turned_as_its_tag_says(tmp_path, orientation, compression):
    path = by_pillow(tmp_path / "a.tif", RGB, compression=compression, tiffinfo={274: orientation})
    image = imagefile.open_image(path)
    with Image.open(path) as file:
        np.testing.assert_array_equal(image.rgb, np.asarray(ImageOps.exif_transpose(file)))
    assert image.turned == (orientation > 1)


@pytest.mark.skipif(importlib.util.find_spec("imagecodecs") is not None, reason="可选的 imagecodecs 装好了")
@pytest.mark.parametrize("packing", [tifffile.COMPRESSION.ZSTD, tifffile.COMPRESSION.JPEG2000])
def test_a_compression_that_needs_the_extra_is_named(tmp_path, packing):
    path = tiff(tmp_path / "a.tif", GREY, compression="zlib")
    with tifffile.TiffFile(path, mode="r+") as file:
        file.pages[0].tags["Compression"].overwrite(packing)
    with pytest.raises(ImageFileError, match=rf"a\.tif：压缩方式是 {packing.name}，请先运行 pip install"):
        imagefile.read_image(path)


@pytest.mark.parametrize(
    ("array", "options"),
    [
        (GREY, {"compression": "zstd"}),
        (GREY, {"compression": "jpeg2000"}),
        (GREY.astype(np.float32), {"compression": "zlib", "predictor": True}),
        (np.stack([GREY, GREY.T.reshape(6, 8)]), {"compression": "lzw", "photometric": "minisblack"}),
    ],
    ids=["zstd", "jpeg2000", "float_predictor", "lzw_stack"],
)
def test_with_the_extra_more_compressions_are_read(tmp_path, array, options):
    pytest.importorskip("imagecodecs")
    chosen = Selection(plane=2 if array.ndim == 3 else 0)
    image = imagefile.open_image(tiff(tmp_path / "a.tif", array, **options), chosen=chosen)
    np.testing.assert_array_equal(image.channels[..., 0], array[-1] if array.ndim == 3 else array)


@pytest.mark.parametrize("kind", ["unspecified", "assocalpha", "unassalpha"])
def test_opacity_and_a_channel_that_is_even_are_dropped(tmp_path, kind):
    extra = ALPHA if kind == "unspecified" else GREY
    options = {"photometric": "rgb", "planarconfig": "contig", "extrasamples": [kind]}
    path = tiff(tmp_path / "a.tif", np.dstack([RGB, extra]), **options)
    np.testing.assert_array_equal(imagefile.read_image(path), RGB)


GREY16 = np.random.default_rng(0).integers(0, 60_000, (12, 20)).astype(np.uint16)


@pytest.mark.parametrize(
    ("array", "form"),
    [
        (GREY16, {"photometric": "miniswhite"}),
        (GREY16.astype(np.float32), {"photometric": "miniswhite"}),
        ((GREY16 >> 8).astype(np.uint8), {"photometric": "miniswhite"}),
        (
            np.dstack([(GREY16 >> 8).astype(np.uint8)] * 4),
            {"photometric": "rgb", "extrasamples": ["unassalpha"]},
        ),
    ],
)
def test_packed_values_are_those_that_are_not_packed_or_refused(tmp_path, array, form):
    tifffile.imwrite(tmp_path / "raw.tif", array, metadata=None, **form)
    raw = imagefile.decode((tmp_path / "raw.tif").read_bytes(), "raw.tif").channels
    tifffile.imwrite(tmp_path / "lzw.tif", array, metadata=None, compression="lzw", **form)
    try:
        packed = imagefile.decode((tmp_path / "lzw.tif").read_bytes(), "lzw.tif").channels
    except ImageFileError:  # without imagecodecs
        assert importlib.util.find_spec("imagecodecs") is None
    else:
        np.testing.assert_array_equal(packed, raw)
