"""What an audit of the data found: mosaics put together again, and nuclei with faulty labels."""

import numpy as np
from matplotlib.collections import LineCollection

from cellseg_utils.plots import grids, overlays, pictures, regions, style

CLOSE_UP = 48  # pixels; a nucleus is shown with its surroundings, this many a side at least
SURROUNDINGS = 2.5  # side of a close-up in sides of the nucleus


def assemble(tiles, rows, columns):
    """Put the tiles of a mosaic together, all brightened alike.

    Parameters
    ----------
    tiles : sequence of (H, W, 3) ndarray of uint8
        All of one size.
    rows, columns : sequence of int
        Place of each tile, counted in tiles from 0.

    Returns
    -------
    picture : (R * H, C * W, 3) ndarray of uint8
        White where a tile is missing.

    Raises
    ------
    ValueError
        If the sequences differ in length, the tiles in size, or two tiles lie in one place.
    """
    pictures.check_same_length(tiles=tiles, rows=rows, columns=columns)
    if len({tile.shape for tile in tiles}) != 1 or len(set(zip(rows, columns, strict=True))) < len(tiles):
        raise ValueError("expected tiles of one size, each in a place of its own")
    height, width = tiles[0].shape[:2]
    size = ((max(rows) + 1) * height, (max(columns) + 1) * width, 3)
    picture, bright = np.full(size, 255, np.uint8), np.split(pictures.brighten(np.vstack(tiles)), len(tiles))
    for tile, row, column in zip(bright, rows, columns, strict=True):
        picture[row * height : (row + 1) * height, column * width : (column + 1) * width] = tile
    return picture


def mosaic_grid(mosaics, tile_sizes, titles, columns=4):
    """Show mosaics, the seams as dashed lines.

    Parameters
    ----------
    mosaics : sequence of (H, W, 3) ndarray of uint8
        From `assemble`.
    tile_sizes : sequence of (int, int)
        Height and width of the tiles of each (pixels).
    titles : sequence of str
    columns : int

    Returns
    -------
    fig : matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If the sequences differ in length, or there is nothing to show.
    """
    pictures.check_same_length(mosaics=mosaics, tile_sizes=tile_sizes, titles=titles)
    fig, titled = _grid(mosaics, titles, columns)
    for (ax, title), mosaic, (height, width) in zip(titled, mosaics, tile_sizes, strict=True):
        overlays.show_image(ax, mosaic, title)
        bottom, right = mosaic.shape[0] - 0.5, mosaic.shape[1] - 0.5
        lines = [[(-0.5, y - 0.5), (right, y - 0.5)] for y in range(height, mosaic.shape[0], height)]
        lines += [[(x - 0.5, -0.5), (x - 0.5, bottom)] for x in range(width, mosaic.shape[1], width)]
        ax.add_collection(LineCollection(lines, colors=style.ORANGE, linewidths=0.8, linestyles="dashed"))
    return fig


def close_up(labels, label):
    """Find the part of a picture that shows a nucleus with its surroundings.

    Parameters
    ----------
    labels : (H, W) ndarray of int
        0 is background (no unit).
    label : int
        Of the nucleus.

    Returns
    -------
    part : tuple of slice
        Rows and columns: a square, or less where the picture is smaller.

    Raises
    ------
    ValueError
        If no pixel has this label.
    """
    places = np.argwhere(labels == label)
    if len(places) == 0:
        raise ValueError(f"no pixel has the label {label}")
    first, last = places.min(axis=0), places.max(axis=0)
    side = max(CLOSE_UP, round(SURROUNDINGS * (last - first + 1).max()))
    starts = [
        int(np.clip((low + high + 1 - side) // 2, 0, max(length - side, 0)))
        for low, high, length in zip(first, last, labels.shape, strict=True)
    ]
    return tuple(slice(start, start + side) for start in starts)


def fault_grid(images, labels, faulty, titles, columns=4):
    """Show the first faulty nucleus of each picture close up, faulty ones outlined in another colour.

    Parameters
    ----------
    images : sequence of (H, W, 3) ndarray of uint8
        Sizes may differ.
    labels : sequence of (H, W) ndarray of int
    faulty : sequence of list of int
        Labels of the faulty nuclei of each picture, at least one.
    titles : sequence of str
    columns : int

    Returns
    -------
    fig : matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If the sequences differ in length, or there is nothing to show.
    """
    pictures.check_same_length(images=images, labels=labels, faulty=faulty, titles=titles)
    parts = [close_up(label, marked[0]) for label, marked in zip(labels, faulty, strict=True)]
    fig, titled = _grid([image[part] for image, part in zip(images, parts, strict=True)], titles, columns)
    for (ax, title), image, label, part, marked in zip(titled, images, labels, parts, faulty, strict=True):
        overlays.show_outlines(ax, image, label, title)
        outlines = regions.outlines(np.where(np.isin(label, marked), label, 0))
        ax.add_collection(LineCollection(outlines, colors=style.VERMILLION, linewidths=2))
        rows, columns = (slice(*side.indices(length)) for side, length in zip(part, label.shape, strict=True))
        ax.set(xlim=(columns.start - 0.5, columns.stop - 0.5), ylim=(rows.stop - 0.5, rows.start - 0.5))
    return fig


def _grid(images, titles, columns):
    """Axes for some pictures, row by row, each with its folded title; what is left over is taken away."""
    rows = [slice(start, start + columns) for start in range(0, len(images), columns)]
    titles = grids.fold(titles, grids.picture_width(columns))
    lines = [max(title.count("\n") for title in titles[row]) + 1 for row in rows]
    fig, axes = grids.grid([grids.aspect_of(*images[row]) for row in rows], columns, lines)
    for ax in axes.flat[len(images) :]:
        ax.remove()
    return fig, zip(axes.flat, titles, strict=False)
