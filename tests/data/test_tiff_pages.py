"""Directories of pages that follow each other, whole and in circles."""

import struct

import numpy as np
import pytest
import tifffile

from cellseg_utils.data import imagefile, label_images, planes, tiff_pages
from cellseg_utils.run.plain_error import ArgumentError

PICTURE = np.arange(60, dtype=np.uint8).reshape(6, 10)


def written(path, pages=3, **form):
    with tifffile.TiffWriter(path, **form) as file:
        for number in range(pages):
            file.write(PICTURE + number, metadata=None)
    return path


def in_a_circle(path, to, **form):
    """The same file, whose last directory leads to one before it."""
    written(path, **form)
    with tifffile.TiffFile(path) as file:
        big, order = file.is_bigtiff, file.byteorder
        pages = [page.offset for page in file.pages]
        tags = len(file.pages[-1].tags)
    data = bytearray(path.read_bytes())
    head, tag, width = (8, 20, "Q") if big else (2, 12, "I")
    struct.pack_into(order + width, data, pages[-1] + head + tags * tag, pages[to])
    path.write_bytes(data)
    return path


@pytest.fixture(params=[{}, {"bigtiff": True}, {"byteorder": ">"}, {"bigtiff": True, "byteorder": ">"}])
def form(request):
    return request.param


def test_all_pages_of_a_sound_file_are_there(tmp_path, form):
    path = written(tmp_path / "a.tif", 40, **form)
    for source in (path, path.read_bytes()):
        with tiff_pages.opened(source) as file:
            assert len(file.pages) == 40


@pytest.mark.parametrize("to", [0, 1, 2])
def test_pages_in_a_circle_are_refused_at_once(tmp_path, form, to):
    path = in_a_circle(tmp_path / "a.tif", to, **form)
    for source in (path, path.read_bytes()):
        with pytest.raises(ArgumentError, match="首尾相接"):
            tiff_pages.opened(source)


def test_every_reader_refuses_them(tmp_path):
    path = in_a_circle(tmp_path / "a.tif", 0)
    with pytest.raises(imagefile.ImageFileError, match=r"a\.tif.*首尾相接"):
        imagefile.decode(path.read_bytes(), "a.tif")
    with pytest.raises(ValueError, match=r"a\.tif.*首尾相接"):
        label_images.from_image("a", [("a.tif", path.read_bytes())], None)
    assert planes.of_file(path) == [()]


@pytest.mark.parametrize(
    "data", [b"", b"II", b"II\x2a\x00", b"II\x2b\x00\x08\x00\x00\x00", b"PK\x03\x04abcd"]
)
def test_what_is_no_tiff_is_refused_by_tifffile(data):
    with pytest.raises(Exception, match=r"TIFF|unpack"):
        tiff_pages.opened(data).pages[0]


def test_a_file_that_ends_within_a_directory_is_refused(tmp_path):
    whole = written(tmp_path / "a.tif").read_bytes()
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        second = file.pages[1].offset
    for length in range(second + 1, second + 20):
        with pytest.raises(ArgumentError, match="比整个文件还长"):
            tiff_pages.opened(whole[:length])
