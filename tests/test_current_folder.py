"""Nothing that lies in the folder somebody works in is run as code."""

import importlib.metadata
import os
import subprocess
import sys

import nbformat
import pytest

from cellseg_utils.report import execution
from cellseg_utils.report.many import sweep_process
from cellseg_utils.run import places

OWN = "cellseg_utils"
MARK = "import pathlib; pathlib.Path(__file__).with_suffix('.ran').touch(); raise SystemExit(__name__)\n"
WORKERS = """
from cellseg_utils.prediction import workers

if __name__ == "__main__":
    with workers.client(1, "") as client:
        print(client.submit(sum, [1, 2]).result())
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current one: a file for each name that a library or a part of Python has."""
    folder = tmp_path / "数据 's"
    folder.mkdir()
    names = set(sys.stdlib_module_names) - set(sys.builtin_module_names)
    for name in filter(str.isidentifier, names | set(importlib.metadata.packages_distributions()) | {OWN}):
        (folder / f"{name}.py").write_text(MARK)
    monkeypatch.chdir(folder)
    paths = [str(places.PACKAGE.parent), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    return folder


def output(*command):
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_kernels_run_nothing_of_it_and_are_in_it(folder, tmp_path):
    code = f"import os, json, numpy, tqdm, {OWN}\nprint(os.getcwd())"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, tmp_path / "a.ipynb")
    done, log = tmp_path / "done" / "a.ipynb", tmp_path / "logs" / "a.log"
    execution.execute(tmp_path / "a.ipynb", {}, done, log)
    assert log.read_text(encoding="utf-8").strip() == str(folder)
    assert not list(folder.glob("*.ran"))


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python itself runs a runpy.py that lies there")
def test_a_module_run_by_python_runs_nothing_of_it(folder):
    (folder / f"{OWN}.py").unlink()  # Python itself would run this one
    assert "left_out_steps" in output("-m", OWN, "parameters")
    assert not list(folder.glob("*.ran"))


def test_reports_of_a_sweep_run_nothing_of_it(folder):
    assert "left_out_steps" in output(*sweep_process.PROGRAM, "parameters")
    assert not list(folder.glob("*.ran"))


@pytest.mark.skipif(sys.version_info < (3, 11), reason="has no PYTHONSAFEPATH")
def test_workers_run_nothing_of_it(folder, tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setenv("PYTHONSAFEPATH", "1")  # as the command sets it
    (tmp_path / "start.py").write_text(WORKERS)
    assert output(str(tmp_path / "start.py")).strip() == "3"
    assert not list(folder.glob("*.ran"))


def test_a_clone_that_is_not_installed_still_starts(monkeypatch):
    monkeypatch.chdir(places.PACKAGE.parent)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    assert "left_out_steps" in output("-m", OWN, "parameters")
