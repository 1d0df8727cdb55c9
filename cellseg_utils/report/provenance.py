"""Where numbers come from: commit, machine, libraries and time of the run that computed them."""

import datetime
import platform
import subprocess

import joblib

from cellseg_utils.run import language, libraries, places
from cellseg_utils.run.language import say


def here_and_now():
    """What is noted with everything that is computed now.

    Returns
    -------
    provenance : dict of str to str
        `commit`, `machine`, `versions` as a reader sees them, and `when` (ISO 8601, local time).
    """
    return {
        "commit": _commit(),
        "machine": say(
            "{system} {machine}，{n} 核",
            system=platform.system(),
            machine=platform.machine(),
            n=joblib.cpu_count(),
        ),
        "versions": language.clauses([f"Python {platform.python_version()}", *libraries.versions()]),
        "when": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
    }


def _commit():
    git = ["git", "-C", str(places.PACKAGE)]
    try:  # an installed package may lie inside a repository of somebody else's, which does not track it
        subprocess.run([*git, "ls-files", "--error-unmatch", "__init__.py"], capture_output=True, check=True)
        commit = subprocess.run(
            [*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
        )
        changes = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return say("不在 git 仓库里")
    name = commit.stdout.strip()
    if changes.stdout.strip():
        return say("提交 {commit}（有未提交的改动）", commit=name)
    return say("提交 {commit}", commit=name)
