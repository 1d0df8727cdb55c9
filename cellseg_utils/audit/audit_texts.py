"""What a reader is told about odd labels, pictures that belong together, and where the split puts them."""

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
    return say("{n} 张图像的标注请留意：\n\n{listed}", n=len(remarks), listed=listed)


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
