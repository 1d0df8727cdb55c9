"""Whether what was found in a picture can be trusted, in words."""

from cellseg_utils.prediction import certainty
from cellseg_utils.run.language import say

LEAST = 0.7  # mean certainty below which a picture is doubtful, 0..1 (no unit)
ODD, MOST_ODD = 0.9, 0.2  # nuclei less full than this are oddly shaped; share from which on they are too many
FEWEST_ODD = 3  # a single kidney among few nuclei says nothing about the picture
LARGE, FULL = 0.6, 0.85  # share of the picture from which on one nucleus is doubtful; and is none at all
LOW_AGREEMENT, LOW_SURENESS = 0.7, 0.65  # means of the features below which they are named as the reason


def of_picture(features, largest=0.0):
    """Say why the nuclei of a picture can't be trusted.

    Parameters
    ----------
    features : (n, 3) ndarray of float64
        From `certainty.features`, of all nuclei, also of those that are dropped.
    largest : float
        Share of the picture that the largest one covers, 0..1 (no unit).

    Returns
    -------
    doubt : str
        A sentence without full stop, its kind before the first colon; empty where nothing speaks against the
        picture.
    """
    sure = certainty.of_nuclei(features)
    if largest > FULL:
        return say(
            "没有找到细胞核：图的 {share:.0%} 连成一片，多半是噪声、空白，或比一个核还小的局部", share=largest
        )
    if not (sure >= certainty.LEAST).any():
        return say("没有找到细胞核")
    reasons = _reasons(features, sure.mean(), largest)
    return reasons and say("这张图的结果不可靠，可能与训练图像很不一样：{reasons}", reasons=reasons)


def _reasons(features, mean, largest):
    """Why the nuclei can't be trusted, in one clause after another; empty if they can."""
    agreement, sureness, fullness = features.T
    odd = (fullness < ODD).mean() if (fullness < ODD).sum() >= FEWEST_ODD else 0
    if mean >= LEAST and odd < MOST_ODD and largest <= LARGE:
        return ""
    reasons = [say("候选的核平均只有 {share:.0%} 的把握", share=mean)] if mean < LEAST else []
    if largest > LARGE:
        reasons.append(say("一个核就占了整张图的 {share:.0%}", share=largest))
    if agreement.mean() < LOW_AGREEMENT:
        reasons.append(say("放大倍数略变，找到的核就不同"))
    if sureness.mean() < LOW_SURENESS:
        reasons.append(say("核的边界含糊"))
    if odd >= MOST_ODD:
        reasons.append(say("{share:.0%} 的形状不像细胞核", share=odd))
    return say("，").join(reasons)
