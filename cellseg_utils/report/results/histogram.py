"""Histograms as shapes of an inline drawing, which follows the colours of its page."""

from dataclasses import dataclass

import numpy as np
from matplotlib import ticker

from cellseg_utils.run.language import say

WIDTH, HEIGHT = 340, 170  # of the drawing (CSS pixels)
LEFT, BOTTOM, TOP = 40, 26, 10  # room for the numbers at the axes (CSS pixels)
MOST_BARS, MOST_TICKS = 30, 5
STEPS = [1, 2, 5, 10]  # between bars and between ticks, and their tenths, hundredths, …
FENCE = 3  # interquartile ranges above the third quartile where the axis ends (Tukey's outer fence)


@dataclass(frozen=True)
class Histogram:
    """What a template draws.

    Attributes
    ----------
    bars : tuple of (float, float, float, float, str)
        Left, top, width, height (CSS pixels) and what it stands for.
    ticks, lines : tuple of (float, str)
        Place (CSS pixels) and number along the axis of values, and along that of counts.
    middle : float
        Where the median lies (CSS pixels).
    beyond : int
        How many values above the end of the axis the last bar holds.
    """

    bars: tuple[tuple[float, float, float, float, str], ...]
    ticks: tuple[tuple[float, str], ...]
    lines: tuple[tuple[float, str], ...]
    middle: float
    beyond: int


def of(counts, counted, upper=None):
    """Lay out the histogram of some values.

    Parameters
    ----------
    counts : Series of int
        How often each value occurs, which is the index, ascending; at least two of them.
    counted : callable
        Says a number of what is counted: 3 becomes "3 nuclei".
    upper : float, optional
        Where the axis ends; by default at the highest value, or at `FENCE` if that is lower.

    Returns
    -------
    histogram : Histogram
    """
    values, weights = counts.index.to_numpy(float), counts.to_numpy()
    highest = _fence(counts) if upper is None else upper
    whole = bool((values == values.round()).all())
    edges = _edges(values[0], max(highest, values[1]), whole)
    heights, _ = np.histogram(np.minimum(values, edges[-1]), edges, weights=weights)
    x = _scale(edges[0], edges[-1], LEFT, WIDTH - 6)
    y = _scale(0, heights.max(), HEIGHT - BOTTOM, TOP)
    bars = tuple(
        (x(left) + 0.5, y(count), x(right) - x(left) - 1, y(0) - y(count), _bar(left, right, counted(count)))
        for left, right, count in zip(edges, edges[1:], heights, strict=False)
        if count
    )
    return Histogram(
        bars,
        _ticks(x, edges[0], edges[-1], whole),
        _ticks(y, 0, heights.max(), True),
        x(min(quantile(counts, 0.5), edges[-1])),
        int(weights[values > edges[-1]].sum()),
    )


def quantile(counts, share):
    """The value below which a share of all values lies.

    Parameters
    ----------
    counts : Series of int
        How often each value occurs, which is the index, ascending; at least one value.
    share : float
        0..1 (no unit).

    Returns
    -------
    value : float
        As `numpy.quantile` gives it for all values one by one.

    Examples
    --------
    >>> quantile(pd.Series({1: 1, 5: 1, 9: 2}), 0.5)
    7.0
    """
    place, ends = share * (counts.sum() - 1), counts.cumsum().to_numpy()
    low, high = counts.index[np.searchsorted(ends, [np.floor(place), np.ceil(place)], side="right")]
    return float(low + (high - low) * (place % 1))


def _fence(counts):
    first, third = (quantile(counts, share) for share in (0.25, 0.75))
    return min(counts.index[-1], third + FENCE * (third - first))


def _edges(low, high, whole):
    edges = ticker.MaxNLocator(MOST_BARS, steps=STEPS).tick_values(low, high)
    if whole and edges[1] - edges[0] <= 1:  # a bar for each number, which stands below its middle
        return np.arange(low, high + 2) - 0.5
    return edges


def _scale(low, high, start, end):
    return lambda value: round(float(start + (value - low) / (high - low) * (end - start)), 1)


def _ticks(scale, low, high, whole):
    places = ticker.MaxNLocator(MOST_TICKS, steps=STEPS).tick_values(low, high)
    shown = [place for place in places if low <= place <= high and not (whole and place % 1)]
    return tuple((scale(place), f"{place:,.10g}") for place in shown)


def _bar(left, right, counted):
    if left % 1 == 0.5 and right - left == 1:
        return say("{value:,.10g}：{counted}", value=left + 0.5, counted=counted)
    return say("{left:,.10g} 到 {right:,.10g}：{counted}", left=left, right=right, counted=counted)
