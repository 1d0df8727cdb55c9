import numpy as np
import pytest
import tifffile

from cellseg_utils.data import picture_files
from cellseg_utils.data.selection import Selection
from cellseg_utils.prediction import exports, stacks

EACH = Selection(each_plane=True)
PLANES = np.random.default_rng(0).integers(0, 255, (2, 3, 8, 9)).astype(np.uint8)


def results_of(path, out, labels, pixel_size=None):
    """The planes of a file as pictures, each with a label image."""
    with picture_files.opened([str(path)], path.parent, [], EACH) as pictures:
        for (name, picture), own in zip(pictures.items(), labels, strict=True):
            if picture.stack:
                exports.write_label_tiff(out / "labels" / f"{name}.tif", own, pixel_size)
        return pictures


@pytest.mark.parametrize("axes", ["TZYX", "ZTYX"])
def test_a_stack_has_the_axes_of_its_file_in_the_order_of_imagej(tmp_path, axes):
    array = PLANES if axes == "TZYX" else PLANES.swapaxes(0, 1)
    tifffile.imwrite(tmp_path / "a.tif", array, metadata={"axes": axes}, ome=True)
    labels = array.reshape(6, 8, 9).astype(np.int32)
    pictures = results_of(tmp_path / "a.tif", tmp_path, labels, (0.5, 0.25))
    assert stacks.names(pictures) == {"a"}
    assert list(stacks.write(tmp_path, pictures, pictures)) == []
    with tifffile.TiffFile(tmp_path / "stacks" / "a.tif") as file:
        assert file.is_imagej
        assert file.series[0].axes == "TZYX"
        assert file.imagej_metadata["unit"] == "um"
        np.testing.assert_array_equal(file.asarray(), PLANES)
        assert file.asarray().dtype == np.uint16
        assert file.pages[0].tags["XResolution"].value == (4, 1)


def test_many_nuclei_and_axes_that_imagej_does_not_know_are_kept(tmp_path):
    np.save(tmp_path / "c.npy", np.repeat(PLANES[0], 5, axis=0))
    labels = np.arange(15 * 72).reshape(15, 8, 9).astype(np.int32) + 70_000
    pictures = results_of(tmp_path / "c.npy", tmp_path, labels)
    assert list(stacks.write(tmp_path, pictures, pictures)) == []
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "stacks" / "c.tif"), labels)


def test_a_stack_that_lacks_a_plane_is_not_written_and_said(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", PLANES[0], imagej=True, metadata={"axes": "ZYX"})
    pictures = results_of(tmp_path / "a.tif", tmp_path, PLANES[0].astype(np.int32))
    assert list(stacks.write(tmp_path, pictures, pictures)) == []
    [line] = stacks.write(tmp_path, pictures, {"a_z01", "a_z03"})
    assert line == f"{tmp_path / 'stacks' / 'a.tif'}：没有写这一叠，缺 1 层（如 a_z02）"
    assert not (tmp_path / "stacks" / "a.tif").exists()


def test_files_of_one_plane_have_no_stack(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", PLANES[0, 0])
    pictures = results_of(tmp_path / "a.tif", tmp_path, PLANES[0, :1])
    assert stacks.names(pictures) == set()
    assert list(stacks.write(tmp_path, pictures, pictures)) == []
    assert not (tmp_path / "stacks").exists()
