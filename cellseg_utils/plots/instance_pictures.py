"""Pictures of single nuclei: which were found, missed, merged, split or invented."""

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from cellseg_utils.evaluation import error_crops
from cellseg_utils.plots import grids, instance_charts, overlays, pictures, regions, style
from cellseg_utils.run.language import later, say

FOUND = style.GREEN
MEANINGS = {
    "missed": later("是核而没有找到"),
    "merged": later("几个核连成了一个"),
    "split": later("一个核拆成了几个"),
    "invented": later("不是核而当成了核"),
}
TRUE_LISTS = {"missed": "missed", "merged": "merged", "split": "split"}  # list to kind of error
PREDICTED_LISTS = {"blocks": "merged", "pieces": "split", "invented": "invented"}
LINE_WIDTH = 1.7  # points
THIN = 0.8  # points; for outlines in small pictures
THIN_WHITE = 150  # grey value of the brightest pixels below thin outlines, 0..255
DASHES = (0, (2.2, 1.4))
COLUMNS = 4  # of the legend
LEGEND_FOOT = 0.75  # inches for two lines of legend below a gallery


def show_errors(ax, image, truth, prediction, errors, title="", legend=True):
    """Draw the outline of every nucleus, coloured by what went wrong with it.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    image : (H, W, 3) or (H, W) ndarray of uint8
    truth, prediction : (H, W) ndarray of int
        Label images, 0 is background (no unit); truth is drawn solid, prediction dashed.
    errors : ObjectErrors
        Those of the two, as `object_errors.errors` returns it; those of a larger picture for a part of it.
    title : str
    legend : bool
        Explain the colours below the picture.

    Returns
    -------
    ax : matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If image, truth and prediction differ in size.
    """
    pictures.check_same_size(image, truth, prediction)
    ax.imshow(pictures.backdrop(image), interpolation="nearest")
    for labels, lists, line in ((truth, TRUE_LISTS, "solid"), (prediction, PREDICTED_LISTS, DASHES)):
        for colour, nuclei in by_colour(pictures.plane(labels), lists, errors).items():
            width = THIN if colour == FOUND else LINE_WIDTH  # also to be told apart without colour
            outlines = LineCollection(regions.outlines(nuclei), colors=colour, linewidths=width)
            outlines.set_linestyle(line)
            outlines.set_zorder(1 if colour == FOUND else 2)
            ax.add_collection(outlines)
    if legend:
        ax.legend(handles=nucleus_handles(), loc="upper center", bbox_to_anchor=(0.5, -0.01), ncols=COLUMNS)
    return overlays.frameless(ax, title)


def by_colour(labels, lists, errors):
    """Sort nuclei by the colour of what went wrong with them.

    Parameters
    ----------
    labels : (H, W) ndarray of int
        Label image, 0 is background (no unit).
    lists : dict of str to str
        `TRUE_LISTS` for a truth, `PREDICTED_LISTS` for a prediction.
    errors : ObjectErrors

    Returns
    -------
    nuclei : dict of str to (H, W) ndarray of int
        Colour to label image of those nuclei alone.
    """
    wrong = {
        instance_charts.ERROR_COLOURS[error]: np.where(np.isin(labels, getattr(errors, name)), labels, 0)
        for name, error in lists.items()
    }
    return {FOUND: np.where(np.any(list(wrong.values()), axis=0), 0, labels), **wrong}


def show_nuclei(ax, image, labels, title=""):
    """Draw the outline of each nucleus in a colour of its own, another one than its neighbours.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    image : (H, W, 3) or (H, W) ndarray of uint8
    labels : (H, W) ndarray of int
        Label image, 0 is background (no unit).
    title : str

    Returns
    -------
    ax : matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If image and labels differ in size.
    """
    pictures.check_same_size(image, labels)
    ax.imshow(pictures.backdrop(image, white=THIN_WHITE), interpolation="nearest")
    colours = regions.colour_instances(labels)
    for colour in regions.INSTANCE_COLOURS:
        alike = np.isin(labels, [label for label, of_it in colours.items() if of_it == colour])
        lines = regions.outlines(np.where(alike, labels, 0))
        ax.add_collection(LineCollection(lines, colors=colour, linewidths=THIN))
    return overlays.frameless(ax, title)


def nucleus_handles():
    """Make the legend entries of `show_errors`, for a legend of `COLUMNS` columns.

    Returns
    -------
    handles : list of matplotlib.artist.Artist
    """
    colours = {say("无误"): FOUND}
    colours |= {
        say(name): instance_charts.ERROR_COLOURS[error] for error, name in instance_charts.ERRORS.items()
    }
    handles = [
        Line2D([], [], color=colour, label=name, linewidth=THIN if colour == FOUND else LINE_WIDTH)
        for name, colour in colours.items()
    ]
    for name, line in ((say(overlays.TRUTH), "solid"), (say(overlays.PREDICTION), DASHES)):
        handles.append(Line2D([], [], color=style.INK, linestyle=line, label=name))
    return [handle for column in range(COLUMNS) for handle in handles[column::COLUMNS]]  # read by rows


def error_gallery(crops, columns=4):
    """Show the worst nuclei, a row for each kind of error that occurs.

    Parameters
    ----------
    crops : sequence of ErrorCrop
        As `error_crops.worst_crops` returns them, of any number of pictures.
    columns : int
        How many of each kind of error.

    Returns
    -------
    fig : matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no crop.
    """
    rows = {error: error_crops.worst_of(crops, error, columns) for error in instance_charts.ERRORS}
    rows = {error: row for error, row in rows.items() if row}
    if not rows:
        raise ValueError("expected at least one nucleus in error, got none")
    aspects = [grids.aspect_of(*(crop.image for crop in row)) for row in rows.values()]
    titles = [
        say("{error}：{meaning}", error=say(instance_charts.ERRORS[error]), meaning=say(MEANINGS[error]))
        for error in rows
    ]
    fig, axes = grids.grid(aspects, columns, 0, titles, LEGEND_FOOT)
    for row, shown in zip(axes, rows.values(), strict=True):
        for ax, crop in zip(row, shown, strict=False):
            show_errors(ax, crop.image, crop.truth, crop.prediction, crop.errors, legend=False)
        for ax in row[len(shown) :]:
            ax.remove()
    fig.legend(handles=nucleus_handles(), loc="lower center", ncols=COLUMNS, fontsize=style.GRID_TITLE)
    return fig
