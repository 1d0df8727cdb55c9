"""What the pictures are: the kind of microscopy, found from the pixels alone."""

import itertools

import cv2
import numpy as np

from cellseg_utils.run.language import later, say

KINDS = {
    "fluorescence": later("暗底荧光"),
    "purple_on_white": later("白底染色"),
    "purple_on_yellow": later("黄底染色"),
    "grey_tissue": later("亮底灰度"),
}
COLOURED = 6  # mean distance of the channels from which on a picture has colour (0..255)
LIT = 90  # median of the brightest channel above which light passes through a coloured picture (0..255)
PALE = 25  # weakest channel of the palest tenth: less, and colours shine instead of absorbing (0..255)
DARK = 110  # median below which the ground of a picture without colour can be dark (0..255)
LOW = 0.37  # where the median of a brighter one lies between darkest and brightest, if it is (0..1, no unit)
SAMPLE_SIDE = 512  # pixels: larger pictures are thinned out before percentiles are taken
CONTRAST = 8  # grey values between the darkest and the brightest that make a ground and a foreground
YELLOW = 6  # red and green above blue in the bright background (0..255)


def named(kind):
    """What people call a kind of microscopy.

    Parameters
    ----------
    kind : str
        A key of `KINDS`.

    Returns
    -------
    name : str
    """
    return say(KINDS[kind])


def ordered(kinds):
    """The kinds that occur, in the one order in which tables and charts have them: that of `KINDS`.

    Parameters
    ----------
    kinds : iterable of str
        Keys of `KINDS`, or what people call them; they may repeat.

    Returns
    -------
    kinds : list of str
        Each once; others last, as they come.
    """
    places = {name: place for place, kind in enumerate(KINDS) for name in (kind, named(kind))}
    return sorted(dict.fromkeys(kinds), key=lambda kind: places.get(kind, len(KINDS)))


def image_kind(image):
    """Name the kind of microscopy.

    Parameters
    ----------
    image : (H, W, 3) ndarray of uint8
        RGB, 0..255 (no unit).

    Returns
    -------
    kind : str
        A key of `KINDS`. Colours in which light passes in all channels are a stain, purple on yellow if blue
        is weak where it is bright; other colours shine: fluorescence. Without colour, it is fluorescence if
        most is nearer to the darkest than to the brightest, by far if it is not dark, and else grey tissue.

    Raises
    ------
    ValueError
        If the picture is not `(H, W, 3)`.
    """
    if image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"expected an (H, W, 3) image, got {image.shape}")
    small = cv2.resize(image, (64, 64), interpolation=cv2.INTER_AREA).astype(np.float32)
    if (small.max(axis=2) - small.min(axis=2)).mean() < COLOURED:
        return "fluorescence" if _mostly_dark(image) else "grey_tissue"
    if np.median(small.max(axis=2)) <= LIT or np.quantile(small.min(axis=2), 0.9) <= PALE:
        return "fluorescence"
    grey = small.mean(axis=2)
    bright = small[grey >= np.quantile(grey, 0.8)].mean(axis=0)
    return "purple_on_yellow" if min(bright[0], bright[1]) - bright[2] > YELLOW else "purple_on_white"


def _mostly_dark(image):
    step = max(1, max(image.shape[:2]) // SAMPLE_SIDE)
    darkest, median, brightest = np.percentile(image[::step, ::step].mean(axis=2), [1, 50, 99.8])
    if brightest - darkest <= CONTRAST:
        return median < DARK
    return median - darkest < (0.5 if median < DARK else LOW) * (brightest - darkest)


def examples(samples, per_kind):
    """Pick some pictures of every kind: those around the median number of nuclei.

    Parameters
    ----------
    samples : DataFrame
        One row a picture, with the columns kind and nuclei.
    per_kind : int
        How many of each kind, at most.

    Returns
    -------
    rows : list of int
        Row numbers, ordered by kind.
    """
    picks = []
    for kind in KINDS:
        rows = samples.index[samples["kind"] == kind]
        distance = (samples.loc[rows, "nuclei"] - samples.loc[rows, "nuclei"].median()).abs()
        picks += distance.sort_values(kind="stable").index[:per_kind].tolist()
    return picks


def mosaic_examples(samples, count):
    """Pick some mosaics, as different as possible: of each kind and size of picture in turn, largest first.

    Parameters
    ----------
    samples : DataFrame
        One row a picture, with the columns kind, height, width, family, row and column.
    count : int
        How many, at most.

    Returns
    -------
    mosaics : list of DataFrame
        The rows of each, flat ones first; families that hold nothing but duplicates are none.
    """
    tiled = samples.groupby("family")[["row", "column"]].transform("max").any(axis=1)
    mosaics = [
        tiles.drop_duplicates(["row", "column"]) for _, tiles in samples[tiled].groupby("family", sort=False)
    ]
    queues = {}
    for tiles in sorted(mosaics, key=lambda tiles: -len(tiles)):
        first = tiles.iloc[0]
        queues.setdefault((first.kind, first.height, first.width), []).append(tiles)
    turns = itertools.chain.from_iterable(itertools.zip_longest(*queues.values()))
    picked = [tiles for tiles in turns if tiles is not None][:count]
    return sorted(picked, key=lambda tiles: tiles.height.iloc[0] * (tiles.row.max() + 1) / _width(tiles))


def _width(tiles):
    return tiles.width.iloc[0] * (tiles.column.max() + 1)
