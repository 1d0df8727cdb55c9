"""Writes that are whole or not at all: a temporary file in the same folder, then a rename."""

import functools
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import filelock

from cellseg_utils.run import system_errors
from cellseg_utils.run import temporary as temporaries

_PREFIX = ".writing-"
_OLD = "old-"  # before the name of a folder that is just being replaced


def write_bytes(path, data):
    """Write a file whole or not at all.

    Parameters
    ----------
    path : path-like
        Its folder is made when missing.
    data : bytes

    Raises
    ------
    OSError
        If the disk is full or the folder can't be written; an earlier file stays as it was.
    """
    with replacing(path) as temporary:
        temporary.write_bytes(data)


@contextmanager
def replacing(path):
    """Give a temporary path beside `path`, and rename it to `path` when the block ends well.

    What killed processes left beside it is cleared, the first time that this one writes there.

    Parameters
    ----------
    path : path-like
        A file or a folder; whatever is there is replaced at the end.

    Yields
    ------
    temporary : Path
        To be written as a file, or made as a folder.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    _clear_once(path.parent.absolute())
    with temporaries.beside(path.parent, _PREFIX) as folder:
        temporary = folder / path.name
        try:
            yield temporary
            publish(temporary, path)
        except OSError as error:
            if error.errno in system_errors.FULL or _is_below(error.filename, folder):
                error.filename = str(path)  # of what a user looks for, not of what is cleared
            raise


def _is_below(name, folder):
    return isinstance(name, str | os.PathLike) and Path(name).is_relative_to(folder)


def publish(temporary, path):
    """Rename a finished file or folder to its name, once all of it has reached the disk.

    Parameters
    ----------
    temporary, path : Path
        On one file system; whatever is at `path` is replaced.

    Raises
    ------
    OSError
        If the disk is full; what was at `path` stays.
    """
    _reach_disk(temporary)
    if path.is_dir() or (path.exists() and temporary.is_dir()):
        _swap(path, temporary)
    else:
        os.replace(temporary, path)
    _sync(path.parent)


@contextmanager
def locked(folder, taken):
    """Hold a folder for this process, and clear what killed ones left below it.

    Parameters
    ----------
    folder : Path
        Made when missing.
    taken : callable
        Called without arguments if another process holds the folder; unless it raises, this one waits.

    Yields
    ------
    None
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        taken()
        lock.acquire()
    try:
        clear_leftovers(folder)
        yield
    finally:
        lock.release()


def clear_leftovers(folder, deep=True):
    """Remove what killed processes left in a folder; what they had only moved aside comes back.

    Parameters
    ----------
    folder : Path
        No other process may be writing there.
    deep : bool
        Whether to look anywhere below it, or only directly in it.
    """
    for leftover in list(Path(folder).glob(f"**/{_PREFIX}*" if deep else f"{_PREFIX}*")):
        _clear(leftover)


@functools.lru_cache(maxsize=1024)
def _clear_once(folder):
    for leftover in temporaries.abandoned(folder, _PREFIX):
        _clear(leftover)


def _clear(leftover):
    for old in leftover.glob(f"{_OLD}*"):
        path = leftover.parent / old.name.removeprefix(_OLD)
        if not path.exists():
            os.replace(old, path)
    shutil.rmtree(leftover, ignore_errors=True)


def remove(path):
    """Remove a file, or a folder with all that it holds.

    Parameters
    ----------
    path : Path
    """
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def entries(folder, above=frozenset()):
    """Everything below a folder; links are followed, except back to a folder that they lie in.

    Parameters
    ----------
    folder : path-like
    above : frozenset of (int, int)
        Device and number of the folders that it lies in.

    Yields
    ------
    entry : os.DirEntry
        Of files and folders, a folder before what it holds.

    Raises
    ------
    OSError
        If a folder can't be read.
    """
    status = os.stat(folder)
    place = (status.st_dev, status.st_ino)
    if place in above:
        return
    for entry in os.scandir(folder):
        try:
            is_folder = entry.is_dir()
        except OSError:  # a link to itself
            continue
        yield entry
        if is_folder:
            yield from entries(entry.path, above | {place})


def _reach_disk(path):
    """Wait until a file, or all that a folder holds, is on the disk and not only in its cache."""
    if path.is_dir():
        for entry in entries(path):
            if not entry.is_symlink():
                _sync(entry.path)
    _sync(path)


def _sync(path):
    if os.path.isdir(path) and os.name == "nt":  # Windows opens no folder
        return
    number = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _swap(path, new):
    old = new.with_name(_OLD + path.name)
    try:
        os.replace(path, old)
        os.replace(new, path)
    except BaseException:  # Ctrl-C is one, and comes where it likes
        if not path.exists():
            os.replace(old, path)
        raise
    remove(old)
