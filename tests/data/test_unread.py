import os
import sys
import zipfile

import pytest

from cellseg_utils.data import image_paths, unread


def put(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


def test_every_kind_of_file_that_is_not_read_is_named(tmp_path):
    put(
        tmp_path,
        "a.png",
        "b.tif",
        "notes.txt",
        "x.vsi",
        "y.VSI",
        "a_seg.npy",
        "README",
        ".hidden",
        "Thumbs.db",
    )
    put(tmp_path, "c.zip", "below/d.png", "below/e.txt")
    assert unread.kinds(str(tmp_path)) == [
        "子文件夹里的 1 张图像，要读请加 --recursive",
        "里面的 1 个 zip，请单独给出",
        "另外 5 个文件（.vsi 2 个、.txt 1 个、_seg.npy 1 个、没有后缀的 1 个）",
    ]
    everything = image_paths.with_folders_below(str(tmp_path))
    assert unread.kinds(everything) == [
        "里面的 1 个 zip，请单独给出",
        "另外 6 个文件（.txt 2 个、.vsi 2 个、_seg.npy 1 个、没有后缀的 1 个）",
    ]
    assert unread.kinds(str(tmp_path / "*.txt")) == ["另外 1 个文件（.txt 1 个）"]
    assert unread.kinds(str(tmp_path / "a.png")) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes")
def test_pipes_and_broken_links_are_told_whatever_they_are_called(tmp_path):
    put(tmp_path, "a.png")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "gone.tif").symlink_to(tmp_path / "nowhere")
    assert unread.kinds(str(tmp_path)) == ["不是普通文件的 2 个（如 gone.tif：管道、设备或断开的链接）"]


def test_results_of_our_own_beside_the_pictures_are_no_news(tmp_path):
    put(tmp_path, "a.png", "objects.csv", "index.html", "labels/a.tif", "overlays/a.jpg")
    places = [tmp_path / "labels", tmp_path / "overlays"]
    assert unread.kinds(str(tmp_path), places) == []
    assert unread.kinds(str(tmp_path)) != []


def test_what_a_picture_folder_holds_is_no_file_of_its_own(tmp_path):
    put(tmp_path, "a.zarr/.zattrs", "a.zarr/0/0", "a.zarr/zarr.json")
    assert unread.kinds(image_paths.with_folders_below(str(tmp_path))) == []


def test_inside_a_zip_file_too(tmp_path):
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as archive:
        for name in ("a.png", "in/b.zip", "in/readme.txt", "__MACOSX/._a.png", "in/"):
            archive.writestr(name, b"")
    assert unread.kinds(str(tmp_path / "mine.zip")) == [
        "里面的 1 个 zip，请先解压",
        "另外 1 个文件（.txt 1 个）",
    ]
    put(tmp_path, "bad.zip")
    assert unread.kinds(str(tmp_path / "bad.zip")) == []


def test_in_english_files_are_counted_with_commas_and_plurals(tmp_path, monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    put(tmp_path, "x.vsi", "y.vsi", "README", "c.zip", "below/d.png")
    assert unread.kinds(str(tmp_path)) == [
        "1 image in subfolders (add --recursive to read them)",
        "1 zip file inside (give each one alone)",
        "3 other files (2 .vsi, 1 without extension)",
    ]
    put(tmp_path, "1.a", "1.b", "1.c", "1.d", "1.e")
    assert unread.kinds(str(tmp_path))[-1] == "8 other files (2 .vsi, 1 .a, 1 .b, 1 .c, 1 .d, …)"


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right of their own there")
def test_a_link_that_leads_back_to_itself_is_counted_as_any_other(tmp_path):
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "loop.png").symlink_to("loop.png")
    assert unread.below(tmp_path, [tmp_path / "out"]) == 1
