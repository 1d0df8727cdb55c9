"""What a reader is told about odd labels, pictures that belong together, and where the split puts them."""

import numpy as np

from cellseg_utils.audit import label_faults
from cellseg_utils.run import language
from cellseg_utils.run.language import say

LISTED = 20  # remarks at most


def odd_labels(remarks, most=LISTED):
    """Which labels are odd, and what was done with them.

    Parameters
    ----------
    remarks : Series of str
        One for each picture whose labels are.
    most : int
        How many to list at most.

    Returns
    -------
    sentences : str
        A Markdown list; empty where there are none.
    """
    if not len(remarks):
        return ""
    shown = remarks.head(most).tolist()
    if most == 1:
        return say("{n} 张图像的标注请留意，例如 {first}", n=len(remarks), first=shown[0])
    more = [say("另有 {n} 张", n=len(remarks) - most)] * (len(remarks) > most)
    listed = "\n".join(f"- {line}" for line in [*shown, *more])
    return say("{n} 张图像的标注请留意：", n=len(remarks)) + "\n\n" + listed


def families(sizes):
    """How many pictures belong with others.

    Parameters
    ----------
    sizes : Series of int
        How many pictures each family has.

    Returns
    -------
    sentences : str
    """
    related = sizes[sizes > 1]
    if not len(related):
        return say("没有找到：没有两张图像出自同一张大图，也没有重复的图像。")
    common = related.mode().max()
    return say(
        "找到 **{groups}** 组，共 {n} 张图像，占全部的 {share:.0%}；"
        "最常见的是 {common} 张一组，有 {times} 组，"
        "最大的一组有 {largest} 张。其余 {alone} 张图像各自成组。",
        groups=len(related),
        n=related.sum(),
        share=related.sum() / sizes.sum(),
        common=common,
        times=(related == common).sum(),
        largest=related.max(),
        alone=(sizes == 1).sum(),
    )


def leaks(validating, leaked, by_chance, leaked_by_chance, split, related):
    """How many validation pictures have relatives in training, here and if they were drawn one by one.

    Parameters
    ----------
    validating, by_chance : int
        How many pictures validate here, and if they were drawn one by one.
    leaked, leaked_by_chance : int
        How many of them have relatives in training.
    split : str
        A key of `splits.WAYS`.
    related : int
        How many families of more than one picture there are.

    Returns
    -------
    sentence : str
    """
    if not related:
        return say("这份数据里没有同组的图像，怎样划分都不会让相关的图像分在两边。")
    here = say("有 {leaked} 张", leaked=leaked) if leaked else say("没有一张")
    drawn = {"by_chance": by_chance, "leaked_by_chance": leaked_by_chance}
    chance = say("；若逐张随机抽取，{by_chance} 张里会有 {leaked_by_chance} 张", **drawn)
    return say(
        "这里的 {validating} 张验证图像里，{here}在训练集里还有同组的图像{chance}。",
        validating=validating,
        here=here,
        chance=chance if split != "random" else "",
    )


def faults(samples):
    """Which faults of labels are the most frequent.

    Parameters
    ----------
    samples : DataFrame
        One row a picture, with a column for each of `label_faults.FAULTS`.

    Returns
    -------
    sentences : str
    """
    counts = samples[list(label_faults.FAULTS)]
    faulty = int((counts > 0).any(axis=1).sum())
    if not faulty:
        return say("没有查出任何毛病。")
    told = say("{n} 张图像有毛病，占 {share:.0%}。", n=faulty, share=faulty / len(samples))
    nuclear = counts[list(label_faults.NUCLEAR)].sum()
    if not nuclear.any():
        none = say("没有一个核有孔洞、断成几块、过于微小，或只是紧贴边缘的细条。")
        return language.sentences([told, none])
    fault = nuclear.idxmax()
    worst = say(
        "核的毛病里最多的是{fault}，共 {n:,} 个；一张图里最多 {most:,} 个。",
        fault=say(label_faults.FAULTS[fault]),
        n=nuclear[fault],
        most=counts[fault].max(),
    )
    return language.sentences([told, worst])


def resized(before, after):
    """How resizing changed the areas of nuclei.

    Parameters
    ----------
    before, after : (M,) ndarray of float
        Area that each nucleus should have and the one that it has (pixels of the new grid).

    Returns
    -------
    sentences : str
    """
    kept = after > 0
    if not len(after):
        return say("没有一张图里有核。")
    if not kept.any():
        return say("缩放之后，一个核也没有剩下。")
    lost = say("{n:,} 个核缩放之后消失了，占 {share:.2%}。", n=(~kept).sum(), share=(~kept).mean())
    low, middle, high = np.quantile(after[kept] / before[kept] - 1, (0.05, 0.5, 0.95))
    if f"{low:+.0%}" == f"{high:+.0%}":
        told = say("留下的核，面积变化都在 {change:+.1%} 上下。", change=middle + 0.0)
    else:
        told = say(
            "留下的核，面积变化的中位数是 {middle:+.1%}，九成在 {low:+.0%} 到 {high:+.0%} 之间。",
            low=low,
            middle=middle,
            high=high,
        )
    return language.sentences([say("没有一个核因缩放而消失。") if kept.all() else lost, told])
