"""Reading of files that anybody may have made: regular files only, and never more than a bound."""

import errno
import os
import stat
from contextlib import contextmanager

from cellseg_utils.run.language import say

LARGEST = 4 << 30  # bytes of a file that is read as a whole
LARGEST_TEXT = 16 << 20  # bytes of a file of settings, or of what a run notes of itself
_AT_ONCE = getattr(
    os, "O_NONBLOCK", 0
)  # a pipe that took the file's place meanwhile does not keep us waiting
_FLAGS = os.O_RDONLY | _AT_ONCE | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


@contextmanager
def opened(path):
    """Open a regular file.

    Parameters
    ----------
    path : path-like

    Yields
    ------
    file : binary file
        Of which no more than its size is to be read.

    Raises
    ------
    OSError
        If it can't be opened, or is a pipe, a device, a socket or a folder, which is not opened at all.
    """
    _check(os.stat(path), path)
    with open(os.open(path, _FLAGS), "rb") as file:
        _check(os.fstat(file.fileno()), path)
        yield file


def whole(path, most=LARGEST):
    """All bytes of a regular file.

    Parameters
    ----------
    path : path-like
    most : int
        Bytes; a larger file is refused before anything of it is read.

    Returns
    -------
    data : bytes

    Raises
    ------
    OSError
        As `opened`, or if it is too large.
    """
    with opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        data = file.read(most + 1) if size <= most else b""
    if max(size, len(data)) > most:
        raise OSError(errno.EFBIG, say("超过 {limit:g} MiB 的上限", limit=most / (1 << 20)), str(path))
    return data


def text(path, most=LARGEST_TEXT):
    """All text of a regular file.

    Parameters
    ----------
    path, most
        As for `whole`.

    Returns
    -------
    text : str

    Raises
    ------
    OSError
        As `whole`.
    UnicodeDecodeError
        If it is no UTF-8.
    """
    return whole(path, most).decode("utf-8")


def _check(status, path):
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        reason = say("不是普通文件，而是管道、设备或套接字")
        raise OSError(errno.EINVAL, reason, str(path))
