"""What a reader is told about scores: tables with headings, and sentences that depend on the data."""

import pandas as pd

from cellseg_utils.audit import image_kinds
from cellseg_utils.evaluation import intervals, number_texts, object_errors
from cellseg_utils.prediction import views
from cellseg_utils.preprocessing import scale
from cellseg_utils.run import language
from cellseg_utils.run.language import later, say

FEW_FAMILIES = 10  # an interval over fewer is rough
FOREMOST = {  # which of `object_errors.NAMES` concerns the most nuclei
    "missed": later("涉及的核最多的是漏检。"),
    "merged": later("涉及的核最多的是粘连。"),
    "split": later("涉及的核最多的是分裂。"),
    "invented": later("最多的是误检。"),
}


def score_table(means, pooled, image_size, simple):
    """All scores, the mean over pictures beside the pooled one.

    Parameters
    ----------
    means : dict
        From `averages.means`, of all `averages.NAMES`.
    pooled : dict of str to float
        From `averages.pooled`.
    image_size : int
        Side of the square that two of the scores were counted on (pixels).
    simple : dict
        From `averages.means`, of the simplest way to find nuclei; some of the scores.

    Returns
    -------
    table : DataFrame of str
        None where a score has no pooled form.
    """
    pixels, nuclei = say("像素").capitalize(), say("细胞核")
    square = say("（缩放到 {side}×{side}）", side=image_size)
    names = {
        "dice": (pixels, "Dice"),
        "iou": (pixels, "IoU"),
        "accuracy": (pixels, say("准确率")),
        "square_dice": (pixels, f"Dice{square}"),
        "square_iou": (pixels, f"IoU{square}"),
        "kaggle": (nuclei, say("Kaggle 得分")),
        "f1": (nuclei, "F1@.5"),
        "ap50": (nuclei, "AP@.5"),
        "ap75": (nuclei, "AP@.75"),
        "pq": (nuclei, "PQ"),
        "aji": (nuclei, "AJI"),
        "count_error_relative": (nuclei, say("核数误差")),
    }
    return pd.DataFrame(
        [
            {
                say("比较单位"): unit,
                say("得分"): title,
                say("逐张平均（95% 区间）"): number_texts.with_interval(means, name, form := _form(name)),
                say("合计"): _number(pooled.get(name), form),
                say("只用一个阈值"): _number(simple.get(name), form),
            }
            for name, (unit, title) in names.items()
        ]
    )


def kind_table(kinds):
    """Scores of each kind of picture.

    Parameters
    ----------
    kinds : dict of str to dict
        From `averages.kind_means`, with kaggle, ap50, dice and iou.

    Returns
    -------
    table : DataFrame
    """
    return pd.DataFrame(
        [
            {
                say("种类"): say(image_kinds.KINDS[kind]),
                say("图像（张）"): about["images"],
                say("组"): about["families"],
                say("细胞核（个）"): about["nuclei"],
                say("Kaggle 得分（95% 区间）"): number_texts.with_interval(about, "kaggle"),
                "AP@.5": about["ap50"],
                "Dice": about["dice"],
                "IoU": about["iou"],
            }
            for kind, about in kinds.items()
        ]
    )


def how_nuclei_are_found(bundle, speed):
    """How this network comes from a picture to nuclei.

    Parameters
    ----------
    bundle : bundle.Bundle
    speed : str
        A key of `views.SPEEDS`, of several views.

    Returns
    -------
    sentence : str
    """
    pieces = say("高于阈值、上下左右相连的像素每成一片就算作一个核，所以挨在一起的核会被当成一个。")
    if not bundle.any_size:
        squashed = say(
            "这个网络只给出每个像素是核的概率：图像先缩放到 {side}×{side} 送进网络，概率图再还原到原始尺寸。",
            side=bundle.about["arguments"]["image_size"],
        )
        return language.sentences([squashed, pieces])
    averaged = _averaged(views.of_speed(speed).plain)
    if not bundle.separates:
        return language.sentences([say("这个网络只给出每个像素是核的概率。"), averaged, pieces])
    votes = say(
        "这个网络除了每个像素是核的概率，还预测它离所属的核的中心有多远、在哪个方向。每个核像素投票给"
        "它指向的中心，票数集中的地方就是一个核，挨在一起的核因此能分开。"
    )
    return language.sentences([votes, averaged])


