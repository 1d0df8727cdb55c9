"""Figures that own a grid of pictures: views, samples, predictions, models side by side."""

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle
from skimage.segmentation import find_boundaries

from cellseg_utils.plots import grids, instance_pictures, overlays, pictures, regions, style
from cellseg_utils.run.language import later, say

FOOT = 0.5  # inches for a legend below all pictures
PANELS = {  # of `instance_grid`, from the left
    "image": overlays.IMAGE,
    "truth": overlays.TRUTH,
    "prediction": overlays.PREDICTION,
    "probability": overlays.PROBABILITY,
    "overlay": overlays.ERRORS,
}
MAGNIFIED = 0.3  # share of height and width that resize_effect magnifies


def sample_grid(images, labels, titles, columns=3):
    """Show pictures with the outlines of their nuclei.

    Parameters
    ----------
    images : sequence of (H, W, 3) ndarray of uint8
        Sizes may differ.
    labels : sequence of (H, W) ndarray of int or bool
    titles : sequence of str
        Broken at commas and colons where too wide.
    columns : int

    Returns
    -------
    fig : matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If the three sequences differ in length, or a picture and its labels in size.
    """
    pictures.check_same_length(images=images, labels=labels, titles=titles)
    rows = [slice(start, start + columns) for start in range(0, len(images), columns)]
    titles = grids.fold(titles, grids.picture_width(columns))
    lines = [max(title.count("\n") for title in titles[row]) + 1 for row in rows]
    fig, axes = grids.grid([grids.aspect_of(*images[row]) for row in rows], columns, lines)
    for ax, image, label, title in zip(axes.flat, images, labels, titles, strict=False):
        overlays.show_outlines(ax, image, label, title)
    for ax in axes.flat[len(images) :]:
        ax.remove()
    return fig


