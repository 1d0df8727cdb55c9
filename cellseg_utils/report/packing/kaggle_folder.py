"""What Kaggle's own command uploads: a data set with the package, and one notebook of all sections.

https://github.com/Kaggle/kaggle-api/blob/main/docs/datasets_metadata.md,
https://github.com/Kaggle/kaggle-api/blob/main/docs/kernels_metadata.md
"""

import json
import re
import tempfile
from pathlib import Path

import nbformat

from cellseg_utils.data import kaggle_inputs
from cellseg_utils.report import sections
from cellseg_utils.report.packing import kaggle_notebook, wheel
from cellseg_utils.run import files, parameters, places
from cellseg_utils.run.language import say

SLUG = "cellseg-utils"  # of the data set, and of its title
OURS = {"dataset": "dataset-metadata.json", "notebook": "kernel-metadata.json"}  # folder and mark
TITLE = "Cell segmentation report"  # Kaggle makes the notebook's slug of it
CODE_FILE = "cell-segmentation-report.ipynb"
OWNER = "INSERT_USERNAME_HERE"  # of whom Kaggle's command asks to write one's name there
LACKING = ("isal",)  # dependencies of the notebooks that Kaggle's image has not
PYTHONS = ("3.10", "3.11", "3.12", "3.13")  # of which Kaggle's image may have one
PLATFORM = "manylinux2014_x86_64"


def write(out, profile, overrides=None, owner="", gpu=True):
    """Make the folders `dataset` and `notebook`.

    Parameters
    ----------
    out : path-like
        Gets both, in place of earlier ones.
    profile : str
        Whose values the notebook's parameters have.
    overrides : dict of str to value, optional
        Other values, as `parameters.assign` takes them.
    owner : str
        A user's name on Kaggle; left out, it is to be written into both metadata files.
    gpu : bool
        Whether Kaggle shall run the notebook on a GPU.

    Returns
    -------
    folders : tuple of Path
        `dataset` and `notebook`.

    Raises
    ------
    sections.ReportError
        If the owner's name is none, there is no clone to build from, or pip fails.
    parameters.ParameterError
        If profile or overrides are none of the notebooks.
    """
    out, owner = Path(out), owner or OWNER
    if owner != OWNER and not re.fullmatch(r"[A-Za-z0-9_-]+", owner):
        raise sections.ReportError(
            say(
                "--owner {owner}：Kaggle 的用户名只有字母、数字、- 与 _，是网址 kaggle.com/ 后面的那一段",
                owner=owner,
            )
        )
    everything = sections.sections()
    declared = parameters.declared([section.path for section in everything])
    values = {**parameters.read_profile(places.PROFILES, profile), "data": "auto", **(overrides or {})}
    assigned = parameters.assign(declared, values)
    for name, mark in OURS.items():
        _refuse_foreign(out / name, mark)
    with files.replacing(out / "dataset") as folder:
        _write_dataset(folder, owner)
    with files.replacing(out / "notebook") as folder:
        folder.mkdir()
        notebook = kaggle_notebook.assemble(everything, assigned, (SLUG, *LACKING))
        (folder / CODE_FILE).write_text(nbformat.writes(notebook), encoding="utf-8")
        _write_json(folder / "kernel-metadata.json", kernel_metadata(owner, gpu))
    return out / "dataset", out / "notebook"


def _refuse_foreign(folder, mark):
    """Only a folder that this command has made is replaced."""
    if folder.exists() and not (folder / mark).is_file() and (folder.is_file() or any(folder.iterdir())):
        raise sections.ReportError(
            say("{path}：里面的东西不是 cellseg kaggle 写的，没有动它；请用 --out 换一个文件夹", path=folder)
        )


def _write_dataset(folder, owner):
    folder.mkdir()
    wheel.build(places.ROOT, folder)
    with tempfile.TemporaryDirectory(prefix="cellseg-kaggle-") as place:
        pins = Path(place, "pins.txt")
        pins.write_text(_pins(), encoding="utf-8")
        for python in PYTHONS:
            target = ("--python-version", python, "--platform", PLATFORM, "--only-binary", ":all:")
            chosen = ("--require-hashes", "--requirement", str(pins))
            wheel.pip("download", "--no-deps", *target, "--dest", str(folder), *chosen)
    _write_json(folder / "dataset-metadata.json", dataset_metadata(owner))


def _pins():
    """Lines of the lock, with checksums, of what Kaggle lacks."""
    locked = (places.ROOT / "requirements.lock").read_text(encoding="utf-8")
    return "\n".join(re.findall(rf"(?m)^(?:{'|'.join(LACKING)})==.*(?:\n\s.*)*", locked))


def dataset_metadata(owner):
    """What Kaggle is told of the data set.

    Parameters
    ----------
    owner : str

    Returns
    -------
    metadata : dict
    """
    about = say("本软件（MIT 许可）的安装包，与 Kaggle 没有预装的依赖；给不联网的笔记本用。")
    licence = {"licenses": [{"name": "other"}]}  # Kaggle's list has no MIT
    return {"title": SLUG, "id": f"{owner}/{SLUG}", "description": about, **licence}


def kernel_metadata(owner, gpu):
    """What Kaggle is told of the notebook.

    Parameters
    ----------
    owner : str
    gpu : bool

    Returns
    -------
    metadata : dict
    """
    return {
        "id": f"{owner}/{CODE_FILE.removesuffix('.ipynb')}",
        "title": TITLE,
        "code_file": CODE_FILE,
        "language": "python",
        "kernel_type": "notebook",
        "is_private": "true",
        "enable_gpu": str(gpu).lower(),
        "enable_internet": "false",
        "dataset_sources": [f"{owner}/{SLUG}"],
        "competition_sources": [kaggle_inputs.COMPETITION],
        "kernel_sources": [],
        "model_sources": [],
    }


def _write_json(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
