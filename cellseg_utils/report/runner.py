"""Make a report: run the notebooks in order, skip what has not changed, render the page."""

import ast
import functools
import os
import time
from contextlib import contextmanager
from pathlib import Path

from cellseg_utils.data import layout
from cellseg_utils.report import execution, sections
from cellseg_utils.report.sections import ReportError
from cellseg_utils.run import code_fingerprint, files, fingerprint, parameters, places, runs


def make(run_name, profile, overrides, force=False, tell=print):
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

    Returns
    -------
    page : Path
        The rendered `index.html`.

    Raises
    ------
    parameter_values.ParameterError
        If a profile, a name or a value is wrong; nothing has run by then.
    ReportError
        If a notebook fails; what earlier ones made stays, and so does the last good page.
    """
    from cellseg_utils.report import page, summary

    everything = sections.sections()
    directory = _directory(run_name)
    declared = parameters.declared([section.path for section in everything])
    values = {**parameters.read_profile(places.PROFILES, profile), **overrides}
    assigned = parameters.assign(declared, {**values, parameters.RUN_DIR: _shown(directory)})
    started = time.perf_counter()
    alone = files.alone(directory, functools.partial(_refuse, directory))
    with alone, _inherited(runs.COMMAND, parameters.command(profile, overrides)):
        manifest = read_manifest(directory)
        done = {} if force else manifest.get("notebooks", {})
        manifest = {"profile": profile, "overrides": overrides, "notebooks": done}
        for section in everything:
            _run_unless_current(section, assigned[section.path.stem], directory, manifest, tell)
        out = directory / "index.html"
        executed = [directory / "notebooks" / section.path.name for section in everything]
        page.render(executed, out, **summary.describe(directory, manifest))
    tell(f"完成：{out}（{out.stat().st_size / 1e6:.1f} MB，用时 {time.perf_counter() - started:.0f} 秒）")
    return out


def read_manifest(directory):
    """What a run consists of so far.

    Parameters
    ----------
    directory : Path
        The run directory.

    Returns
    -------
    manifest : dict
        `profile`, `overrides` and, for each finished notebook, its key, seconds and journal; empty where
        nothing has run yet, or the file can't be read.
    """
    try:
        return runs.read_json(Path(directory) / "manifest.json")
    except (OSError, ValueError):
        return {}


def _directory(run_name):
    path = Path(run_name)
    if not path.is_absolute() and (path.name != run_name or run_name in ("", "..")):
        raise ReportError(f"--run {run_name}：应是一个文件夹名，或一个完整的路径")
    return (places.REPORTS / path).resolve()


def _refuse(directory):
    raise ReportError(f"{directory}：另一个进程正在写这份报告，请等它结束，或用 --run 换一个名称")


@contextmanager
def _inherited(name, value):
    """Set an environment variable for the kernels that start meanwhile."""
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]


def _run_unless_current(section, values, directory, manifest, tell):
    name, key, label = section.path.stem, _key(section, values), f"[{section.number:2d}/10] {section.title}"
    done = manifest["notebooks"]
    if name in done and _is_current(done[name], key, directory, section):
        tell(f"{label}：没有变化，跳过")
        return
    tell(f"{label} ……")
    done.pop(name, None)  # from here on its artifacts may be replaced
    _write_manifest(directory, manifest)
    started = time.perf_counter()
    try:
        target, log = directory / "notebooks" / section.path.name, directory / "logs" / f"{name}.log"
        execution.execute(section.path, values, target, log)
    except execution.ExecutionError as error:
        where = f"第 {section.number} 节“{section.title}”没有完成；前面各节和上一份报告都还在。日志：{log}"
        raise ReportError(f"{error}\n{where}") from error
    seconds = time.perf_counter() - started
    journal = runs.read_journal(directory, name)
    journal["writes"] = {
        item: fingerprint.of_contents(directory / "artifacts" / item) for item in journal["writes"]
    }
    done[name] = {"key": key, "seconds": seconds, "journal": journal}
    _write_manifest(directory, manifest)
    tell(f"{label}：{seconds:.1f} 秒")


def _shown(directory):
    """The run directory as readers see it: from the project's folder on, where it is inside."""
    inside = directory.is_relative_to(places.ROOT)
    return (directory.relative_to(places.ROOT) if inside else directory).as_posix()


def _key(section, values):
    """Fingerprint of a notebook's cells and parameters, and of helpers, files and libraries that it uses."""
    import nbformat

    from cellseg_utils.report import summary

    cells = nbformat.read(section.path, 4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    modules = code_fingerprint.imported_modules(ast.parse(code))
    place = _place_of_data() if values.get("data") == "auto" else None
    libraries = summary.versions(), os.environ.get("KERAS_BACKEND")
    return fingerprint.of_values(
        [cell.source for cell in cells],
        code_fingerprint.of_modules(modules),
        code_fingerprint.of_files_beside(modules),
        values,
        place,
        libraries,
    )


def _place_of_data():
    """Where `auto` leads today; where it leads nowhere, notebook 01 says so."""
    try:
        return [str(path) for path in layout.find("auto", os.environ.get("CELLSEG_DATA"), places.ROOT)]
    except layout.DataError:
        return None


def _is_current(entry, key, directory, section):
    journal, artifacts = entry["journal"], directory / "artifacts"
    contents = {**journal["reads"], **journal["writes"]}
    return (
        entry["key"] == key
        and (directory / "notebooks" / section.path.name).exists()
        and all(fingerprint.of_contents(artifacts / name) == digest for name, digest in contents.items())
        and all(fingerprint.of_path(path) == digest for path, digest in journal["data"].items())
    )


def _write_manifest(directory, manifest):
    files.write_bytes(directory / "manifest.json", runs.json_bytes(manifest))
