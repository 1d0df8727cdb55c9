"""What became of the runs of a sweep, noted in a file that is whole at any moment, for whoever looks on."""

from dataclasses import asdict, dataclass
from pathlib import Path

from cellseg_utils.report import manifest
from cellseg_utils.report.sections import ReportError
from cellseg_utils.run import artifacts, files
from cellseg_utils.run.language import say

FOLDER, NAME = ".cellseg-sweeps", "state.json"
WAITING, RUNNING, FINISHED, FAILED, STOPPED = "waiting", "running", "finished", "failed", "stopped"
LOG = Path("logs") / "sweep.log"  # in the run directory


@dataclass(frozen=True)
class Outcome:
    """What became of one run.

    Attributes
    ----------
    state : str
        `WAITING`, `RUNNING`, `FINISHED`, `FAILED` or `STOPPED`.
    reason : str
        Why it failed, one line.
    profile : str
    overrides : dict of str to value
        What it was started with.
    """

    state: str
    reason: str
    profile: str
    overrides: dict


def folder_of(reports, name):
    """Where a sweep notes what became of its runs; Path."""
    return Path(reports) / FOLDER / name


def write(reports, name, outcomes):
    """Note what became of all runs of a sweep so far.

    Parameters
    ----------
    reports : path-like
        Folder of the run directories.
    name : str
        Of the sweep.
    outcomes : dict of str to Outcome
        By the name of the run.
    """
    value = {"runs": {run: asdict(outcome) for run, outcome in outcomes.items()}}
    files.write_bytes(folder_of(reports, name) / NAME, artifacts.signed_bytes(value))


def read(reports):
    """What became of the runs of all sweeps, as far as it was noted last.

    Parameters
    ----------
    reports : path-like

    Returns
    -------
    outcomes : dict of str to Outcome
        By the name of the run; a damaged file counts as none.
    """
    outcomes = {}
    for path in sorted((Path(reports) / FOLDER).glob(f"*/{NAME}")):
        try:
            noted = artifacts.read_signed(path)["runs"]
            outcomes |= {run: Outcome(**fields) for run, fields in noted.items()}
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return outcomes


def sweeps(reports):
    """The sweeps of a folder.

    Parameters
    ----------
    reports : path-like

    Returns
    -------
    sweeps : dict of str to list of str
        Name of each to its runs.
    """
    found = {}
    for path in sorted((Path(reports) / FOLDER).glob(f"*/{NAME}")):
        try:
            found[path.parent.name] = list(artifacts.read_signed(path)["runs"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def state_text(directory, outcome):
    """What a reader is told of a run that did not come to its end.

    Parameters
    ----------
    directory : Path
        The run directory.
    outcome : Outcome or None

    Returns
    -------
    text : str
        Empty where its report is finished, or it is no sweep's.
    """
    if outcome is None or is_finished(directory):
        return ""
    return {
        FAILED: say("失败：{reason}", reason=outcome.reason),
        RUNNING: say("正在跑，或被中途杀掉"),
        WAITING: say("还没有开始"),
        STOPPED: say("被中断"),
    }.get(outcome.state, "")


def is_finished(directory):
    """Whether a report has run to its end and its page is there."""
    try:
        made = manifest.whole(directory)
    except ReportError:
        return False
    return all(made.notebooks.values()) and (directory / "index.html").is_file()
