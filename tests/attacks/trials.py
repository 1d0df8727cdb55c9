"""What the attacks share: a command in a place of its own, what it left, whether two results are the same."""

import io
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

TIMES = re.compile(r"\d[\d.,]*(e-\d+)?\s?(秒|分钟|MB|seconds?|minutes?)")
DIGESTS = re.compile(r"\b([0-9a-f]{64}|[0-9a-f]{32}|[0-9a-f]{16})\b")
TIMED_KEYS = {
    "earlier_epochs",
    "seconds",
    "images_per_second",
    "when",
    "duration",
    "start_time",
    "end_time",
    "execution",
}


class Place:
    """A home, a temporary folder and a mark in the environment by which all children are found.

    Parameters
    ----------
    folder : Path
        Made where it is missing.
    """

    def __init__(self, folder):
        self.folder, self.mark = folder, f"{os.getpid()}-{time.time_ns()}"
        self.home, self.temporary = folder / "home", folder / "tmp"
        for made in (self.home, self.temporary):
            made.mkdir(parents=True, exist_ok=True)

    def start(self, *words, **more):
        """Start `cellseg`, a Popen whose two outputs go into the file `output` of this place."""
        own = {
            "HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            "CELLSEG_ATTACK": self.mark,
            "CELLSEG_LANG": "zh",
        }
        environment = {**os.environ, **own, **more.pop("env", {})}
        words = [sys.executable, "-m", "cellseg_utils", *map(str, words)]
        with open(self.folder / "output", "wb") as output:
            return subprocess.Popen(words, stdout=output, stderr=output, env=environment, **more)

    def output(self):
        """What the command that was started last has printed."""
        return (self.folder / "output").read_text(errors="replace")

    def processes(self):
        """Numbers of the processes that were started here and still live."""
        mark, living = f"CELLSEG_ATTACK={self.mark}".encode(), []
        for path in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (path / "environ").read_bytes():
                    living.append(int(path.name))
            except OSError:  # gone meanwhile, or another user's
                continue
        return living

    def is_empty_within(self, seconds):
        """Whether no process is left after some time."""
        end = time.monotonic() + seconds
        while self.processes():
            if time.monotonic() > end:
                return False
            time.sleep(0.2)
        return True

    def left(self):
        """Files that are not the user's in home and temporary folder."""
        return sorted(
            str(path.relative_to(self.folder))
            for place in (self.home, self.temporary)
            for path in place.rglob("*")
            if not path.is_dir()
        )


def differences(one, other):
    """Files of two results that differ in more than times.

    Parameters
    ----------
    one, other : dict of str to bytes
        From `content`.

    Returns
    -------
    told : list of str
        Its name, and the first difference.
    """
    names = sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
    return [f"{name}: {_first_difference(one.get(name), other.get(name))}" for name in names]


def _first_difference(one, other):
    if one is None or other is None:
        return "is missing" if other is None else "is too many"
    pairs = itertools.zip_longest(one, other)
    at = next(place for place, (a, b) in enumerate(pairs) if a != b)
    return f"{one[max(0, at - 80) : at + 120]!r} became {other[max(0, at - 20) : at + 120]!r}"


def content(folder):
    """Every file of a result without the times in it.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    content : dict of str to bytes
    """
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): _timeless(path) for path in files}


def _timeless(path):
    read = {".csv": _table, ".json": _json, ".ipynb": _notebook, ".html": _text, ".log": lambda path: b""}
    return read.get(path.suffix, Path.read_bytes)(path)


def _text(path):
    return _without_times(path.read_text()).encode()


def _without_times(text):
    text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d[:\d+.Z]*( 到 \d\d:\d\d)?", "when", text)
    text = re.sub(r'"(seconds|images_per_second)": [\d.e-]+', "", text)
    text = re.sub(r"每秒(处理)? [\d.]+ 张图", "speed", text)
    text = re.sub(r'href=\\*"data:text/csv[^"]*"', "table", text)  # a column of which are minutes
    text = re.sub(r"[^。；]{0,40}用时最长[^。]{0,40}", "the slowest", text)
    text = re.sub(r'(text-align:left\\*">)\d\.\d<', r"\1minutes<", text)
    return DIGESTS.sub("digest", TIMES.sub(r"number \2", text))


def _table(path):
    table = pd.read_csv(io.BytesIO(path.read_bytes()))
    timed = [name for name in table.columns if name.startswith(("second", "minute"))]
    return table.drop(columns=timed).to_csv().encode()


def _json(path):
    return _without_times(json.dumps(_without_keys(json.loads(path.read_text())))).encode()


def _without_keys(value):
    if isinstance(value, dict):
        return {key: _without_keys(held) for key, held in value.items() if key not in TIMED_KEYS}
    return [_without_keys(held) for held in value] if isinstance(value, list) else value


def _notebook(path):
    notebook = json.loads(path.read_text())
    cells = [
        {**cell, "id": "", "metadata": cell["metadata"].get("tags"), "outputs": _outputs(cell)}
        for cell in notebook["cells"]
    ]
    return _without_times(json.dumps(cells, ensure_ascii=False)).encode()


def _outputs(cell):
    shown = [output for output in cell.get("outputs", []) if output.get("name") != "stderr"]
    for output in shown:
        if "text/html" in output.get("data", {}):  # the same once more, with minutes in columns
            output["data"].pop("text/plain", None)
    return shown


def work():
    """A folder for the attacks on this machine; it is not removed, so that one can look at it."""
    return Path(tempfile.mkdtemp(prefix="attack-"))
