"""A finished report as it is compared with another one: parameters, data, where it comes from, scores."""

import ast
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pandas as pd

from cellseg_utils.report import manifest, sections
from cellseg_utils.report.sections import ReportError
from cellseg_utils.run import artifacts, fingerprint, parameters
from cellseg_utils.run.language import say

SCORES = {"kaggle": "Kaggle", "ap50": "AP@.5", "dice": "Dice", "iou": "IoU"}  # names that all languages share
ORIGIN = ("commit", "machine", "versions")  # what is noted of the run of a notebook and may differ


@dataclass(frozen=True)
class Side:
    """What is read of a report.

    Attributes
    ----------
    directory : Path
        The run directory.
    parameters : dict of str to value
        Of its notebooks, but for `run_dir`; what it was given, or the default.
    data : dict of str to str
        Digest of everything that it read from outside, by its path.
    provenance : dict of str to list of str
        `commit`, `machine` and `versions` of its notebooks, each once.
    means : dict
        `scores.json`.
    rows : DataFrame
        `scores.csv`: one row a validation picture.
    """

    directory: Path
    parameters: dict
    data: dict
    provenance: dict
    means: dict
    rows: pd.DataFrame

    @property
    def name(self):
        """As a reader sees it."""
        return self.directory.name

    def trained_on(self):
        """Digest of the labelled pictures, and of nothing else."""
        source = artifacts.read_json(self.directory / "artifacts" / "source.json")
        return self.data.get(source["train"])


def read(directory):
    """Read one report.

    Parameters
    ----------
    directory : Path

    Returns
    -------
    side : Side

    Raises
    ------
    ReportError
        If it is not there, not finished or damaged.
    """
    if not (directory / manifest.NAME).is_file():
        raise ReportError(say("{directory}：没有这份报告", directory=directory))
    made = manifest.whole(directory)
    if not all(made.notebooks.values()):
        raise ReportError(say("{directory}：还没有跑完；请先用同样的命令跑完这份报告", directory=directory))
    entries = made.notebooks.values()
    data = {}
    for own in entries:
        data |= {
            path: digest for path, digest in own["journal"]["data"].items() if digest != fingerprint.MISSING
        }
        data |= own.get("contents", {})
    told = {what: list(dict.fromkeys(own["provenance"][what] for own in entries)) for what in ORIGIN}
    paths = [manifest.executed_path(directory, section) for section in sections.sections()]
    try:
        means = artifacts.read_json(directory / "artifacts" / "scores.json")
        rows = artifacts.read_csv(directory / "artifacts" / "scores.csv")
        return Side(directory, given(paths), data, told, means, rows)
    except (OSError, ValueError) as error:
        raise ReportError(
            say("{directory}：结果已损坏或不在了，请用同样的命令重新生成", directory=directory)
        ) from error


def given(paths):
    """The parameters that executed notebooks ran with.

    Parameters
    ----------
    paths : sequence of Path
        Executed notebooks.

    Returns
    -------
    values : dict of str to value
        By name, in the order of the notebooks, without `run_dir`; of the injected cell, else the default.
    """
    values = {own.name: ast.literal_eval(own.default) for own in parameters.declared(paths)}
    for path in paths:
        values |= injected(nbformat.read(path, 4))
    values.pop(parameters.RUN_DIR, None)
    return values


def injected(notebook):
    """Values of the cell that papermill puts into a notebook.

    Parameters
    ----------
    notebook : nbformat.NotebookNode

    Returns
    -------
    values : dict of str to value
        Empty where there is no such cell.
    """
    values = {}
    for cell in notebook.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            values |= {
                node.targets[0].id: ast.literal_eval(node.value)
                for node in ast.parse(cell.source).body
                if isinstance(node, ast.Assign)
            }
    return values
