"""Directories of pages that follow each other, whole and in circles."""

import os
import struct

import numpy as np
import pytest
import tifffile

from cellseg_utils.data import imagefile, label_images, planes, selection, tiff_pages
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


def ome(path, xml):
    """A file of one page whose OME-XML says something else."""
    schema = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
    text = f'<OME xmlns="{schema}"><Image ID="Image:0">{xml}</Image></OME>'
    tifffile.imwrite(path, PICTURE, description=text, metadata=None)
    return path


PIXELS = '<Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="10" SizeY="6" SizeC="1" SizeT="1" '
BOMBS = {
    "planes": f'{PIXELS} SizeZ="1000000000"><TiffData/></Pixels>',
    "count": f'{PIXELS} SizeZ="100"><TiffData IFD="0" PlaneCount="1000000000"/></Pixels>',
    "images": f'{PIXELS} SizeZ="9000"><TiffData/></Pixels>' * 300,
    "modulo": f'{PIXELS} SizeZ="1"><TiffData/></Pixels>'
    '<ModuloAlongZ Type="lambda" Start="0" End="1000000000" Step="1"/>',
}


@pytest.mark.parametrize("name", BOMBS)
def test_planes_that_only_the_metadata_know_are_not_listed(tmp_path, name):
    path = ome(tmp_path / "a.ome.tif", BOMBS[name])
    for source in (path, path.read_bytes()):
        with pytest.raises(ArgumentError, match="层数太多"):
            tiff_pages.opened(source)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_another_file_that_the_metadata_name_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    named = f'<UUID FileName="{tmp_path / "pipe"}">urn:uuid:1</UUID>'
    data = f'<TiffData IFD="0"/><TiffData IFD="0" FirstZ="1">{named}</TiffData>'
    path = ome(tmp_path / "a.ome.tif", f'{PIXELS} SizeZ="2">{data}</Pixels>')
    with tiff_pages.opened(path) as file:
        assert len(file.series) == 1


def test_a_picture_spread_over_files_is_refused(tmp_path):
    parts = "".join(
        f'<TiffData IFD="0" FirstZ="{z}"><UUID FileName="{z}.ome.tif">urn:uuid:{z}</UUID></TiffData>'
        for z in range(2)
    )
    path = ome(tmp_path / "0.ome.tif", f'{PIXELS} SizeZ="2">{parts}</Pixels>')
    with pytest.raises(ArgumentError, match="分在几个文件里"):
        tiff_pages.opened(path)


@pytest.mark.parametrize("imagej", [True, False])
def test_a_stack_that_was_cut_off_is_not_its_first_plane(tmp_path, imagej):
    stack = np.random.default_rng(0).integers(0, 255, (3, 64, 64), np.uint8)
    form = {"metadata": {"axes": "ZYX"}} if imagej else {"metadata": None, "photometric": "minisblack"}
    tifffile.imwrite(tmp_path / "a.tif", stack, imagej=imagej, **form)
    whole = (tmp_path / "a.tif").read_bytes()
    plane = selection.Selection(plane=1)
    assert imagefile.decode(whole, "a.tif", plane).rgb.shape == (64, 64, 3)
    for length in range(len(whole) - 200, 1000, -500):
        with pytest.raises(imagefile.ImageFileError):
            imagefile.decode(whole[:length], "a.tif", plane)


def test_more_tiles_than_are_listed_are_refused(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((64, 64), np.uint8), tile=(16, 16), metadata=None)
    with tifffile.TiffFile(path) as file:
        tag = file.pages[0].tags["ImageWidth"].offset
        order = file.byteorder
    data = bytearray(path.read_bytes())
    struct.pack_into(order + "HHII", data, tag, 256, 4, 1, 64_000)
    with pytest.raises(ArgumentError, match="块"):
        tiff_pages.opened(bytes(data))
