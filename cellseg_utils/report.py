"""Make a report: run the notebooks in order, skip what has not changed, render the page."""

import ast
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cellseg_utils import files, fingerprint, parameters, runs

NOTEBOOKS = runs.ROOT / "notebooks"
PROFILES = NOTEBOOKS / "profiles"


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

    paths = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
    if not paths:
        raise ReportError(f"{NOTEBOOKS}：没有笔记本；请在项目文件夹里安装（make venv）后再运行")
    found = []
    for path in paths:
        heading = nbformat.read(path, 4).cells[0].source.splitlines()[0]
        number, title = heading.removeprefix("# ").split(". ", 1)
        found.append(Section(int(number), title, path))
    return found


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
    parameters.ParameterError
        If a profile, a name or a value is wrong; nothing has run by then.
    ReportError
        If a notebook fails; what earlier ones made stays, and so does the last good page.
    """
    from cellseg_utils import page, summary

    everything = sections()
    directory = runs.ROOT / "reports" / run_name
    declared = parameters.declared([section.path for section in everything])
    values = {**parameters.read_profile(PROFILES, profile), **overrides}
    assigned = parameters.assign(declared, {**values, parameters.RUN_DIR: _shown(directory)})
    manifest = {} if force else read_manifest(directory).get("notebooks", {})
    started = time.perf_counter()
    for section in everything:
        entry = _run_unless_current(section, assigned[section.path.stem], directory, manifest, tell)
        manifest = {**manifest, section.path.stem: entry}
        _write_manifest(directory, profile, values, manifest)
    out = directory / "index.html"
    executed = [directory / "notebooks" / section.path.name for section in everything]
    page.render(executed, out, **summary.describe(directory, profile, manifest))
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
        Empty where nothing has run yet.
    """
    path = Path(directory) / "manifest.json"
    return runs.read_json(path) if path.exists() else {}


def _run_unless_current(section, values, directory, manifest, tell):
    key = _key(section, values)
    entry = manifest.get(section.path.stem)
    label = f"[{section.number:2d}/10] {section.title}"
    if entry is not None and _is_current(entry, key, directory, section):
        tell(f"{label}：没有变化，跳过")
        return entry
    tell(f"{label} ……")
    started = time.perf_counter()
    _execute(section, values, directory)
    seconds = time.perf_counter() - started
    tell(f"{label}：{seconds:.1f} 秒")
    journal = runs.read_journal(directory, section.path.stem)
    return {"key": key, "seconds": seconds, "journal": journal}


def _shown(directory):
    """The run directory as readers see it: from the project's folder on, where it is inside."""
    inside = directory.is_relative_to(runs.ROOT)
    return (directory.relative_to(runs.ROOT) if inside else directory).as_posix()


def _key(section, values):
    """Fingerprint of a notebook's code and prose, of the helpers that it imports, and of its parameters."""
    import nbformat

    cells = nbformat.read(section.path, 4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    modules = fingerprint.imported_modules(ast.parse(code))
    return fingerprint.of_values([cell.source for cell in cells], fingerprint.of_code(modules), values)


def _is_current(entry, key, directory, section):
    journal, artifacts = entry["journal"], directory / "artifacts"
    return (
        entry["key"] == key
        and (directory / "notebooks" / section.path.name).exists()
        and all((artifacts / name).exists() for name in journal["writes"])
        and all(
            fingerprint.of_contents(artifacts / name) == digest for name, digest in journal["reads"].items()
        )
        and all(fingerprint.of_path(path) == digest for path, digest in journal["data"].items())
    )


def _execute(section, values, directory):
    """Run a notebook beside its place, check that it ran to its end, and only then put it there."""
    import nbformat
    import papermill

    log = directory / "logs" / f"{section.path.stem}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    attempt = log.with_suffix(".failed.ipynb")
    with log.open("w", encoding="utf-8") as stream, _stderr_to(stream):
        try:
            papermill.execute_notebook(
                section.path,
                attempt,
                parameters=values,
                kernel_name="python3",
                progress_bar=False,
                stdout_file=stream,
                stderr_file=stream,
                config=_kernel_config(),
            )
        except papermill.PapermillExecutionError as error:
            raise ReportError(_explain(section, error.ename, error.evalue, log)) from error
        except (OSError, RuntimeError) as error:
            raise ReportError(_explain(section, type(error).__name__, str(error), log)) from error
    if not _ran_to_its_end(nbformat.read(attempt, 4)):
        raise ReportError(_explain(section, "DeadKernel", "内核中途退出，有的单元没有运行", log))
    target = directory / "notebooks" / section.path.name
    target.parent.mkdir(exist_ok=True)
    os.replace(attempt, target)


@contextmanager
def _stderr_to(stream):
    """Send what kernels write to the inherited stderr, such as TensorFlow's start-up messages, to the log."""
    saved = os.dup(2)
    try:
        os.dup2(stream.fileno(), 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


def _kernel_config():
    """Talk to the kernel through files that only this user can open, where the system has such sockets."""
    from traitlets.config import Config

    return Config() if os.name == "nt" else Config(KernelManager={"transport": "ipc"})


def _ran_to_its_end(notebook):
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    outputs = [output for cell in cells for output in cell.outputs]
    return all(cell.execution_count for cell in cells) and all(o.output_type != "error" for o in outputs)


def _explain(section, name, text, log):
    """Chinese line for a person; our own errors are Chinese already and name the file and the fix."""
    if "No space left" in text:
        text = f"磁盘已满（{text}），请腾出空间后用同样的命令接着跑"
    elif name in ("MemoryError", "ResourceExhaustedError"):
        text = "内存不够，请减小 batch_size 或 image_size 后再跑"
    elif name not in ("DataError", "ImageFileError", "RunError", "BundleError", "ValueError", "DeadKernel"):
        text = f"{name}：{text}"
    return f"{text}\n第 {section.number} 节“{section.title}”没有完成；前面各节和上一份报告都还在。日志：{log}"


def _write_manifest(directory, profile, values, notebooks):
    manifest = {"profile": profile, "parameters": values, "notebooks": notebooks}
    files.write_bytes(directory / "manifest.json", runs.json_bytes(manifest))
