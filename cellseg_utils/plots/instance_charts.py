"""Charts of what was found nucleus by nucleus: precision, recall by size, errors."""

import numpy as np
from matplotlib.ticker import PercentFormatter

from cellseg_utils.audit import image_kinds
from cellseg_utils.evaluation import object_errors
from cellseg_utils.plots import comparison, pictures, score_charts, style
from cellseg_utils.run.language import say

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
        Name of the kind of each picture; each gets a curve of its own, in the order of
        `image_kinds.KINDS`.

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
    name = say("全部 {n} 张，平均 {mean:.3f}", n=len(precisions), mean=mean.mean())
    ax.plot(thresholds, mean, color=style.INK, linewidth=3.2, label=name)
    ax.set(ylim=(0, 1.02), xlabel=say("IoU 阈值（高于它才算找到）"), ylabel=say("平均精度（AP）"))
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=1 if kinds is None else 2)
    return ax


def _kind_curves(ax, thresholds, precisions, kinds):
    looks = zip(comparison.MARKERS, comparison.COLOURS, strict=True)
    for name, (marker, colour) in zip(image_kinds.ordered(kinds.tolist()), looks, strict=False):
        own = precisions[kinds == name]
        label = say("{kind} {n} 张", kind=name, n=len(own))
        ax.plot(thresholds, own.mean(axis=0), marker=marker, color=colour, linewidth=1.6, label=label)


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
    names = [
        say("{range}\n{n:.0f} 个", range=_range(row.low, row.high), n=row.nuclei)
        for row in sizes.itertuples()
    ]
    ax.set_xticks(range(len(sizes)), names)
    ax.yaxis.set_major_formatter(PercentFormatter(1))
    ax.grid(visible=False, axis="x")
    ax.set(ylim=(0, 1.1), xlabel=say("真实细胞核的直径（像素）与个数"), ylabel=say("找到的比例"))
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
        A row for each kind of picture or model, its name in the index; columns missed, merged, split
        (true nuclei), invented (predicted ones).
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
        ax.barh(rows, share, 0.62, left, color=ERROR_COLOURS[error], edgecolor="white", label=say(name))
        left += share
    for row, total in zip(rows, left, strict=True):
        ax.annotate(f"{total:.1f}", (total, row), (5, 0), textcoords="offset points", va="center")
    named = zip(counts.index, nuclei, strict=True)
    ax.set_yticks(rows, [say("{name}\n{n:.0f} 个", name=name, n=count) for name, count in named])
    ax.set_ylim(len(counts) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    ax.margins(x=0.12)
    ax.set_xlabel(say("每 100 个真实细胞核的错误"))
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=4, columnspacing=1.2)
    return ax
