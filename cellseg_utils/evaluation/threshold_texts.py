"""What a reader is told about the threshold on probability."""

from cellseg_utils.evaluation import number_texts


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
    lost = best["dice"] - own
    if sweep["dice"].max() - sweep["dice"].min() < number_texts.ALIKE:
        return f"无论阈值取多少，验证 Dice 都是 {own:.3f}，改阈值没有用。"
    if best["threshold"] == threshold:
        return f"所用的阈值 {threshold:g} 正是验证 Dice 最高的一个（{own:.3f}）。"
    if lost < number_texts.ALIKE:
        return f"所用的阈值 {threshold:g} 与最好的 {best['threshold']:g} 一样好：验证 Dice 都是 {own:.3f}。"
    return (
        f"验证 Dice 在阈值 {best['threshold']:g} 处最高（{best['dice']:.3f}）；"
        f"所用的阈值 {threshold:g} 是 {own:.3f}，低 {lost:.3f}。"
    )
