import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from cellseg_utils.data import raster
from cellseg_utils.data.image import ImageFileError

GREY = np.arange(6 * 8, dtype=np.uint8).reshape(6, 8) * 5
RGB = np.dstack([GREY, GREY[::-1], 255 - GREY])
TEXT = PngInfo()
TEXT.add_text("comment", "IEND")
NOISE = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)


def written(image, form="PNG", **options):
    """Bytes that Pillow, an independent writer, makes of an array or an image."""
    buffer = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(buffer, form, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_turned_as_its_exif_says(form):
    picture = np.zeros((16, 32, 3), np.uint8)
    picture[:, :16] = 255
    exif = Image.Exif()
    exif[raster.ORIENTATION] = 6  # turn by 90 degrees clockwise to show
    turned = raster.decode(written(picture, form, exif=exif, quality=95), "a")
    assert turned.array.shape == (32, 16, 3)
    assert turned.array[:14].min() > 240
    assert turned.array[18:].max() < 15
    assert turned.turned
    assert not raster.decode(written(picture, form), "a").turned


def test_a_png_without_its_last_chunk_is_refused():
    with pytest.raises(ImageFileError, match=r"a\.png：文件不完整（末尾被截断）"):
        raster.decode(written(NOISE)[:-12], "a.png")


def with_thumbnail():
    """A JPEG that holds a smaller one in its headers, as cameras write them."""
    thumbnail = written(NOISE[::4, ::4], "JPEG")
    segment = b"Exif\0\0" + thumbnail
    header = b"\xff\xe1" + struct.pack(">H", 2 + len(segment)) + segment
    whole = written(NOISE, "JPEG")
    return whole[:2] + header + whole[2:]


COMPLETE = {
    "png": written(NOISE),
    "png_text": written(NOISE, pnginfo=TEXT),
    "jpeg": written(NOISE, "JPEG"),
    "jpeg_progressive": written(NOISE, "JPEG", progressive=True),
    "jpeg_restarts": written(NOISE, "JPEG", restart_marker_blocks=2),
    "jpeg_grey": written(NOISE[..., 0], "JPEG", comment=b"\xff\xd9"),
    "jpeg_thumbnail": with_thumbnail(),
}
TAILS = [
    b"\0" * 100,
    b"MotionPhoto_Data" + bytes(range(256)) * 300,
    written(NOISE[:8], "JPEG"),
    b"\xff",
    b"\0IEND",
]


@pytest.mark.parametrize("data", COMPLETE.values(), ids=COMPLETE)
@pytest.mark.parametrize("tail", TAILS, ids=["zeros", "video", "second_picture", "marker", "chunk"])
def test_what_follows_the_end_of_a_picture_does_no_harm(data, tail):
    expected = raster.decode(data, "a").array
    np.testing.assert_array_equal(raster.decode(data + tail, "a").array, expected)


@pytest.mark.parametrize("data", COMPLETE.values(), ids=COMPLETE)
def test_a_picture_cut_off_anywhere_is_refused(data):
    for length in [*range(1, len(data) - 200, 97), *range(len(data) - 200, len(data))]:
        with pytest.raises(ImageFileError, match=r"末尾被截断|不是可以解码的图像"):
            raster.decode(data[:length], "a")


def test_a_png_damaged_in_the_middle_is_refused():
    data = bytearray(written(NOISE))
    data[len(data) // 2] ^= 0xFF
    with pytest.raises(ImageFileError, match="不是可以解码的图像"):
        raster.decode(bytes(data), "a.png")


def test_a_png_that_claims_more_pixels_than_the_memory_holds_is_refused():
    data = bytearray(written(GREY))
    data[16:24] = struct.pack(">II", 100_000, 100_000)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    with pytest.raises(
        ImageFileError, match=r"huge\.png：100000×100000 像素，超过 5 亿像素的上限.*CELLSEG_MAX_MEGAPIXELS"
    ):
        raster.decode(bytes(data), "huge.png")


def test_a_gif_shows_its_colours_and_one_that_moves_is_refused():
    first, second = (Image.fromarray(RGB[::step]).quantize(16) for step in (1, -1))
    data = written(first, "GIF")
    np.testing.assert_array_equal(raster.decode(data, "a.gif").array, np.asarray(first.convert("RGB")))
    moving = written(first, "GIF", save_all=True, append_images=[second])
    with pytest.raises(ImageFileError, match=r"a\.gif：是 2 帧的动图，请先导出其中一帧"):
        raster.decode(moving, "a.gif")
