"""Writes that are whole or not at all: a temporary file in the same folder, then a rename."""

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

_PREFIX = ".writing-"


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
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=path.parent) as folder:
        temporary = Path(folder) / path.name
        yield temporary
        if path.is_dir() and temporary.exists():
            _swap_folders(path, temporary, Path(folder) / "old")
        else:
            os.replace(temporary, path)


def clear_leftovers(folder):
    """Remove the temporary folders that killed processes left anywhere below a folder.

    Parameters
    ----------
    folder : Path
        No other process may be writing below it.
    """
    for leftover in list(Path(folder).rglob(f"{_PREFIX}*")):
        shutil.rmtree(leftover, ignore_errors=True)


def _swap_folders(path, new, old):
    os.replace(path, old)
    try:
        os.replace(new, path)
    except OSError:
        os.replace(old, path)
        raise
