import io

import cv2
import numpy as np
import pytest
import tifffile
from masks import whole
from PIL import Image

from cellseg_utils.data import imagefile
from cellseg_utils.data.imagefile import ImageFileError

GREY = np.arange(6 * 8, dtype=np.uint8).reshape(6, 8) * 5
RGB = np.dstack([GREY, GREY[::-1], 255 - GREY])
ALPHA = np.full((6, 8), 9, np.uint8)
NOISE = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)


def written(image, form="PNG", **options):
    """Bytes that Pillow, an independent writer, makes of an array or an image."""
    buffer = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(buffer, form, **options)
    return buffer.getvalue()


def tiff(path, array, **options):
    tifffile.imwrite(path, array, **options)
    return path


def grey_as_rgb(grey):
    return np.repeat(grey[..., None], 3, axis=2)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (GREY, grey_as_rgb(GREY)),
        (RGB, RGB),
        (np.dstack([RGB, ALPHA]), RGB),
        (np.dstack([GREY, ALPHA]), grey_as_rgb(GREY)),
        (GREY > 100, grey_as_rgb((GREY > 100) * np.uint8(255))),
    ],
    ids=["grey", "rgb", "rgba", "grey_alpha", "one_bit"],
)
def test_eight_bit_png_of_any_channel_count_keeps_its_values(array, expected):
    image = imagefile.decode_rgb(written(array), "a.png")
    np.testing.assert_array_equal(image, expected)
    assert image.dtype == np.uint8
    assert image.flags.c_contiguous


@pytest.mark.parametrize("options", [{}, {"transparency": 0}])
def test_a_palette_png_shows_its_colours(options):
    palette = Image.fromarray(RGB).quantize(8)
    expected = np.asarray(palette.convert("RGB"))
    np.testing.assert_array_equal(imagefile.decode_rgb(written(palette, **options), "a.png"), expected)


@pytest.mark.parametrize("form", ["BMP", "TIFF"])
def test_other_lossless_formats_keep_their_values(form, tmp_path):
    path = tmp_path / f"a.{form.lower()}"
    path.write_bytes(written(RGB, form))
    np.testing.assert_array_equal(imagefile.read_image(path), RGB)


def test_lossless_webp_keeps_its_values_and_jpeg_comes_close():
    np.testing.assert_array_equal(imagefile.decode_rgb(written(RGB, "WEBP", lossless=True), "a.webp"), RGB)
    flat = np.full((16, 16, 3), (200, 30, 90), np.uint8)
    jpeg = imagefile.decode_rgb(written(flat, "JPEG", quality=95), "a.jpg")
    assert np.abs(jpeg.astype(int) - flat).max() <= 3


def test_sixteen_bits_are_stretched_not_cut_off():
    ramp = np.linspace(1000, 5000, 64 * 64).reshape(64, 64).astype(np.uint16)
    image = imagefile.decode_rgb(written(ramp), "a.png")
    expected = np.clip((ramp - 1004.0) / (4996.0 - 1004.0), 0, 1) * 255
    assert image.shape == (64, 64, 3)
    assert np.abs(image[..., 0] - expected).max() <= 1.01


def test_sixteen_bit_colour_keeps_its_hue(tmp_path):
    deep = RGB.astype(np.uint16) * 100
    data = cv2.imencode(".png", cv2.cvtColor(deep, cv2.COLOR_RGB2BGR))[1].tobytes()
    from_png = imagefile.decode_rgb(data, "a.png")
    assert np.abs(from_png.astype(int) - RGB).max() <= 3
    np.testing.assert_array_equal(imagefile.read_image(tiff(tmp_path / "a.tif", deep)), from_png)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int16, np.int32, np.uint64])
def test_other_number_types_are_stretched_to_the_full_range(tmp_path, dtype):
    image = imagefile.read_image(
        tiff(tmp_path / "a.tif", np.arange(-24, 24).reshape(6, 8).astype(dtype) % 1000)
    )
    assert (image.min(), image.max()) == (0, 255)


def test_a_picture_without_a_finite_value_is_refused(tmp_path):
    with pytest.raises(ImageFileError, match=r"a\.tif：没有一个有限的像素值"):
        imagefile.read_image(tiff(tmp_path / "a.tif", np.full((4, 4), np.nan, np.float32)))


def test_complex_numbers_are_refused(tmp_path):
    with pytest.raises(ImageFileError, match=r"a\.tif：像素类型是 complex64"):
        imagefile.read_image(tiff(tmp_path / "a.tif", np.ones((4, 4), np.complex64)))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "BMP", "WEBP", "TIFF"])
@pytest.mark.parametrize("keep", [0.1, 0.5, 0.97])
def test_a_truncated_picture_is_refused(tmp_path, form, keep):
    data = written(NOISE, form)
    path = tmp_path / f"cut.{form.lower()}"
    path.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(ImageFileError, match=rf"cut\.{form.lower()}：.+请重新(下载|导出)"):
        imagefile.read_image(path)


def test_a_message_may_call_the_file_by_another_name(tmp_path):
    (tmp_path / "a.png").write_bytes(b"")
    for name, data in (("a.png", b""), ("a.tif", b""), ("missing.png", None)):
        if data is not None:
            (tmp_path / name).write_bytes(data)
        with pytest.raises(ImageFileError, match=r"^slides/x："):
            imagefile.read_image(tmp_path / name, "slides/x")


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif"])
@pytest.mark.parametrize("data", [b"", b"not a picture at all", b"\x89PNG\r\n\x1a\nIEND", b"II*\0IEND"])
def test_what_is_no_picture_is_refused_in_one_line_that_names_the_file(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ImageFileError) as error:
        imagefile.read_image(tmp_path / name)
    assert name in str(error.value)
    assert "请" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_zero_byte_file_is_called_empty():
    for decode in (imagefile.decode_rgb, imagefile.decode_mask):
        with pytest.raises(ImageFileError, match=r"a\.png：文件是空的（0 字节）"):
            decode(b"", "a.png")


@pytest.mark.parametrize("name", ["missing.png", "missing.tif", "."])
def test_a_path_that_cannot_be_read_is_named(tmp_path, name):
    with pytest.raises(ImageFileError, match=r"无法读取（.+），请检查路径和权限"):
        imagefile.read_image(tmp_path / name)


@pytest.mark.parametrize(
    "mask",
    [
        np.array([[0, 255], [255, 0]], np.uint8),
        np.array([[0, 1], [1, 0]], np.uint8),
        np.array([[0, 1], [65535, 0]], np.uint16),
        np.array([[False, True], [True, False]]),
    ],
    ids=["0_255", "0_1", "16_bit", "1_bit"],
)
def test_a_mask_is_nonzero_where_the_nucleus_is(mask):
    decoded = imagefile.decode_mask(written(mask), "m.png")
    np.testing.assert_array_equal(whole(decoded) > 0, mask > 0)
    assert decoded.rows.dtype == np.uint8


def test_a_coloured_mask_with_alpha_counts_its_colour_only():
    rgba = np.zeros((2, 2, 4), np.uint8)
    rgba[..., 3] = 255
    rgba[0, 1, :3] = 255
    np.testing.assert_array_equal(whole(imagefile.decode_mask(written(rgba), "m.png")) > 0, [[0, 1], [0, 0]])
