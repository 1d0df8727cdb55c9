"""Fingerprints that tell whether data or settings have changed since something was computed."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np

from cellseg_utils.run import files, reading

MISSING = "missing"  # fingerprint of what is not there


def of_values(*values):
    """Fingerprint of values that JSON can write.

    Parameters
    ----------
    values : JSON-serialisable
        Settings, names, other fingerprints.

    Returns
    -------
    digest : str
        16 hexadecimal digits.
    """
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, default=str)
    # A file name that is no UTF-8 holds lone surrogates.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def of_arrays(*arrays):
    """Fingerprint of the contents of arrays.

    Parameters
    ----------
    arrays : ndarray
        Of any shape and type.

    Returns
    -------
    digest : str
        16 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.shape}{array.dtype.str}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:16]


def of_file(path):
    """SHA-256 of a file's bytes, 64 hexadecimal digits.

    Parameters
    ----------
    path : path-like
        An existing file.

    Returns
    -------
    digest : str

    Raises
    ------
    OSError
        If the file can't be read, or is no regular file.
    """
    digest = hashlib.sha256()
    with reading.opened(path) as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def of_path(path):
    """Fingerprint of a file (its bytes) or of a folder (names, sizes and times of all its files).

    Parameters
    ----------
    path : path-like
        A file or a folder.

    Returns
    -------
    digest : str
        Hexadecimal; `"missing"` where nothing is.
    """
    path = Path(path)
    if path.is_file():
        return of_file(path)
    if not path.is_dir():
        return MISSING
    return of_values(sorted(_listing(path)))


def of_contents(path):
    """Fingerprint of a file's bytes, or of the bytes of all files in a folder.

    Parameters
    ----------
    path : path-like
        A file, or a small folder.

    Returns
    -------
    digest : str
        Hexadecimal; `"missing"` where nothing is.
    """
    path = Path(path)
    if not path.is_dir():
        return of_path(path)
    inside = [file for file in path.rglob("*") if file.is_file()]
    return of_values(sorted((file.relative_to(path).as_posix(), of_file(file)) for file in inside))


def first_changed(folder, digests):
    """Find a file that is not as it was.

    Parameters
    ----------
    folder : Path
    digests : dict of str to str
        What `of_file` gave for each file, by its name in the folder.

    Returns
    -------
    name : str or None
        None where all are there and as they were.
    """
    for name, digest in digests.items():
        path = folder / name
        if not path.is_file() or of_file(path) != digest:
            return name
    return None


def _listing(folder):
    for entry in files.entries(folder):
        try:
            stat = entry.stat()
        except OSError:  # a link to nowhere
            continue
        if not entry.is_dir():
            yield os.path.relpath(entry.path, folder), stat.st_size, stat.st_mtime_ns