def resize_effect(native_image, native_mask, resized_image, resized_masks):
    """Compare a mask at native size with what resizing made of it, magnified where most nuclei crowd.

    Parameters
    ----------
    native_image : (H, W, 3) ndarray of uint8
    native_mask : (H, W) ndarray of bool or int
    resized_image : (S, T, 3) ndarray of uint8
    resized_masks : dict of str to (S, T) or (S, T, 1) ndarray
        Title to mask, one for each way of resizing; the share of foreground and its change are added.

    Returns
    -------
    fig : matplotlib.figure.Figure
        First row: the two images and the magnified part; then the magnified masks, native outline on each.

    Raises
    ------
    ValueError
        If an image and its mask differ in size.
    """
    pictures.check_same_size(native_image, native_mask)
    pictures.check_same_size(resized_image, *resized_masks.values())
    masks = {say("原尺寸"): native_mask, **resized_masks}
    height, width = native_image.shape[:2]
    part = [round(MAGNIFIED * height), round(MAGNIFIED * width)]
    top, left = pictures.densest_window(find_boundaries(pictures.plane(native_mask) > 0), *part)
    rows = -(-len(masks) // 3)
    fig, axes = grids.grid(
        [grids.aspect_of(native_image, resized_image)] + [height / width] * rows, 3, lines=2
    )
    overlays.show_image(axes[0, 0], native_image, say("原图\n{height}×{width}", height=height, width=width))
    axes[0, 0].add_patch(
        Rectangle((left, top), part[1], part[0], fill=False, edgecolor=style.YELLOW, linewidth=2)
    )
    new_height, new_width = resized_image.shape[:2]
    resized = say("缩放后\n{height}×{width}", height=new_height, width=new_width)
    overlays.show_image(axes[0, 1], resized_image, resized)
    overlays.show_outlines(axes[0, 2], native_image, native_mask, say("黄框放大\n（轮廓为原掩膜）"))
    for ax, (title, mask) in zip(axes[1:].flat, masks.items(), strict=False):
        overlays.show_mask(ax, mask, f"{title}\n{_foreground(mask, native_mask)}")
        ax.images[0].set_extent((-0.5, width - 0.5, height - 0.5, -0.5))
        ax.add_collection(
            LineCollection(regions.outlines(native_mask), colors=style.VERMILLION, linewidths=1.4)
        )
    for ax in axes.flat[2 : 3 + len(masks)]:
        ax.set(xlim=(left - 0.5, left + part[1] - 0.5), ylim=(top + part[0] - 0.5, top - 0.5))
    for ax in axes.flat[3 + len(masks) :]:
        ax.remove()
    return fig


def _foreground(mask, native_mask):
    share, native = np.mean(np.asarray(mask) > 0), np.mean(np.asarray(native_mask) > 0)
    if mask is native_mask or native == 0:
        return say("前景 {share:.1%}", share=share)
    return say("前景 {share:.1%}（{change:+.0%}）", share=share, change=share / native - 1)


def instance_grid(images, truths, probabilities, predictions, titles):
    """Show pictures with their nuclei in colours, truth beside prediction, a row for each.

    Parameters
    ----------
    images : sequence of (H, W, 3) ndarray of uint8
        Sizes may differ.
    truths : sequence of (H, W) ndarray of int, or None
        Label images, 0 is background (no unit); None where there is no truth, and no errors to show.
    probabilities : sequence of (H, W) ndarray of float
        0..1 (no unit).
    predictions : sequence of (H, W) ndarray of int
        Label images (no unit).
    titles : sequence of str
        Above each row, on one line.

    Returns
    -------
    fig : matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If the sequences differ in length, or a picture and its layers in size.
    """
    known = truths is not None
    pictures.check_same_length(
        images=images,
        truths=truths if known else images,
        probabilities=probabilities,
        predictions=predictions,
        titles=titles,
    )
    names = PANELS if known else {name: PANELS[name] for name in ("image", "probability", "prediction")}
    lines = [1] + [0] * (len(images) - 1)
    fig, axes = grids.grid([grids.aspect_of(image) for image in images], len(names), lines, titles, FOOT)
    for number, (row, image) in enumerate(zip(axes, images, strict=True)):
        panel = dict(zip(names, row, strict=True))
        layers = [probabilities[number], predictions[number], *([truths[number]] if known else [])]
        pictures.check_same_size(image, *layers)
        overlays.show_image(panel["image"], image, "")
        overlays.show_probability(panel["probability"], probabilities[number], "")
        instance_pictures.show_nuclei(panel["prediction"], image, predictions[number])
        if known:
            instance_pictures.show_nuclei(panel["truth"], image, truths[number])
            overlays.error_overlay(
                panel["overlay"], image, truths[number], predictions[number], "", legend=False
            )
    for ax, name in zip(axes[0], names.values(), strict=True):
        ax.set_title(say(name), fontsize=style.GRID_TITLE)
    _explain(fig, with_errors=known)
    return fig


def truth_and_prediction(image, truth, prediction):
    """Show one picture, its nuclei, and those that were found, side by side.

    Parameters
    ----------
    image : (H, W, 3) ndarray of uint8
    truth, prediction : (H, W) ndarray of int
        Label images, 0 is background (no unit).

    Returns
    -------
    fig : matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If the three differ in size.
    """
    fig, axes = grids.grid([grids.aspect_of(image)], 3, 1)
    overlays.show_image(axes[0, 0], image)
    titles = later("真实的核：{n} 个"), later("找到的核：{n} 个")
    for ax, labels, title in zip(axes[0, 1:], (truth, prediction), titles, strict=True):
        count = len(np.unique(labels)) - bool((np.asarray(labels) == 0).any())
        instance_pictures.show_nuclei(ax, image, labels, say(title, n=count))
    return fig


def _explain(fig, with_errors):
    """Put the colour bar of the probabilities and the colours of the errors below all pictures."""
    bar = fig.add_axes((0.13, 0.27 / fig.get_figheight(), 0.17, 0.14 / fig.get_figheight()))
    fig.colorbar(ScalarMappable(cmap="cividis"), cax=bar, orientation="horizontal", ticks=[])
    for x, text, side in ((-0.08, say("概率 0"), "right"), (1.08, "1", "left")):
        bar.text(x, 0.5, text, transform=bar.transAxes, ha=side, va="center", size=style.GRID_TITLE)
    if with_errors:
        fig.legend(
            handles=overlays.error_handles(),
            loc="lower right",
            ncols=3,
            fontsize=style.GRID_TITLE,
            columnspacing=1,
        )