def relatives(samples, split):
    """Whether the validation pictures have relatives among the training pictures.

    Parameters
    ----------
    samples : DataFrame
        Columns validation (bool) and family.
    split : str
        How they were divided: "grouped" or "random".

    Returns
    -------
    sentence : str
    """
    held_out, trained = samples[samples["validation"]], samples[~samples["validation"]]
    related = int(held_out["family"].isin(trained["family"]).sum())
    if split == "grouped":
        return say(
            "验证集是整组划分的（见第 4 节）：同一张大图切出的小块、重复的图像算作一组，一组只落在一边。"
            "{count} 张验证图像属于 {families} 组，没有一组出现在训练集里。",
            count=len(held_out),
            families=held_out["family"].nunique(),
        )
    if related:
        return say(
            "验证集是逐张随机划分的：{count} 张验证图像里，"
            "{related} 张在训练集里有同组的图像，即同一张大图切出的小块或重复的图像（见第 4 节）。"
            "模型等于见过它们的邻居，得分还要再打折扣。",
            count=len(held_out),
            related=related,
        )
    return say(
        "验证集是逐张随机划分的：{count} 张验证图像里，"
        "没有一张在训练集里有同组的图像，即同一张大图切出的小块或重复的图像（见第 4 节）。",
        count=len(held_out),
    )


def rough_interval(families):
    """A warning where intervals rest on few families.

    Parameters
    ----------
    families : int
        How many families the scored pictures belong to.

    Returns
    -------
    sentence : str
        Empty where there are enough.
    """
    if families >= FEW_FAMILIES:
        return ""
    if families < intervals.FEWEST_FAMILIES:
        return say(
            "这里只有 {families} 组互不相关的图像，不足 {fewest} 组，所以不给区间。",
            families=families,
            fewest=intervals.FEWEST_FAMILIES,
        )
    return say("这里只有 {families} 组互不相关的图像，区间只能当作粗略的估计。", families=families)


def error_summary(pooled):
    """Which error concerns the most nuclei.

    Parameters
    ----------
    pooled : dict of str to float
        From `averages.pooled`.

    Returns
    -------
    sentence : str
    """
    counts = {error: pooled[error] for error in object_errors.NAMES}
    counted = say(
        "真值里共有 {nuclei:,.0f} 个核，预测出 {predicted:,.0f} 个。",
        nuclei=pooled["nuclei"],
        predicted=pooled["predicted"],
    )
    if not any(counts.values()):
        return language.sentences([counted, say("没有漏检、粘连、分裂或误检。")])
    blocks = say("（连成 {count:,.0f} 块）", count=pooled["blocks"]) if pooled["blocks"] else ""
    listed = say(
        "漏检 {missed:,.0f} 个，粘连 {merged:,.0f} 个{blocks}，"
        "分裂 {split:,.0f} 个，误检 {invented:,.0f} 个；",
        blocks=blocks,
        **counts,
    )
    return language.sentences([counted, listed, say(FOREMOST[max(counts, key=counts.get)])])


def _averaged(seen):
    """How the views of a picture become one."""
    sizes = say(" 与 ").join(f"{zoom * scale.DIAMETER:.0f}" for zoom in sorted({view.zoom for view in seen}))
    return say(
        "网络先粗看一遍，估出这张图里核的典型直径；再把图像缩放成几种大小"
        "（核的直径约 {sizes} 像素，训练时是 {trained:g} 像素上下），"
        "在不同的方向上共看 {count} 遍（染色图有几遍只看一种染料），"
        "换算到同一大小后取平均（来源：Moshkov 等 2020，"
        "[doi:10.1038/s41598-020-61808-3](https://doi.org/10.1038/s41598-020-61808-3)）。",
        sizes=sizes,
        trained=scale.DIAMETER,
        count=len(seen),
    )


def _form(name):
    return "+.1%" if name == "count_error_relative" else ".3f"


def _number(value, form):
    return None if value is None or pd.isna(value) else number_texts.without_minus_zero(value, form)
