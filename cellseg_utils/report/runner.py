"""Make a report: run the notebooks in order, skip what has not changed, render the page."""

import functools
import os
import re
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cellseg_utils.report import dependencies, execution, manifest, sections
from cellseg_utils.report.manifest import Manifest
from cellseg_utils.report.sections import ReportError
from cellseg_utils.run import files, keras_settings, language, parameters, places, runs, system_errors
from cellseg_utils.run.language import say


def make(run_name, profile, overrides, force=False, tell=print, spoken=language.CHINESE):
    """Run the notebooks into `reports/<run_name>/` and render `index.html`.

    Parameters
    ----------
    run_name : str
        Folder under `reports/`.
    profile : str
        Name of a profile.
    overrides : dict of str to value
        Parameters that win over the profile.
    force : bool
        Run every notebook, changed or not. Finished trainings are found again all the same.
    tell : callable
        Gets one line of progress at a time.
    spoken : str
        The language of notebooks and page; progress and errors are told in that of today.

    Returns
    -------
    page : Path
        The rendered `index.html`.

    Raises
    ------
    parameter_values.ParameterError
        If a profile, a name or a value is wrong; nothing has run by then.
    keras_settings.KerasError
        If Keras's backend can't be had; nothing has run by then.
    ReportError
        If a notebook fails; what earlier ones made stays, and so does the last good page.
    """
    everything = sections.sections()
    directory = directory_of(run_name)
    declared = parameters.declared([section.path for section in everything])
    values = {**parameters.read_profile(places.PROFILES, profile), **overrides}
    assigned = parameters.assign(declared, {**values, parameters.RUN_DIR: _shown(directory)})
    _check_encoding({**values, "run": str(directory)})
    keras_settings.check_backend()
    for path in sections.others():
        tell(say("{name}：文件名不是报告的一节，不运行", name=path.name))
    started = time.perf_counter()
    made = Manifest(directory, profile, overrides, {}, spoken)
    with _alone(directory), _inherited(runs.COMMAND, made.command()):
        earlier = {} if force else manifest.read(directory, tell)
        made.notebooks.update({own.path.stem: earlier.get(own.path.stem) for own in everything})
        for section in everything:
            _run_unless_current(section, assigned[section.path.stem], made, tell)
        out = _render(made, everything, declared, assigned)
    size, seconds = out.stat().st_size / 1e6, time.perf_counter() - started
    tell(say("完成：{page}（{size:.1f} MB，用时 {seconds:.0f} 秒）", page=out, size=size, seconds=seconds))
    return out


def render(run_name):
    """Render the page of a finished run again, in its language, with the look of today; no notebook runs.

    Parameters
    ----------
    run_name : str
        As `make` takes it.

    Returns
    -------
    page : Path

    Raises
    ------
    ReportError
        If there is no such run, not all of its notebooks have run, or a file of theirs is gone.
    """
    directory, everything = directory_of(run_name), sections.sections()
    if not (directory / manifest.NAME).is_file():
        raise ReportError(
            say(
                "{folder}：没有这份报告；先用 cellseg report --run {run} 生成", folder=directory, run=run_name
            )
        )
    with _alone(directory):
        made = manifest.whole(directory)
        lacking = [section for section in everything if not made.notebooks.get(section.path.stem)]
        if lacking:
            raise ReportError(
                say(
                    "{folder}：第 {number} 节还没有跑完；请先用同样的命令跑完这份报告",
                    folder=directory,
                    number=lacking[0].number,
                )
            )
        declared = parameters.declared([section.path for section in everything])
        values = {**parameters.read_profile(places.PROFILES, made.profile), **made.overrides}
        try:
            return _render(made, everything, declared, parameters.assign(declared, values))
        except FileNotFoundError as error:
            if not Path(error.filename or "").is_relative_to(directory):
                raise
            raise ReportError(
                say("{path}：不在了，请用同样的 cellseg report 命令重新生成", path=error.filename)
            ) from error


