"""The manifest of a run: which notebooks have run, with what, when and where, and whether that is current."""

import functools
import os
from dataclasses import dataclass, field
from pathlib import Path

from cellseg_utils.report import manifest_form, provenance
from cellseg_utils.report.sections import ReportError
from cellseg_utils.run import (
    artifacts,
    files,
    fingerprint,
    language,
    parameter_values,
    parameters,
    runs,
)
from cellseg_utils.run.language import say

NAME = runs.MANIFEST


@dataclass(frozen=True)
class Manifest:
    """What a run consists of so far.

    Attributes
    ----------
    directory : Path
        The run directory.
    profile : str
    overrides : dict of str to value
        Parameters that win over the profile.
    notebooks : dict of str to dict or None
        What `entry` made of the last run of each notebook, by its stem, in the order of the report; None
        where it has not run, or is running.
    language : str
        In which the report is written: `language.CHINESE` or `language.ENGLISH`.
    pages : dict of str to str
        SHA-256 of the page and of its PDF, by their names.
    """

    directory: Path
    profile: str
    overrides: dict
    notebooks: dict
    language: str = language.CHINESE
    pages: dict = field(default_factory=dict)

    def command(self):
        """The command, a str, that makes this report again."""
        command = parameters.command(self.profile, self.overrides)
        chinese = self.language == language.CHINESE
        return command if chinese else f"{command} {language.OPTION} {self.language}"

    def note(self, section, noted):
        """Note the run of a notebook, or None while it runs, on disk too."""
        self.notebooks[section.path.stem] = noted
        self._write()

    def note_page(self, path):
        """Note the page, or its PDF, as it is now, on disk too."""
        self.pages[path.name] = fingerprint.of_file(path)
        self._write()

    def _write(self):
        value = {"profile": self.profile, "overrides": self.overrides, "language": self.language}
        value |= {"notebooks": self.notebooks, "pages": self.pages}
        files.write_bytes(self.directory / NAME, artifacts.signed_bytes(value))


def read(directory, tell):
    """What was noted of the notebooks that have run.

    Parameters
    ----------
    directory : Path
        The run directory.
    tell : callable
        Gets one line if the file is damaged: every notebook then runs again.

    Returns
    -------
    notebooks : dict of str to dict
        As in `Manifest`; empty where nothing has run yet.
    """
    try:
        return _noted(directory)["notebooks"]
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError):
        pass
    tell(say("{path}：已损坏，全部重新运行", path=directory / NAME))
    return {}


def whole(directory):
    """The manifest of a run as it was noted.

    Parameters
    ----------
    directory : Path
        The run directory.

    Returns
    -------
    manifest : Manifest

    Raises
    ------
    ReportError
        If it is damaged.
    """
    try:
        noted = _noted(directory)
        spoken = noted.get("language", language.CHINESE)  # what earlier versions wrote does not say it
        about = (noted["profile"], _as_typed(noted["overrides"]), noted["notebooks"])
        return Manifest(directory, *about, spoken, noted.get("pages", {}))
    except (OSError, ValueError, KeyError, TypeError) as error:
        fault = say("{path}：已损坏，请用同样的命令重新生成这份报告", path=directory / NAME)
        raise ReportError(fault) from error


def _as_typed(overrides):
    """Overrides as they were given: text was typed, and the declared type says what it means."""
    return {
        name: parameter_values.Text(value) if isinstance(value, str) else value
        for name, value in overrides.items()
    }


def _noted(directory):
    value = artifacts.read_signed(directory / NAME)
    manifest_form.check(value)
    return value


def entry(directory, section, key, seconds):
    """What is noted of a notebook that has just run.

    Parameters
    ----------
    directory : Path
        The run directory.
    section : sections.Section
    key : dict
        From `dependencies.key_of`, as it was when the notebook started.
    seconds : float
        That it took.

    Returns
    -------
    entry : dict
        `key`, `seconds`, `journal`, `executed` (SHA-256 of the executed notebook), `provenance`, and
        `contents`: what the bytes of the folders of data were, which the journal knows by times and sizes.
    """
    journal = runs.read_journal(directory, section.path.stem)
    journal["writes"] = {
        item: fingerprint.of_contents(directory / "artifacts" / item) for item in journal["writes"]
    }
    executed = fingerprint.of_file(executed_path(directory, section))
    here = provenance.here_and_now()
    contents = {
        path: of_bytes(path, digest) for path, digest in journal["data"].items() if os.path.isdir(path)
    }
    noted = {"key": key, "seconds": seconds, "journal": journal, "executed": executed}
    return {**noted, "contents": contents, "provenance": here}


@functools.lru_cache(maxsize=64)
def of_bytes(path, digest):
    """Fingerprint of the bytes of data, a str, read once in this process as long as `digest` stays."""
    return fingerprint.of_contents(path)


def executed_path(directory, section):
    """Where the executed copy of a notebook is."""
    return directory / "notebooks" / section.path.name


def is_current(noted, key, directory, section, tell):
    """Whether a notebook need not run again.

    Parameters
    ----------
    noted : dict or None
        From `entry`, of its last run.
    key : dict
        From `dependencies.key_of`, of today.
    directory : Path
        The run directory.
    section : sections.Section
    tell : callable
        Gets one line if something that the notebook wrote was changed since, or is damaged.

    Returns
    -------
    current : bool
    """
    try:
        if noted["key"] != key:
            return False
        journal, folder = noted["journal"], directory / "artifacts"
        same_input = all(
            fingerprint.of_contents(folder / name) == digest for name, digest in journal["reads"].items()
        ) and all(fingerprint.of_path(path) == digest for path, digest in journal["data"].items())
        written = {folder / name: digest for name, digest in journal["writes"].items()}
        written[executed_path(directory, section)] = noted["executed"]
    except (KeyError, TypeError, AttributeError):  # noted by an earlier version, or by nobody
        return False
    damaged = [path for path, digest in written.items() if fingerprint.of_contents(path) != digest]
    if damaged and same_input:
        tell(
            say(
                "{path}：已损坏、被改动或删除，重新运行第 {number} 节",
                path=damaged[0],
                number=section.number,
            )
        )
    return same_input and not damaged
