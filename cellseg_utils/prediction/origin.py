"""How a folder of results was made, noted beside them."""

import datetime
import importlib.metadata
import json
import shlex
from pathlib import Path

from cellseg_utils.prediction import records
from cellseg_utils.run import artifacts, files, libraries

FILE = f"{records.FOLDER}/settings.json"
PROJECT = "cellseg-utils"


def write(folder, sources, options, about):
    """Note what makes the results of a folder.

    Parameters
    ----------
    folder : path-like
        Gets `FILE`: the command, the title and the hash of the network's weights, versions, and the
        time (ISO 8601, local).
    sources : sequence of str
        What the user names.
    options : dict of str to value
        Of `cellseg predict`, keyed by their names with `_` for `-`.
    about : dict
        Contents of `bundle.json`.

    Raises
    ------
    OSError
        If the disk is full.
    """
    noted = {
        "command": command(sources, folder, options),
        "model": about.get("title", ""),
        "weights_sha256": about.get("weights_sha256", ""),
        "versions": [*_own_version(), *libraries.versions()],
        "when": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
    }
    files.write_bytes(Path(folder) / FILE, json.dumps(noted, indent=1).encode())


def command(sources, folder, options):
    """The command that makes results.

    Parameters
    ----------
    sources, folder, options
        As `write` takes them.

    Returns
    -------
    command : str

    Examples
    --------
    >>> command(["my cells"], "out", {"speed": "best", "also": ["png"], "min_area": 0, "drop_border": True})
    "cellseg predict 'my cells' --out out --speed best --also png --drop-border"
    """
    words = ["cellseg", "predict", *sources, "--out", str(folder)]
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        if value is True:
            words.append(option)
            continue
        values = value if isinstance(value, list | tuple) else [value]
        words += [word for own in values if own for word in (option, str(own))]
    return shlex.join(words)


def read(folder):
    """What is noted of a folder.

    Parameters
    ----------
    folder : path-like

    Returns
    -------
    noted : dict
        As `write` leaves it; empty where nothing is noted.

    Raises
    ------
    OSError, ValueError
        If the file can't be read or is damaged.
    """
    path = Path(folder) / FILE
    return artifacts.read_json(path) if path.is_file() else {}


def _own_version():
    try:
        return [f"{PROJECT} {importlib.metadata.version(PROJECT)}"]
    except importlib.metadata.PackageNotFoundError:  # run from its folder
        return []
