"""What a reader is told about the scores of label images: sentences and tables with Chinese headings."""

import pandas as pd

from cellseg_utils.evaluation import evaluate, intervals, number_texts, score_texts

TITLES = {
    "dice": "Dice",
    "iou": "IoU",
    "f1": "F1@.5",
    "ap50": "AP@.5",
    "kaggle": "Kaggle 得分",
    "count_error_relative": "核数误差",
    "area_ratio": "面积比",
    "nuclei": "真实的核",
    "predicted": "预测的核",
    "missed": "漏检",
    "invented": "误检",
    "merged": "粘连",
    "split": "分裂",
}
MEANINGS = (
    "Dice 与 IoU 只看像素：预测与真值重叠多少。",
    "F1@.5、AP@.5 逐个看核：一个预测与一个真实的核的交并比（IoU）高于 0.5 才算找到；"
    "F1 是 2×找到÷（真实 + 预测），AP 是找到÷（找到 + 漏掉 + 多出）。",
    "Kaggle 得分是交并比阈值从 0.5 到 0.95 的十个 AP 的平均，轮廓画得准才会高。",
    "漏检是没有找到的核；误检是多出来的；粘连是与邻居连成一个的核；分裂是被拆成几个的核。",
    "核数误差是（预测 - 真实）÷真实；面积比是找到的核的预测面积÷真实面积的平均，大于 1 是轮廓画得偏大。",
    "区间是 95% 自助法（bootstrap）区间，逐张抽取图像；同一张大图的小块彼此相似，区间会偏窄。",
)


def answer(rows):
    """How good the label images are, in one sentence.

    Parameters
    ----------
    rows : DataFrame
        Of `evaluate.Scored`.

    Returns
    -------
    sentence : str
    """
    means, pooled = evaluate.summary(rows)
    scores = "，".join(
        f"{TITLES[name]} {number_texts.with_interval(means, name)}" for name in ("f1", "kaggle", "dice")
    )
    counts = f"真值有 {pooled['nuclei']:,.0f} 个核，预测出 {pooled['predicted']:,.0f} 个"
    errors = "，".join(
        f"{TITLES[name]} {pooled[name]:,.0f}" for name in ("missed", "invented", "merged", "split")
    )
    return f"{len(rows)} 张图像平均：{scores}（括号里是 95% 区间）；{counts}：{errors}。{few(len(rows))}"


def printed(rows):
    """The answer and a table for a terminal.

    Parameters
    ----------
    rows : DataFrame
        Of `evaluate.Scored`.

    Returns
    -------
    text : str
    """
    with pd.option_context("display.unicode.east_asian_width", True):
        table = averages_table(rows).fillna("—").to_string(index=False)
    return f"{table}\n{answer(rows)}"


def few(images):
    """A warning where intervals rest on few pictures.

    Parameters
    ----------
    images : int

    Returns
    -------
    sentence : str
        Empty where there are enough.
    """
    if images >= score_texts.FEW_FAMILIES:
        return ""
    if images < intervals.FEWEST_FAMILIES:
        return f"只有 {images} 张图像，不足 {intervals.FEWEST_FAMILIES} 张，所以不给区间。"
    return f"只有 {images} 张图像，区间只能当作粗略的估计。"


def averages_table(rows):
    """Scores of all pictures together.

    Parameters
    ----------
    rows : DataFrame
        Of `evaluate.Scored`.

    Returns
    -------
    table : DataFrame of str
        None where a score has no value.
    """
    means, pooled = evaluate.summary(rows)
    texts = []
    for name in (*evaluate.MEANS, *evaluate.COUNTS):
        counts = name in evaluate.COUNTS
        form = "+.1%" if name == "count_error_relative" else ".1f" if counts else ".3f"
        total = None if name not in pooled else format(pooled[name], ",.0f" if counts else form)
        texts.append((TITLES[name], number_texts.with_interval(means, name, form), total))
    return pd.DataFrame(texts, columns=["得分", "逐张平均（95% 区间）", "合计"])


def picture_table(rows, most):
    """Scores of the worst pictures.

    Parameters
    ----------
    rows : DataFrame
        Of `evaluate.Scored`.
    most : int
        How many to show at most.

    Returns
    -------
    table : DataFrame
        Worst first, by Kaggle's score and then by Dice.
    """
    worst = rows.sort_values(["kaggle", "dice", "image"], kind="stable").head(most)
    names = ["nuclei", "predicted", "missed", "invented", "merged", "split"]
    worst = worst.astype(dict.fromkeys(names, int))
    shown = ["image", "kaggle", "f1", "ap50", "dice", "iou", *names, "area_ratio"]
    return worst[shown].rename(columns={"image": "图像", **TITLES})
