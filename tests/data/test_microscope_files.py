"""Microscopes' formats; ND2 is read from a stand-in for its library, since nothing writes it."""

import sys
import types
from types import SimpleNamespace

import numpy as np
import pytest
from leica import lif

from cellseg_utils.data import microscope_files, microscopes
from cellseg_utils.data.image import ImageFileError

STACK = np.random.default_rng(1).integers(0, 60000, (3, 2, 20, 30)).astype(np.uint16)  # Z, C, Y, X


def read(path):
    return microscopes.read(path, path.name)


def czi(path, array, scenes=1, **metadata):
    library = pytest.importorskip("pylibCZIrw.czi")
    with library.create_czi(str(path)) as file:
        for scene in range(scenes):
            for (z, c), plane in ((place, array[place]) for place in np.ndindex(array.shape[:2])):
                where = {"scene": scene, "location": (100 * scene + 10, 7)} if scenes > 1 else {}
                plane = plane if plane.ndim == 3 else plane[..., None] + scene
                file.write(np.ascontiguousarray(plane), plane={"Z": z, "C": c, "T": 0}, **where)
        file.write_metadata("a", **metadata)
    return path


def test_a_czi_keeps_planes_channels_their_names_and_the_size_of_a_pixel(tmp_path):
    size = {"scale_x": 0.25e-6, "scale_y": 0.5e-6, "channel_names": {0: "GFP", 1: "DAPI"}}
    pixels = read(czi(tmp_path / "a.czi", STACK, **size))
    assert (pixels.axes, pixels.names, pixels.array.dtype) == ("ZCYX", ("GFP", "DAPI"), np.uint16)
    assert pixels.pixel_size == pytest.approx((0.5, 0.25))
    np.testing.assert_array_equal(pixels.array, STACK)


def test_scenes_of_a_czi_are_positions_and_colours_are_red_first(tmp_path):
    pixels = read(czi(tmp_path / "a.czi", STACK[:1, :1], scenes=2))
    assert (pixels.axes, pixels.pixel_size) == ("PYX", None)
    np.testing.assert_array_equal(pixels.array, [STACK[0, 0], STACK[0, 0] + 1])
    rgb = np.moveaxis(STACK[:, 0] >> 8, 0, -1).astype(np.uint8)
    pixels = read(czi(tmp_path / "b.czi", rgb[None, None, ..., ::-1]))
    assert pixels.axes == "YXS"
    np.testing.assert_array_equal(pixels.array, rgb)


def test_a_mosaic_of_a_czi_is_put_together(tmp_path):
    library = pytest.importorskip("pylibCZIrw.czi")
    with library.create_czi(str(tmp_path / "a.czi")) as file:
        for number in range(2):
            tile, place = STACK[number, 0][..., None], (30 * number, 5)
            file.write(tile, plane={"C": 0, "Z": 0, "T": 0}, location=place)
        file.write_metadata("a")
    np.testing.assert_array_equal(read(tmp_path / "a.czi").array, np.hstack(STACK[:2, 0]))


def test_a_lif_keeps_planes_channels_and_the_size_of_a_pixel(tmp_path):
    pytest.importorskip("liffile")
    pixels = read(lif(tmp_path / "a.lif", {"one": STACK}, ("Green", "Blue"), (0.5e-6, 0.25e-6)))
    assert (pixels.axes, pixels.names) == ("ZCYX", ("Green", "Blue"))
    assert pixels.pixel_size == pytest.approx((0.5, 0.25))
    np.testing.assert_array_equal(pixels.array, STACK)


def test_images_of_a_lif_are_positions_if_they_are_alike(tmp_path):
    pytest.importorskip("liffile")
    first, second = STACK[:1, :1], STACK[1:2, :1]
    pixels = read(lif(tmp_path / "a.lif", {"one": first, "two": second}))
    assert pixels.axes == "PYX"
    np.testing.assert_array_equal(pixels.array, [first[0, 0], second[0, 0]])
    other = np.ascontiguousarray(second[..., :9])
    with pytest.raises(ImageFileError, match=r"b\.lif：含 2 张大小不同的图像（one、two），请先导出其中一张"):
        read(lif(tmp_path / "b.lif", {"one": first, "two": other}))


