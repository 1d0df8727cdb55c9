"""What a reader is told about two reports."""

import numpy as np

from cellseg_utils.evaluation import intervals, number_texts
from cellseg_utils.report.many import compare_runs
from cellseg_utils.run.language import say


def verdict(pair):
    """Say whether one of two reports is better.

    Parameters
    ----------
    pair : compare_runs.Pair

    Returns
    -------
    sentence : str
        Higher or lower only where the interval of the paired difference excludes 0.
    """
    if pair.obstacle:
        return pair.obstacle
    row = pair.scores.iloc[0]
    names = {"first": pair.first.name, "second": pair.second.name, "score": row["name"]}
    if np.isnan(row.difference):
        return say("没有一张图像有 {score} 得分", score=row["name"])
    if abs(row.difference) < number_texts.ALIKE:
        return say("{second} 与 {first} 的 {score} 得分相同", **names)
    names["difference"] = number_texts.without_minus_zero(row.difference, "+.3f")
    if np.isnan(row.low):
        names["fewest"] = intervals.FEWEST_TO_COMPARE
        return say(
            "{second} 与 {first} 的 {score} 得分之差为 {difference}：验证图像不足 {fewest} 组，分不出高下",
            **names,
        )
    names["ends"] = number_texts.interval((row.low, row.high), "+.3f")
    if row.low <= 0 <= row.high:
        return say(
            "{second} 与 {first} 的 {score} 得分之差为 {difference}，95% 区间 {ends} 包含 0：分不出高下",
            **names,
        )
    if row.difference > 0:
        return say("{second} 的 {score} 得分比 {first} 高（{difference}，95% 区间 {ends}）", **names)
    return say("{second} 的 {score} 得分比 {first} 低（{difference}，95% 区间 {ends}）", **names)


def lines(pair):
    """What the command line prints of two reports.

    Parameters
    ----------
    pair : compare_runs.Pair

    Returns
    -------
    lines : list of str
    """
    told = []
    for title, rows in tables(pair).items():
        told += [title, *("  {}: {} | {}".format(*row) for row in rows)] if rows else []
    told.append(say("得分（{first} | {second} | 成对的差）", first=pair.first.name, second=pair.second.name))
    told += [
        f"  {row['name']}: {row['first']} | {row['second']} | {difference(row)}"
        for _, row in pair.scores.iterrows()
    ]
    return [*told, verdict(pair)]


def tables(pair):
    """What differs between two reports, besides the scores.

    Parameters
    ----------
    pair : compare_runs.Pair

    Returns
    -------
    tables : dict of str to list of (str, str, str)
        Title to rows: what, and that of each side; no row where nothing differs.
    """
    return {
        say("不同的参数"): compare_runs.differing_parameters(pair),
        say("不同的数据"): compare_runs.differing_data(pair),
        say("代码、机器与版本"): compare_runs.differing_origin(pair),
    }


def difference(row):
    """A paired difference with its interval.

    Parameters
    ----------
    row : Series
        Of `Pair.scores`.

    Returns
    -------
    text : str
        A dash where there is none.
    """
    if np.isnan(row.difference):
        return compare_runs.NOTHING
    ends = number_texts.interval((row.low, row.high), "+.3f")
    return say("{difference}（{ends}）", difference=f"{row.difference:+.3f}", ends=ends)
