import errno
import os
import stat
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg_utils.run import files


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def fill_the_disk(monkeypatch):
    def write_bytes(path, data):
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", write_bytes)


def test_write_bytes_makes_the_folder_and_leaves_nothing_else(tmp_path):
    files.write_bytes(tmp_path / "a" / "b" / "c.bin", b"\x00\x01")
    assert (tmp_path / "a" / "b" / "c.bin").read_bytes() == b"\x00\x01"
    assert names(tmp_path / "a" / "b") == ["c.bin"]


def test_write_bytes_replaces_an_earlier_file(tmp_path):
    for data in (b"long old content", b"new"):
        files.write_bytes(str(tmp_path / "x"), data)
    assert (tmp_path / "x").read_bytes() == b"new"


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200))
def test_write_bytes_writes_any_bytes_unchanged(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "any.bin"
    files.write_bytes(path, data)
    assert path.read_bytes() == data


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt, SystemExit])
def test_a_failure_leaves_the_old_file_and_no_temporary(tmp_path, error):
    path = tmp_path / "report.html"
    path.write_text("old")

    def fail():
        with files.replacing(path) as temporary:
            temporary.write_text("half")
            raise error

    with pytest.raises(error):
        fail()
    assert path.read_text() == "old"
    assert names(tmp_path) == ["report.html"]


def test_the_old_file_is_there_while_the_new_one_is_written_beside_it(tmp_path):
    path = tmp_path / "x"
    path.write_text("old")
    with files.replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
        assert temporary.stat().st_dev == path.stat().st_dev
        assert temporary.parent.parent == path.parent
    assert path.read_text() == "new"


def test_a_full_disk_leaves_the_old_file_and_says_so(tmp_path, monkeypatch):
    files.write_bytes(tmp_path / "x", b"old")
    fill_the_disk(monkeypatch)
    with pytest.raises(OSError, match="No space left") as caught:
        files.write_bytes(tmp_path / "x", b"new")
    assert caught.value.errno == errno.ENOSPC
    assert (tmp_path / "x").read_bytes() == b"old"
    assert names(tmp_path) == ["x"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_disk_that_fills_up_in_the_middle_leaves_the_old_file(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"old")

    def write():
        with files.replacing(path) as temporary:
            temporary.symlink_to("/dev/full")
            with temporary.open("wb") as file:
                file.write(b"new" * 100_000)

    with pytest.raises(OSError, match="No space left"):
        write()
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["x"]


def test_a_folder_is_replaced_as_a_whole(tmp_path):
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "old.txt").write_text("old")
    with files.replacing(folder) as temporary:
        temporary.mkdir()
        (temporary / "new.txt").write_text("new")
    assert names(folder) == ["new.txt"]
    assert names(tmp_path) == ["bundle"]


def test_a_failure_leaves_the_old_folder(tmp_path):
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "old.txt").write_text("old")

    def fail():
        with files.replacing(folder) as temporary:
            temporary.mkdir()
            (temporary / "new.txt").write_text("half")
            raise RuntimeError("cut off")

    with pytest.raises(RuntimeError, match="cut off"):
        fail()
    assert names(folder) == ["old.txt"]
    assert names(tmp_path) == ["bundle"]


def test_a_block_that_writes_nothing_leaves_the_old_folder(tmp_path):
    (tmp_path / "bundle").mkdir()
    with pytest.raises(FileNotFoundError), files.replacing(tmp_path / "bundle"):
        pass
    assert names(tmp_path) == ["bundle"]


def test_a_block_that_writes_nothing_leaves_the_old_file(tmp_path):
    (tmp_path / "x").write_text("old")
    with pytest.raises(FileNotFoundError), files.replacing(tmp_path / "x"):
        pass
    assert (tmp_path / "x").read_text() == "old"
    assert names(tmp_path) == ["x"]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_the_new_file_can_be_read_by_whom_the_umask_lets(tmp_path):
    old = os.umask(0o022)
    try:
        files.write_bytes(tmp_path / "x", b"")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o644


def test_folder_that_can_not_be_put_in_place_leaves_the_old_one(tmp_path, monkeypatch):
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "weights").write_text("old")
    replace = os.replace

    def fail_for_the_new(source, target):
        if os.path.basename(source) == "bundle" and os.path.basename(os.path.dirname(source)).startswith("."):
            raise PermissionError("in use")
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail_for_the_new)
    with pytest.raises(PermissionError), files.replacing(tmp_path / "bundle") as temporary:
        temporary.mkdir()
    assert (tmp_path / "bundle" / "weights").read_text() == "old"


@pytest.mark.parametrize("moment", [1, 2])
def test_interruption_while_a_folder_is_put_in_place_leaves_one(tmp_path, monkeypatch, moment):
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "weights").write_text("old")
    replace, calls = os.replace, []

    def interrupted(source, target):
        replace(source, target)
        calls.append(target)
        if len(calls) == moment:
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt), files.replacing(tmp_path / "bundle") as temporary:
        temporary.mkdir()
    assert names(tmp_path / "bundle") == [["weights"], []][moment - 1]
    assert names(tmp_path) == ["bundle"]


