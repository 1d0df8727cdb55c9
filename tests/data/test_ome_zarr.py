import numpy as np
import pytest

from cellseg_utils.data import microscope_files, microscopes
from cellseg_utils.data.image import ImageFileError

STACK = np.random.default_rng(1).integers(0, 60000, (3, 2, 20, 30)).astype(np.uint16)  # Z, C, Y, X


def read(path):
    return microscopes.read(path, path.name)


SCALES = {
    "axes": [
        {"name": "z", "type": "space", "unit": "micrometer"},
        {"name": "c", "type": "channel"},
        {"name": "y", "type": "space", "unit": "micrometer"},
        {"name": "x", "type": "space", "unit": "nanometer"},
    ],
    "datasets": [
        {"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [1, 1, 0.25, 125]}]},
        {"path": "1", "coordinateTransformations": [{"type": "scale", "scale": [1, 1, 0.5, 250]}]},
    ],
    "coordinateTransformations": [{"type": "scale", "scale": [1, 1, 2, 2]}],
}


def ome_zarr(path, version=2, **about):
    zarr = pytest.importorskip("zarr", "3")
    group = zarr.open_group(str(path), mode="w", zarr_format=version)
    for name, array in (("0", STACK), ("1", STACK[..., ::2, ::2])):
        group.create_array(name, data=array, chunks=(1, 1, 16, 16))
    about = about or {"multiscales": [SCALES], "omero": {"channels": [{"label": "GFP"}, {"label": "DAPI"}]}}
    group.attrs.update(about if version == 2 else {"ome": about})
    return path


@pytest.mark.parametrize("version", [2, 3])
def test_an_ome_zarr_gives_its_largest_level_its_channels_and_the_size_of_a_pixel(tmp_path, version):
    pixels = read(ome_zarr(tmp_path / "a.ome.zarr", version))
    assert (pixels.axes, pixels.names, pixels.pixel_size) == ("ZCYX", ("GFP", "DAPI"), (0.5, 0.25))
    np.testing.assert_array_equal(pixels.array, STACK)


def test_a_plate_a_collection_and_a_bare_zarr_say_what_to_do(tmp_path):
    for about, message in (
        ({"plate": {}}, "是多孔板（plate），请给出其中一张图的文件夹"),
        ({"bioformats2raw.layout": 3}, "含几张图像，不知道要哪一张"),
        ({"other": 1}, "不是 OME-Zarr 的图像（没有 multiscales）"),
    ):
        with pytest.raises(ImageFileError, match=rf"a\.zarr：{message}"):
            read(ome_zarr(tmp_path / "a.zarr", **about))


def test_more_than_the_memory_takes_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(microscope_files, "MOST_BYTES", STACK.nbytes - 1)
    with pytest.raises(ImageFileError, match=r"全部的层共 0\.0 GiB，超过一次能读的"):
        read(ome_zarr(tmp_path / "a.zarr"))