def _render(made, everything, declared, assigned):
    from cellseg_utils.report.rendering import page, summary

    out = made.directory / "index.html"
    executed = [manifest.executed_path(made.directory, section) for section in everything]
    with language.speaking(made.language):
        page.render(executed, out, **summary.describe(made, declared, assigned))
    made.pages.clear()  # a PDF is that of the page before
    made.note_page(out)
    return out


def print_page(page):
    """Print a report's page as PDF, and note what came of it where the report is `cellseg report`'s.

    Parameters
    ----------
    page : Path
        From `make` or `render`.

    Returns
    -------
    pdf : Path

    Raises
    ------
    pdf.PdfError
        If there is no browser that prints.
    """
    from cellseg_utils.report.rendering import pdf

    printed = pdf.write(page)
    if (page.parent / manifest.NAME).is_file():
        manifest.whole(page.parent).note_page(printed)
    return printed


@contextmanager
def _alone(directory):
    with ExitStack() as stack:
        try:
            stack.enter_context(files.locked(directory, functools.partial(_refuse, directory)))
        except OSError as error:
            if error.errno not in system_errors.DENIED:
                raise
            about = {"folder": directory, "reason": system_errors.reason(error)}
            raise ReportError(
                say(
                    "{folder}：不能写入（{reason}）；cellseg report --run /完整/的/路径 可以写到别处", **about
                )
            ) from error
        yield


def directory_of(run_name):
    """The run directory, a Path, of a name in `reports/` or of a folder's whole path.

    Raises
    ------
    ReportError
        If it is neither.
    """
    path = Path(run_name)
    if not path.is_absolute() and (path.name != run_name or run_name in ("", "..")):
        raise ReportError(say("{run}：报告的名称应是一个文件夹名，或一个完整的路径", run=run_name))
    return (places.REPORTS / path).resolve()


def _check_encoding(values):
    """Refuse paths that no notebook can hold."""
    for name, value in values.items():
        if re.search("[\ud800-\udfff]", str(value)):
            shown = str(value).encode(errors="replace").decode()
            raise ReportError(
                say("{name}={value}：路径的编码不是 UTF-8，请改名后再试", name=name, value=shown)
            )


def _refuse(directory):
    raise ReportError(
        say("{folder}：另一个进程正在写这份报告，请等它结束，或用 --run 换一个名称", folder=directory)
    )


@contextmanager
def _inherited(name, value):
    """Set an environment variable for the kernels that start meanwhile."""
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]


def _run_unless_current(section, values, made, tell):
    noted, key = made.notebooks[section.path.stem], dependencies.key_of(section, values, made.language)
    label = f"[{section.number:2d}/{len(made.notebooks)}] {section.title}"
    if manifest.is_current(noted, key, made.directory, section, tell):
        made.note(section, noted)
        tell(say("{label}：没有变化，跳过", label=label))
        return
    tell(say("{label} ……", label=label))
    made.note(section, None)  # from here on its artifacts may be replaced
    seconds = _run(section, values, made)
    with language.speaking(made.language):
        noted = manifest.entry(made.directory, section, key, seconds)
    made.note(section, noted)
    for line in noted["journal"]["told"]:
        tell(line)
    tell(say("{label}：{seconds:.1f} 秒", label=label, seconds=seconds))


def _run(section, values, made):
    """Run a notebook; how many seconds it took."""
    started, log = time.perf_counter(), made.directory / "logs" / f"{section.path.stem}.log"
    target = manifest.executed_path(made.directory, section)
    try:
        execution.execute(section.path, values, target, log, made.language)
    except execution.ExecutionError as error:
        where = say(
            "第 {number} 节“{title}”没有完成；前面各节和上一份报告都还在。日志：{log}",
            number=section.number,
            title=section.title,
            log=log,
        )
        raise ReportError(f"{error}\n{where}") from error
    return time.perf_counter() - started


def _shown(directory):
    """The run directory as readers see it: from the project's folder on, where it is inside."""
    inside = directory.is_relative_to(places.ROOT)
    return (directory.relative_to(places.ROOT) if inside else directory).as_posix()
