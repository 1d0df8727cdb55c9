"""Regions of TIFF files must be what the whole file is, whoever wrote it and however it is stored."""

import itertools

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from cellseg_utils.data import imagefile, large_tiff, picture_size, tiff_regions
from cellseg_utils.data.imagefile import ImageFileError
from cellseg_utils.data.selection import ALL, Selection

SHAPE = (203, 171)
SMOOTH = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 256, (*SHAPE, 3)).astype(np.uint8), (0, 0), 2)
RGB = cv2.normalize(SMOOTH, None, 0, 255, cv2.NORM_MINMAX)
GREY = np.ascontiguousarray(RGB[..., 1])
CHANNELS_FIRST = np.moveaxis(RGB, -1, 0).copy()


@pytest.fixture(autouse=True)
def all_are_large(monkeypatch):
    monkeypatch.setattr(large_tiff, "LARGE", 100)


def regions(height, width, side=(61, 50)):
    for top, left in itertools.product(range(0, height, side[0]), range(0, width, side[1])):
        yield slice(top, min(top + side[0], height)), slice(left, min(left + side[1], width))


def in_pieces(path, chosen=ALL):
    with large_tiff.opened(path, path.name, chosen) as picture:
        image = np.zeros((*picture.shape, 3), np.uint8)
        for rows, columns in regions(*picture.shape):
            image[rows, columns] = picture.region(rows, columns).rgb
        return image


def agrees(path, chosen=ALL):
    np.testing.assert_array_equal(in_pieces(path, chosen), imagefile.read_image(path, chosen=chosen))


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("stored", ["as it is", "strips", "tiles"])
@pytest.mark.parametrize("colours", [1, 3])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_regions_of_grey_and_colour_are_those_of_the_whole(
    tmp_path, byteorder, dtype, stored, colours, compression
):
    array = (RGB if colours == 3 else GREY).astype(dtype) * dtype(1 if dtype == np.uint8 else 200)
    form = {"as it is": {}, "strips": {"rowsperstrip": 16}, "tiles": {"tile": (64, 48)}}[stored]
    form |= {"byteorder": byteorder, "compression": compression, "bigtiff": True}
    tifffile.imwrite(tmp_path / "a.tif", array, photometric="rgb" if colours == 3 else "minisblack", **form)
    agrees(tmp_path / "a.tif")


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_a_predictor_is_undone(tmp_path, depth):
    form = {"compression": "zlib", "predictor": True, "tile": (64, 64), "photometric": "rgb"}
    tifffile.imwrite(tmp_path / "a.tif", RGB.astype(depth), **form)
    agrees(tmp_path / "a.tif")


@pytest.mark.parametrize("form", [{}, {"rowsperstrip": 32, "compression": "zlib"}, {"tile": (32, 32)}])
def test_planes_of_colour_may_be_apart(tmp_path, form):
    tifffile.imwrite(tmp_path / "a.tif", CHANNELS_FIRST, photometric="rgb", planarconfig="separate", **form)
    np.testing.assert_array_equal(in_pieces(tmp_path / "a.tif"), RGB)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "CMYK", "YCbCr", "P", "1", "I;16"])
@pytest.mark.parametrize("compression", ["tiff_lzw", "jpeg", "tiff_deflate", "packbits", None])
def test_what_pillow_writes_is_read_as_if_whole(tmp_path, mode, compression):
    image = Image.fromarray(RGB)
    if mode == "I;16":
        image = Image.fromarray(GREY.astype(np.uint16) * 200)
    elif mode == "P":
        image = image.quantize(16)
    else:
        image = image.convert(mode)
    try:
        image.save(tmp_path / "a.tif", compression=compression, strip_size=SHAPE[1] * 3 * 16)
    except (OSError, KeyError):
        pytest.skip("Pillow does not write it")
    try:
        whole = imagefile.read_image(tmp_path / "a.tif")
    except ImageFileError:
        pytest.skip("these colours are refused")
    np.testing.assert_array_equal(in_pieces(tmp_path / "a.tif"), whole)


@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
def test_white_may_be_zero(tmp_path, compression):
    Image.fromarray(255 - GREY).save(tmp_path / "a.tif", compression=compression, tiffinfo={262: 0})
    agrees(tmp_path / "a.tif")


@pytest.mark.parametrize("form", [{"imagej": True}, {"ome": True, "compression": "zlib", "tile": (32, 32)}])
@pytest.mark.parametrize("chosen", [Selection("3", plane=2), Selection("1", project="max")])
def test_of_a_stack_what_is_chosen_is_read(tmp_path, form, chosen):
    stack = np.stack([CHANNELS_FIRST, 255 - CHANNELS_FIRST])
    tifffile.imwrite(tmp_path / "a.tif", stack, metadata={"axes": "ZCYX"}, photometric="minisblack", **form)
    agrees(tmp_path / "a.tif", chosen)
    with pytest.raises(ImageFileError, match=r"a\.tif：轴 Z 上有 2 层"):
        in_pieces(tmp_path / "a.tif")


