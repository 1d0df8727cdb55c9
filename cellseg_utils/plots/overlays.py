"""One picture in one `ax`: image, mask, instances, boxes, outlines, and the errors of a prediction."""

from matplotlib import patheffects
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from cellseg_utils.plots import pictures, regions, style
from cellseg_utils.run.language import later, say

MISSED = style.VERMILLION
FALSE_POSITIVE = style.SKY
CORRECT = style.GREEN
IMAGE, TRUTH, PREDICTION, PROBABILITY = later("原图"), later("真值"), later("预测"), later("概率")
SEMANTIC, INSTANCES, BOXES, ERRORS = later("语义分割"), later("实例分割"), later("物体检测"), later("叠加")
ERROR_NAMES = {CORRECT: later("判对（轮廓）"), MISSED: later("漏判"), FALSE_POSITIVE: later("误判")}
POINTS_PER_INCH = (
    0.45  # line width of outlines for each inch of the picture, so that small pictures stay visible
)


def frameless(ax, title=""):
    """Take ticks, grid and spines away and set the title.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    title : str

    Returns
    -------
    ax : matplotlib.axes.Axes
    """
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.set_title(say(title), fontsize=style.GRID_TITLE)
    return ax


def show_image(ax, image, title=IMAGE):
    """Show a picture, brightened so that its brightest pixels are white.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    image : (H, W, 3) or (H, W) ndarray of uint8
    title : str

    Returns
    -------
    ax : matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the image has another shape.
    """
    ax.imshow(pictures.brighten(image))
    return frameless(ax, title)


def show_mask(ax, mask, title=TRUTH):
    """Show a mask by itself: nuclei white, background black.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    mask : (H, W) or (H, W, 1) ndarray of bool or int
        Everything above 0 is nucleus.
    title : str

    Returns
    -------
    ax : matplotlib.axes.Axes
    """
    ax.imshow(pictures.plane(mask) > 0, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    return frameless(ax, title)


def show_probability(ax, probability, title=PROBABILITY):
    """Show the probability of "nucleus" for each pixel, dark blue 0 to yellow 1.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    probability : (H, W) or (H, W, 1) ndarray of float
        0..1 (no unit).
    title : str

    Returns
    -------
    ax : matplotlib.axes.Axes
    """
    ax.imshow(pictures.plane(probability), cmap="cividis", vmin=0, vmax=1)
    return frameless(ax, title)


def show_semantic(ax, image, mask, title=SEMANTIC):
    """Lay one colour over all nuclei: a class for each pixel, no matter whose pixel it is.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    image : (H, W, 3) or (H, W) ndarray of uint8
    mask : (H, W) or (H, W, 1) ndarray of bool or int
        Everything above 0 is nucleus.
    title : str

    Returns
    -------
    ax : matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If image and mask differ in size.
    """
    pictures.check_same_size(image, mask)
    ax.imshow(pictures.tint(pictures.backdrop(image), pictures.plane(mask) > 0, style.ORANGE, 0.8))
    return frameless(ax, title)


def show_instances(ax, image, labels, title=INSTANCES):
    """Lay a colour over each nucleus, another one than over its neighbours.

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
    picture = pictures.backdrop(image)
    for label, colour in regions.colour_instances(labels).items():
        picture = pictures.tint(picture, pictures.plane(labels) == label, colour, 0.8)
    ax.imshow(picture)
    return frameless(ax, title)


def show_boxes(ax, image, labels, title=BOXES):
    """Draw the bounding box of each nucleus.

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
    ax.imshow(pictures.backdrop(image))
    _draw(ax, regions.boxes(labels), style.YELLOW, halo=True)
    return frameless(ax, title)


def show_outlines(ax, image, labels, title=""):
    """Draw the outline of each nucleus over the picture.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    image : (H, W, 3) or (H, W) ndarray of uint8
    labels : (H, W) or (H, W, 1) ndarray of int or bool
        Label image, or a mask whose border is drawn.
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
    ax.imshow(pictures.brighten(image))
    _draw(ax, regions.outlines(labels), style.YELLOW, halo=True)
    return frameless(ax, title)


def _draw(ax, lines, colour, halo):
    """Draw lines of 0.8 to 1.4 points, thinner in smaller pictures; a halo keeps bright ones visible."""
    inches = ax.get_position().width * ax.figure.get_figwidth()
    width = min(max(POINTS_PER_INCH * inches, 0.8), 1.4)
    effects = [patheffects.withStroke(linewidth=2.2 * width, foreground="black")] if halo else []
    ax.add_collection(LineCollection(lines, colors=colour, linewidths=width, path_effects=effects))


def error_overlay(ax, image, truth, prediction, title=ERRORS, legend=True):
    """Show where a prediction is right, what it missed and what it invented.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    image : (H, W, 3) or (H, W) ndarray of uint8
    truth, prediction : (H, W) or (H, W, 1) ndarray of bool or int
        Everything above 0 is nucleus.
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
    truth, prediction = pictures.plane(truth) > 0, pictures.plane(prediction) > 0
    picture = pictures.tint(pictures.backdrop(image), truth & ~prediction, MISSED, 0.9)
    ax.imshow(pictures.tint(picture, prediction & ~truth, FALSE_POSITIVE, 0.9), interpolation="nearest")
    _draw(ax, regions.outlines(truth & prediction), CORRECT, halo=False)
    if legend:
        ax.legend(handles=error_handles(), loc="upper center", bbox_to_anchor=(0.5, -0.01), ncols=3)
    return frameless(ax, title)


def error_handles():
    """Make the legend entries of `error_overlay`.

    Returns
    -------
    handles : list of matplotlib.artist.Artist
    """
    fills = [Patch(color=colour, label=say(ERROR_NAMES[colour])) for colour in (MISSED, FALSE_POSITIVE)]
    return [Line2D([], [], color=CORRECT, label=say(ERROR_NAMES[CORRECT])), *fills]
