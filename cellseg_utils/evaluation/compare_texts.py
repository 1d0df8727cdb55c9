"""What a reader is told about networks that were compared: which differences are real, and which are not."""

import re

import numpy as np
import pandas as pd

from cellseg_utils.evaluation import intervals, number_texts
from cellseg_utils.run import language
from cellseg_utils.run.language import later, say

NEXT = {  # what is left to do, by whether the recipe was the best one; to be said
    False: later("要走得更远，下一步是 best 方案：统一核的大小，学会把粘连的核分开。"),
    True: later("要走得更远，可以试的有：训练得更久，加宽网络，加入更多种类的图像；后两项本报告没有验证。"),
}
FROM_SCRATCH = later("第 6 节的模型从现成的权重开始，这里的三个都从头训练。")
PLUS = re.compile("^[＋+] *")  # before the name of a step


def verdict(row):
    """Say whether a network differs from its rival.

    Parameters
    ----------
    row : namedtuple
        A row of `compare.table`, of a network that has a rival.

    Returns
    -------
    sentence : str
        Higher or lower only where there is an interval of the paired difference, and it excludes 0.
    """
    two = {"model": say(row.model), "rival": say(row.rival)}
    if abs(row.difference) < number_texts.ALIKE:
        return say("{model} 与 {rival} 的 Kaggle 得分相同（{kaggle:.3f}）", kaggle=row.kaggle, **two)
    two["difference"] = row.difference
    if np.isnan(row.difference_low):
        return say(
            "{model} 与 {rival} 的 Kaggle 得分之差为 {difference:+.3f}：验证图像不足 {fewest} 组，分不出高下",
            fewest=intervals.FEWEST_TO_COMPARE,
            **two,
        )
    two["ends"] = number_texts.interval((row.difference_low, row.difference_high), "+.3f")
    if row.difference_low <= 0 <= row.difference_high:
        return say(
            "{model} 与 {rival} 的 Kaggle 得分之差为 {difference:+.3f}，95% 区间 {ends}，区间包含 0："
            "这份数据上分不出高下",
            **two,
        )
    if row.difference > 0:
        return say("{model} 的 Kaggle 得分比 {rival} 高（{difference:+.3f}，95% 区间 {ends}）", **two)
    return say("{model} 的 Kaggle 得分比 {rival} 低（{difference:+.3f}，95% 区间 {ends}）", **two)


def steps(rungs):
    """Say what every step of a ladder changes.

    Parameters
    ----------
    rungs : DataFrame
        From `compare.table`, every rung with the one before as its rival.

    Returns
    -------
    sentences : str
    """
    told = say("；").join(_change(row) for row in rungs.iloc[1:].itertuples())
    return say("与前一级相比，平均 Kaggle 得分的变化（括号里是 95% 区间）：{told}。", told=told)


def _change(row):
    step = PLUS.sub("", say(row.model))
    if abs(row.difference) < number_texts.ALIKE:
        return say("“{step}”没有变化", step=step)
    if np.isnan(row.difference_low):
        return say(
            "“{step}”{change:+.3f}，验证图像不足 {fewest} 组，分不出高下",
            step=step,
            change=row.difference,
            fewest=intervals.FEWEST_TO_COMPARE,
        )
    ends = row.difference_low, row.difference_high
    if row.difference_low <= 0 <= row.difference_high:
        change = number_texts.in_brackets(f"{row.difference:+.3f}", ends, "+.3f")
        return say("“{step}”{change}，区间包含 0，分不出高下", step=step, change=change)
    change = number_texts.in_brackets(f"{abs(row.difference):.3f}", ends, "+.3f")
    if row.difference > 0:
        return say("“{step}”提高 {change}", step=step, change=change)
    return say("“{step}”降低 {change}", step=step, change=change)


def readable(table):
    """The table as a reader sees it: headings, formatted numbers.

    Parameters
    ----------
    table : DataFrame
        From `compare.table`.

    Returns
    -------
    readable : DataFrame of str
    """
    rows = list(table.itertuples())
    scores = [
        number_texts.in_brackets(f"{row.kaggle:.3f}", (row.kaggle_low, row.kaggle_high)) for row in rows
    ]
    differences = [
        number_texts.in_brackets(
            number_texts.without_minus_zero(row.difference, "+.3f"),
            (row.difference_low, row.difference_high),
            "+.3f",
        )
        for row in rows
    ]
    return pd.DataFrame(
        {
            say("模型或方案"): table["model"].map(say),
            say("Kaggle 得分（95% 区间）"): scores,
            say("之差（95% 区间）"): np.where(table["rival"].isna(), "", differences),
            "AP@.5": table["ap50"].map("{:.3f}".format),
            "Dice": table["dice"].map("{:.3f}".format),
            "IoU": table["iou"].map("{:.3f}".format),
            say("轮数"): table["epochs"],
            say("训练（分钟）"): table["minutes"].map("{:.1f}".format),
            say("参数（个）"): table["parameters"].map("{:,}".format),
        }
    )