def test_the_contrast_is_that_of_the_whole_picture(tmp_path, monkeypatch):
    monkeypatch.setattr(large_tiff, "SAMPLE", 10_000)
    deep = cv2.resize(GREY, (400, 350)).astype(np.uint16)
    deep[:120, :120] *= 100  # no region alone has both
    tifffile.imwrite(tmp_path / "a.tif", deep, rowsperstrip=7)
    whole = imagefile.read_image(tmp_path / "a.tif").astype(int)
    assert np.abs(in_pieces(tmp_path / "a.tif") - whole).max() <= 3


def test_small_files_and_others_are_left_to_be_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(large_tiff, "LARGE", GREY.size)
    tifffile.imwrite(tmp_path / "a.tif", GREY)
    cv2.imwrite(str(tmp_path / "a.png"), cv2.resize(GREY, None, fx=2, fy=2))
    (tmp_path / "damaged.tif").write_bytes(b"II*\0")
    for name in ("a.tif", "a.png", "damaged.tif", "none.tif"):
        with large_tiff.opened(tmp_path / name, name) as picture:
            assert picture is None
    monkeypatch.setattr(large_tiff, "LARGE", GREY.size - 1)
    with large_tiff.opened(tmp_path / "a.tif", "a.tif") as picture:
        assert picture.shape == SHAPE


def test_one_that_is_packed_in_one_piece_is_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(tiff_regions, "PIECE", GREY.size - 1)
    tifffile.imwrite(tmp_path / "a.tif", GREY, compression="zlib", rowsperstrip=SHAPE[0])
    with large_tiff.opened(tmp_path / "a.tif", "a.tif") as picture:
        assert picture is None


def test_smaller_versions_in_the_file_are_passed_over_and_other_pictures_are_not(tmp_path):
    for kind, name in ((1, "pyramid.tif"), (0, "two.tif")):
        with tifffile.TiffWriter(tmp_path / name) as writer:
            writer.write(RGB, tile=(64, 64), photometric="rgb")
            writer.write(RGB[::2, ::2], tile=(64, 64), photometric="rgb", subfiletype=kind)
    np.testing.assert_array_equal(in_pieces(tmp_path / "pyramid.tif"), RGB)
    with large_tiff.opened(tmp_path / "two.tif", "two.tif") as picture:
        assert picture is None


def test_too_many_pixels_are_refused_by_the_header_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(large_tiff, "LARGE", 0)
    monkeypatch.setenv(picture_size.VARIABLE, "0.001")
    tifffile.imwrite(tmp_path / "a.tif", GREY)
    with (
        pytest.raises(ImageFileError, match=r"^a\.tif：171×203 像素，超过 .+ 亿像素的上限"),
        large_tiff.opened(tmp_path / "a.tif", "a.tif"),
    ):
        pass


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_a_truncated_file_is_said_and_never_filled_up(tmp_path, compression):
    tifffile.imwrite(tmp_path / "a.tif", RGB, tile=(64, 64), compression=compression, photometric="rgb")
    data = (tmp_path / "a.tif").read_bytes()
    (tmp_path / "a.tif").write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(ImageFileError, match=r"^a\.tif：这个 TIFF 读不出来"):
        in_pieces(tmp_path / "a.tif")


@pytest.mark.parametrize(
    ("name", "value"), [("YResolution", b"\x03\x00"), ("RowsPerStrip", bytes(2)), ("ImageDescription", None)]
)
def test_damaged_metadata_are_left_to_whoever_reads_the_picture_whole(tmp_path, monkeypatch, name, value):
    monkeypatch.setattr(large_tiff, "LARGE", 0)
    tifffile.imwrite(tmp_path / "a.tif", GREY, ome=name == "ImageDescription", resolution=(2, 2))
    data = bytearray((tmp_path / "a.tif").read_bytes())
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        tag = file.pages[0].tags[name]
    if value is None:
        data[tag.valueoffset + 60 : tag.valueoffset + 64] = b"<<<<"
    else:  # another type of value; no row in a strip
        place = tag.offset + (2 if name == "YResolution" else 8)
        data[place : place + 2] = value
    (tmp_path / "a.tif").write_bytes(data)
    with large_tiff.opened(tmp_path / "a.tif", "a.tif") as picture:
        assert picture is None or picture.about is not None
