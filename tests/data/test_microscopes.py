import sys

import numpy as np
import pytest
from leica import lif

from cellseg_utils.data import image_paths, imagefile, microscopes, picture_files, picture_names, unread
from cellseg_utils.data.image import ImageFileError
from cellseg_utils.data.selection import Selection

PLANES = np.random.default_rng(1).integers(0, 60000, (2, 2, 20, 30)).astype(np.uint16)  # Z, C, Y, X


def ome_zarr(path):
    zarr = pytest.importorskip("zarr", "3")
    group = zarr.open_group(str(path), mode="w")
    group.create_array("0", data=PLANES[0, 0])
    axes = [{"name": "y", "type": "space"}, {"name": "x", "type": "space"}]
    group.attrs["ome"] = {"multiscales": [{"axes": axes, "datasets": [{"path": "0"}]}]}
    return path


@pytest.mark.parametrize(
    ("name", "library"),
    [
        ("a.czi", "pylibCZIrw"),
        ("a.nd2", "nd2"),
        ("a.lif", "liffile"),
        ("a.dcm", "pydicom"),
        ("a.zarr", "zarr"),
    ],
)
def test_without_the_extra_one_line_names_it(tmp_path, monkeypatch, name, library):
    monkeypatch.setitem(sys.modules, library, None)
    path = tmp_path / name
    path.mkdir() if name == "a.zarr" else path.write_bytes(b"any")
    with pytest.raises(ImageFileError) as caught:
        imagefile.open_image(path)
    line = f'{name}：读 {path.suffix} 要用另外的库，请先运行 pip install "cellseg-utils[bio]"，或导出为 TIFF'
    assert str(caught.value) == line


@pytest.mark.parametrize(
    ("name", "library"),
    [("a.czi", "pylibCZIrw"), ("a.nd2", "nd2"), ("a.lif", "liffile"), ("a.dcm", "pydicom")],
)
@pytest.mark.parametrize("data", [b"", b"nothing of the kind" * 9])
def test_a_damaged_file_is_one_line(tmp_path, name, library, data):
    pytest.importorskip(library)
    with pytest.raises(ImageFileError, match=rf"^{name}：读不出来（.*），请重新下载，或导出为 TIFF$"):
        imagefile.decode(data, name)


def test_bytes_are_read_as_the_file_is_and_nothing_is_left_behind(tmp_path, monkeypatch):
    pytest.importorskip("liffile")
    path = lif(tmp_path / "a.LIF", {"one": PLANES}, ("Green", "Blue"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    chosen = Selection("Blue", 2)
    first, second = (
        imagefile.open_image(path, None, chosen),
        imagefile.decode(path.read_bytes(), "a.LIF", chosen),
    )
    np.testing.assert_array_equal(first.channels, np.moveaxis(PLANES[1], 0, -1))
    np.testing.assert_array_equal(first.rgb, second.rgb)
    assert (first.names, first.channel) == (("Green", "Blue"), "Blue")
    with pytest.raises(ImageFileError, match=r"a\.LIF：轴 Z 上有 2 层；请用 --project max"):
        imagefile.open_image(path)


def test_a_zarr_folder_is_one_picture(tmp_path):
    path, field = ome_zarr(tmp_path / "a.zarr"), ome_zarr(tmp_path / "plate.zarr" / "A" / "1")
    (tmp_path / "deeper").mkdir()
    lower = ome_zarr(tmp_path / "deeper" / "b.zarr")
    (tmp_path / "c.png").write_bytes(b"")
    plate = field.parent.parent
    assert [microscopes.is_folder(own) for own in (path, field, lower.parent)] == [True, True, False]
    for pattern, expected in (
        (tmp_path, [path, tmp_path / "c.png", plate]),
        (tmp_path / "*.zarr", [path, plate]),
        (path, [path]),
        (field, [field]),
        (image_paths.with_folders_below(str(tmp_path)), [path, tmp_path / "c.png", lower, plate]),
        (image_paths.with_folders_below(str(path)), [path]),
    ):
        assert image_paths.matched(str(pattern), tmp_path) == expected
    assert unread.kinds(str(tmp_path)) == ["子文件夹里的 1 张图像，要读请加 --recursive"]
    assert unread.kinds(str(path)) == []
    [name] = picture_names.of_files([path])
    assert name == "a"


def test_a_zarr_folder_is_read_and_done_again_when_it_changes(tmp_path):
    path = ome_zarr(tmp_path / "a.zarr")
    with picture_files.opened([str(path)], tmp_path, [tmp_path / "out"]) as pictures:
        [(name, picture)] = pictures.items()
        assert (name, picture.shown) == ("a", "a.zarr")
        np.testing.assert_array_equal(picture.read().channels[..., 0], PLANES[0, 0])
        before = picture.digest()
        assert picture.digest() == before
        [chunk, *_] = [file for file in sorted((path / "0").rglob("*")) if file.is_file()]
        chunk.write_bytes(chunk.read_bytes() + b" ")
        assert picture.digest() != before
