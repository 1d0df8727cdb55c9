"""Pictures inside a zip file or a folder in the competition's layout, read in whatever process asks."""

import functools
import hashlib
import os
from contextlib import ExitStack

from cellseg_utils.data import layout, sources
from cellseg_utils.run.language import say
from cellseg_utils.run.plain_error import one_line


def read(path, name):
    """Bytes of a member; a zip file stays open in this process for the next one.

    Parameters
    ----------
    path : Path
        The zip file or the folder.
    name : str
        Of the member, as `layout.Source` has it.

    Returns
    -------
    data : bytes

    Raises
    ------
    layout.DataError
        If it can't be read; one line.
    """
    try:
        status = os.stat(path)
        _, read_all = _opened(path, status.st_mtime_ns, status.st_size)
    except Exception as error:  # what damaged bytes make zipfile raise
        raise layout.DataError(
            say("{path}：读不出来（{error}），请检查路径和权限", path=path, error=one_line(error))
        ) from error
    [data] = read_all([name])
    return data


def digest(path, name):
    """SHA-256 of a member's bytes.

    Parameters
    ----------
    path, name
        As `read` takes them.

    Returns
    -------
    digest : str
        64 hexadecimal digits.

    Raises
    ------
    layout.DataError
        As `read`.
    """
    return hashlib.sha256(read(path, name)).hexdigest()


def close():
    """Close the zip file that this process holds open, if any."""
    _opened.cache_clear()


@functools.lru_cache(maxsize=1)
def _opened(path, time, size):
    """A reader of one source, and what keeps its file open; another file of the same name is opened anew."""
    stack = ExitStack()
    return stack, stack.enter_context(sources.reader(sources.Source(path, {}, {})))
