"""What a reader is told about kinds of picture that a training left out."""

import numpy as np
import pandas as pd

from cellseg_utils.audit import image_kinds
from cellseg_utils.evaluation import number_texts


def readable(table):
    """The table as a reader sees it: Chinese headings, formatted numbers.

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
        f"{row.difference:+.3f}（{number_texts.interval((row.difference_low, row.difference_high), '+.3f')}）"
        if row.validation
        else "—"
        for row in rows
    ]
    return pd.DataFrame(
        {
            "留出的种类": table["kind"].map(image_kinds.KINDS),
            "图像（张）": table["pictures"],
            "F1": table["f1"].map("{:.3f}".format),
            "Kaggle 得分": table["kaggle"].map("{:.3f}".format),
            "提醒（张）": table["warned"],
            "验证图像（张）": table["validation"],
            "见过": _scores(table["seen"]),
            "没见过": _scores(table["unseen"]),
            "之差（95% 区间）": differences,
        }
    )


def verdict(table):
    """Say in Chinese which kind suffers most from being left out.

    Parameters
    ----------
    table : DataFrame
        From `left_out.table`.

    Returns
    -------
    sentence : str
    """
    if table.empty:
        return "这份数据里没有哪一种图像多到可以留出，同时还剩下别的种类可以训练。"
    worst = table.loc[table["f1"].idxmin()]
    told = (
        f"没有见过时，最差的是{image_kinds.KINDS[worst.kind]}：F1 {worst.f1:.3f}，"
        f"{worst.pictures} 张里提醒了 {worst.warned} 张。"
    )
    lost = table[table["difference_high"] < 0]
    if len(lost):
        names = "、".join(image_kinds.KINDS[kind] for kind in lost["kind"])
        return f"{told}与见过相比，Kaggle 得分确实降低的是{names}（区间不含 0）。"
    return f"{told}与见过相比，没有哪一种的 Kaggle 得分确实降低（没有一个区间整个低于 0）。"


def _scores(column):
    return ["—" if np.isnan(score) else f"{score:.3f}" for score in column]
