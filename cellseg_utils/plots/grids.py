"""The sheet that pictures are laid out on: rows of equally wide axes, with titles that fit above them."""

import unicodedata

import matplotlib.pyplot as plt
import numpy as np

from cellseg_utils.plots import overlays, style
from cellseg_utils.run.language import say

GAP = 0.08  # inches between pictures
LINE = 0.32  # inches that one line of a title takes
LATIN = 0.56  # width of a Latin letter or digit, on average, in widths of a Chinese character


def grid(aspects, columns, lines=1, row_titles=None, foot=0.0):
    """Lay out rows of equally wide pictures, exactly, without gaps for ticks that pictures do not have.

    Parameters
    ----------
    aspects : list of float
        Height / width of the tallest picture of each row (no unit).
    columns : int
    lines : int or list of int
        Lines of title above the pictures, for all rows or for each.
    row_titles : list of str, optional
        Text above each row, at the left; put on one line, its end cut off if too long.
    foot : float
        Room below the last row (inches).

    Returns
    -------
    fig : matplotlib.figure.Figure
    axes : (R, columns) ndarray of matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there is nothing to show, or the number of row titles differs from that of the rows.
    """
    if not aspects or columns < 1:
        raise ValueError(f"expected at least one picture, got {len(aspects)} rows of {columns}")
    if row_titles is not None and len(row_titles) != len(aspects):
        raise ValueError(f"{len(row_titles)} row titles for {len(aspects)} rows")
    lines = [lines] * len(aspects) if isinstance(lines, int) else lines
    width = picture_width(columns)
    bands = [LINE * count + GAP + (LINE + GAP) * (row_titles is not None) for count in lines]
    height = sum(bands) + width * sum(aspects) + GAP + foot
    fig = plt.figure(figsize=(style.GRID_WIDTH, height))
    fig.set_layout_engine("none")
    axes, top = np.empty((len(aspects), columns), dtype=object), height
    for row, (aspect, band) in enumerate(zip(aspects, bands, strict=True)):
        if row_titles is not None:
            text = shorten(row_titles[row].replace("\n", say("，")), style.GRID_WIDTH - 2 * GAP)
            corner = (GAP / style.GRID_WIDTH, (top - 2 * GAP) / height)
            fig.text(*corner, text, va="top", size=style.GRID_TITLE)
        top -= band + width * aspect
        for column in range(columns):
            left = GAP + column * (width + GAP)
            box = (left / style.GRID_WIDTH, top / height, width / style.GRID_WIDTH, width * aspect / height)
            axes[row, column] = overlays.frameless(fig.add_axes(box, anchor="N"))
    return fig, axes


def picture_width(columns):
    """Width of one picture of a grid.

    Parameters
    ----------
    columns : int

    Returns
    -------
    width : float
        Inches.
    """
    return (style.GRID_WIDTH - GAP * (columns + 1)) / columns


def aspect_of(*images):
    """Height / width of the tallest picture.

    Parameters
    ----------
    *images : (H, W, ...) ndarray

    Returns
    -------
    aspect : float
    """
    return max(image.shape[0] / image.shape[1] for image in images)


def fold(titles, width):
    """Break titles at their commas and colons if one is wider than its picture, and cut off what still is.

    Parameters
    ----------
    titles : list of str
    width : float
        Inches.

    Returns
    -------
    folded : list of str
        Lines separated by line feeds.
    """
    for mark in (say("，"), say("：")):
        if any(shorten(line, width) != line for title in titles for line in title.split("\n")):
            titles = [title.replace(mark, "\n") for title in titles]
    return ["\n".join(shorten(line, width) for line in title.split("\n")) for title in titles]


def shorten(line, width):
    """Cut off the end of a line that is too wide.

    Parameters
    ----------
    line : str
    width : float
        Inches.

    Returns
    -------
    short : str
        The line, or its beginning and an ellipsis.
    """
    room, kept = width * 72 / style.GRID_TITLE, 0.0
    for position, letter in enumerate(line):
        kept += 1 if unicodedata.east_asian_width(letter) in "WF" else LATIN
        if kept > room:
            return line[: max(position - 1, 0)] + "…"
    return line
