"""Sentences about the pictures of a `cellseg predict` folder, made from its numbers."""

import math
from collections import Counter

from cellseg_utils.report import histogram

LOW = 0.7  # certainty below which nuclei are counted as unsure, 0..1 (no unit)
KINDS = 4  # kinds of warning that are told one by one
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
        return "没有一张图像得到结果"
    if not nuclei:
        return f"{count:,} 张图像里没有找到细胞核"
    return f"{count:,} 张图像里找到 {nuclei:,} 个细胞核"


def answers(findings):
    """What was found and what needs attention.

    Parameters
    ----------
    findings : findings.Findings

    Returns
    -------
    sentences : list of str
        Chinese.
    """
    sentences = (*_sizes(findings), *_attention(findings.pictures["warning"]), *findings.notes)
    failed = [f"{len(findings.failures):,} 个文件没有结果，原因列在下面"] if len(findings.failures) else []
    return [f"{sentence}。" for sentence in (*sentences, *failed)]


def _sizes(findings):
    counts, areas, unit = findings.pictures["nuclei"], findings.areas, findings.area_unit
    if len(counts) > 1:
        yield f"每张的核数中位数是 {number(counts.median())}，最少 {counts.min():,}，最多 {counts.max():,}"
    if areas.sum() == 1:
        yield f"它的面积是 {number(areas.index[0], unit)}"
    elif len(areas):
        yield f"核的面积中位数是 {number(histogram.quantile(areas, 0.5), unit)}，{_half(areas, unit)}"


def _half(values, unit):
    low, high = (number(histogram.quantile(values, share)) for share in (0.25, 0.75))
    return f"中间的一半从 {low} 到 {high} {unit}".rstrip()


def _attention(warnings):
    warned = warnings[warnings != ""]
    if len(warnings) and not len(warned):
        yield "没有发现可疑的图；这不等于每个核都对，请点开几张叠加图看一看"
    if not len(warned):
        return
    kinds = Counter(text.split("：")[0] for text in warned).most_common()
    told = [f"{count:,} 张“{kind}”" for kind, count in kinds[:KINDS]] if kinds[1:] else [f"“{kinds[0][0]}”"]
    rest = sum(count for _, count in kinds[KINDS:])
    told += [f"{rest:,} 张因为别的原因"] if rest else []
    yield f"{len(warned):,} 张请留意：{'，'.join(told)}"


def box(findings):
    """The key numbers.

    Parameters
    ----------
    findings : findings.Findings

    Returns
    -------
    pairs : list of (str, str)
        Label and value, Chinese.
    """
    pictures, areas, sure = findings.pictures, findings.areas, findings.certainties
    pairs = [("图像", f"{len(pictures):,} 张"), ("细胞核", f"{pictures['nuclei'].sum():,} 个")]
    if len(pictures) > 1:
        pairs.append(("每张核数中位数", number(pictures["nuclei"].median())))
    if len(areas):
        pairs.append(("面积中位数", number(histogram.quantile(areas, 0.5), findings.area_unit)))
    if len(sure):
        pairs.append(("平均把握", percent((sure.index * sure).sum() / sure.sum())))
    pairs.append(("请留意", f"{(pictures['warning'] != '').sum():,} 张"))
    return [*pairs, ("没有结果", f"{len(findings.failures):,} 个文件")]


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
    more = f"最右一条含更大的 {drawn.beyond:,} 个，最大 {number(areas.index[-1])}。" if drawn.beyond else ""
    return f"核的面积（{unit}）。中位数 {middle}，{_half(areas, '')}。{more}"


def of_certainties(certainties):
    """Caption of the histogram of certainties, str, as `of_areas`; `certainties` are 0..1 (no unit)."""
    low = certainties[certainties.index < LOW].sum()
    middle, share = histogram.quantile(certainties, 0.5), low / certainties.sum()
    return (
        f"每个核的把握（%）。中位数 {percent(middle)}；低于 {LOW:.0%} 的有 {low:,} 个，占 {percent(share)}。"
    )


def of_counts(pictures):
    """Caption of the histogram of the numbers of nuclei, str; `pictures` as in `Findings`."""
    counts = pictures["nuclei"]
    fewest, most = (_short(pictures["file"][place]) for place in (counts.idxmin(), counts.idxmax()))
    return (
        f"每张图的核数。最少 {counts.min():,} 个（{fewest}），最多 {counts.max():,} 个（{most}），"
        f"中位数 {number(counts.median())}。"
    )


def _short(name):
    return name if len(name) <= LONGEST else f"{name[: LONGEST // 2]}…{name[-LONGEST // 2 :]}"
