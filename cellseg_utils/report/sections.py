"""The notebooks of the report."""

from dataclasses import dataclass
from pathlib import Path

from cellseg_utils.run import places


class ReportError(RuntimeError):
    """A report that could not be finished; the message is Chinese, one line a fault, with the fix."""


@dataclass(frozen=True)
class Section:
    """One notebook of the report.

    Attributes
    ----------
    number : int
        1..10.
    title : str
        Chinese title, from the notebook's first heading.
    path : Path
        The `.ipynb`.
    """

    number: int
    title: str
    path: Path


def sections():
    """The notebooks of the report in order.

    Returns
    -------
    sections : list of Section

    Raises
    ------
    ReportError
        If the notebooks are not there: the package was installed without the project's folder.
    """
    import nbformat

    paths = sorted(places.NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
    if not paths:
        raise ReportError(f"{places.NOTEBOOKS}：没有笔记本；请在项目文件夹里安装（make venv）后再运行")
    found = []
    for path in paths:
        heading = nbformat.read(path, 4).cells[0].source.splitlines()[0]
        number, title = heading.removeprefix("# ").split(". ", 1)
        found.append(Section(int(number), title, path))
    return found
