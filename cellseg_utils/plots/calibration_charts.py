"""Charts of how far probabilities and certainties can be trusted."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import NullFormatter

from cellseg_utils.plots import score_charts, style
from cellseg_utils.run.language import say


def reliability_diagram(ax, curve, error=None):
    """Draw how often pixels are nucleus over the probability that the model gave them.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    curve : pandas.DataFrame
        Columns predicted, observed (0..1, no unit) and pixels, as `calibration.reliability` returns it.
    error : float, optional
        Expected calibration error for the legend, 0..1 (no unit).

    Returns
    -------
    ax : matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a column is missing or no bin has a pixel.
    """
    score_charts.check_columns(curve, ["predicted", "observed", "pixels"])
    filled = curve[curve["pixels"] > 0]
    if filled.empty:
        raise ValueError("expected at least one bin with pixels, got none")
    name = say("模型") if error is None else say("模型（ECE {error:.3f}）", error=error)
    _observed(ax, filled, say("概率可信"), name)
    ax.set(ylim=(0, 1), xlabel=say("模型给出的概率"), ylabel=say("其中真是细胞核的比例"))
    return ax


def certainty(ax, curve):
    """Draw how often nuclei are right over their certainty, with the number of nuclei at each point.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    curve : pandas.DataFrame
        Columns predicted, observed (0..1, no unit) and pixels (here nuclei), as `calibration.reliability`
        returns it.

    Returns
    -------
    ax : matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a column is missing; without nuclei the axes stay empty.
    """
    score_charts.check_columns(curve, ["predicted", "observed", "pixels"])
    filled = curve[curve["pixels"] > 0]
    _observed(ax, filled, say("把握可信"), say("模型"))
    for row in filled.itertuples():
        place = {"xytext": (0, -6), "textcoords": "offset points", "ha": "center", "va": "top"}
        ax.annotate(f"{row.pixels:,}", (row.predicted, row.observed), fontsize=8, color=style.GREY, **place)
    ax.set(ylim=(-0.08, 1.04), xlabel=say("模型给的把握"), ylabel=say("其中找对的核的比例"))
    return ax


def _observed(ax, filled, trusted, name):
    """The diagonal of what could be trusted, and the model's curve."""
    ax.plot([0, 1], [0, 1], color=style.GREY, linestyle="--", linewidth=1.4, label=trusted)
    ax.plot(filled["predicted"], filled["observed"], "o-", color=style.BLUE, label=name)
    ax.set(xlim=(0, 1))
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)


def pixel_histogram(ax, curve):
    """Draw the share of the pixels in each bin of probability, on a logarithmic axis.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    curve : pandas.DataFrame
        Columns low, high (0..1, no unit) and pixels, as `calibration.reliability` returns it.

    Returns
    -------
    ax : matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a column is missing or no bin has a pixel.
    """
    score_charts.check_columns(curve, ["low", "high", "pixels"])
    total = curve["pixels"].sum()
    if total == 0:
        raise ValueError("expected at least one bin with pixels, got none")
    shares, widths = curve["pixels"] / total, curve["high"] - curve["low"]
    ax.bar(curve["low"], shares, widths, align="edge", color=style.SKY, edgecolor="white")
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g}%")
    ax.yaxis.set_minor_formatter(NullFormatter())
    lowest = 10 ** np.floor(np.log10(shares[shares > 0].min() / 2))
    ax.set(xlim=(0, 1), ylim=(lowest, 1), xlabel=say("模型给出的概率"), ylabel=say("像素的比例"))
    return ax


def calibration(curve, error):
    """Draw the reliability diagram with the histogram of the pixels below it.

    Parameters
    ----------
    curve : pandas.DataFrame
        As `calibration.reliability` returns it.
    error : float
        Expected calibration error, 0..1 (no unit).

    Returns
    -------
    fig : matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If a column is missing or no bin has a pixel.
    """
    fig, (upper, lower) = plt.subplots(
        2, 1, figsize=(style.CHART_WIDTH, 6.4), sharex=True, height_ratios=(5, 2)
    )
    reliability_diagram(upper, curve, error).set_xlabel("")
    pixel_histogram(lower, curve)
    return fig
