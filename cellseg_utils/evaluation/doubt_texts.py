"""Sentences about the pictures whose nuclei can't be trusted."""

import numpy as np

from cellseg_utils.evaluation import object_metrics
from cellseg_utils.run import language
from cellseg_utils.run.language import later, say

SHOWN = 12  # pictures that are named one by one
BAD = later("F1 低于 0.5 的 {count} 张里有 {warned} 张")
GOOD = later("F1 高于 0.8 的 {count} 张里有 {warned} 张")


def checked(rows, doubts):
    """How well warnings tell bad pictures from good ones, where the truth is known.

    Parameters
    ----------
    rows : DataFrame
        From `scoring.score_pictures`.
    doubts : sequence of str
        `Segmentation.doubt` of each picture.

    Returns
    -------
    sentence : str
    """
    warned, score = np.array([bool(doubt) for doubt in doubts], bool), rows["f1"].to_numpy()
    warned &= (rows["predicted"] > 0).to_numpy() | (rows["nuclei"] > 0).to_numpy()  # nothing is there: right
    parts = [
        say(text, count=own.sum(), warned=(warned & own).sum())
        for text, own in ((BAD, score < 0.5), (GOOD, score > 0.8))
        if own.any()
    ]
    seen = say(
        "在验证图像上核对：{count} 张里提醒了 {warned} 张；按 F1（2×找到的核数 ÷（真实的核数＋预测的核数），"
        "交并比高于 {iou:g}）看，{parts}。",
        count=len(rows),
        warned=warned.sum(),
        iou=object_metrics.THRESHOLDS[0],
        parts=say("，").join(parts) or say("没有特别好或特别差的图"),
    )
    purpose = say("没有真值时，模型凭这些把握提醒哪些图不可信（`cellseg predict` 与第 9 节）。")
    return language.sentences([purpose, seen])


def listed(doubts):
    """The pictures that can't be trusted, as a Markdown list.

    Parameters
    ----------
    doubts : dict of str to str
        `Segmentation.doubt` by the picture's name, already fit for Markdown.

    Returns
    -------
    text : str
        Empty where all can be trusted.
    """
    named = [say("- {name}：{doubt}", name=name, doubt=doubt) for name, doubt in doubts.items() if doubt]
    if not named:
        return ""
    more = [say("- ……另有 {count} 张", count=len(named) - SHOWN)] if len(named) > SHOWN else []
    head = say("**下列 {count} 张请留意；结果不可靠的不计入后面的平均：**", count=len(named))
    return f"{head}\n\n" + "\n".join([*named[:SHOWN], *more])
