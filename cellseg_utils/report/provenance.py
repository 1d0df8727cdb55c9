"""Where numbers come from: commit, machine, libraries and time of the run that computed them."""

import datetime
import platform
import re
import subprocess

import joblib

from cellseg_utils.run import language, libraries, places
from cellseg_utils.run.language import say

CHANGED = "*"  # behind a commit: with changes that are in none
BETWEEN = ", "


def here_and_now():
    """What is noted with everything that is computed now, in no language.

    Returns
    -------
    provenance : dict of str to str
        `commit` (empty where the code is in no repository), `machine`, `versions`, and `when` (local time,
        ISO 8601); `text` says them.
    """
    return {
        "commit": _commit(),
        "machine": f"{platform.system()} {platform.machine()}{BETWEEN}{joblib.cpu_count()}",
        "versions": BETWEEN.join([f"Python {platform.python_version()}", *libraries.versions()]),
        "when": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
    }


def text(what, noted):
    """What was noted, for a reader.

    Parameters
    ----------
    what : str
        `"commit"`, `"machine"` or `"versions"`.
    noted : str
        From `here_and_now`; what an earlier version noted stays as it is.

    Returns
    -------
    text : str
    """
    if what == "commit":
        return _commit_text(noted)
    machine = re.fullmatch(rf"(.+){BETWEEN}(\d+)", noted) if what == "machine" else None
    if machine:
        return say("{machine}，{n} 核", machine=machine[1], n=int(machine[2]))
    return language.clauses(noted.split(BETWEEN))


def _commit_text(noted):
    if not noted:
        return say("不在 git 仓库里")
    if not re.fullmatch(r"[0-9a-f]+\*?", noted):
        return noted
    name = noted.removesuffix(CHANGED)
    if name != noted:
        return say("提交 {commit}（有未提交的改动）", commit=name)
    return say("提交 {commit}", commit=name)


def _commit():
    git = ["git", "-C", str(places.PACKAGE)]
    try:  # an installed package may lie inside a repository of somebody else's, which does not track it
        subprocess.run([*git, "ls-files", "--error-unmatch", "__init__.py"], capture_output=True, check=True)
        commit = subprocess.run(
            [*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
        )
        changes = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return commit.stdout.strip() + (CHANGED if changes.stdout.strip() else "")
