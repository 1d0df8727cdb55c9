"""Whose a folder of results is: nothing of somebody else's is replaced, and one call at a time writes."""

import functools
import itertools
from contextlib import contextmanager
from uuid import uuid4

from cellseg_utils.prediction import exports, interchange, records, stacks
from cellseg_utils.prediction.exports import LABELS, TABLES
from cellseg_utils.run import artifacts, files
from cellseg_utils.run.language import say
from cellseg_utils.run.plain_error import PlainError

_FOLDERS = (LABELS, stacks.FOLDER, *interchange.ALWAYS, *interchange.FORMATS)
_MARK = f"{records.FOLDER}/batch.json"  # the call that writes, and what of the folder is ours


class ResultsError(PlainError, ValueError):
    """A folder that results can't go into; the message is one line with the fix."""


def check(out, names, formats):
    """Refuse a folder with files of somebody else's that results would replace.

    Parameters
    ----------
    out : Path
    names : iterable of str
        Of the pictures among the results.
    formats : dict of str to (str, callable)
        From `interchange.chosen`.

    Raises
    ------
    ResultsError
        If there is such a file.
    """
    mark = _mark(out)
    tables = [out / table for table in TABLES if (out / table).exists()]
    first_lines = {*mark["tables"], *map(exports.first_line, TABLES)} if mark["call"] else ()
    foreign = [
        path for path in tables if not path.is_file() or not _begins(path).startswith(tuple(first_lines))
    ]
    endings = {LABELS: ".tif", stacks.FOLDER: ".tif"} | {
        folder: ending for folder, (ending, _) in formats.items()
    }
    for folder in [folder for folder in endings if folder not in mark["folders"] and (out / folder).is_dir()]:
        paths = (out / folder / f"{name}{endings[folder]}" for name in names)
        foreign += itertools.islice((path for path in paths if path.exists()), 1)
    if foreign:
        raise ResultsError(
            say(
                "{path}：不是 cellseg predict 写的，不会覆盖它；请移走它，或换一个文件夹放结果",
                path=foreign[0],
            )
        )


@contextmanager
def held(out, formats):
    """Hold a folder of results for this process, and clear what killed ones left in it.

    Parameters
    ----------
    out : Path
        Passed `check`.
    formats : dict of str to (str, callable)
        From `interchange.chosen`.

    Yields
    ------
    call : str
        A name for what is written now, which `current` knows.

    Raises
    ------
    ResultsError
        If another process is writing there.
    """
    with files.locked(out / records.FOLDER, functools.partial(_taken, out)):
        for folder in (out, *map(out.joinpath, _FOLDERS)):
            files.clear_leftovers(folder, deep=False)
        mark = _mark(out)
        mark = {
            "call": uuid4().hex,
            "tables": sorted({*mark["tables"], *map(exports.first_line, TABLES)}),
            "folders": sorted({*mark["folders"], LABELS, stacks.FOLDER, *formats}),
        }
        files.write_bytes(out / _MARK, artifacts.json_bytes(mark))
        yield mark["call"]


def current(out, call):
    """Whether a call still writes into a folder, and this process sees that folder.

    Parameters
    ----------
    out : Path
    call : str
        From `held`.

    Returns
    -------
    answer : bool
    """
    return _mark(out)["call"] == call


def _taken(out):
    raise ResultsError(
        say("{path}：另一个 cellseg predict 正在往这里写；请等它做完，或换一个文件夹放结果", path=out)
    )


def _mark(out):
    unmarked = {"call": "", "tables": [], "folders": []}
    try:
        mark = unmarked | artifacts.read_json(out / _MARK)
    except (OSError, ValueError, TypeError):
        return unmarked
    sound = isinstance(mark["call"], str) and all(
        isinstance(mark[name], list) and all(isinstance(own, str) for own in mark[name])
        for name in ("tables", "folders")
    )
    return mark if sound else unmarked


def _begins(path):
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        return file.readline(1 << 16).rstrip("\n")
