"""Sentences about the pictures of a `cellseg predict` folder, made from its numbers."""

import math
import re
from collections import Counter

from cellseg_utils.report.results import histogram
from cellseg_utils.run import language
from cellseg_utils.run.language import say

LOW = 0.7  # certainty below which nuclei are counted as unsure, 0..1 (no unit)
KINDS = 4  # kinds of warning that are told one by one
REASONS = re.compile("：|: ")  # in a warning, between its kind and the reasons, in either language
LONGEST = 40  # characters of a file's name inside a sentence


def number(value, unit=""):
    """A number as a reader needs it.

    Parameters
    ----------
    value : float
    unit : str

    Returns
    -------
    text : str
        Three digits, or all before the point, halves rounded up; a dash for what is not known.

    Examples
    --------
    >>> number(1234.5, "像素"), number(0.12345), number(float("nan"), "像素")
    ('1,235 像素', '0.123', '—')
    """
    if math.isnan(value):
        return "—"
    whole = abs(value) >= 100 or value == round(value)
    text = f"{math.copysign(math.floor(abs(value) + 0.5), value):,.0f}" if whole else f"{value:.3g}"
    return f"{text} {unit}".rstrip()


def percent(value):
    """A share as a reader needs it, str; a dash for what is not known."""
    return "—" if math.isnan(value) else f"{value:.0%}" if value >= 0.1 or value == 0 else f"{value:.1%}"


def headline(findings):
    """How many pictures and nuclei there are, one sentence without full stop, str."""
    count, nuclei = len(findings.pictures), int(findings.pictures["nuclei"].sum())
    if not count:
        return say("没有一张图像得到结果")
    if not nuclei:
        return say("{images:,} 张图像里没有找到细胞核", images=count)
    return say("{images:,} 张图像里找到 {nuclei:,} 个细胞核", images=count, nuclei=nuclei)


def answers(findings):
    """What was found and what needs attention.

    Parameters
    ----------
    findings : findings.Findings

    Returns
    -------
    sentences : list of str
        With their full stops.
    """
    sentences = (*_sizes(findings), *_attention(findings.pictures["warning"]), *findings.notes)
    failed = len(findings.failures)
    lost = [say("{n:,} 个文件没有结果，原因列在下面", n=failed)] if failed else []
    return [say("{sentence}。", sentence=sentence) for sentence in (*sentences, *lost)]


def _sizes(findings):
    counts, areas, unit = findings.pictures["nuclei"], findings.areas, findings.area_unit
    if len(counts) > 1:
        yield say(
            "每张的核数中位数是 {median}，最少 {least:,}，最多 {most:,}",
            median=number(counts.median()),
            least=counts.min(),
            most=counts.max(),
        )
    if areas.sum() == 1:
        yield say("它的面积是 {area}", area=number(areas.index[0], unit))
    elif len(areas):
        yield say(
            "核的面积中位数是 {median}，{half}",
            median=number(histogram.quantile(areas, 0.5), unit),
            half=_half(areas, unit),
        )


def _half(values, unit):
    low, high = (number(histogram.quantile(values, share)) for share in (0.25, 0.75))
    return say("中间的一半从 {low} 到 {high} {unit}", low=low, high=high, unit=unit).rstrip()


def _attention(warnings):
    warned = warnings[warnings != ""]
    if len(warnings) and not len(warned):
        yield say("没有发现可疑的图；这不等于每个核都对，请点开几张叠加图看一看")
    if not len(warned):
        return
    kinds = Counter(REASONS.split(text)[0] for text in warned).most_common()
    if kinds[1:]:
        told = [say("{n:,} 张“{kind}”", n=count, kind=kind) for kind, count in kinds[:KINDS]]
    else:
        told = [f"“{kinds[0][0]}”"]
    rest = sum(count for _, count in kinds[KINDS:])
    told += [say("{n:,} 张因为别的原因", n=rest)] if rest else []
    yield say("{n:,} 张请留意：{told}", n=len(warned), told=language.clauses(told))


def box(findings):
    """The key numbers.

    Parameters
    ----------
    findings : findings.Findings

    Returns
    -------
    pairs : list of (str, str)
        Label and value.
    """
    pictures, areas, sure = findings.pictures, findings.areas, findings.certainties
    pairs = [
        (say("图像{n:|}", n=len(pictures)), say("{n:,} 张", n=len(pictures))),
        (say("细胞核"), say("{n:,} 个", n=pictures["nuclei"].sum())),
    ]
    if len(pictures) > 1:
        pairs.append((say("每张核数中位数"), number(pictures["nuclei"].median())))
    if len(areas):
        pairs.append((say("面积中位数"), number(histogram.quantile(areas, 0.5), findings.area_unit)))
    if len(sure):
        pairs.append((say("平均把握"), percent((sure.index * sure).sum() / sure.sum())))
    pairs.append((say("请留意"), say("{n:,} 张", n=(pictures["warning"] != "").sum())))
    return [*pairs, (say("没有结果"), say("{n:,} 个文件", n=len(findings.failures)))]


def of_areas(areas, unit, drawn):
    """Caption of the histogram of areas.

    Parameters
    ----------
    areas : Series of int
        `Findings.areas`.
    unit : str
    drawn : histogram.Histogram

    Returns
    -------
    sentences : str
    """
    middle = number(histogram.quantile(areas, 0.5))
    about = say(
        "核的面积（{unit}）。中位数 {middle}，{half}。", unit=unit, middle=middle, half=_half(areas, "")
    )
    if not drawn.beyond:
        return about
    largest = number(areas.index[-1])
    more = say("最右一条含更大的 {n:,} 个，最大 {largest}。", n=drawn.beyond, largest=largest)
    return language.sentences([about, more])


def of_certainties(certainties):
    """Caption of the histogram of certainties, str, as `of_areas`; `certainties` are 0..1 (no unit)."""
    low = certainties[certainties.index < LOW].sum()
    middle, share = histogram.quantile(certainties, 0.5), low / certainties.sum()
    return say(
        "每个核的把握（%）。中位数 {middle}；低于 {limit:.0%} 的有 {n:,} 个，占 {share}。",
        middle=percent(middle),
        limit=LOW,
        n=low,
        share=percent(share),
    )


def of_counts(pictures):
    """Caption of the histogram of the numbers of nuclei, str; `pictures` as in `Findings`."""
    counts = pictures["nuclei"]
    fewest, most = (_short(pictures["file"][place]) for place in (counts.idxmin(), counts.idxmax()))
    return say(
        "每张图的核数。最少 {least:,} 个（{fewest}），最多 {greatest:,} 个（{most}），中位数 {median}。",
        least=counts.min(),
        fewest=fewest,
        greatest=counts.max(),
        most=most,
        median=number(counts.median()),
    )


def _short(name):
    return name if len(name) <= LONGEST else f"{name[: LONGEST // 2]}…{name[-LONGEST // 2 :]}"
