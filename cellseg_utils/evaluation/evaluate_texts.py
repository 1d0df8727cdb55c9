"""What a reader is told about the scores of label images: sentences and tables with headings."""

import pandas as pd

from cellseg_utils.evaluation import evaluate, intervals, number_texts, score_texts
from cellseg_utils.run import language
from cellseg_utils.run.language import later, say

TITLES = {  # of scores; to be said, like `MEANINGS`
    "dice": "Dice",
    "iou": "IoU",
    "f1": "F1@.5",
    "ap50": "AP@.5",
    "kaggle": later("Kaggle 得分"),
    "count_error_relative": later("核数误差"),
    "area_ratio": later("面积比"),
    "nuclei": later("真实的核"),
    "predicted": later("预测的核"),
    "missed": later("漏检"),
    "invented": later("误检"),
    "merged": later("粘连"),
    "split": later("分裂"),
}
MEANINGS = (
    later("Dice 与 IoU 只看像素：预测与真值重叠多少。"),
    later(
        "F1@.5、AP@.5 逐个看核：一个预测与一个真实的核的交并比（IoU）高于 0.5 才算找到；"
        "F1 是 2×找到÷（真实 + 预测），AP 是找到÷（找到 + 漏掉 + 多出）。"
    ),
    later("Kaggle 得分是交并比阈值从 0.5 到 0.95 的十个 AP 的平均，轮廓画得准才会高。"),
    later("漏检是没有找到的核；误检是多出来的；粘连是与邻居连成一个的核；分裂是被拆成几个的核。"),
    later(
        "核数误差是（预测 - 真实）÷真实；面积比是找到的核的预测面积÷真实面积的平均，大于 1 是轮廓画得偏大。"
    ),
    later("区间是 95% 自助法（bootstrap）区间，逐张抽取图像；同一张大图的小块彼此相似，区间会偏窄。"),
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
    scores = say("，").join(
        f"{say(TITLES[name])} {number_texts.with_interval(means, name)}" for name in ("f1", "kaggle", "dice")
    )
    told = say(
        "{count} 张图像平均：{scores}（括号里是 95% 区间）；"
        "真值有 {nuclei:,.0f} 个核，预测出 {predicted:,.0f} 个："
        "漏检 {missed:,.0f}，误检 {invented:,.0f}，粘连 {merged:,.0f}，分裂 {split:,.0f}。",
        count=len(rows),
        scores=scores,
        **{name: pooled[name] for name in evaluate.COUNTS},
    )
    return language.sentences([told, few(len(rows))])


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
        fewest = intervals.FEWEST_FAMILIES
        return say("只有 {images} 张图像，不足 {fewest} 张，所以不给区间。", images=images, fewest=fewest)
    return say("只有 {images} 张图像，区间只能当作粗略的估计。", images=images)


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
        texts.append((say(TITLES[name]), number_texts.with_interval(means, name, form), total))
    return pd.DataFrame(texts, columns=[say("得分"), say("逐张平均（95% 区间）"), say("合计")])


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
        Worst first, by Kaggle's score and then by Dice; the first column is the picture's name.
    """
    worst = rows.sort_values(["kaggle", "dice", "image"], kind="stable").head(most)
    names = ["nuclei", "predicted", "missed", "invented", "merged", "split"]
    worst = worst.astype(dict.fromkeys(names, int))
    shown = ["image", "kaggle", "f1", "ap50", "dice", "iou", *names, "area_ratio"]
    titles = {"image": say("图像"), **{name: say(title) for name, title in TITLES.items()}}
    return worst[shown].rename(columns=titles)
