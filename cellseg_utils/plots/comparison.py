"""Charts and pictures that compare models: curves, scores with their intervals, errors side by side."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

from cellseg_utils.plots import grids, overlays, pictures, score_charts, style

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
        ax.set_title(f"验证集：{score_charts.MEASURES[name]}", loc="left")
    axes[0].legend()
    epochs = [epoch for history in histories.values() for epoch in history.epoch]
    score_charts.epoch_axis(axes[-1], min(epochs), max(epochs))
    return fig


def comparison_dots(ax, scores, low=None, high=None):
    """Draw the scores of several models as dots, with intervals; bars from 0 on would hide the differences.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    scores : pandas.DataFrame
        A row for each model, its name in the index; a column for each score (0..1, no unit).
    low, high : pandas.DataFrame, optional
        Ends of the confidence intervals, in the shape of `scores`.

    Returns
    -------
    ax : matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If only one end of the intervals is given, or their shape differs from that of the scores.
    """
    if (low is None) != (high is None) or (low is not None and not low.shape == high.shape == scores.shape):
        raise ValueError(f"expected both ends of the intervals in the shape of the scores, {scores.shape}")
    rows = np.arange(len(scores))
    offsets = np.linspace(-0.2, 0.2, len(scores.columns)) if len(scores.columns) > 1 else [0]
    for name, offset, marker, colour in zip(scores.columns, offsets, MARKERS, COLOURS, strict=False):
        values = scores[name].to_numpy()
        if low is not None:
            ax.hlines(rows + offset, low[name], high[name], color=colour, linewidth=2.4, alpha=0.6)
        ax.plot(values, rows + offset, marker, color=colour, markersize=9, label=name)
        for value, row in zip(values, rows + offset, strict=True):
            ax.annotate(
                f"{value:.3f}", (value, row), (0, 7), textcoords="offset points", ha="center", va="bottom"
            )
    ax.set_yticks(rows, scores.index)
    ax.set_ylim(len(scores) - 0.4, -0.6)
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.grid(visible=False, axis="y")
    ax.margins(x=0.1)
    ax.set_xlabel("得分" if low is None else "得分（线段为置信区间）")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=len(scores.columns))
    return ax


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
    overlays.show_semantic(axes[0, 1], image, truth, "真值")
    axes[0, 2].legend(
        handles=overlays.error_handles(), loc="center", fontsize=style.GRID_TITLE, labelspacing=1
    )
    for ax, (name, prediction) in zip(axes[1:].flat, predictions.items(), strict=False):
        title = f"{name}\n{titles[name]}" if name in titles else name
        overlays.error_overlay(ax, image, truth, prediction, title, legend=False)
    for ax in axes[1:].flat[len(predictions) :]:
        ax.remove()
    return fig
