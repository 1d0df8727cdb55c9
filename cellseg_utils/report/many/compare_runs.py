"""Two reports beside each other: what differs in how they were made, and whether one is better."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from cellseg_utils.evaluation import intervals, number_texts
from cellseg_utils.report import provenance
from cellseg_utils.report.many import finished_run
from cellseg_utils.report.many.finished_run import Side
from cellseg_utils.report.rendering import reproduction
from cellseg_utils.report.sections import ReportError
from cellseg_utils.run.language import say

DIGITS = 12  # of a digest, that are shown
NOTHING = "—"


@dataclass(frozen=True)
class Pair:
    """Two reports and what comes of comparing them.

    Attributes
    ----------
    first, second : Side
    obstacle : str
        Why their scores can't be compared; empty where they can.
    scores : DataFrame
        One row a score: name, first, second (means), difference (second less first), low, high (its 95 %
        interval); not a number where there is none.
    """

    first: Side
    second: Side
    obstacle: str
    scores: pd.DataFrame


def read(first, second):
    """Read two finished reports and compare them.

    Parameters
    ----------
    first, second : Path
        Run directories.

    Returns
    -------
    pair : Pair

    Raises
    ------
    ReportError
        If one is not there, not finished, damaged, or both are the same.
    """
    if first == second:
        raise ReportError(say("{directory}：要比较两份不同的报告", directory=first))
    sides = finished_run.read(first), finished_run.read(second)
    obstacle = _obstacle(*sides)
    return Pair(*sides, obstacle, _scores(*sides, comparable=not obstacle))


def differing_parameters(pair):
    """Parameters that differ.

    Parameters
    ----------
    pair : Pair

    Returns
    -------
    rows : list of (str, str, str)
        Name, and the value of each side; of a path only the last part.
    """
    one, two = pair.first.parameters, pair.second.parameters
    return [
        (name, reproduction.shown(one.get(name, NOTHING)), reproduction.shown(two.get(name, NOTHING)))
        for name in {**one, **two}
        if one.get(name) != two.get(name)
    ]


def differing_data(pair):
    """Data that differ.

    Parameters
    ----------
    pair : Pair

    Returns
    -------
    rows : list of (str, str, str)
        Name of a file or folder and its digest on each side; a dash where it was not read.
    """
    one, two = (
        {Path(path).name: digest for path, digest in own.data.items()} for own in (pair.first, pair.second)
    )
    return [
        (name, one.get(name, NOTHING)[:DIGITS], two.get(name, NOTHING)[:DIGITS])
        for name in {**one, **two}
        if one.get(name) != two.get(name)
    ]


def differing_origin(pair):
    """Commits, machines and versions that differ.

    Parameters
    ----------
    pair : Pair

    Returns
    -------
    rows : list of (str, str, str)
        What, and that of each side.
    """
    titles = {"commit": say("代码"), "machine": say("机器"), "versions": say("版本")}
    one, two = pair.first.provenance, pair.second.provenance
    return [
        (title, *(" / ".join(provenance.text(what, own) for own in side[what]) for side in (one, two)))
        for what, title in titles.items()
        if one[what] != two[what]
    ]


def _obstacle(first, second):
    """Why scores of two reports can't be compared."""
    if first.trained_on() != second.trained_on():
        return say("数据不同，得分不能直接相比")
    own, other = set(first.rows["id"]), set(second.rows["id"])
    if own != other:
        counts = {"first": len(own), "second": len(other), "shared": len(own & other)}
        return say(
            "验证图像不同（{first} 张与 {second} 张，其中 {shared} 张相同），得分不能直接相比", **counts
        )
    return "" if own else say("没有验证图像")


def _scores(first, second, comparable):
    rows = []
    for name, title in finished_run.SCORES.items():
        row = [
            title,
            number_texts.with_interval(first.means, name),
            number_texts.with_interval(second.means, name),
        ]
        rows.append([*row, *(_difference(first, second, name) if comparable else (np.nan,) * 3)])
    columns = ["name", "first", "second", "difference", "low", "high"]
    return pd.DataFrame(rows, columns=columns).fillna({"first": NOTHING, "second": NOTHING})


def _difference(first, second, name):
    """Mean of the second less that of the first over the same pictures; whole families are drawn."""
    columns = ["id", "family", name]
    both = second.rows[columns].merge(first.rows[["id", name]], on="id", suffixes=("", "_of_first")).dropna()
    if both.empty:
        return (np.nan,) * 3
    ours, theirs = both[name], both[f"{name}_of_first"]
    return intervals.paired_difference(ours, theirs, first.means.get("seed", 0), both["family"])
