import numpy as np
import pytest
import tifffile

from cellseg_utils.data import layout, picture_files, planes
from cellseg_utils.data.selection import Selection, SelectionError

STACK = np.random.default_rng(0).integers(0, 255, (2, 3, 8, 9)).astype(np.uint8)  # T, Z, Y, X
EACH = Selection(each_plane=True)


def stack(path, array=STACK, axes="TZYX"):
    tifffile.imwrite(path, array, imagej=True, metadata={"axes": axes})
    return path


def test_every_plane_is_a_picture_of_its_own_and_others_stay_as_they_are(tmp_path):
    stack(tmp_path / "a.tif")
    tifffile.imwrite(tmp_path / "b.tif", STACK[0, 0])
    np.save(tmp_path / "c.npy", np.repeat(STACK[0], 5, axis=0))
    with picture_files.opened([str(tmp_path)], tmp_path, [tmp_path / "out"], EACH) as pictures:
        names = [f"a_t0{t}_z0{z}" for t in (1, 2) for z in (1, 2, 3)]
        assert list(pictures) == [*names, "b", *(f"c_z{z:02}" for z in range(1, 16))]
        assert pictures["a_t02_z03"].shown == "a.tif"
        for name, expected in (("a_t02_z01", STACK[1, 0]), ("a_t01_z03", STACK[0, 2]), ("b", STACK[0, 0])):
            np.testing.assert_array_equal(pictures[name].read().channels[..., 0], expected)
        np.testing.assert_array_equal(pictures["c_z15"].read().channels[..., 0], STACK[0, 2])


def test_channels_are_no_planes_and_what_can_not_be_read_is_one_picture(tmp_path):
    assert planes.of_file(stack(tmp_path / "a.tif", STACK[0], "CYX")) == [()]
    (tmp_path / "b.tif").write_bytes(b"II*")
    assert planes.of_file(tmp_path / "b.tif") == planes.of_file(tmp_path / "none.npy") == [()]


def test_a_name_that_a_plane_would_get_keeps_its_file_apart(tmp_path):
    stack(tmp_path / "a.tif", STACK[0, :2], "ZYX")
    tifffile.imwrite(tmp_path / "a_z01.tif", STACK[0, 0])
    with picture_files.opened([str(tmp_path)], tmp_path, [tmp_path / "out"], EACH) as pictures:
        assert list(pictures) == ["a_z01", "a_z02", "a_z01-2"]


def test_names_have_as_many_digits_as_the_largest_number():
    every = [(("Z", number),) for number in range(1, 101)]
    assert planes.suffix(every[1], every) == "_z002"


def test_every_plane_and_one_plane_exclude_each_other(tmp_path, layout_zip):
    with pytest.raises(SelectionError, match="each_plane 是每一层都要"):
        Selection(plane=2, each_plane=True)
    with (
        pytest.raises(layout.DataError, match="--each-plane 不读压缩包"),
        picture_files.opened([str(layout_zip)], tmp_path, [], EACH),
    ):
        pass
