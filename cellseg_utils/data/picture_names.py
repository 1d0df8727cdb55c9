"""What the results of a picture are called: by its file, and so that any file system can hold them all."""

import itertools
import os
import re
import sys
import unicodedata
from collections import Counter
from pathlib import Path

from cellseg_utils.run.file_names import readable

LONGEST = 235  # bytes; with the longest ending of a result it must fit into the 255 of a file name
_UNDECODED = re.compile("[\ud800-\udfff]")  # what Python makes of a file name that is not UTF-8
_UNSEEN = re.compile(  # controls, ends of lines, what turns text round
    "[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')  # by Windows, in the name of a file
# By Windows, whatever follows the first dot;
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file#naming-conventions
_DEVICE = re.compile(r"^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]) *(?=\.|$)", re.IGNORECASE)


def of_files(paths):
    """Name pictures after their files.

    Parameters
    ----------
    paths : list of Path
        Absolute.

    Returns
    -------
    names : list of str
        Path below the folder that all have in common, `_` between its parts, made `distinct`.
    """
    base = common_folder(paths)
    return of_relative([path.relative_to(base) for path in paths])


def of_relative(paths):
    """Name pictures after relative paths.

    Parameters
    ----------
    paths : iterable of PurePath

    Returns
    -------
    names : list of str
        `_` between the parts of a path; without its ending, unless another one differs in nothing else;
        made `distinct`.
    """
    paths = [type(path)(*map(readable, path.parts)) for path in paths]
    stems = ["_".join((*path.parts[:-1], path.stem)) for path in paths]
    whole = ["_".join(path.parts) for path in paths]
    alike, still_alike = (Counter(map(_same, names)) for names in (stems, whole))
    return distinct(
        full if alike[_same(stem)] > 1 and still_alike[_same(full)] == 1 else stem
        for stem, full in zip(stems, whole, strict=True)
    )


def distinct(names):
    """Make names that differ on any file system, however alike they are.

    Parameters
    ----------
    names : iterable of str
        Without slashes.

    Returns
    -------
    names : list of str
        A name that is fit for any file system stays as it is, if no earlier one is the same but for case or
        the form of its Unicode. Others become the last `LONGEST` bytes, with U+FFFD for bytes that are no
        UTF-8 and for what is not seen, `_` for what Windows forbids or this system's encoding lacks, and
        after what Windows keeps for devices, and get `-2`, `-3` and so on where that is taken.
    """
    names = list(names)
    fit = [_fit(name) for name in names]
    kept = {}
    for name, own in zip(names, fit, strict=True):
        if name == own:
            kept.setdefault(_same(own), own)
    taken, given = set(kept), []
    for name, own in zip(names, fit, strict=True):
        if kept.get(_same(own)) == name:
            kept[_same(own)] = None  # a second one of the same name gets a number
        else:
            own = _numbered(own, taken)
            taken.add(_same(own))
        given.append(own)
    return given


def common_folder(paths):
    """The smallest folder that holds all files, at whatever depth.

    Parameters
    ----------
    paths : list of Path
        Absolute.

    Returns
    -------
    folder : Path
    """
    return Path(os.path.commonpath([path.parent for path in paths]))


def _fit(name):
    name = _UNSEEN.sub("\ufffd", _UNDECODED.sub("\ufffd", name))
    encoding = sys.getfilesystemencoding()
    name = name.encode(encoding, "replace").decode(encoding)  # `?` for what this system has no names with
    name = re.sub(r"^\.+", lambda dots: "_" * len(dots[0]), name)  # nothing hidden, nor another folder
    name = _DEVICE.sub(r"\1_", _FORBIDDEN.sub("_", name))
    return name.encode()[-LONGEST:].decode(errors="ignore")


def _same(name):
    """What is the same for names that some file system takes for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def _numbered(name, taken):
    if _same(name) not in taken:
        return name
    return next(f"{name}-{n}" for n in itertools.count(2) if _same(f"{name}-{n}") not in taken)
