"""Charts of a data set: sizes, grey values, nuclei, foreground, effect of resizing on small nuclei."""

from collections import Counter

import matplotlib
import numpy as np
from matplotlib.ticker import MaxNLocator, NullFormatter, PercentFormatter, ScalarFormatter

from cellseg_utils.audit import image_kinds
from cellseg_utils.plots import pictures, style
from cellseg_utils.run.language import say

NAMED_SIZES = 10  # the most frequent sizes have a bar of their own, all others share one
LEAST_SHARE = 1e-5  # of all pixels; lower ends of the histograms are cut
FEWEST_FOR_BOX = 5  # values of a kind; fewer have no quartiles worth a box
BOX = 0.7  # height of a box (rows)
MOST_BINS = 41  # of a histogram of counts
LEAST_PIXELS = 0.5  # where nuclei without a pixel left stand on the logarithmic axis


def size_distribution(ax, heights, widths):
    """Draw how many pictures have which size.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    heights, widths : (N,) sequence of int
        Sizes of the pictures (pixels).

    Returns
    -------
    ax : matplotlib.axes.Axes
        The most frequent size on top, rare ones together at the bottom.

    Raises
    ------
    ValueError
        If the two differ in length or are empty.
    """
    pictures.check_same_length(heights=heights, widths=widths)
    if len(heights) == 0:
        raise ValueError("expected the size of at least one picture, got none")
    sizes = Counter(f"{height}×{width}" for height, width in zip(heights, widths, strict=True)).most_common()
    rest = sizes[NAMED_SIZES:]
    bars = dict(sizes[:NAMED_SIZES])
    if rest:
        bars[say("其他 {n} 种", n=len(rest))] = sum(count for _, count in rest)
    drawn = ax.barh(list(bars), list(bars.values()), color=style.SKY)
    ax.bar_label(drawn, padding=4)
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")
    ax.margins(x=0.12)
    ax.set(xlabel=say("图像张数"), ylabel=say("高×宽（像素）"))
    whole_numbers(ax.xaxis)
    return ax


def whole_numbers(*axes):
    """Give axes of counts no ticks between whole numbers.

    Parameters
    ----------
    *axes : matplotlib.axis.Axis
    """
    for axis in axes:
        axis.set_major_locator(MaxNLocator("auto", steps=(1, 2, 5, 10), integer=True))


def intensity_distribution(ax, histograms):
    """Draw the distribution of grey values for each kind of picture.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    histograms : dict of str to (B,) ndarray
        Name of the kind to the number of pixels in each of B equal bins over 0..255.

    Returns
    -------
    ax : matplotlib.axes.Axes
        Share of the pixels on a logarithmic axis, as the background outweighs all else.

    Raises
    ------
    ValueError
        If the histograms differ in length, or one has no pixel.
    """
    pictures.check_same_length(**histograms)
    for name, histogram in histograms.items():
        counts = np.asarray(histogram, float)
        if counts.sum() == 0:
            raise ValueError(f"the histogram of {name} has no pixel")
        ax.stairs(counts / counts.sum(), np.linspace(0, 256, len(counts) + 1), linewidth=2, label=name)
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g}%")
    ax.set(
        xlim=(0, 256),
        xticks=(0, 64, 128, 192, 255),
        ylim=(LEAST_SHARE, 1),
        xlabel=say("灰度值（0 黑，255 白）"),
        ylabel=say("像素的比例"),
    )
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
    return ax


