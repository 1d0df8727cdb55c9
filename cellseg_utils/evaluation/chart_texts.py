"""What the charts and tables of section 7 show, in sentences: scores, kinds, thresholds, sizes, errors."""

import numpy as np
import pandas as pd

from cellseg_utils.audit import image_kinds
from cellseg_utils.evaluation import number_texts
from cellseg_utils.run import language
from cellseg_utils.run.language import later, say

GOOD = 0.9  # Dice (no unit) of pictures that are counted as good ones
WRONG = {  # of `object_errors.NAMES`
    "missed": later("漏检的核"),
    "merged": later("粘连的核"),
    "split": later("分裂的核"),
    "invented": later("误检的核"),
}
COUNTED = {
    "missed": later("漏检 {n:.0f} 个"),
    "merged": later("粘连 {n:.0f} 个"),
    "split": later("分裂 {n:.0f} 个"),
    "invented": later("误检 {n:.0f} 个"),
}
FEW = 20  # nuclei of a size, or of a kind of picture; a share of fewer is told of with its number only


def beside_simple(means, simple):
    """How much better the network is than the simplest way to find nuclei.

    Parameters
    ----------
    means, simple : dict
        From `averages.means`, with kaggle and dice, each over at least one picture.

    Returns
    -------
    sentence : str
    """
    return say(
        "与只用一个阈值相比，{kaggle}，{dice}。",
        kaggle=_against(say("Kaggle 得分"), means["kaggle"], simple["kaggle"]),
        dice=_against(say("Dice 系数"), means["dice"], simple["dice"]),
    )


def _against(score, own, other):
    told = {"score": score, "own": own, "other": other}
    if abs(own - other) < number_texts.ALIKE:
        return say("{score}没有差别（{own:.3f}）", **told)
    if own > other:
        return say("{score}高（{own:.3f} 对 {other:.3f}）", **told)
    return say("{score}反而低（{own:.3f} 对 {other:.3f}）", **told)


def spread(rows):
    """Between which values the scores of single pictures lie.

    Parameters
    ----------
    rows : DataFrame
        One row a picture: dice and kaggle (0..1, no unit).

    Returns
    -------
    sentences : str
    """
    dice, kaggle = rows["dice"], rows["kaggle"]
    if len(rows) == 1:
        own = {"dice": dice.iloc[0], "kaggle": kaggle.iloc[0]}
        return say("只有一张图：Dice {dice:.3f}，Kaggle 得分 {kaggle:.3f}。", **own)
    first, second = _range(say("Dice 系数"), dice), _range(say("Kaggle 得分"), kaggle)
    ranges = say("{first}，{second}", first=first, second=second)
    good = int((dice > GOOD).sum())
    if good == 0:
        told = say("没有一张的 Dice 高于 {limit:g}。", limit=GOOD)
    elif good == len(rows):
        told = say("每一张的 Dice 都高于 {limit:g}。", limit=GOOD)
    else:
        told = say("{total} 张里有 {n} 张的 Dice 高于 {limit:g}。", total=len(rows), n=good, limit=GOOD)
    return language.sentences([say("逐张来看，{ranges}。", ranges=ranges), told])


def _range(score, values):
    told = {"score": score, "low": values.min(), "high": values.max()}
    if f"{told['low']:.3f}" == f"{told['high']:.3f}":
        return say("{score}都是 {low:.3f}", **told)
    return say("{score}从 {low:.3f} 到 {high:.3f}", **told)


def by_kind(kinds):
    """Which kind of picture is the easiest, and which the hardest.

    Parameters
    ----------
    kinds : dict of str to dict
        From `averages.kind_means`, with kaggle.

    Returns
    -------
    sentence : str
    """
    scores = pd.Series({image_kinds.named(kind): about["kaggle"] for kind, about in kinds.items()})
    if len(scores) == 1:
        return say("验证图像只有{kind}一种。", kind=scores.index[0])
    if scores.max() - scores.min() < number_texts.ALIKE:
        return say("各种图像的 Kaggle 得分都是 {score:.3f}。", score=scores.iloc[0])
    told = say(
        "最容易的是{easy}，Kaggle 得分 {high:.3f}；最难的是{hard}，{low:.3f}。",
        easy=scores.idxmax(),
        high=scores.max(),
        hard=scores.idxmin(),
        low=scores.min(),
    )
    alone = [image_kinds.named(kind) for kind, about in kinds.items() if about["images"] == 1]
    one = say("只有一张图的种类（{kinds}），得分说明不了什么。", kinds=language.listing(alone))
    return language.sentences([told, one if alone else ""])


