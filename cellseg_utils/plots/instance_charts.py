"""Charts of what was found nucleus by nucleus: precision, recall by size, errors, trust in probabilities."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import NullFormatter, PercentFormatter

from cellseg_utils.evaluation import object_errors
from cellseg_utils.plots import comparison, pictures, score_charts, style

ERRORS = object_errors.NAMES
ERROR_COLOURS = {
    "missed": style.VERMILLION,
    "merged": style.PURPLE,
    "split": style.YELLOW,
    "invented": style.SKY,
}


def precision_by_threshold(ax, thresholds, precisions, kinds=None):
    """Draw average precision over the IoU from which a nucleus counts as found.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    thresholds : (K,) sequence of float
        IoU, 0..1 (no unit).
    precisions : (N, K) array_like of float
        One row a picture, 0..1 (no unit).
    kinds : (N,) sequence of str, optional
        Name of the kind of each picture; each gets a curve of its own, the most frequent first.

    Returns
    -------
    ax : matplotlib.axes.Axes
        The thick line is the mean over all pictures, its mean the score of the Data Science Bowl.

    Raises
    ------
    ValueError
        If there is no picture, or the lengths differ.
    """
    precisions = np.asarray(precisions, float)
    if len(precisions) == 0:
        raise ValueError("expected at least one picture, got none")
    pictures.check_same_length(thresholds=thresholds, columns_of_precisions=precisions.T)
    if kinds is not None:
        pictures.check_same_length(precisions=precisions, kinds=kinds)
        _kind_curves(ax, thresholds, precisions, np.asarray(kinds))
    mean = precisions.mean(axis=0)
    name = f"全部 {len(precisions)} 张，平均 {mean.mean():.3f}"
    ax.plot(thresholds, mean, color=style.INK, linewidth=3.2, label=name)
    ax.set(ylim=(0, 1.02), xlabel="IoU 阈值（高于它才算找到）", ylabel="平均精度（AP）")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=1 if kinds is None else 2)
    return ax


def _kind_curves(ax, thresholds, precisions, kinds):
    names, counts = np.unique(kinds, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    looks = zip(comparison.MARKERS, comparison.COLOURS, strict=True)
    for name, count, (marker, colour) in zip(names[order], counts[order], looks, strict=False):
        curve = precisions[kinds == name].mean(axis=0)
        ax.plot(thresholds, curve, marker=marker, color=colour, linewidth=1.6, label=f"{name} {count} 张")


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
    name = "模型" if error is None else f"模型（ECE {error:.3f}）"
    ax.plot([0, 1], [0, 1], color=style.GREY, linestyle="--", linewidth=1.4, label="概率可信")
    ax.plot(filled["predicted"], filled["observed"], "o-", color=style.BLUE, label=name)
    ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="模型给出的概率", ylabel="其中真是细胞核的比例")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
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
    ax.plot([0, 1], [0, 1], color=style.GREY, linestyle="--", linewidth=1.4, label="把握可信")
    ax.plot(filled["predicted"], filled["observed"], "o-", color=style.BLUE, label="模型")
    for row in filled.itertuples():
        place = {"xytext": (0, -6), "textcoords": "offset points", "ha": "center", "va": "top"}
        ax.annotate(f"{row.pixels:,}", (row.predicted, row.observed), fontsize=8, color=style.GREY, **place)
    ax.set(xlim=(0, 1), ylim=(-0.08, 1.04), xlabel="模型给的把握", ylabel="其中找对的核的比例")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
    return ax


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
    ax.set(xlim=(0, 1), ylim=(lowest, 1), xlabel="模型给出的概率", ylabel="像素的比例")
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


def recall_by_size(ax, sizes):
    """Draw which share of the true nuclei was found, by their diameter.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    sizes : pandas.DataFrame
        One row a bin: low, high (pixels), nuclei (how many), recall (0..1, no unit), as
        `recall.recall_by_size` returns it. Bins without nuclei are left out.

    Returns
    -------
    ax : matplotlib.axes.Axes
        The number of nuclei stands below each bin.

    Raises
    ------
    ValueError
        If a column is missing or there is no nucleus.
    """
    score_charts.check_columns(sizes, ["low", "high", "nuclei", "recall"])
    sizes = sizes[sizes["nuclei"] > 0]
    if sizes.empty:
        raise ValueError("expected at least one nucleus, got none")
    bars = ax.bar(range(len(sizes)), sizes["recall"], color=style.SKY, edgecolor="white")
    ax.bar_label(bars, [f"{recall:.0%}" for recall in sizes["recall"]], padding=3)
    names = [f"{_range(row.low, row.high)}\n{row.nuclei:.0f} 个" for row in sizes.itertuples()]
    ax.set_xticks(range(len(sizes)), names)
    ax.yaxis.set_major_formatter(PercentFormatter(1))
    ax.grid(visible=False, axis="x")
    ax.set(ylim=(0, 1.1), xlabel="真实细胞核的直径（像素）与个数", ylabel="找到的比例")
    return ax


def _range(low, high):
    if np.isinf(high):
        return f"≥{low:g}"
    return f"<{high:g}" if low == 0 else f"{low:g}–{high:g}"


def error_counts(ax, counts, nuclei):
    """Draw how many nuclei were missed, merged, split and invented for each hundred true ones.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    counts : pandas.DataFrame
        A row for each kind of picture or model, its name in the index; columns missed, merged, split,
        invented (how many).
    nuclei : (R,) sequence of int
        True nuclei of each row.

    Returns
    -------
    ax : matplotlib.axes.Axes
        One stacked bar a row, in the order of the table.

    Raises
    ------
    ValueError
        If a column is missing, the lengths differ, or a row has no nucleus.
    """
    score_charts.check_columns(counts, list(ERRORS))
    pictures.check_same_length(counts=counts, nuclei=nuclei)
    nuclei = np.asarray(nuclei, float)
    if len(nuclei) == 0 or not (nuclei > 0).all():
        raise ValueError(f"expected true nuclei in every row, got {nuclei.tolist()}")
    rows, left = np.arange(len(counts)), np.zeros(len(counts))
    for error, name in ERRORS.items():
        share = 100 * counts[error].to_numpy(float) / nuclei
        ax.barh(rows, share, 0.62, left, color=ERROR_COLOURS[error], edgecolor="white", label=name)
        left += share
    for row, total in zip(rows, left, strict=True):
        ax.annotate(f"{total:.1f}", (total, row), (5, 0), textcoords="offset points", va="center")
    ax.set_yticks(rows, [f"{name}\n{count:.0f} 个" for name, count in zip(counts.index, nuclei, strict=True)])
    ax.set_ylim(len(counts) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    ax.margins(x=0.12)
    ax.set_xlabel("每 100 个真实细胞核的错误")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=4, columnspacing=1.2)
    return ax
