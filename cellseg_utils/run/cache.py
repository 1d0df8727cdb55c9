"""Folders that are made once, and whose files carry digests, so that damage is noticed and made good."""

import functools

from cellseg_utils.run import artifacts, files, fingerprint
from cellseg_utils.run.language import say

SEAL = "sha256.json"


def made_once(folder, make, waiting, tell):
    """Find a folder again that was made before, or make it.

    Parameters
    ----------
    folder : Path
        Its own folder is held meanwhile: another process that wants to make something there waits.
    make : callable
        Writes files into an empty folder, whose path it gets.
    waiting : str
        One line for a user whose process waits.
    tell : callable
        Gets that line, and one line if what was made before is damaged and made again.

    Raises
    ------
    OSError
        If the disk is full; nothing is left behind.
    """
    with files.locked(folder.parent, functools.partial(tell, waiting)):
        damaged = _damaged(folder) if folder.exists() else None
        if damaged:
            tell(say("{path}：已损坏，重新生成", path=folder / damaged))
        if damaged or not folder.exists():
            with files.replacing(folder) as temporary:
                temporary.mkdir()
                make(temporary)
                _seal(temporary)


def _seal(folder):
    digests = {path.name: fingerprint.of_file(path) for path in sorted(folder.iterdir())}
    (folder / SEAL).write_bytes(artifacts.signed_bytes({"made": folder.name, "digests": digests}))


def _damaged(folder):
    """Name of a file that is not as it was made for this folder, maybe the seal; None if all are."""
    try:
        seal = artifacts.read_signed(folder / SEAL)
        if seal["made"] != folder.name or not seal["digests"]:
            return SEAL
        return fingerprint.first_changed(folder, seal["digests"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return SEAL
