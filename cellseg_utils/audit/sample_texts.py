"""What a reader is told about the pictures of a data set: kinds, sizes, brightness, nuclei, division."""

import numpy as np

from cellseg_utils.audit import image_kinds
from cellseg_utils.run import language
from cellseg_utils.run.language import say


def kinds(samples):
    """Which kind of picture is the most frequent, and which the rarest.

    Parameters
    ----------
    samples : DataFrame
        One row a picture: kind.

    Returns
    -------
    sentence : str
    """
    counts = samples["kind"].value_counts()
    if len(counts) == 1:
        return say("{n} 张图像都是{kind}。", n=len(samples), kind=image_kinds.named(counts.index[0]))
    if counts.nunique() == 1:
        return say("{k} 种图像一样多，各 {n} 张。", k=len(counts), n=counts.iloc[0])
    return say(
        "最多的是{most}（{n}，占 {share:.0%}），最少的是{fewest}（{few}）。",
        most=_those(most := counts == counts.max()),
        n=_pictures(counts.max(), most.sum()),
        share=counts[most].sum() / len(samples),
        fewest=_those(fewest := counts == counts.min()),
        few=_pictures(counts.min(), fewest.sum()),
    )


def crowding(samples):
    """In which kind of picture nuclei are the most numerous, and in which the fewest.

    Parameters
    ----------
    samples : DataFrame
        One row a picture: kind, nuclei (count).

    Returns
    -------
    sentence : str
    """
    middles = samples.groupby("kind")["nuclei"].median()
    if len(middles) == 1:
        return say("一张图的核数，中位数是 {n:g}。", n=middles.iloc[0])
    if middles.nunique() == 1:
        return say("各种图像的核数，中位数都是 {n:g}。", n=middles.iloc[0])
    return say(
        "一张图里核数的中位数，最大的是{most}（{n:g} 个），最小的是{fewest}（{few:g} 个）。",
        most=_those(middles == middles.max()),
        n=middles.max(),
        fewest=_those(middles == middles.min()),
        few=middles.min(),
    )


def sizes(samples):
    """Which size is the most frequent, and how many nuclei pictures have.

    Parameters
    ----------
    samples : DataFrame
        One row a picture: height, width (pixels), nuclei (count).

    Returns
    -------
    sentences : str
    """
    counts = samples.groupby(["height", "width"]).size().sort_values(ascending=False, kind="stable")
    height, width = counts.index[0]
    size = {"height": height, "width": width, "n": counts.iloc[0]}
    if len(counts) == 1:
        told = say("{n} 张图像都是 {height}×{width} 像素。", **size)
    elif counts.iloc[0] == 1:
        told = say("没有两张图像一样大。")
    else:
        told = say(
            "最常见的尺寸是 {height}×{width} 像素，有 {n} 张，占 {share:.0%}。",
            share=counts.iloc[0] / len(samples),
            **size,
        )
    return language.sentences([told, _numbers(samples["nuclei"])])


def _numbers(nuclei):
    low, first, third, high = nuclei.quantile([0, 0.25, 0.75, 1], interpolation="nearest")
    if low == high:
        return say("每张都有 {n:g} 个核。", n=low) if high else say("没有一张图里有核。")
    return say(
        "一张图里有 {low:g} 到 {high:g} 个核，中间一半的图像在 {first:g} 到 {third:g} 个之间。",
        low=low,
        high=high,
        first=first,
        third=third,
    )


def light(histograms, samples):
    """Between which grey values kinds of picture lie, and which share of a picture nuclei cover.

    Parameters
    ----------
    histograms : dict of str to (B,) ndarray
        What people call the kind to the number of pixels in each of B equal bins over 0..255.
    samples : DataFrame
        One row a picture: foreground (share of the pixels, 0..1, no unit).

    Returns
    -------
    sentences : str
    """
    greys = {name: _middle(histogram) for name, histogram in histograms.items()}
    dark, bright = min(greys, key=greys.get), max(greys, key=greys.get)
    told = say("一半的像素暗于灰度 {grey:.0f}。", grey=greys[dark])
    if greys[dark] < greys[bright]:
        told = say(
            "灰度的中位数，最暗的是{dark}，{low:.0f}；最亮的是{bright}，{high:.0f}。",
            dark=dark,
            low=greys[dark],
            bright=bright,
            high=greys[bright],
        )
    shares = samples["foreground"]
    if shares.max() == 0:
        return language.sentences([told, say("没有一张图里有核。")])
    covered = say(
        "细胞核在一张图里所占的面积，最少 {low:.1%}，最多 {high:.1%}，中位数 {middle:.1%}。",
        low=shares.min(),
        high=shares.max(),
        middle=shares.median(),
    )
    return language.sentences([told, covered])


def _middle(histogram):
    """Median grey value of a histogram over 0..255, to the width of a bin."""
    cumulated = np.cumsum(histogram)
    return 256 * (np.searchsorted(cumulated, cumulated[-1] / 2) + 0.5) / len(cumulated)


def division(kinds, validation):
    """Which share of each kind of picture validates, and which kinds none does.

    Parameters
    ----------
    kinds : (N,) Series of str
        Keys of `image_kinds.KINDS`.
    validation : (N,) ndarray of bool
        True where a picture validates.

    Returns
    -------
    sentences : str
    """
    validation = np.asarray(validation)
    shares = {
        image_kinds.named(kind): validation[kinds == kind].mean() for kind in image_kinds.ordered(kinds)
    }
    told = say(
        "{total} 张里有 {n} 张用于验证，占 {share:.0%}。",
        n=validation.sum(),
        total=len(validation),
        share=validation.mean(),
    )
    low, high = min(shares, key=shares.get), max(shares, key=shares.get)
    between = say(
        "各种图像里占的比例从 {low:.0%}（{fewest}）到 {high:.0%}（{most}）。",
        low=shares[low],
        fewest=low,
        high=shares[high],
        most=high,
    )
    missing = [name for name, share in shares.items() if share == 0]
    untold = say("验证集里没有{kinds}，第 7 节的得分说明不了它。", kinds=language.listing(missing))
    unseen = [name for name, share in shares.items() if share == 1]
    new = say("训练集里没有{kinds}，模型没有学过它。", kinds=language.listing(unseen))
    return language.sentences(
        [
            told,
            between if f"{shares[low]:.0%}" != f"{shares[high]:.0%}" else "",
            untold if missing else "",
            new if unseen else "",
        ]
    )


def _pictures(count, kinds):
    """A number of pictures, of each of some kinds."""
    return say("{n} 张", n=count) if kinds == 1 else say("各 {n} 张", n=count)


def _those(chosen):
    """Kinds for which a Series of bool is true, as one text."""
    return language.listing(map(image_kinds.named, image_kinds.ordered(chosen.index[chosen])))
