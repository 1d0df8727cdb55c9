"""Sentences about the pictures whose nuclei can't be trusted."""

import numpy as np

from cellseg_utils.evaluation import averages, object_metrics

SHOWN = 12  # pictures that are named one by one


def checked(rows, doubts):
    """How well warnings tell bad pictures from good ones, where the truth is known.

    Parameters
    ----------
    rows : DataFrame
        As for `averages.f1`.
    doubts : sequence of str
        `Segmentation.doubt` of each picture.

    Returns
    -------
    sentence : str
    """
    warned, score = np.array([bool(doubt) for doubt in doubts]), averages.f1(rows)
    warned &= (rows["predicted"] > 0).to_numpy() | (rows["nuclei"] > 0).to_numpy()  # nothing is there: right
    bad, good = score < 0.5, score > 0.8
    parts = [
        f"F1 {name} 的 {own.sum()} 张里有 {(warned & own).sum()} 张"
        for name, own in (("低于 0.5", bad), ("高于 0.8", good))
        if own.any()
    ]
    return (
        f"没有真值时，模型凭这些把握提醒哪些图不可信（`cellseg predict` 与第 9 节）。在验证图像上核对："
        f"{len(rows)} 张里提醒了 {warned.sum()} 张；按 F1（2×找到的核数 ÷（真实的核数＋预测的核数），"
        f"交并比高于 {object_metrics.THRESHOLDS[0]:g}）看，{'，'.join(parts) or '没有特别好或特别差的图'}。"
    )


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
    named = [f"- {name}：{doubt}" for name, doubt in doubts.items() if doubt]
    if not named:
        return ""
    more = f"\n- ……另有 {len(named) - SHOWN} 张" if len(named) > SHOWN else ""
    head = f"**下列 {len(named)} 张请留意；结果不可靠的不计入后面的平均：**"
    return f"{head}\n\n" + "\n".join(named[:SHOWN]) + more