@pytest.fixture
def watched(monkeypatch):
    """Names in the order in which they reached the disk (`sync`) and got their name (`rename`)."""
    steps, fsync, replace = [], os.fsync, os.replace

    def note_sync(number):
        steps.append(("sync", os.path.basename(os.readlink(f"/proc/self/fd/{number}"))))
        fsync(number)

    def note_rename(source, target):
        steps.append(("rename", os.path.basename(target)))
        replace(source, target)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(os, "replace", note_rename)
    return steps


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc")
def test_a_file_reaches_the_disk_before_it_gets_its_name_and_the_name_reaches_it_too(tmp_path, watched):
    files.write_bytes(tmp_path / "x", b"new")
    assert watched == [("sync", "x"), ("rename", "x"), ("sync", tmp_path.name)]


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc")
def test_all_that_a_folder_holds_reaches_the_disk_before_it_gets_its_name(tmp_path, watched):
    with files.replacing(tmp_path / "bundle") as temporary:
        (temporary / "inner").mkdir(parents=True)
        (temporary / "inner" / "weights").write_text("1")
        (temporary / "link").symlink_to("inner")
    names = [name for step, name in watched[: watched.index(("rename", "bundle"))]]
    assert set(names) == {"weights", "inner", "bundle"}
    assert watched[-1] == ("sync", tmp_path.name)


def test_a_folder_that_a_killed_process_had_moved_aside_comes_back(tmp_path):
    for folder in ("new", "old-new", "old-whole"):
        (tmp_path / ".writing-abc" / folder).mkdir(parents=True)
        (tmp_path / ".writing-abc" / folder / "x").write_text(folder)
    (tmp_path / "whole").mkdir()
    files.clear_leftovers(tmp_path)
    assert names(tmp_path) == ["new", "whole"]
    assert (tmp_path / "new" / "x").read_text() == "old-new"
    assert names(tmp_path / "whole") == []


def test_entries_follow_links_but_not_in_a_circle(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "x").write_text("x")
    for name, target in (
        ("again", "b"),
        ("up", ".."),
        ("here", "."),
        ("itself", "itself"),
        ("gone", "nowhere"),
    ):
        (tmp_path / "a" / name).symlink_to(target)
    found = sorted(
        Path(entry.path).relative_to(tmp_path).as_posix() for entry in files.entries(tmp_path / "a")
    )
    assert found == ["a/again", "a/again/x", "a/b", "a/b/x", "a/gone", "a/here", "a/up", "a/up/a"]


def test_leftovers_of_killed_processes_are_removed_and_nothing_else(tmp_path):
    left = tmp_path / "artifacts" / ".writing-abc"
    left.mkdir(parents=True)
    (left / "dataset.npz").write_text("half")
    (tmp_path / "artifacts" / "dataset.npz").write_text("whole")
    with files.locked(tmp_path, pytest.fail):
        pass
    assert [path.name for path in (tmp_path / "artifacts").iterdir()] == ["dataset.npz"]


def test_one_process_at_a_time_holds_a_folder(tmp_path):
    done, told = [], []

    def second():
        with files.locked(tmp_path / "x", lambda: told.append("等着")):
            done.append("second")

    with files.locked(tmp_path / "x", pytest.fail):
        thread = threading.Thread(target=second)
        thread.start()
        while not told:
            time.sleep(0.01)
        done.append("first")
    thread.join()
    assert done == ["first", "second"]


def test_a_file_takes_the_place_of_a_folder_again_and_again(tmp_path):
    for content in ("one", "two"):
        (tmp_path / "x").unlink(missing_ok=True)
        (tmp_path / "x" / "inner").mkdir(parents=True)
        temporary = tmp_path / "elsewhere" / "x"
        temporary.parent.mkdir(exist_ok=True)
        temporary.write_text(content)
        files.publish(temporary, tmp_path / "x")
        assert (tmp_path / "x").read_text() == content
    assert names(tmp_path / "elsewhere") == []


def test_leftovers_deeper_down_stay_on_request(tmp_path):
    for folder in (tmp_path, tmp_path / "others"):
        (folder / ".writing-abc").mkdir(parents=True)
    files.clear_leftovers(tmp_path, deep=False)
    assert names(tmp_path) == ["others"]
    assert names(tmp_path / "others") == [".writing-abc"]


def test_a_full_disk_names_the_file_that_was_to_be_written(tmp_path):
    with pytest.raises(OSError, match="No space left") as caught, files.replacing(tmp_path / "x"):
        raise OSError(errno.ENOSPC, "No space left on device", "elsewhere")
    assert caught.value.filename == str(tmp_path / "x")
