"""What TIFF files of several writers say of their pixels."""

import contextlib

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from cellseg_utils.data import imagefile, tiff_metadata
from cellseg_utils.data.image import ImageFileError

GREY = np.arange(48, dtype=np.uint16).reshape(6, 8) * 500
STACK = np.stack([GREY, GREY[::-1]])
OME = {"axes": "CYX", "Channel": {"Name": ["FITC", "DAPI"]}}


def opened(folder, array=GREY, **options):
    tifffile.imwrite(folder / "a.tif", array, **options)
    return imagefile.open_image(folder / "a.tif")


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({"ome": True, "metadata": {"PhysicalSizeX": 0.25, "PhysicalSizeY": 0.5}}, (0.5, 0.25)),
        (
            {
                "ome": True,
                "metadata": {
                    "PhysicalSizeX": 325,
                    "PhysicalSizeXUnit": "nm",
                    "PhysicalSizeY": 325,
                    "PhysicalSizeYUnit": "nm",
                },
            },
            (0.325, 0.325),
        ),
        ({"imagej": True, "resolution": (4, 2), "metadata": {"unit": "um"}}, (0.5, 0.25)),
        ({"imagej": True, "resolution": (4, 4), "metadata": {"unit": "micron"}}, (0.25, 0.25)),
        ({"imagej": True, "resolution": (4, 4), "metadata": {"unit": "\\u00B5m"}}, (0.25, 0.25)),
        ({"imagej": True, "resolution": (2000, 2000), "metadata": {"unit": "mm"}}, (0.5, 0.5)),
        ({"resolution": (20000, 20000), "resolutionunit": "CENTIMETER"}, (0.5, 0.5)),
        ({"resolution": (50800, 50800), "resolutionunit": "INCH"}, (0.5, 0.5)),
        ({"resolution": (300, 300), "resolutionunit": "INCH"}, None),
        ({"resolution": (72, 72), "resolutionunit": "INCH"}, None),
        ({"imagej": True, "resolution": (1, 1), "metadata": {"unit": "pixel"}}, None),
        ({"imagej": True, "resolution": (0, 0), "metadata": {"unit": "um"}}, None),
        ({}, None),
    ],
)
def test_the_size_of_a_pixel_is_read(tmp_path, options, size):
    assert opened(tmp_path, **options).pixel_size == (size and pytest.approx(size))


def test_names_of_channels_are_read_and_decide(tmp_path):
    image = opened(tmp_path, STACK, ome=True, metadata=OME)
    assert (image.names, image.channel, image.by) == (("FITC", "DAPI"), "DAPI", "name")
    np.testing.assert_array_equal(image.channels[..., 1], STACK[1])


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["actin", "Hoechst"], ("actin", "Hoechst")),
        (["c:1/2 - actin", "c:2/2 - Hoechst"], ("actin", "Hoechst")),
        (["same", "same"], ("1", "2")),
    ],
)
def test_labels_of_imagej_are_names(tmp_path, labels, names):
    image = opened(tmp_path, STACK, imagej=True, metadata={"axes": "CYX", "Labels": labels})
    assert image.names == names


def test_a_slide_scanner_says_its_microns_for_a_pixel(tmp_path):
    about = "Aperio Image Library v1\n8x6 |AppMag = 40|MPP = 0.2528"
    tifffile.imwrite(tmp_path / "a.tif", GREY, description=about, metadata=None)
    assert imagefile.open_image(tmp_path / "a.tif").pixel_size == pytest.approx((0.2528, 0.2528))


@pytest.mark.parametrize("axes", ["YX", "CYX", "YXS"])
def test_turning_works_wherever_rows_and_columns_are(axes):
    array = np.arange(24).reshape(2, 3, 4)[0 if axes == "YX" else slice(None)]
    y, x = axes.index("Y"), axes.index("X")
    right = tiff_metadata.upright(array, axes, 6)
    np.testing.assert_array_equal(right, np.rot90(array, -1, axes=(y, x)))
    np.testing.assert_array_equal(tiff_metadata.upright(array, axes, 9), array)


@given(place=st.integers(0, 1500), value=st.integers(0, 255))
def test_damaged_metadata_never_raise_anything_else(tmp_path_factory, place, value):
    path = tmp_path_factory.mktemp("tiff") / "a.tif"
    tifffile.imwrite(path, STACK, ome=True, metadata=OME)
    data = bytearray(path.read_bytes())
    data[place % len(data)] = value
    path.write_bytes(data)
    with contextlib.suppress(ImageFileError):
        imagefile.open_image(path)
