"""The run directory: the only state that the notebooks share.

`reports/<run>/artifacts/` holds what one notebook leaves for the next. Every artifact has one writer, named
here; every write is whole or not at all (`files`).
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from cellseg_utils.run import artifacts, files, fingerprint, places
from cellseg_utils.run.artifacts import RunError
from cellseg_utils.run.language import listing, say

COMMAND = "CELLSEG_COMMAND"  # environment variable: what runs the notebooks; none where people do
MANIFEST = "manifest.json"  # what `cellseg report` notes of the notebooks that it ran into a run directory
WRITERS = {
    "source.json": "01_segmentation",
    "example.npz": "01_segmentation",
    "dataset.npz": "04_preprocessing",
    "samples.csv": "04_preprocessing",
    "audit.csv": "04_preprocessing",
    "preprocessing.json": "04_preprocessing",
    "model.json": "05_model",
    "training.json": "06_training",
    "history.csv": "06_training",
    "bundle": "06_training",
    "scores.csv": "07_analysis",
    "certainty.csv": "07_analysis",
    "scores.json": "07_analysis",
    "scored_bundle": "07_analysis",
    "train_predictions.csv": "08_train_predictions",
    "test_predictions.csv": "09_test_predictions",
    "test_masks": "09_test_predictions",
    "test_nuclei": "09_test_predictions",
    "comparison.csv": "10_future_work",
    "ablation.csv": "10_future_work",
    "curve.csv": "10_future_work",
    "left_out.csv": "10_future_work",
}
ENDS = {"08_train_predictions", "09_test_predictions", "10_future_work"}  # no other notebook builds on them


@dataclass(frozen=True)
class Run:
    """A run directory, seen by one notebook.

    Attributes
    ----------
    directory : Path
        `reports/<run>`.
    notebook : str
        Stem of the notebook that reads and writes.
    """

    directory: Path
    notebook: str

    def save(self, name, value):
        """Write an artifact: a dict of arrays to .npz, a DataFrame to .csv, JSON values to .json.

        Parameters
        ----------
        name : str
            A key of `WRITERS` that belongs to this notebook.
        value : dict, DataFrame or JSON-serialisable

        Raises
        ------
        RunError
            If the artifact is another notebook's, or an array holds Python objects.
        """
        files.write_bytes(self.target(name), artifacts.encode(name, value))

    def load(self, name):
        """Read an artifact of an earlier notebook.

        Parameters
        ----------
        name : str
            A key of `WRITERS`.

        Returns
        -------
        value : dict of ndarray, DataFrame or JSON value

        Raises
        ------
        RunError
            If it is not there yet, or damaged; the message names the notebook that makes it.
        """
        path = self.path(name)
        try:
            return artifacts.decode(path)
        except Exception as error:  # NumPy, pandas and zipfile have errors of their own for what is damaged
            fix = say("请重新运行 notebooks/{notebook}.ipynb（run_dir 相同）", notebook=WRITERS[name])
            raise RunError(say("{path}：已损坏，读不出来，{fix}", path=path, fix=fix)) from error

    def path(self, name):
        """Where an artifact of an earlier notebook is; `name` and the errors are those of `load`.

        Returns
        -------
        path : Path
        """
        path = self.directory / "artifacts" / name
        if not path.exists():
            raise RunError(
                say(
                    "{path} 还不存在，请先依次运行 {notebooks}（run_dir 相同）",
                    path=path,
                    notebooks=listing(f"{stem}.ipynb" for stem in self._to_run_before(WRITERS[name])),
                )
            )
        self._note("reads", name, fingerprint.of_contents(path))
        return path

    def _to_run_before(self, writer):
        """The notebook that writes what is asked for, and all that lack something before this one."""
        folder = self.directory / "artifacts"
        lacking = {stem for name, stem in WRITERS.items() if not (folder / name).exists()}
        return sorted({writer} | {stem for stem in lacking - ENDS if stem < self.notebook})

    def target(self, name):
        """Where this notebook may write an artifact.

        Parameters
        ----------
        name : str
            A key of `WRITERS` that belongs to this notebook.

        Returns
        -------
        path : Path

        Raises
        ------
        RunError
            If the artifact is another notebook's.
        """
        if WRITERS.get(name) != self.notebook:
            raise RunError(
                say(
                    "{name} 只能由 {writer} 写入，而不是 {notebook}",
                    name=name,
                    writer=WRITERS.get(name),
                    notebook=self.notebook,
                )
            )
        self._note("writes", name, None)
        return self.directory / "artifacts" / name

    def use_data(self, path):
        """Note that this notebook read data from outside the run, so that a change of it is noticed.

        Parameters
        ----------
        path : path-like
            A file or a folder.

        Returns
        -------
        digest : str
            The data's fingerprint.
        """
        digest = fingerprint.of_path(path)
        self._note("data", str(path), digest)
        return digest

    def tell(self, line):
        """Say something that whoever runs the notebook must know; `cellseg report` says it again.

        Parameters
        ----------
        line : str
            In the language of the run.
        """
        print(line, file=sys.stderr, flush=True)
        self._note("told", line, None)

    def cache(self, kind):
        """Folder for what is dear to make and can serve other runs too.

        Parameters
        ----------
        kind : str
            What it is: `"trainings"`.

        Returns
        -------
        folder : Path
            May not exist yet.
        """
        return self.directory.parent / ".cellseg-cache" / kind

    def _note(self, what, name, digest):
        path = journal_path(self.directory, self.notebook)
        journal = read_journal(self.directory, self.notebook)
        journal[what][name] = digest
        files.write_bytes(path, artifacts.json_bytes(journal))


def open_run(run_dir, notebook):
    """Open a run directory for one notebook and start that notebook's journal anew.

    Parameters
    ----------
    run_dir : path-like
        Relative paths start at the project's folder.
    notebook : str
        Stem of the notebook: `"04_preprocessing"`.

    Returns
    -------
    run : Run

    Raises
    ------
    RunError
        If a report is there, and `cellseg report` does not run the notebook: its artifacts would be lost.
    """
    run = Run((places.ROOT / run_dir).resolve(), notebook)
    if (run.directory / MANIFEST).exists() and not os.environ.get(COMMAND):
        raise RunError(
            say(
                "{directory}：这是 cellseg report 生成的报告，没有改动它；请把参数 run_dir 改成另一个文件夹，"
                "例如 reports/lab（要用它的结果，先把它的 artifacts 复制过去）",
                directory=run.directory,
            )
        )
    journal_path(run.directory, notebook).unlink(missing_ok=True)
    (run.directory / "artifacts").mkdir(parents=True, exist_ok=True)
    return run


def journal_path(directory, notebook):
    """File in which a notebook notes what it read and wrote."""
    return Path(directory) / "logs" / f"{notebook}.journal.json"


def read_journal(directory, notebook):
    """What a notebook read and wrote.

    Parameters
    ----------
    directory : path-like
        The run directory.
    notebook : str
        Its stem.

    Returns
    -------
    journal : dict
        `reads` and `data` map names to fingerprints, `writes` maps names to None, and so does `told` lines.
    """
    path = journal_path(directory, notebook)
    if path.exists():
        return artifacts.read_json(path)
    return {"reads": {}, "writes": {}, "data": {}, "told": {}}
