"""What a reader is told about how far probabilities and certainties can be trusted."""

from cellseg_utils.run import language
from cellseg_utils.run.language import say

CLOSE = 0.01  # share (no unit) up to which two means are told to be the same
SURE = 0.9  # certainty (no unit) from which on a nucleus counts as sure


def pixels(curve, error):
    """Whether the probabilities of pixels are too high or too low.

    Parameters
    ----------
    curve : DataFrame
        From `calibration.reliability`, of at least one pixel.
    error : float
        Expected calibration error, 0..1 (no unit).

    Returns
    -------
    sentences : str
    """
    filled = curve[curve["pixels"] > 0]
    predicted, observed = _mean(filled, "predicted"), _mean(filled, "observed")
    start = say(
        "预期校准误差是 {error:.3f}。"
        "全部像素的概率平均 {predicted:.1%}，真是核的占 {observed:.1%}：{verdict}。",
        error=error,
        predicted=predicted,
        observed=observed,
        verdict=_verdict(predicted - observed),
    )
    gaps = filled["predicted"] - filled["observed"]
    worst = filled.loc[gaps.abs().idxmax()]
    if abs(gaps).max() <= CLOSE:
        return language.sentences([start, say("每一档都与对角线相差不到 {limit:.0%}。", limit=CLOSE)])
    far = say(
        "离对角线最远的一档，概率平均 {predicted:.0%}，真是核的占 {observed:.0%}。",
        predicted=worst["predicted"],
        observed=worst["observed"],
    )
    return language.sentences([start, far])


def _verdict(difference):
    if abs(difference) <= CLOSE:
        return say("总的来说不高也不低")
    return say("总的来说给高了") if difference > 0 else say("总的来说给低了")


def nuclei(curve):
    """Whether certainties keep what they promise.

    Parameters
    ----------
    curve : DataFrame
        From `calibration.reliability`, of nuclei.

    Returns
    -------
    sentences : str
    """
    filled = curve[curve["pixels"] > 0]
    if filled.empty:
        return say("一个核也没有找到，谈不上把握。")
    predicted, observed = _mean(filled, "predicted"), _mean(filled, "observed")
    start = say(
        "找到的 {n:,} 个核，把握平均 {predicted:.0%}，真找对的占 {observed:.0%}：{verdict}。",
        n=filled["pixels"].sum(),
        predicted=predicted,
        observed=observed,
        verdict=_verdict(predicted - observed),
    )
    sure = filled[filled["low"] >= SURE - 1e-9]
    if sure.empty:
        return language.sentences([start, say("没有一个核的把握在 {limit:.0%} 以上。", limit=SURE)])
    right = say(
        "把握在 {limit:.0%} 以上的有 {n:,} 个，其中找对的占 {share:.0%}。",
        limit=SURE,
        n=sure["pixels"].sum(),
        share=_mean(sure, "observed"),
    )
    return language.sentences([start, right])


def _mean(curve, column):
    return (curve[column] * curve["pixels"]).sum() / curve["pixels"].sum()
