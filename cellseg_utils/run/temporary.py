"""Temporary folders: what a killed process left is known by its lock, which nobody holds any more."""

import contextlib
import functools
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

import filelock

PREFIX = "cellseg-"  # of those in the system's temporary folder
_LOCK = ".lock"
_YOUNG = 60  # seconds within which a folder gets its lock
_NO_LOCKS = (OSError, NotImplementedError)  # of file systems that have none


@contextlib.contextmanager
def folder():
    """A folder in the system's temporary one, for as long as it is needed; those of killed runs are cleared.

    Yields
    ------
    path : Path
    """
    place = tempfile.gettempdir()
    _clear_once(place)
    with beside(place, PREFIX) as path:
        yield path


@functools.cache
def _clear_once(place):
    for leftover in abandoned(place, PREFIX):
        shutil.rmtree(leftover, ignore_errors=True)


@contextlib.contextmanager
def beside(place, prefix):
    """A folder with a name of its own, which is locked while it is there.

    Parameters
    ----------
    place : path-like
        The folder that it is made in.
    prefix : str
        How its name begins.

    Yields
    ------
    path : Path

    Raises
    ------
    OSError
        If it can't be made.
    """
    with tempfile.TemporaryDirectory(prefix=prefix, dir=place) as path:
        lock = filelock.FileLock(Path(path) / _LOCK)
        with contextlib.suppress(*_NO_LOCKS):
            lock.acquire(timeout=0)
        try:
            yield Path(path)
        finally:
            lock.release()


def abandoned(place, prefix):
    """Folders of `beside` whose process is no more, each locked while it is looked at.

    Parameters
    ----------
    place : path-like
    prefix : str

    Yields
    ------
    path : Path
        One of this user's.
    """
    for path in Path(place).glob(f"{prefix}*"):
        with contextlib.suppress(*_NO_LOCKS, filelock.Timeout):
            status, lock = path.lstat(), path / _LOCK
            mine = not hasattr(os, "getuid") or status.st_uid == os.getuid()
            old = time.time() - status.st_mtime > _YOUNG
            if mine and old and stat.S_ISDIR(status.st_mode) and lock.is_file() and not lock.is_symlink():
                with filelock.FileLock(lock, timeout=0):
                    yield path
