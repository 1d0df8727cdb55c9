"""Notebooks to work in: copies beside their results, so that saving them changes nothing that git keeps."""

import importlib.util
import os
import re
import subprocess
import sys
import urllib.parse
from pathlib import Path

import nbformat
from nbformat import v4

from cellseg_utils.report import sections
from cellseg_utils.report.rendering import shown_cells
from cellseg_utils.run import files, fingerprint, language, places
from cellseg_utils.run.language import later, say

NAME = "lab"  # folder under reports/: what the notebooks call their `run_dir` unless they are told another
START = "00_start.ipynb"
INSTALL = "python -m pip install jupyterlab"
CHANGED = later("{path}：里面有改动，保留；要换成新的，先把它移走")
COPIED = "cellseg_copied"  # in a copy's metadata: fingerprint of its cells as they were copied
MEANINGFUL = re.compile(r"[\\`*_~$<>&!|\[\]]")  # in Markdown, inside a line


def prepare(tell):
    """Put the notebooks, in the language of today, and a start page into `reports/lab`.

    Parameters
    ----------
    tell : callable
        Gets one line for each copy that stays because somebody has worked in it.

    Returns
    -------
    start : Path
        The start page.

    Raises
    ------
    sections.ReportError
        If a notebook is damaged.
    OSError
        If a copy can't be written.
    """
    folder = places.REPORTS / NAME
    folder.mkdir(parents=True, exist_ok=True)
    everything = sections.sections()
    for section in everything:
        _copy(section.path, folder / section.path.name, tell)
    start, page = folder / START, _start_page(everything, folder)
    page.metadata[COPIED] = _of_cells(page)
    if start.exists():
        there = _read(start)
        if there.metadata.get(COPIED) != _of_cells(there):
            tell(say(CHANGED, path=start))
            return start
    _write(start, page)
    return start


def open_in_browser(start):
    """Open JupyterLab on the start page, with the whole project to look into, until it is closed.

    Parameters
    ----------
    start : Path
        From `prepare`.

    Raises
    ------
    sections.ReportError
        If JupyterLab is not installed, or ends with an error.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise sections.ReportError(say("没有安装 JupyterLab；请先运行 {command}", command=INSTALL))
    where = f"--ServerApp.root_dir={places.ROOT}"
    command = [sys.executable, "-m", "jupyter", "lab", where, str(start)]
    if subprocess.call(command, cwd=start.parent):  # `-m` imports from the current folder
        raise sections.ReportError(say("JupyterLab 没有正常结束，原因见上"))


def _copy(path, target, tell):
    notebook = nbformat.read(path, 4)
    notebook.cells = shown_cells.in_language(notebook.cells)
    notebook.metadata[COPIED] = _of_cells(notebook)
    if target.exists():
        there = _read(target)
        if there.metadata.get(COPIED) == notebook.metadata[COPIED]:
            return  # copied from the same cells: worked in or not, it stays
        if there.metadata.get(COPIED) != _of_cells(there) or _has_run(there):
            tell(say(CHANGED, path=target))
            return
    _write(target, notebook)


def _read(path):
    try:
        return nbformat.read(path, 4)
    except Exception as error:  # nbformat's errors share no base class
        raise sections.ReportError(say("{path}：不是完整的笔记本，请把它移走", path=path)) from error


def _has_run(notebook):
    return any(cell.get("outputs") for cell in notebook.cells)


def _of_cells(notebook):
    return fingerprint.of_values([(cell.cell_type, cell.source) for cell in notebook.cells])


def _write(path, notebook):
    files.write_bytes(path, (nbformat.writes(notebook) + "\n").encode())


def _start_page(everything, folder):
    listed = "\n".join(f"{own.number}. [{own.title}]({own.path.name})" for own in everything)
    pages = sorted(places.REPORTS.glob("*/index.html"), key=os.path.getmtime, reverse=True)
    reports = "\n".join(f"- [{_as_text(page.parent.name)}]({_from(folder, page)})" for page in pages)
    texts = [
        say(
            "# 细胞图像分割报告\n\n依次运行下面的笔记本；每节的参数在它自己的 parameters 单元里，改了就生效。"
        ),
        listed,
        say(
            "中间结果放在 `{folder}/artifacts/`。"
            "跑完之后 `cellseg render {name}` 把它们排成一页网页；从头到尾自动跑一遍用 `cellseg report`。",
            folder=f"reports/{NAME}",
            name=NAME,
        ),
        say("## 现成的报告") + "\n\n" + (reports or say("还没有；`cellseg report` 生成一份。")),
    ]
    return v4.new_notebook(cells=[v4.new_markdown_cell(text) for text in texts], metadata=_metadata())


def _from(folder, page):
    return urllib.parse.quote(Path(os.path.relpath(page, folder)).as_posix(), errors="replace")


def _as_text(name):
    """A name in Markdown of which no character means anything."""
    return MEANINGFUL.sub(r"\\\g<0>", " ".join(name.split()))


def _metadata():
    return {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
        "language": language.current(),
    }
