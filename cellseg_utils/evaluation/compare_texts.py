"""What a reader is told about networks that were compared: which differences are real, and which are not."""

import numpy as np
import pandas as pd

from cellseg_utils.evaluation import intervals, number_texts

TOO_FEW = f"验证图像不足 {intervals.FEWEST_TO_COMPARE} 组，分不出高下"
NEXT = {  # what is left to do, by whether the recipe was the best one
    False: "要走得更远，下一步是 best 方案：统一核的大小，学会把粘连的核分开。",
    True: "要走得更远，可以试的有：训练得更久，加宽网络，加入更多种类的图像；后两项本报告没有验证。",
}
FROM_SCRATCH = "第 6 节的模型从现成的权重开始，这里的三个都从头训练。"


def verdict(row):
    """Say in Chinese whether a network differs from its rival.

    Parameters
    ----------
    row : namedtuple
        A row of `compare.table`, of a network that has a rival.

    Returns
    -------
    sentence : str
        Higher or lower only where there is an interval of the paired difference, and it excludes 0.
    """
    if abs(row.difference) < number_texts.ALIKE:
        return f"{row.model} 与 {row.rival} 的 Kaggle 得分相同（{row.kaggle:.3f}）"
    if np.isnan(row.difference_low):
        return f"{row.model} 与 {row.rival} 的 Kaggle 得分之差为 {row.difference:+.3f}：{TOO_FEW}"
    ends = number_texts.interval((row.difference_low, row.difference_high), "+.3f")
    interval = f"{row.difference:+.3f}，95% 区间 {ends}"
    if row.difference_low <= 0 <= row.difference_high:
        return f"{row.model} 与 {row.rival} 的 Kaggle 得分之差为 {interval}，区间包含 0：这份数据上分不出高下"
    word = "高" if row.difference > 0 else "低"
    return f"{row.model} 的 Kaggle 得分比 {row.rival} {word}（{interval}）"


def steps(rungs):
    """Say in Chinese what every step of a ladder changes.

    Parameters
    ----------
    rungs : DataFrame
        From `compare.table`, every rung with the one before as its rival.

    Returns
    -------
    sentences : str
    """
    told = [f"“{row.model.lstrip('＋')}”{_change(row)}" for row in rungs.iloc[1:].itertuples()]
    return f"与前一级相比，平均 Kaggle 得分的变化（括号里是 95% 区间）：{'；'.join(told)}。"


def _change(row):
    if abs(row.difference) < number_texts.ALIKE:
        return "没有变化"
    if np.isnan(row.difference_low):
        return f"{row.difference:+.3f}，{TOO_FEW}"
    interval = f"（{number_texts.interval((row.difference_low, row.difference_high), '+.3f')}）"
    if row.difference_low <= 0 <= row.difference_high:
        return f"{row.difference:+.3f}{interval}，区间包含 0，分不出高下"
    return f"{'提高' if row.difference > 0 else '降低'} {abs(row.difference):.3f}{interval}"


def readable(table):
    """The table as a reader sees it: Chinese headings, formatted numbers.

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
        f"{row.kaggle:.3f}（{number_texts.interval((row.kaggle_low, row.kaggle_high))}）" for row in rows
    ]
    differences = [
        f"{number_texts.without_minus_zero(row.difference, '+.3f')}"
        f"（{number_texts.interval((row.difference_low, row.difference_high), '+.3f')}）"
        for row in rows
    ]
    return pd.DataFrame(
        {
            "模型或方案": table["model"],
            "Kaggle 得分（95% 区间）": scores,
            "之差（95% 区间）": np.where(table["rival"].isna(), "", differences),
            "AP@.5": table["ap50"].map("{:.3f}".format),
            "Dice": table["dice"].map("{:.3f}".format),
            "IoU": table["iou"].map("{:.3f}".format),
            "轮数": table["epochs"],
            "训练（分钟）": table["minutes"].map("{:.1f}".format),
            "参数（个）": table["parameters"].map("{:,}".format),
        }
    )


def race(curves):
    """Say in Chinese when the second recipe reaches what the first ends with.

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
    start = (
        f"{slow}训练 {spent:.1f} 分钟后停下，平均 Dice {goal:.3f}，Kaggle 得分 {scores['kaggle'][-1]:.3f}。"
    )
    there = np.flatnonzero(reached["dice"] >= goal)
    if not len(there):
        return f"{start}{fast}在 {own[-1]:.1f} 分钟里没有达到这个 Dice（最高 {reached['dice'].max():.3f}）。"
    first = there[0]
    return (
        f"{start}{fast}最迟在第 {own[first]:.1f} 分钟达到同样的 Dice（这时 {reached['dice'][first]:.3f}），"
        f"用时是 {slow}的 {own[first] / spent:.0%}；"
        f"训练 {own[-1]:.1f} 分钟后 Dice {reached['dice'][-1]:.3f}，Kaggle 得分 {reached['kaggle'][-1]:.3f}。"
    )
