"""What a reader is told about the threshold on probability."""

from cellseg_utils.evaluation import number_texts
from cellseg_utils.run.language import say


def compared(sweep, threshold):
    """How the threshold in use stands against the best one.

    Parameters
    ----------
    sweep : DataFrame
        From `pixel_metrics.threshold_sweep`.
    threshold : float
        The one in use, one of its thresholds; 0..1 (no unit).

    Returns
    -------
    sentence : str
    """
    own = sweep.loc[sweep["threshold"] == threshold, "dice"].iloc[0]
    best = sweep.loc[sweep["dice"].idxmax()]
    lost, used = best["dice"] - own, {"threshold": threshold, "own": own}
    if sweep["dice"].max() - sweep["dice"].min() < number_texts.ALIKE:
        return say("无论阈值取多少，验证 Dice 都是 {own:.3f}，改阈值没有用。", own=own)
    if best["threshold"] == threshold:
        return say("所用的阈值 {threshold:g} 正是验证 Dice 最高的一个（{own:.3f}）。", **used)
    if lost < number_texts.ALIKE:
        return say(
            "所用的阈值 {threshold:g} 与最好的 {best:g} 一样好：验证 Dice 都是 {own:.3f}。",
            best=best["threshold"],
            **used,
        )
    return say(
        "验证 Dice 在阈值 {best:g} 处最高（{highest:.3f}）；"
        "所用的阈值 {threshold:g} 是 {own:.3f}，低 {lost:.3f}。",
        best=best["threshold"],
        highest=best["dice"],
        lost=round(best["dice"], 3) - round(own, 3),
        **used,
    )
