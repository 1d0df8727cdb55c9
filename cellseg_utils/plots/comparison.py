"""Charts and pictures that compare models: curves, scores with their intervals, errors side by side."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import LogLocator, NullLocator

from cellseg_utils.plots import grids, overlays, pictures, score_charts, style
from cellseg_utils.run.language import say

MARKERS = "osD^v<>"
COLOURS = (style.BLUE, style.VERMILLION, style.GREEN, style.PURPLE, style.ORANGE, style.SKY, style.INK)


def comparison_curves(histories):
    """Draw validation loss and validation Dice of several models over the epochs.

    Parameters
    ----------
    histories : dict of str to pandas.DataFrame
        Name of the model to its history, with columns epoch, val_loss and val_dice_coef.

    Returns
    -------
    fig : matplotlib.figure.Figure
        Two charts below each other.

    Raises
    ------
    ValueError
        If a column is missing.
    """
    fig, axes = plt.subplots(2, 1, figsize=(style.CHART_WIDTH, 5.8), sharex=True)
    for ax, name in zip(axes, ("loss", "dice_coef"), strict=True):
        for (model, history), marker, colour in zip(histories.items(), MARKERS, COLOURS, strict=False):
            score_charts.check_columns(history, ["epoch", f"val_{name}"])
            ax.plot(history.epoch, history[f"val_{name}"], marker=marker, color=colour, label=model)
        ax.set_title(say("验证集：{measure}", measure=say(score_charts.MEASURES[name])), loc="left")
    axes[0].legend()
    epochs = [epoch for history in histories.values() for epoch in history.epoch]
    score_charts.epoch_axis(axes[-1], min(epochs), max(epochs))
    return fig


def ladder(table):
    """Draw the Kaggle score of several networks as dots with intervals, one below the other.

    Parameters
    ----------
    table : pandas.DataFrame
        From `compare.table`: columns model, kaggle, kaggle_low and kaggle_high (0..1, no unit).

    Returns
    -------
    fig : matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If a column is missing.
    """
    score_charts.check_columns(table, ["model", "kaggle", "kaggle_low", "kaggle_high"])
    rows = np.arange(len(table))
    fig, ax = plt.subplots(figsize=(style.CHART_WIDTH, 1.2 + 0.55 * len(table)))
    ax.hlines(rows, table["kaggle_low"], table["kaggle_high"], color=style.BLUE, linewidth=2.4, alpha=0.6)
    ax.plot(table["kaggle"], rows, "o", color=style.BLUE, markersize=9)
    for value, row in zip(table["kaggle"], rows, strict=True):
        ax.annotate(
            f"{value:.3f}", (value, row), (0, 7), textcoords="offset points", ha="center", va="bottom"
        )
    ax.set_yticks(rows, table["model"])
    ax.set_ylim(len(table) - 0.4, -0.7)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(say("平均 Kaggle 得分"))
    return fig


def over_minutes(curves):
    """Draw Dice and Kaggle score of several trainings over the minutes that they took.

    Parameters
    ----------
    curves : dict of str to (minutes, scores)
        Name of the training to its moments and, by name, its scores at them (0..1, no unit).

    Returns
    -------
    fig : matplotlib.figure.Figure
        Two charts side by side.
    """
    fig, axes = plt.subplots(1, 2, figsize=(style.CHART_WIDTH, 3.6))
    for ax, (score, title) in zip(axes, {"dice": "Dice", "kaggle": say("Kaggle 得分")}.items(), strict=True):
        for (name, (minutes, scores)), marker, colour in zip(curves.items(), MARKERS, COLOURS, strict=False):
            ax.plot(minutes, scores[score], marker=marker, color=colour, label=name)
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.xaxis.set_major_formatter("{x:g}")
        ax.xaxis.set_minor_locator(NullLocator())
        ax.set_xlabel(say("训练时间（分钟）"))
        ax.set_title(title, loc="left")
    axes[0].legend()
    return fig


def side_by_side(image, truth, predictions, titles=None):
    """Show the errors of several models on one picture.

    Parameters
    ----------
    image : (H, W, 3) ndarray of uint8
    truth : (H, W) or (H, W, 1) ndarray of bool or int
    predictions : dict of str to (H, W) or (H, W, 1) ndarray of bool or int
        Name of the model to its prediction.
    titles : dict of str to str, optional
        Second line below the name of a model, such as its score.

    Returns
    -------
    fig : matplotlib.figure.Figure
        First row: image and truth; then a picture for each model, three in a row.

    Raises
    ------
    ValueError
        If image, truth and predictions differ in size.
    """
    pictures.check_same_size(image, truth, *predictions.values())
    titles = titles or {}
    rows = -(-len(predictions) // 3)
    fig, axes = grids.grid([grids.aspect_of(image)] * (1 + rows), 3, [1] + [2 if titles else 1] * rows)
    overlays.show_image(axes[0, 0], image)
    overlays.show_semantic(axes[0, 1], image, truth, overlays.TRUTH)
    axes[0, 2].legend(
        handles=overlays.error_handles(), loc="center", fontsize=style.GRID_TITLE, labelspacing=1
    )
    for ax, (name, prediction) in zip(axes[1:].flat, predictions.items(), strict=False):
        title = f"{name}\n{titles[name]}" if name in titles else name
        overlays.error_overlay(ax, image, truth, prediction, title, legend=False)
    for ax in axes[1:].flat[len(predictions) :]:
        ax.remove()
    return fig
