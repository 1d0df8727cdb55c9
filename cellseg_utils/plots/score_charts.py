"""Charts of a training and of its scores: curves, distributions, kinds of picture, thresholds."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

from cellseg_utils.plots import data_charts, pictures, style
from cellseg_utils.run.language import later, say

STARTS = (0.8, 0.5, 0)  # of an axis of scores (no unit)
MEASURES = {
    "loss": later("损失（loss）"),
    "accuracy": later("准确率（accuracy）"),
    "dice_coef": later("Dice 系数（dice_coef）"),
}


def curves(history, best_epoch):
    """Draw loss, accuracy and Dice of training and validation over the epochs.

    Parameters
    ----------
    history : pandas.DataFrame
        Columns epoch, loss, accuracy, dice_coef, val_loss, val_accuracy, val_dice_coef; a row for each epoch.
    best_epoch : int
        The epoch whose weights were kept; a value of column `epoch`.

    Returns
    -------
    fig : matplotlib.figure.Figure
        Three charts below each other.

    Raises
    ------
    ValueError
        If a column is missing, or the best epoch is not among the epochs.
    """
    check_columns(history, ["epoch", *MEASURES, *(f"val_{name}" for name in MEASURES)])
    if best_epoch not in history.epoch.to_numpy():
        raise ValueError(f"best epoch {best_epoch} is not among the epochs {history.epoch.tolist()}")
    best = history[history.epoch == best_epoch].iloc[0]
    fig, axes = plt.subplots(3, 1, figsize=(style.CHART_WIDTH, 7.6), sharex=True)
    for ax, (name, title) in zip(axes, MEASURES.items(), strict=True):
        ax.plot(history.epoch, history[name], "o-", color=style.BLUE, label=say("训练"))
        ax.plot(history.epoch, history[f"val_{name}"], "s-", color=style.VERMILLION, label=say("验证"))
        ax.axvline(best_epoch, color=style.GREY, linestyle="--", linewidth=1.4, zorder=1)
        value = best[f"val_{name}"]
        ax.set_title(say("{measure}，最佳轮验证 {value:.3f}", measure=say(title), value=value), loc="left")
    label = say("最佳：第 {epoch} 轮", epoch=best_epoch)
    axes[0].plot([], [], color=style.GREY, linestyle="--", linewidth=1.4, label=label)
    axes[0].legend()
    epoch_axis(axes[-1], history.epoch.min(), history.epoch.max())
    return fig


def epoch_axis(ax, first, last):
    """Give the x axis whole epochs, from the first to the last.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    first, last : int
        Epochs.

    Returns
    -------
    ax : matplotlib.axes.Axes
    """
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.set(xlim=(first - 0.5, last + 0.5), xlabel=say("训练轮数（epoch）"))
    return ax


def check_columns(frame, names):
    """Refuse a table that lacks columns.

    Parameters
    ----------
    frame : pandas.DataFrame
    names : list of str

    Raises
    ------
    ValueError
        If any of them is missing.
    """
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise ValueError(f"columns {missing} are missing: the table has {list(frame.columns)}")


def lowest(*scores):
    """Where axes of scores begin, the same for all charts of a figure.

    Parameters
    ----------
    *scores : (N,) sequence of float
        0..1 (no unit); each at least one.

    Returns
    -------
    start : float
        0, or more where all scores are high.
    """
    least = min(min(own) for own in scores)
    return next(start for start in STARTS if start <= least)


def _score_axis(ax, start, name):
    label = say("每张图像的 {score}", score=name)
    if start:
        label = say("{label}（横轴从 {start:g} 起）", label=label, start=start)
    margin = 0.01 * (1 - start)
    ax.set(xlim=(start - margin, 1 + margin), xlabel=label)


def score_distribution(ax, scores, name, start=0):
    """Draw how the scores of single pictures are distributed.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    scores : (N,) sequence of float
        0..1 (no unit).
    name : str
        Name of the score, such as "Dice".
    start : float
        Where the axis begins, from `lowest`.

    Returns
    -------
    ax : matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there is no score.
    """
    if len(scores) == 0:
        raise ValueError("expected at least one score, got none")
    ax.hist(scores, bins=np.linspace(start, 1, 31), color=style.SKY, edgecolor="white")
    for value, text, colour, line in (
        (np.mean(scores), later("平均 {value:.3f}"), style.VERMILLION, "--"),
        (np.median(scores), later("中位数 {value:.3f}"), style.INK, ":"),
    ):
        ax.axvline(value, color=colour, linestyle=line, label=say(text, value=value))
    _score_axis(ax, start, name)
    ax.set_ylabel(say("图像张数"))
    data_charts.whole_numbers(ax.yaxis)
    ax.legend(loc="upper left")
    return ax


def scores_by_kind(ax, scores, kinds, name, start=0):
    """Draw the scores of single pictures, a row for each kind of picture.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    scores : (N,) sequence of float
        0..1 (no unit).
    kinds : (N,) sequence of str
    name : str
        Name of the score, such as "Dice".
    start : float
        Where the axis begins, from `lowest`.

    Returns
    -------
    ax : matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the two differ in length or are empty.
    """
    data_charts.by_kind(ax, scores, kinds)
    _score_axis(ax, start, name)
    return ax


def threshold_sweep(ax, thresholds, dice, iou, chosen):
    """Draw Dice and IoU over the probability from which a pixel counts as nucleus.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    thresholds, dice, iou : (T,) sequence of float
        0..1 (no unit).
    chosen : float
        The threshold in use, 0..1 (no unit).

    Returns
    -------
    ax : matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the three sequences differ in length.
    """
    pictures.check_same_length(thresholds=thresholds, dice=dice, iou=iou)
    ax.plot(thresholds, dice, "o-", color=style.BLUE, label="Dice")
    ax.plot(thresholds, iou, "s-", color=style.VERMILLION, label="IoU")
    ax.axvline(chosen, color=style.GREY, linestyle="--", label=say("使用的阈值 {chosen:g}", chosen=chosen))
    ax.set(xlabel=say("阈值（概率高于它才算细胞核）"), ylabel=say("平均得分"))
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3)
    return ax
