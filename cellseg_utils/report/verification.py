"""Whether a report is as it was when it was made: its data, its files, and what its notebooks depend on."""

from dataclasses import dataclass
from pathlib import Path

from cellseg_utils.report import dependencies, manifest, provenance, sections
from cellseg_utils.report.sections import ReportError
from cellseg_utils.run import fingerprint, language, parameters, places
from cellseg_utils.run.language import later, say

REASONS = {
    "cells": later("笔记本的单元格改了"),
    "helpers": later("用到的程序改了"),
    "files": later("程序旁边的文件改了"),
    "backend": later("Keras 的后端换了"),
    "place": later("自动寻找的数据换了地方"),
    "texts": later("英文的文字改了"),
}
PAGE, PDF = "index.html", "index.pdf"
DEPENDENT, FILE, AROUND = "dependent", "file", "around"  # what a change is of


@dataclass(frozen=True)
class Change:
    """Something that is not as it was.

    Attributes
    ----------
    of : str
        `FILE` of the run or of the data, `DEPENDENT` where a notebook would run again, `AROUND` for what no
        number depends on.
    line : str
        What is said of it.
    """

    of: str
    line: str


def verify(directory):
    """What has changed since a report was made.

    Parameters
    ----------
    directory : Path
        The run directory.

    Returns
    -------
    changes : list of Change
        Empty if all is as it was.

    Raises
    ------
    ReportError
        If there is no report, or its manifest is damaged.
    """
    everything = sections.sections()
    if not (directory / manifest.NAME).is_file():
        raise ReportError(say("{directory}：没有这份报告", directory=directory))
    made = manifest.whole(directory)
    declared = parameters.declared([section.path for section in everything])
    values = {**parameters.read_profile(places.PROFILES, made.profile), **made.overrides}
    return changes(made, everything, parameters.assign(declared, values))


def is_current(directory, everything, profile, assigned):
    """Whether a report need not be made again.

    Parameters
    ----------
    directory : Path
        The run directory.
    everything : list of sections.Section
    profile : str
    assigned : dict of str to dict
        What each notebook is given, but for `run_dir`.

    Returns
    -------
    current : bool
    """
    try:
        made = manifest.whole(directory)
    except ReportError:
        return False
    return made.profile == profile and all(
        change.of == AROUND for change in changes(made, everything, assigned)
    )


def changes(made, everything, assigned):
    """What differs from what a manifest notes.

    Parameters
    ----------
    made : manifest.Manifest
    everything : list of sections.Section
    assigned : dict of str to dict
        What each notebook is given today; `run_dir` counts as it was.

    Returns
    -------
    changes : list of Change
    """
    noted = {section: made.notebooks.get(section.path.stem) for section in everything}
    unfinished = [section for section, own in noted.items() if not own]
    if unfinished:
        return [Change(DEPENDENT, say("第 {number} 节还没有跑完", number=unfinished[0].number))]
    data = _changed_data(noted.values())
    found = [Change(FILE, line) for line in data.values()]
    found += [Change(FILE, line) for line in _changed_files(made, noted)]
    for section, own in noted.items():
        if why := _reasons(section, own, assigned[section.path.stem], made.language, data):
            line = say("第 {number} 节会重新运行：{why}", number=section.number, why=language.listing(why))
            found.append(Change(DEPENDENT, line))
    return found + _changed_commit(noted.values())


def _changed_data(entries):
    """Line about each file or folder of data that is another one, by its path."""
    lines = {}
    for own in entries:
        for path, digest in own["journal"]["data"].items():
            if path not in lines and (line := _data_line(path, digest, own.get("contents", {}).get(path))):
                lines[path] = line
    return lines


def _data_line(path, digest, contents):
    today = fingerprint.of_path(path)
    if today == fingerprint.MISSING != digest:
        return say("{path}：数据不在了", path=path)
    if digest == fingerprint.MISSING != today:
        return say("{path}：这里多出了数据", path=path)
    changed = today != digest or (contents and fingerprint.of_contents(path) != contents)
    return say("{path}：数据改了", path=path) if changed else ""


def _changed_files(made, noted):
    """Lines about what notebooks wrote, about the executed notebooks, and about the page."""
    expected = {}
    for section, own in noted.items():
        folder = made.directory / "artifacts"
        expected |= {folder / name: digest for name, digest in own["journal"]["writes"].items()}
        expected[manifest.executed_path(made.directory, section)] = own["executed"]
    expected |= {made.directory / name: digest for name, digest in made.pages.items()}
    for path, digest in expected.items():
        today = fingerprint.of_contents(path)
        if today == fingerprint.MISSING:
            yield say("{path}：不在了", path=path)
        elif today != digest:
            yield say("{path}：内容改了", path=path)
    if PAGE not in made.pages:
        yield say("{path}：没有记下校验值；cellseg render 重新排成网页", path=made.directory / PAGE)
    if PDF not in made.pages and (made.directory / PDF).exists():
        yield say("{path}：不是由现在的网页打印的", path=made.directory / PDF)


def _reasons(section, own, values, spoken, data):
    """Why a notebook would run again."""
    key = own["key"]
    if not isinstance(key, dict) or not {*REASONS, "parameters", "libraries"} <= set(key):
        return [say("由早先的版本记录")]
    run_dir = {parameters.RUN_DIR: key["parameters"].get(parameters.RUN_DIR)}
    today = dependencies.key_of(section, {**values, **run_dir}, spoken)
    why = [say(text) for name, text in REASONS.items() if key[name] != today[name]]
    why += _differences(key["parameters"], today["parameters"])
    why += _libraries(key["libraries"], today["libraries"])
    return why + [
        say("数据 {name} 改了", name=Path(path).name) for path in own["journal"]["data"] if path in data
    ]


def _differences(before, today):
    """Parameters that are other ones."""
    unset = say("默认值")
    return [
        say(
            "参数 {name}：{before} → {today}",
            name=name,
            before=before.get(name, unset),
            today=today.get(name, unset),
        )
        for name in sorted({*before, *today})
        if before.get(name) != today.get(name)
    ]


def _libraries(before, today):
    gone, new = set(before) - set(today), set(today) - set(before)
    if not gone and not new:
        return []
    names = {"before": language.listing(sorted(gone)) or "—", "today": language.listing(sorted(new)) or "—"}
    return [say("库的版本：{before} → {today}", **names)]


def _changed_commit(entries):
    today = provenance.here_and_now()["commit"]
    before = {own["provenance"]["commit"] for own in entries} - {today}
    shown = provenance.text("commit", today)
    return [
        Change(
            AROUND, say("代码的版本：{before} → {today}", before=provenance.text("commit", own), today=shown)
        )
        for own in sorted(before)
    ]
