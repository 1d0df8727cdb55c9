"""Files of a source: listed, read, refused."""

import os
import struct
import tracemalloc
import zipfile

import pytest

from cellseg_utils.data import layout, sources
from cellseg_utils.data.sources import DataError

TWO_PICTURES = {
    "b/images/b.png": b"picture b",
    "b/masks/2.png": b"mask 2",
    "b/masks/1.png": b"mask 1",
    "a/images/a.png": b"picture a",
    "a/masks/": b"",
}


@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.99])
def test_a_broken_zip_is_refused(make_zip, keep):
    path = make_zip(TWO_PICTURES)
    data = path.read_bytes()
    path.write_bytes(data[: keep if isinstance(keep, int) else int(len(data) * keep)])
    with pytest.raises(DataError, match=r"stage1_train\.zip：不是完整的 zip 文件（.+），请重新下载"):
        layout.open_source(path)


def test_a_member_that_would_fill_the_memory_is_refused(make_zip, monkeypatch):
    monkeypatch.setattr(sources, "LARGEST_MEMBER", 8)
    with pytest.raises(DataError, match=r"b/images/b\.png 解压后有 9 字节"):
        layout.open_source(make_zip(TWO_PICTURES))


def damage(path, member, change):
    """Change the bytes of one member's data in place."""
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(member)
    data = bytearray(path.read_bytes())
    start = info.header_offset + 30 + len(member)
    data[start : start + info.compress_size] = change(data[start : start + info.compress_size])
    path.write_bytes(data)


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_damaged_member_is_named_and_the_others_stay_readable(tmp_path, packing):
    path = tmp_path / "stage1_train.zip"
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr("a/images/a.png", bytes(range(256)) * 4)
        archive.writestr("b/images/b.png", b"good")
    damage(path, "a/images/a.png", lambda data: bytes(byte ^ 0xFF for byte in data))
    with sources.reader(layout.open_source(path)) as read:
        with pytest.raises(DataError, match=r"a/images/a\.png：读不出来（.+），请重新下载"):
            read(["b/images/b.png", "a/images/a.png"])
        assert read(["b/images/b.png"]) == [b"good"]


def test_an_encrypted_member_is_named(make_zip):
    path = make_zip({"a/images/a.png": b"secret"})
    data = bytearray(path.read_bytes())
    data[6] |= 1  # flag of the local header
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the same flag in the directory
    path.write_bytes(data)
    with (
        sources.reader(layout.open_source(path)) as read,
        pytest.raises(DataError, match=r"a/images/a\.png：压缩包加了密码，请先解压"),
    ):
        read(["a/images/a.png"])


def test_names_in_gbk_are_read_as_people_do(make_zip):
    path = make_zip({"plate/XXXX.png": b"", "é.png": b"", "a.png": b""}, "mine.zip")
    path.write_bytes(path.read_bytes().replace(b"XXXX", "细胞".encode("gbk")))
    [[name, shown]] = sources.readable(path).items()
    assert shown == "plate/细胞.png"
    assert name in sources.names(path)
    assert sources.readable(path.parent) == {}


def test_a_file_that_vanished_from_the_folder_is_named(make_zip, tmp_path):
    with zipfile.ZipFile(make_zip(TWO_PICTURES)) as archive:
        archive.extractall(tmp_path / "stage1_train")
    source = layout.open_source(tmp_path / "stage1_train")
    (tmp_path / "stage1_train" / "a" / "images" / "a.png").unlink()
    with (
        sources.reader(source) as read,
        pytest.raises(DataError, match=r"a/images/a\.png：读不出来") as error,
    ):
        read([source.images["a"]])
    assert str(tmp_path) not in str(error.value)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_members_that_inflate_without_a_bound_are_refused_unread(tmp_path, method, monkeypatch):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as archive:
        archive.writestr("a/images/a.png", b"0" * 1000)
    source = layout.open_source(tmp_path / "a.zip")
    monkeypatch.setattr(zipfile.ZipFile, "read", None)
    with sources.reader(source) as read, pytest.raises(layout.DataError, match="压缩包里用了"):
        read(["a/images/a.png"])


def test_a_member_is_inflated_no_further_than_the_directory_says(make_zip, tmp_path):
    path = tmp_path / "stage1_train.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/images/a.png", bytes(30_000_000))
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<I", 30_000_000), struct.pack("<I", 1000)))
    with sources.reader(layout.open_source(path)) as read:
        tracemalloc.start()
        with pytest.raises(DataError, match=r"a/images/a\.png：读不出来"):
            read(["a/images/a.png"])
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 3_000_000


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_than_the_usual_ones_are_refused_however_damaged(tmp_path, method):
    path = tmp_path / "stage1_train.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a/images/a.png", bytes(1000))
    damage(path, "a/images/a.png", lambda data: bytes(len(data)))
    with (
        sources.reader(layout.open_source(path)) as read,
        pytest.raises(DataError, match=r"a/images/a\.png：压缩包里用了少见的压缩方法"),
    ):
        read(["a/images/a.png"])


def test_members_that_overlap_are_refused(make_zip):
    path = make_zip({"a/images/a.png": bytes(500), "b/images/b.png": b""})
    data = path.read_bytes()
    second = data.rindex(b"PK\x01\x02")
    sized = data[: second + 20] + struct.pack("<II", 500, 500) + data[second + 28 :]
    path.write_bytes(sized[: second + 42] + struct.pack("<I", 0) + sized[second + 46 :])
    with pytest.raises(DataError, match="互相重叠"):
        layout.open_source(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no such files")
def test_a_pipe_in_the_layout_is_named_and_does_not_hang(tmp_path):
    folder = tmp_path / "stage1_train" / "a" / "images"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "a.png")
    with (
        sources.reader(layout.open_source(tmp_path / "stage1_train")) as read,
        pytest.raises(DataError, match=r"a/images/a\.png：读不出来（不是普通文件"),
    ):
        read(["a/images/a.png"])
