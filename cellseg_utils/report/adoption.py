"""A page of notebooks that were executed in JupyterLab or by papermill alone, without `cellseg report`."""

import shutil
from pathlib import Path

import nbformat

from cellseg_utils.report import execution, manifest, runner, sections
from cellseg_utils.report.rendering import adopted_front
from cellseg_utils.report.sections import HEADING, ReportError
from cellseg_utils.run import files, fingerprint, language, parameters, places, runs, temporary
from cellseg_utils.run.language import say

OWN = "notebooks"  # folder in a run directory that holds executed notebooks


def render(run_name, folder="", tell=print):
    """Render the page of executed notebooks, with what there is.

    Parameters
    ----------
    run_name : str
        The run directory, as `runner.make` takes it: it holds what the notebooks wrote and gets the page.
    folder : path-like
        Of the executed notebooks; when left out, the run directory itself and its folder `notebooks`.
    tell : callable
        Gets one line at a time: what the page is not, and which sections are missing.

    Returns
    -------
    page : Path

    Raises
    ------
    ReportError
        If the run is `cellseg report`'s, no notebook there was executed, one was executed in part or with
        an error, or two are the same section; nothing is written then.
    """
    directory = runner.directory_of(run_name)
    if (directory / manifest.NAME).exists():
        raise ReportError(
            say(
                "{directory}：这是 cellseg report 生成的报告；重新排成网页不用 --notebooks",
                directory=directory,
            )
        )
    if not directory.is_dir():
        raise ReportError(say("{directory}：没有这个文件夹", directory=directory))
    folders = [Path(folder)] if folder else [directory / OWN, directory]
    found, everything = executed(folders), sections.sections()
    if not found:
        raise ReportError(
            say("{folder}：没有运行过的笔记本；请用 --notebooks 指明它们所在的文件夹", folder=folders[0])
        )
    notices = [say("这份网页不是 cellseg report 生成的：参数取自各个笔记本，没有核对过出处。")]
    lacking = [section for section in everything if section.number not in found]
    if lacking:
        names = language.listing(f"{own.number}. {own.title}" for own in lacking)
        notices.append(say("缺少的节（没有运行）：{names}。", names=names))
    notices += _elsewhere(found, directory)
    notices += _outdated([section for section in everything if section.number in found], directory)
    for notice in notices:
        tell(notice)
    return _write(directory, dict(sorted(found.items())), notices)


def is_needed(run_name):
    """Whether a run directory holds executed notebooks that `cellseg report` knows nothing of; bool."""
    directory = runner.directory_of(run_name)
    found = [path for folder in (directory / OWN, directory) for path in folder.glob("*.ipynb")]
    return bool(found) and not (directory / manifest.NAME).exists()


def executed(folders):
    """The executed notebooks of the report in some folders.

    Parameters
    ----------
    folders : sequence of Path

    Returns
    -------
    paths : dict of int to Path
        By the number in their first heading; those that nobody has run are left out, and so is what is no
        section.

    Raises
    ------
    ReportError
        As `render`.
    """
    found = {}
    for path in (path for folder in folders for path in sorted(folder.glob("*.ipynb"))):
        notebook = _read(path)
        numbered = HEADING.fullmatch(_heading(notebook))
        if not numbered or not _was_run(notebook):
            continue
        if not execution.ran_to_its_end(notebook):
            raise ReportError(
                say("{path}：有单元出错或没有运行；请把它从头到尾运行一遍，保存后再试", path=path)
            )
        other = found.setdefault(int(numbered[1]), path)
        if other != path:
            text = say(
                "{path}：与 {other} 都是第 {number} 节，请移走其中一个",
                path=path,
                other=other,
                number=numbered[1],
            )
            raise ReportError(text)
    return found


def _read(path):
    try:
        return nbformat.read(path, 4)
    except Exception as error:  # nbformat's errors share no base class
        raise ReportError(say("{path}：不是完整的笔记本", path=path)) from error


def _heading(notebook):
    first = notebook.cells[0].source if notebook.cells else ""
    return first.splitlines()[0] if first else ""


def _was_run(notebook):
    return any(cell.execution_count or cell.outputs for cell in notebook.cells if cell.cell_type == "code")


def _elsewhere(found, directory):
    """A line about each other run directory to which results of notebooks went."""
    others = {}
    for number, path in sorted(found.items()):
        run_dir = adopted_front.values_of(path).get(parameters.RUN_DIR, "")
        if (places.ROOT / run_dir).resolve() != directory:
            others.setdefault(run_dir, []).append(str(number))
    for run_dir, numbers in others.items():
        yield say(
            "第 {numbers} 节的 run_dir 是 {run_dir}，不是 {directory}：结果在别处",
            numbers=language.listing(numbers),
            run_dir=Path(run_dir).name,
            directory=directory.name,
        )


def _outdated(ran, directory):
    """A line about each notebook that read an artifact which was replaced since."""
    for section in ran:
        reads = runs.read_journal(directory, section.path.stem)["reads"]
        changed = [
            name
            for name, digest in reads.items()
            if fingerprint.of_contents(directory / "artifacts" / name) != digest
        ]
        if changed:
            names = language.listing(changed)
            yield say(
                "第 {number} 节读过的 {names} 后来变了，请重新运行它", number=section.number, names=names
            )


def _write(directory, found, notices):
    from cellseg_utils.report.rendering import page

    out, front = directory / "index.html", adopted_front.describe(directory, found, notices)
    with files.locked(directory, lambda: _refuse(directory)), temporary.folder() as folder:
        page.render([_numbered(path, number, folder) for number, path in found.items()], out, **front)
    return out


def _numbered(path, number, folder):
    """The same notebook under a name that starts with its number, which links inside the page go by."""
    if path.stem.startswith(f"{number:02d}"):
        return path
    return Path(shutil.copyfile(path, folder / f"{number:02d}_{path.name}"))


def _refuse(directory):
    raise ReportError(say("{directory}：另一个进程正在写这个文件夹，请等它结束", directory=directory))
