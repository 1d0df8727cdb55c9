"""Pictures are refused by their header, with the limit and the variable that raises it."""

import struct
import time
import tracemalloc
import zlib

import cv2
import numpy as np
import pytest
import tifffile

from cellseg_utils.data import imagefile, label_images, mask_png, picture_size
from cellseg_utils.data.imagefile import ImageFileError
from cellseg_utils.run.parameter_values import ParameterError


def test_sizes_up_to_the_limit_pass():
    picture_size.check((10_000, 50_000), "a.png")
    picture_size.check((1, 1), "a.png", values=4_000_000_000)


@pytest.mark.parametrize(
    ("size", "values", "told"),
    [
        ((10_000, 50_001), 0, "50001×10000 像素，超过 5 亿像素的上限"),
        ((9, 9), 10**10, "全部层与通道共 1e+10 个值"),
    ],
)
def test_what_is_too_large_names_the_variable(size, values, told):
    with pytest.raises(ImageFileError) as caught:
        picture_size.check(size, "a.png", values)
    assert str(caught.value).startswith(f"a.png：{size[1]}×{size[0]} 像素")
    assert told in str(caught.value)
    assert picture_size.VARIABLE in str(caught.value)


@pytest.mark.parametrize("size", [(0, 5), (5, -1)])
def test_a_size_of_nothing_is_refused(size):
    with pytest.raises(ImageFileError, match="写的尺寸是"):
        picture_size.check(size, "a.png")


def test_the_variable_raises_and_lowers_the_limit(monkeypatch):
    monkeypatch.setenv(picture_size.VARIABLE, "1000")
    picture_size.check((20_000, 50_000), "a.png")
    monkeypatch.setenv(picture_size.VARIABLE, "0.0001")
    picture_size.check((10, 10), "a.png")
    with pytest.raises(ImageFileError, match="超过 1e-06 亿像素的上限"):
        picture_size.check((10, 11), "a.png")


@pytest.mark.parametrize("text", ["nan", "inf", "0", "-1", "many", "1 000"])
def test_a_limit_that_is_no_number_is_refused(monkeypatch, text):
    monkeypatch.setenv(picture_size.VARIABLE, text)
    with pytest.raises(ParameterError, match=f"环境变量 {picture_size.VARIABLE} 应是大于 0 的数"):
        picture_size.most()


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".webp", ".tif", ".npy"])
def test_every_format_is_refused_by_its_header(suffix, monkeypatch, tmp_path):
    picture = np.random.default_rng(0).integers(0, 256, (12, 12), np.uint8)
    if suffix == ".npy":
        np.save(tmp_path / "a.npy", picture)
    elif suffix == ".tif":
        tifffile.imwrite(tmp_path / "a.tif", picture)
    else:
        (tmp_path / f"a{suffix}").write_bytes(cv2.imencode(suffix, picture)[1])
    imagefile.open_image(tmp_path / f"a{suffix}")
    monkeypatch.setenv(picture_size.VARIABLE, "0.00001")
    monkeypatch.setenv("CELLSEG_LANG", "en")
    monkeypatch.setattr(cv2, "imdecode", pytest.fail)
    with pytest.raises(ImageFileError, match=f"environment variable {picture_size.VARIABLE}"):
        imagefile.open_image(tmp_path / f"a{suffix}")


def test_a_small_tiff_that_claims_millions_of_rows_is_refused_at_once(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((40, 50), bool))
    data = bytearray((tmp_path / "a.tif").read_bytes())
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        place = file.pages[0].tags["ImageLength"].valueoffset
    data[place : place + 4] = struct.pack("<I", 0x01000028)
    start = time.process_time()
    for read in (imagefile.decode, lambda data, name: label_images.from_image("a", [(name, data)], None)):
        with pytest.raises(ValueError, match=r"^a\.tif：.*声称有 \d+ 字节的像素"):
            read(bytes(data), "a.tif")
    assert time.process_time() - start < 1


def test_an_array_that_claims_more_than_its_file_holds_is_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((5, 5), np.uint8))
    data = (tmp_path / "a.npy").read_bytes().replace(b"(5, 5), }    ", b"(5, 50000), }"[:13].ljust(13))
    with pytest.raises(ImageFileError, match="读不出这个 NPY"):
        imagefile.decode(data, "a.npy")


def bomb(shape):
    """A mask of a few bytes for every megabyte of zeros."""
    header = struct.pack(">IIBBBBB", shape[1], shape[0], 8, 0, 0, 0, 0)
    bodies = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(30_000_000))), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in bodies
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def test_a_mask_is_inflated_no_further_than_its_picture():
    with pytest.raises(ValueError, match=r"m\.png：掩膜尺寸 \(3000, 9999\) 与图像 \(8, 8\) 不同"):
        label_images.from_masks("a", [("m.png", bomb((3000, 9999)))], (8, 8))
    longer = bomb((8, 8))
    tracemalloc.start()
    decoded = mask_png.decode(longer)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert decoded is None
    assert peak < 1_000_000