def nuclei_per_image(ax, counts):
    """Draw how many nuclei a picture has.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    counts : (N,) sequence of int
        Nuclei of each picture.

    Returns
    -------
    ax : matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there is no picture.
    """
    if len(counts) == 0:
        raise ValueError("expected the nuclei of at least one picture, got none")
    width = -(-(max(counts) + 1) // MOST_BINS)  # whole, so that every bar holds as many numbers of nuclei
    ax.hist(counts, np.arange(0, max(counts) + width + 1, width) - 0.5, color=style.SKY, edgecolor="white")
    middle = np.median(counts)
    ax.axvline(middle, color=style.VERMILLION, linestyle="--", label=say("中位数 {middle:g}", middle=middle))
    ax.set(xlim=(-0.5, None), xlabel=say("一张图像里的细胞核个数"), ylabel=say("图像张数"))
    whole_numbers(ax.xaxis, ax.yaxis)
    ax.legend()
    return ax


def foreground_share(ax, shares, kinds):
    """Draw which share of each picture is nucleus, by kind.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    shares : (N,) sequence of float
        Share of the pixels, 0..1 (no unit).
    kinds : (N,) sequence of str
        Name of the kind of each picture.

    Returns
    -------
    ax : matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the two differ in length or are empty.
    """
    by_kind(ax, shares, kinds)
    ax.xaxis.set_major_formatter(PercentFormatter(1))
    ax.set(xlim=(0, None), xlabel=say("细胞核占图像面积的比例"))
    return ax


def by_kind(ax, values, kinds):
    """Draw every value as a point, a row for each kind, with a box of quartiles over enough of them.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    values : (N,) sequence of float
    kinds : (N,) sequence of str

    Returns
    -------
    ax : matplotlib.axes.Axes
        Kinds in the order of `image_kinds.KINDS`, the number of pictures beside each.

    Raises
    ------
    ValueError
        If the two differ in length or are empty.
    """
    pictures.check_same_length(values=values, kinds=kinds)
    if len(values) == 0:
        raise ValueError("expected at least one value, got none")
    values, kinds, rng = np.asarray(values, float), np.asarray(kinds), np.random.default_rng(0)
    groups = {name: values[kinds == name] for name in image_kinds.ordered(kinds.tolist())}
    for row, group in enumerate(groups.values()):
        heights = row + rng.uniform(-0.3, 0.3, len(group))
        ax.scatter(group, heights, 14, color=style.BLUE, alpha=0.4, linewidth=0)
        _quartiles(ax, row, group)
    names = [say("{kind}\n{n} 张", kind=name, n=len(group)) for name, group in groups.items()]
    ax.set_yticks(range(len(groups)), names)
    ax.set_ylim(len(groups) - 0.5, -0.5)
    ax.grid(visible=False, axis="y")
    return ax


def _quartiles(ax, row, group):
    """A box over the middle half of enough values, and a line at the median of any number."""
    line = {"color": style.INK, "linewidth": 1.4}
    median = {"color": style.VERMILLION, "linewidth": 2.4}
    if len(group) < FEWEST_FOR_BOX:
        ax.vlines(np.median(group), row - BOX / 2, row + BOX / 2, **median)
        return
    ax.boxplot(
        [group], positions=[row], widths=BOX, showfliers=False, manage_ticks=False, **_lying(),
        boxprops=line, whiskerprops=line, capprops=line, medianprops=median,
    )  # fmt: skip


def _lying():
    """How boxes are told to lie: Matplotlib 3.10 has a new word for it, and will drop the old one."""
    return {"orientation": "horizontal"} if matplotlib.__version_info__ >= (3, 10) else {"vert": False}


def smallest_nuclei(ax, area_before, area_after):
    """Draw the area of nuclei after resizing over the area that they should have.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    area_before, area_after : (M,) sequence of float
        Native area times the change of the picture's area, and area after resizing (pixels of the new grid).

    Returns
    -------
    ax : matplotlib.axes.Axes
        Both axes logarithmic; nuclei without a pixel left are crosses at the bottom.

    Raises
    ------
    ValueError
        If the two differ in length or are empty.
    """
    pictures.check_same_length(area_before=area_before, area_after=area_after)
    if len(area_before) == 0:
        raise ValueError("expected at least one nucleus, got none")
    before, after = np.asarray(area_before, float), np.asarray(area_after, float)
    kept = after > 0
    ax.scatter(before[kept], after[kept], 12, color=style.BLUE, alpha=0.35, linewidth=0, label=say("仍在"))
    lost = say("消失（{n} 个）", n=np.count_nonzero(~kept))
    lows = np.full(np.count_nonzero(~kept), LEAST_PIXELS)
    ax.scatter(before[~kept], lows, 36, color=style.VERMILLION, marker="x", label=lost)
    ends = [before.min(), before.max()]
    ax.plot(ends, ends, color=style.GREY, linestyle="--", linewidth=1.4, label=say("面积不变"))
    ax.set(
        xscale="log", yscale="log", xlabel=say("按比例应有的面积（像素）"), ylabel=say("缩放后的面积（像素）")
    )
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(ScalarFormatter())
        axis.set_minor_formatter(NullFormatter())
    ax.legend(markerscale=1.5)
    return ax
