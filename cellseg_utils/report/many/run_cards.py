"""What stands beside the table of all reports: a card of each, two of which can be seen side by side."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from cellseg_utils.report.many import compare_page, compare_runs, first_picture, sweep_record
from cellseg_utils.report.sections import ReportError
from cellseg_utils.run.language import say


@dataclass(frozen=True)
class Card:
    """One report.

    Attributes
    ----------
    name : str
    facts : dict of str to str
        What the table says of it, by heading, without its name and without what is not known.
    picture : str
        `data:` address, or empty.
    page, log : str
        Addresses relative to the folder; empty where there is none.
    comparisons : dict of str to str
        Name of another report to the address of the page of both.
    finished : bool
    """

    name: str
    facts: dict
    picture: str
    page: str
    log: str
    comparisons: dict
    finished: bool


def cards(folder, runs):
    """The cards of all reports of a folder.

    Parameters
    ----------
    folder : Path
    runs : DataFrame of str
        From `overview.table`: the first column is the name, a dash stands for what is not known.

    Returns
    -------
    cards : list of Card
        In the order of the table.
    """
    folder = Path(folder)
    names, outcomes = list(runs.iloc[:, 0]), sweep_record.read(folder)
    return [_card(folder, names, row, outcomes.get(row.iloc[0])) for _, row in runs.iterrows()]


def _card(folder, names, row, outcome):
    name, failed = row.iloc[0], outcome is not None and outcome.state == sweep_record.FAILED
    directory = folder / name
    has_log = failed and (directory / sweep_record.LOG).is_file()
    return Card(
        name,
        {title: value for title, value in row.iloc[1:].items() if value not in ("", "—")},
        first_picture.of(directory),
        f"{name}/index.html" if (directory / "index.html").is_file() else "",
        f"{name}/{sweep_record.LOG.as_posix()}" if has_log else "",
        {other: path.name for other in names for path in _pages(folder, name, other) if path.is_file()},
        sweep_record.is_finished(directory),
    )


def facts(cards):
    """How many reports there are, and how many of them are finished.

    Parameters
    ----------
    cards : list of Card

    Returns
    -------
    facts : list of (str, str)
        Label and value.
    """
    finished = sum(card.finished for card in cards)
    return [
        (say("报告"), str(len(cards))),
        (say("已完成"), str(finished)),
        (say("没有完成"), str(len(cards) - finished)),
    ]


def _pages(folder, name, other):
    """Where the page of two reports may be; neither stands first by rule."""
    pages = [compare_page.name_of(name, other), compare_page.name_of(other, name)]
    return [folder / page for page in pages] if name != other else []


def compare_sweeps(folder):
    """Write the pages that compare the finished reports of each sweep with the first of them.

    Parameters
    ----------
    folder : Path
        Of the reports; pages that are newer than both of their reports stay.

    Raises
    ------
    OSError
        If a page can't be written.
    """
    for names in sweep_record.sweeps(folder).values():
        pages = [folder / name / "index.html" for name in names]
        done = [page for page in pages if sweep_record.is_finished(page.parent)]
        for other in done[1:]:
            out = folder / compare_page.name_of(done[0].parent.name, other.parent.name)
            newest = max(done[0].stat().st_mtime, other.stat().st_mtime)
            if not out.is_file() or out.stat().st_mtime < newest:
                with contextlib.suppress(ReportError):  # one that is damaged stands in the table all the same
                    compare_page.write(compare_runs.read(done[0].parent, other.parent), folder)
