"""The package as one file that pip installs, notebooks and shipped model inside."""

import shutil
import subprocess
import sys

from cellseg_utils.report.sections import ReportError
from cellseg_utils.run import temporary
from cellseg_utils.run.language import say

SOURCES = ("pyproject.toml", "README.md", "LICENSE", "cellseg_utils", "notebooks")
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "*.egg-info")


def build(project, folder):
    """Build the wheel of a clone; nothing is left in the clone, and nothing old that lies there gets in.

    Parameters
    ----------
    project : Path
        The clone.
    folder : Path
        Where the wheel goes, in place of an earlier one.

    Returns
    -------
    wheel : Path

    Raises
    ------
    ReportError
        If it is no clone, or pip can't build.
    """
    for name in SOURCES:
        if not (project / name).exists():
            raise ReportError(
                say("{path}：不存在；请在项目文件夹（git clone 得到的）里运行", path=project / name)
            )
    for earlier in folder.glob("cellseg_utils-*.whl"):
        earlier.unlink()
    with temporary.folder() as place:
        for name in SOURCES:
            if (project / name).is_dir():
                shutil.copytree(project / name, place / name, ignore=LEFT_OUT)
            else:
                shutil.copy(project / name, place)
        pip("wheel", str(place), "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder))
    [wheel] = folder.glob("cellseg_utils-*.whl")
    return wheel


def pip(*arguments):
    """Run pip of this Python.

    Parameters
    ----------
    *arguments : str

    Raises
    ------
    ReportError
        If it fails; with its last line.
    """
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace")
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or say("没有说明")).splitlines()[-1]
        raise ReportError(say("pip {what} 没有成功：{reason}", what=arguments[0], reason=last))