def falling(thresholds, precisions):
    """How average precision falls with the overlap that is asked for.

    Parameters
    ----------
    thresholds : (K,) sequence of float
        Rising IoU (no unit).
    precisions : (N, K) array_like of float
        One row a picture, 0..1 (no unit).

    Returns
    -------
    sentence : str
    """
    mean = np.asarray(precisions, float).mean(axis=0)
    ends = {"first": thresholds[0], "last": thresholds[-1], "high": mean[0], "low": mean[-1]}
    if mean.max() - mean.min() < number_texts.ALIKE:
        return say("无论阈值取多少，全部图像的平均精度都是 {high:.3f}。", **ends)
    steepest = int(np.argmax(mean[:-1] - mean[1:]))
    return say(
        "全部图像的平均精度从阈值 {first:g} 处的 {high:.3f} 降到 {last:g} 处的 {low:.3f}，"
        "从 {before:g} 到 {after:g} 落得最快。",
        before=thresholds[steepest],
        after=thresholds[steepest + 1],
        **ends,
    )


def by_size(sizes):
    """Nuclei of which size are missed most often.

    Parameters
    ----------
    sizes : DataFrame
        From `recall.recall_by_size`.

    Returns
    -------
    sentences : str
        Empty where there is no nucleus.
    """
    sizes = sizes[sizes["nuclei"] > 0]
    if sizes.empty:
        return ""
    told = say(
        "{nuclei:,} 个核找到了 {found:,} 个（{share:.0%}）。",
        nuclei=sizes["nuclei"].sum(),
        found=sizes["found"].sum(),
        share=sizes["found"].sum() / sizes["nuclei"].sum(),
    )
    if sizes["found"].sum() in (0, sizes["nuclei"].sum()):
        return told
    enough = sizes[sizes["nuclei"] >= FEW]
    if len(enough) < 2:
        few = say("至少有 {few} 个核的档不到两个，比不出大小的影响。", few=FEW)
        return language.sentences([told, few])
    low, high = enough.loc[enough["recall"].idxmin()], enough.loc[enough["recall"].idxmax()]
    if f"{low['recall']:.0%}" == f"{high['recall']:.0%}":
        return language.sentences([told, say("大小没有影响：各档找到的比例一样。")])
    compared = say(
        "最容易漏的是直径{hard}的核，找到 {low:.0%}；最不容易漏的是直径{easy}的核，找到 {high:.0%}"
        "（不足 {few} 个核的档不算）。",
        hard=_diameters(low),
        low=low["recall"],
        easy=_diameters(high),
        high=high["recall"],
        few=FEW,
    )
    return language.sentences([told, compared])


def _diameters(size):
    if np.isinf(size["high"]):
        return say("至少 {low:g} 像素", low=size["low"])
    if size["low"] == 0:
        return say("小于 {high:g} 像素", high=size["high"])
    return say(" {low:g} 到 {high:g} 像素", low=size["low"], high=size["high"])


def errors_by_kind(counts):
    """In which kind of picture the most goes wrong, and what.

    Parameters
    ----------
    counts : DataFrame
        A row for each kind of picture, what people call it in the index: nuclei (at least one), and
        what `WRONG` names (how many).

    Returns
    -------
    sentence : str
    """
    errors = counts[list(WRONG)]
    rates = 100 * errors.sum(axis=1) / counts["nuclei"]
    if not rates.any():
        return say("各种图像都没有这四类错误。")
    worst, best = rates.idxmax(), rates.idxmin()
    told = {"worst": worst, "n": rates[worst], "error": say(WRONG[errors.loc[worst].idxmax()])}
    if len(rates) == 1:
        return say("每 100 个核有 {n:.1f} 个错误，最多的一类是{error}。", **told)
    if f"{rates[worst]:.1f}" == f"{rates[best]:.1f}":
        return say("各种图像出错一样多：每 100 个核 {n:.1f} 个。", **told)
    return say(
        "每 100 个核里，出错最多的是{worst}，{n:.1f} 个，最多的一类是{error}；最少的是{best}，{few:.1f} 个。",
        best=best,
        few=rates[best],
        **told,
    )


def extremes(best, worst):
    """What was found in the best and in the worst picture.

    Parameters
    ----------
    best, worst : Series
        Rows of `scoring.score_pictures`, with kind.

    Returns
    -------
    sentences : str
    """
    if best["kaggle"] - worst["kaggle"] < number_texts.ALIKE:
        return say("最好与最差的 Kaggle 得分一样。")
    return language.sentences([_one(say("最好"), best), _one(say("最差"), worst)])


def _one(place, row):
    about = {"place": place, "kind": image_kinds.named(row["kind"])}
    if not row["nuclei"]:
        return say("{place}的一张是{kind}，没有核，预测出 {n:.0f} 个。", n=row["predicted"], **about)
    wrong = language.listing(say(text, n=row[error]) for error, text in COUNTED.items() if row[error])
    return say(
        "{place}的一张是{kind}，{nuclei:.0f} 个核找到了 {found:.0f} 个（交并比高于一半），{errors}。",
        nuclei=row["nuclei"],
        found=row["tp_50"],
        errors=say("上面四类错误：{wrong}", wrong=wrong) if wrong else say("没有上面四类错误"),
        **about,
    )
