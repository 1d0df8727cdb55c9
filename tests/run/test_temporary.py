import os
import signal
import subprocess
import sys
import tempfile

import pytest

from cellseg_utils.run import files, temporary

WAITS = """
import sys, time
from cellseg_utils.run import files, temporary
context = temporary.folder() if sys.argv[1] == "folder" else files.replacing(sys.argv[1])
with context as path:
    path.parent.joinpath("x.txt").touch() if sys.argv[1] != "folder" else (path / "x.txt").touch()
    print(path, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """The system's temporary folder."""
    monkeypatch.setattr(temporary, "_YOUNG", -1)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    temporary._clear_once.cache_clear()
    files._clear_once.cache_clear()
    yield tmp_path
    temporary._clear_once.cache_clear()


@pytest.fixture
def waiting():
    """Start a process that holds a temporary folder, or one beside a path; stopped at the end."""
    started = []

    def start(what):
        process = subprocess.Popen(
            [sys.executable, "-c", WAITS, str(what)], stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        return process, process.stdout.readline().strip()

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def kill(process):
    process.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    process.wait()


def made_now():
    with temporary.folder() as path:
        return path


def test_a_folder_is_gone_with_all_that_it_holds(place):
    with temporary.folder() as path:
        (path / "x.txt").touch()
        assert path.parent == place
    assert not list(place.iterdir())


def test_that_of_a_living_process_stays_and_that_of_a_killed_one_goes(place, waiting):
    process, path = waiting("folder")
    made_now()
    assert os.path.isfile(os.path.join(path, "x.txt"))
    kill(process)
    assert os.path.isdir(path)
    temporary._clear_once.cache_clear()
    made_now()
    assert not list(place.iterdir())


def test_a_half_written_file_beside_results_goes_with_the_next_that_is_written_there(place, waiting):
    process, path = waiting(place / "result.csv")
    files.write_bytes(place / "a", b"")
    assert os.path.isdir(os.path.dirname(path))
    kill(process)
    files._clear_once.cache_clear()
    files.write_bytes(place / "a", b"")
    assert [own.name for own in place.iterdir()] == ["a"]


def test_folders_that_are_young_or_of_others_or_no_folders_stay(place, monkeypatch):
    for name, held in (("cellseg-own", True), ("cellseg-others", False), ("another", True)):
        (place / name).mkdir()
        if held:
            (place / name / ".lock").touch()
    (place / "cellseg-file").touch()
    (place / "cellseg-link").symlink_to(place / "another")
    monkeypatch.setattr(temporary, "_YOUNG", 60)
    assert not list(temporary.abandoned(place, temporary.PREFIX))
    monkeypatch.setattr(temporary, "_YOUNG", -1)
    assert [path.name for path in temporary.abandoned(place, temporary.PREFIX)] == ["cellseg-own"]


def test_a_file_system_without_locks_has_folders_all_the_same(place, monkeypatch):
    def refuse(*_, **__):
        raise NotImplementedError

    monkeypatch.setattr(temporary.filelock.FileLock, "acquire", refuse)
    assert made_now().parent == place
    assert not list(place.iterdir())
