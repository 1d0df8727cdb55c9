"""The notebooks of the report."""

import re
from dataclasses import dataclass
from pathlib import Path

from cellseg_utils.run import language, places
from cellseg_utils.run.language import say

NAME = re.compile(r"\d\d_[a-z0-9_]+")  # of a notebook that is a section; no copy that an editor makes has one
HEADING = re.compile(r"# (\d+)\. (\S.*)")
ENGLISH = "lang-en"  # tag of a text cell that takes the place of the Chinese one before it


class ReportError(RuntimeError):
    """A report that could not be finished; the message is one line a fault, with the fix."""


@dataclass(frozen=True)
class Section:
    """One notebook of the report.

    Attributes
    ----------
    number : int
        Counted from 1.
    title : str
        From the notebook's first heading in the language of today.
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
        If the notebooks are not there: the package was installed without the project's folder; or if one is
        damaged or has no numbered heading, or two have the same number.
    """
    paths = sorted(path for path in places.NOTEBOOKS.glob("*.ipynb") if NAME.fullmatch(path.stem))
    if not paths:
        raise ReportError(
            say("{folder}：没有笔记本；请在项目文件夹里安装（make venv）后再运行", folder=places.NOTEBOOKS)
        )
    by_number = {}
    for section in map(_section, paths):
        other = by_number.setdefault(section.number, section)
        if other is not section:
            raise ReportError(
                say(
                    "{path}：与 {other} 都是第 {number} 节，请删除或改名其中一个",
                    path=section.path,
                    other=other.path.name,
                    number=section.number,
                )
            )
    return [by_number[number] for number in sorted(by_number)]


def others():
    """Notebooks beside those of the report, such as copies, which are not run.

    Returns
    -------
    paths : list of Path
    """
    return sorted(path for path in places.NOTEBOOKS.glob("*.ipynb") if not NAME.fullmatch(path.stem))


def _section(path):
    import nbformat

    try:
        heading = _heading(nbformat.read(path, 4).cells)
    except Exception as error:  # nbformat's errors share no base class
        fault = say("{path}：不是完整的笔记本，请运行 make sync，由同名的 .py 重新生成", path=path)
        raise ReportError(fault) from error
    numbered = HEADING.fullmatch(heading)
    if not numbered:
        raise ReportError(
            say("{path}：第一行应是“# 编号. 标题”，得到的是“{heading}”", path=path, heading=heading)
        )
    return Section(int(numbered[1]), numbered[2], path)


def _heading(cells):
    """First line of the first cell, or of the first English one where English is spoken."""
    english = [cell for cell in cells if ENGLISH in cell.metadata.get("tags", [])]
    wanted = english if english and language.current() == language.ENGLISH else cells
    return wanted[0].source.splitlines()[0]
