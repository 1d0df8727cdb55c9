"""What is no regular file is refused before it is opened, what is too large before it is read."""

import os
import socket

import pytest

from cellseg_utils.run import fingerprint, reading

READERS = (reading.whole, reading.text, fingerprint.of_file)


@pytest.fixture(params=["pipe", "socket", "device", "link to a pipe"])
def special(request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # names of sockets must be short
    path = tmp_path / "a.png"
    if request.param == "pipe":
        os.mkfifo(path)
    elif request.param == "link to a pipe":
        os.mkfifo(tmp_path / "b")
        path.symlink_to("b")
    elif request.param == "socket":
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("a.png")
    else:
        path.symlink_to("/dev/zero")
    return path


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no such files")
@pytest.mark.parametrize("read", READERS)
def test_what_is_no_regular_file_is_refused_at_once(special, read):
    with pytest.raises(OSError, match="不是普通文件，而是管道、设备或套接字"):
        read(special)


@pytest.mark.parametrize("read", READERS)
def test_a_folder_and_a_missing_file_are_refused_as_by_the_system(tmp_path, read):
    with pytest.raises(IsADirectoryError if os.name == "posix" else OSError):
        read(tmp_path)
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none")


def test_a_file_is_read_up_to_its_bound(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("细胞", encoding="utf-8")
    assert reading.whole(path, 6) == path.read_bytes()
    assert reading.text(path) == "细胞"
    with pytest.raises(OSError, match=r"超过 .+ MiB 的上限"):
        reading.whole(path, 5)


def test_a_file_far_above_the_bound_is_not_read(tmp_path, monkeypatch):
    with open(tmp_path / "a", "wb") as file:
        file.truncate(1 << 40)
    monkeypatch.setenv("CELLSEG_LANG", "en")
    with pytest.raises(OSError, match="larger than the limit of 4096 MiB"):
        reading.whole(tmp_path / "a")
