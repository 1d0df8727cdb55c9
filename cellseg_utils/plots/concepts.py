"""The figures of sections 1 to 3: what a label for each pixel is, and what a box does not tell."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter
from skimage.segmentation import find_boundaries

from cellseg_utils.audit import boxes
from cellseg_utils.plots import data_charts, grids, overlays, pictures, regions, style
from cellseg_utils.run.language import say

ZOOM = 12  # pixels a side that pixel_grid magnifies
MARGIN = 4  # pixels around a nucleus
LUMINANCE = (0.2126, 0.7152, 0.0722)  # https://www.w3.org/TR/WCAG21/#dfn-relative-luminance
ELLIPSE = np.pi / 4  # share of its box that an upright ellipse fills


def four_views(image, labels):
    """Show one picture as image, semantic mask, instances and boxes.

    Parameters
    ----------
    image : (H, W, 3) or (H, W) ndarray of uint8
    labels : (H, W) ndarray of int
        Label image, 0 is background (no unit).

    Returns
    -------
    fig : matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If image and labels differ in size.
    """
    pictures.check_same_size(image, labels)
    fig, axes = grids.grid([grids.aspect_of(image)] * 2, columns=2)
    overlays.show_image(axes[0, 0], image)
    overlays.show_semantic(axes[0, 1], image, labels)
    overlays.show_instances(axes[1, 0], image, labels)
    overlays.show_boxes(axes[1, 1], image, labels)
    return fig


def pixel_grid(image, labels, around=None):
    """Write grey values and labels into the pixels of a small part of a picture.

    Parameters
    ----------
    image : (H, W, 3) or (H, W) ndarray of uint8
    labels : (H, W) ndarray of int
        Label image, 0 is background (no unit).
    around : tuple of int, optional
        Row and column of the middle of the part; otherwise where borders meet in high contrast.

    Returns
    -------
    fig : matplotlib.figure.Figure
        Picture with the part marked, the part magnified, its grey values, its labels.

    Raises
    ------
    ValueError
        If image and labels differ in size, or the picture is smaller than 12 x 12 pixels.
    """
    pictures.check_same_size(image, labels)
    contrast = np.hypot(*np.gradient(pictures.brighten(image).mean(axis=2)))
    borders = find_boundaries(pictures.plane(labels))
    top, left = pictures.densest_window(borders * contrast, ZOOM, ZOOM)
    if around is not None:
        limits = np.array(image.shape[:2]) - ZOOM
        top, left = np.clip(np.array(around) - ZOOM // 2, 0, limits).tolist()
    part = np.s_[top : top + ZOOM, left : left + ZOOM]
    grey = pictures.brighten(image).mean(axis=2, keepdims=True)[part].repeat(3, axis=2) / 255
    values = np.asarray(image).reshape(*image.shape[:2], -1)[part].mean(axis=2).round().astype(int)
    numbers = pictures.plane(labels)[part]
    fig, axes = grids.grid([grids.aspect_of(image), 1], columns=2)
    marked = overlays.show_image(axes[0, 0], image, say("原图（黄框内放大）"))
    corner = (left - 0.5, top - 0.5)
    marked.add_patch(Rectangle(corner, ZOOM, ZOOM, fill=False, edgecolor=style.YELLOW, linewidth=2))
    magnified = overlays.frameless(axes[0, 1], say("放大：{side}×{side} 个像素", side=ZOOM))
    magnified.imshow(pictures.brighten(image)[part], interpolation="nearest")
    _number_pixels(axes[1, 0], grey, values, say("每个像素的灰度值"))
    _number_pixels(axes[1, 1], _label_colours(labels, numbers), numbers, say("每个像素的标签（0 为背景）"))
    return fig


def _label_colours(labels, numbers):
    colours = {0: "#F2F2F2", **regions.colour_instances(labels)}
    return np.array([[to_rgb(colours[label]) for label in row] for row in numbers.tolist()])


def _number_pixels(ax, colours, numbers, title):
    """Fill each pixel with its colour and write its number into it."""
    ax.imshow(colours, interpolation="nearest")
    for (row, column), number in np.ndenumerate(numbers):
        ink = "white" if colours[row, column] @ LUMINANCE < 0.5 else style.INK
        ax.text(column, row, str(number), ha="center", va="center", fontsize=10.5, color=ink)
    for edge in np.arange(ZOOM + 1) - 0.5:
        ax.axhline(edge, color="white", linewidth=0.8)
        ax.axvline(edge, color="white", linewidth=0.8)
    return overlays.frameless(ax, title)


def same_box_other_shape(image, labels):
    """Show two nuclei with like boxes and unlike shapes, and the share of its box that each nucleus fills.

    Nuclei at the border count only if fewer than two lie away from it. A picture with fewer than two nuclei
    is shown with a sentence that says so.

    Parameters
    ----------
    image : (H, W, 3) or (H, W) ndarray of uint8
    labels : (H, W) ndarray of int
        Label image, 0 is background (no unit).

    Returns
    -------
    fig : matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If image and labels differ in size.
    """
    pictures.check_same_size(image, labels)
    nuclei, inner = boxes.box_fill(labels), True
    if len(nuclei) < 2:
        nuclei, inner = boxes.box_fill(labels, at_border=True), False
    if len(nuclei) < 2:
        return _too_few_nuclei(image, labels, len(nuclei))
    pair = boxes.alike_in_box(nuclei)
    places = [["one", "other"], ["fills", "fills"]]
    fig, axes = plt.subplot_mosaic(places, figsize=(6.4, 6), height_ratios=(3, 2))
    side = nuclei.loc[list(pair), ["height", "width"]].to_numpy().max() + 2 * MARGIN
    for name, label in zip(("one", "other"), pair, strict=True):
        _show_nucleus(axes[name], image, pictures.plane(labels) == label, nuclei.loc[label], side)
    axes["fills"].hist(nuclei.fill, bins=np.linspace(0, 1, 41), color=style.SKY, edgecolor="white")
    axes["fills"].axvline(ELLIPSE, color=style.VERMILLION, linestyle="--", label=say("椭圆（π/4 ≈ 79%）"))
    axes["fills"].xaxis.set_major_formatter(PercentFormatter(1))
    share = say("细胞核占边界框面积的比例") if inner else say("细胞核占边界框面积的比例（含碰到图边的核）")
    axes["fills"].set(xlim=(0, 1), xlabel=share, ylabel=say("细胞核个数"))
    data_charts.whole_numbers(axes["fills"].yaxis)
    axes["fills"].legend(loc="upper left")
    return fig


def _too_few_nuclei(image, labels, count):
    fig, axes = grids.grid([grids.aspect_of(image)], columns=1)
    title = say("例图里有 {n} 个细胞核，至少要有两个才能比较", n=count)
    overlays.show_boxes(axes[0, 0], image, labels, title)
    return fig


def _show_nucleus(ax, image, nucleus, box, side):
    title = say(
        "边界框 {height:.0f}×{width:.0f} 像素\n核占 {fill:.0%}",
        height=box.height,
        width=box.width,
        fill=box.fill,
    )
    overlays.show_outlines(ax, image, nucleus, title)
    ax.set_facecolor("#DDDDDD")
    corner = (box.left - 0.5, box.top - 0.5)
    ax.add_patch(Rectangle(corner, box.width, box.height, fill=False, edgecolor=style.SKY, linewidth=2.5))
    row, column = box.top + box.height / 2 - 0.5, box.left + box.width / 2 - 0.5
    ax.set(xlim=(column - side / 2, column + side / 2), ylim=(row + side / 2, row - side / 2))