def nd2_file(calibrated=True):
    volume = SimpleNamespace(axesCalibrated=(calibrated,) * 3, axesCalibration=(0.25, 0.5, 1.0))
    names = ("GFP", "DAPI")
    channels = [SimpleNamespace(channel=SimpleNamespace(name=name), volume=volume) for name in names]
    sizes = {"P": 1, "Z": 3, "C": 2, "Y": 20, "X": 30}

    class File:
        def __init__(self, path):
            self.metadata, self.sizes, self.nbytes = SimpleNamespace(channels=channels), sizes, STACK.nbytes

        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

        def asarray(self):
            return STACK[None]

    return types.SimpleNamespace(ND2File=File)


@pytest.mark.parametrize(("calibrated", "size"), [(True, (0.5, 0.25)), (False, None)])
def test_an_nd2_keeps_what_its_library_says(tmp_path, monkeypatch, calibrated, size):
    monkeypatch.setitem(sys.modules, "nd2", nd2_file(calibrated))
    pixels = read(tmp_path / "a.nd2")
    assert (pixels.axes, pixels.names, pixels.pixel_size) == ("ZCYX", ("GFP", "DAPI"), size)
    np.testing.assert_array_equal(pixels.array, STACK)


def test_the_stand_in_has_the_attributes_of_the_library():
    library = pytest.importorskip("nd2")
    structures = pytest.importorskip("nd2.structures")
    assert all(hasattr(library.ND2File, name) for name in ("metadata", "sizes", "nbytes", "asarray"))
    assert {"axesCalibrated", "axesCalibration"} <= set(structures.Volume.__dataclass_fields__)
    assert {"channel", "volume"} <= set(structures.Channel.__dataclass_fields__)


def dicom(path, array, photometric, **more):
    pydicom = pytest.importorskip("pydicom")
    dataset = pydicom.Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.77.1.2", "1.2.3.4"
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    dataset.set_pixel_data(array, photometric, bits_stored=8 * array.itemsize)
    for name, value in more.items():
        setattr(dataset, name, value)
    dataset.save_as(path, enforce_file_format=True)
    return path


def test_a_dicom_keeps_its_values_white_high_and_the_size_of_a_pixel(tmp_path):
    grey = STACK[0, 0]
    pixels = read(dicom(tmp_path / "a.dcm", grey, "MONOCHROME2", PixelSpacing=[0.0005, 0.00025]))
    assert (pixels.axes, pixels.pixel_size) == ("YX", (0.5, 0.25))
    np.testing.assert_array_equal(pixels.array, grey)
    np.testing.assert_array_equal(read(dicom(tmp_path / "b.dcm", grey, "MONOCHROME1")).array, 65535 - grey)
    rgb = np.moveaxis(STACK[:, 0] >> 8, 0, -1).astype(np.uint8)
    pixels = read(dicom(tmp_path / "c.dcm", rgb, "RGB"))
    assert pixels.axes == "YXS"
    np.testing.assert_array_equal(pixels.array, rgb)
    assert read(dicom(tmp_path / "d.dcm", STACK[:, 0], "MONOCHROME2")).axes == "ZYX"


def test_tiles_of_a_slide_in_dicom_are_refused(tmp_path):
    path = dicom(tmp_path / "a.dcm", STACK[:, 0], "MONOCHROME2", TotalPixelMatrixRows=60)
    with pytest.raises(ImageFileError, match=r"a\.dcm：是切成小块的整张切片（WSI），请先导出为 TIFF"):
        read(path)


def test_more_than_the_memory_takes_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(microscope_files, "MOST_BYTES", STACK.nbytes - 1)
    for path in (
        lif(tmp_path / "a.lif", {"one": STACK}, ("Green", "Blue")),
        czi(tmp_path / "a.czi", STACK),
        dicom(tmp_path / "a.dcm", np.repeat(STACK[:, 0], 2, 0), "MONOCHROME2"),
    ):
        with pytest.raises(ImageFileError, match=r"全部的层共 0\.0 GiB，超过一次能读的"):
            read(path)