def race(curves):
    """Say when the second recipe reaches what the first ends with.

    Parameters
    ----------
    curves : dict of str to (minutes, scores)
        Two, from `ablation.curve`; the moments are told as they were measured, nothing in between.

    Returns
    -------
    sentences : str
    """
    (slow, (minutes, scores)), (fast, (own, reached)) = curves.items()
    goal, spent = scores["dice"][-1], minutes[-1]
    two = {"slow": say(slow), "fast": say(fast)}
    start = say(
        "{slow}训练 {spent:.1f} 分钟后停下，平均 Dice {goal:.3f}，Kaggle 得分 {kaggle:.3f}。",
        slow=two["slow"],
        spent=spent,
        goal=goal,
        kaggle=scores["kaggle"][-1],
    )
    there = np.flatnonzero(reached["dice"] >= goal)
    if not len(there):
        never = say(
            "{fast}在 {minutes:.1f} 分钟里没有达到这个 Dice（最高 {highest:.3f}）。",
            fast=two["fast"],
            minutes=own[-1],
            highest=reached["dice"].max(),
        )
        return language.sentences([start, never])
    first = there[0]
    told = say(
        "{fast}最迟在第 {reached:.1f} 分钟达到同样的 Dice（这时 {dice:.3f}），用时是 {slow}的 {share:.0%}；"
        "训练 {minutes:.1f} 分钟后 Dice {last:.3f}，Kaggle 得分 {kaggle:.3f}。",
        reached=own[first],
        dice=reached["dice"][first],
        share=own[first] / spent,
        minutes=own[-1],
        last=reached["dice"][-1],
        kaggle=reached["kaggle"][-1],
        **two,
    )
    return language.sentences([start, told])


def spread(table):
    """Between which scores networks lie.

    Parameters
    ----------
    table : DataFrame
        From `compare.table`.

    Returns
    -------
    sentence : str
    """
    best, worst = table.loc[table["kaggle"].idxmax()], table.loc[table["kaggle"].idxmin()]
    if best["kaggle"] - worst["kaggle"] < number_texts.ALIKE:
        return say("各个模型的平均 Kaggle 得分都是 {high:.3f}。", high=best["kaggle"])
    return say(
        "平均 Kaggle 得分最高的是 {best}（{high:.3f}），最低的是 {worst}（{low:.3f}）；"
        "差别是不是偶然，看“之差”的区间包不包含 0。",
        best=say(best["model"]),
        high=best["kaggle"],
        worst=say(worst["model"]),
        low=worst["kaggle"],
    )


def lowest_losses(histories):
    """In which epoch each network had its lowest validation loss.

    Parameters
    ----------
    histories : dict of str to DataFrame
        Name of the network to one row an epoch: epoch, val_loss and val_dice_coef.

    Returns
    -------
    sentence : str
    """
    told = []
    for name, history in histories.items():
        best = history.loc[history["val_loss"].idxmin()]
        facts = {"epoch": int(best["epoch"]), "n": len(history), "dice": best["val_dice_coef"]}
        told.append(say("{name} 第 {epoch} 轮（共 {n} 轮，Dice {dice:.3f}）", name=say(name), **facts))
    return say("验证损失最低的一轮：{told}。", told=say("；").join(told))


def found(rows, picture):
    """How many nuclei each network found in one picture.

    Parameters
    ----------
    rows : dict of str to DataFrame
        From `compare.scores`.
    picture : int
        Its row.

    Returns
    -------
    sentence : str
    """
    own = {name: table.iloc[picture] for name, table in rows.items()}
    nuclei = next(iter(own.values()))["nuclei"]
    if not nuclei:
        told = [say("{name} {n:.0f} 个", name=say(name), n=row["predicted"]) for name, row in own.items()]
        return say("这张图里没有核；预测出的：{told}。", told=language.listing(told))
    told = [say("{name} {n:.0f} 个", name=say(name), n=row["tp_50"]) for name, row in own.items()]
    return say(
        "这张图里有 {nuclei:.0f} 个核，逐核来看，找到的（交并比高于一半）：{told}。",
        nuclei=nuclei,
        told=language.listing(told),
    )
