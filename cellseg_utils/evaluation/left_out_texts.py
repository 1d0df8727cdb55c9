"""What a reader is told about kinds of picture that a training left out."""

import numpy as np
import pandas as pd

from cellseg_utils.audit import image_kinds
from cellseg_utils.evaluation import number_texts
from cellseg_utils.run import language
from cellseg_utils.run.language import say


def readable(table):
    """The table as a reader sees it: headings, formatted numbers.

    Parameters
    ----------
    table : DataFrame
        From `left_out.table`.

    Returns
    -------
    readable : DataFrame of str
    """
    rows = list(table.itertuples())
    differences = [
        number_texts.in_brackets(f"{row.difference:+.3f}", (row.difference_low, row.difference_high), "+.3f")
        if row.validation
        else "—"
        for row in rows
    ]
    return pd.DataFrame(
        {
            say("留出的种类"): [say(image_kinds.KINDS[kind]) for kind in table["kind"]],
            say("图像（张）"): table["pictures"],
            "F1": table["f1"].map("{:.3f}".format),
            say("Kaggle 得分"): table["kaggle"].map("{:.3f}".format),
            say("提醒（张）"): table["warned"],
            say("验证图像（张）"): table["validation"],
            say("见过"): _scores(table["seen"]),
            say("没见过"): _scores(table["unseen"]),
            say("之差（95% 区间）"): differences,
        }
    )


def verdict(table):
    """Say which kind suffers most from being left out.

    Parameters
    ----------
    table : DataFrame
        From `left_out.table`.

    Returns
    -------
    sentence : str
    """
    if table.empty:
        return say("这份数据里没有哪一种图像多到可以留出，同时还剩下别的种类可以训练。")
    worst = table.loc[table["f1"].idxmin()]
    told = say(
        "没有见过时，最差的是{kind}：F1 {f1:.3f}，{pictures} 张里提醒了 {warned} 张。",
        kind=say(image_kinds.KINDS[worst.kind]),
        f1=worst.f1,
        pictures=worst.pictures,
        warned=worst.warned,
    )
    lost = table["kind"][table["difference_high"] < 0]
    names = language.listing(say(image_kinds.KINDS[kind]) for kind in lost)
    compared = (
        say("与见过相比，Kaggle 得分确实降低的是{names}（区间不含 0）。", names=names)
        if names
        else say("与见过相比，没有哪一种的 Kaggle 得分确实降低（没有一个区间整个低于 0）。")
    )
    return language.sentences([told, compared])


def _scores(column):
    return ["—" if np.isnan(score) else f"{score:.3f}" for score in column]
