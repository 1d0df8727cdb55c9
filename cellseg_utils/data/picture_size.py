"""How large a picture may be: told from its header, before there is memory for it."""

import math
import os

from cellseg_utils.data.image import ImageFileError
from cellseg_utils.run.language import say
from cellseg_utils.run.parameter_values import ParameterError

VARIABLE = "CELLSEG_MAX_MEGAPIXELS"  # of the environment; millions of pixels of a picture that is read whole
MEGAPIXELS = 500  # unless it says something else
IN_PIECES = 20  # times as many may a picture have that is read in pieces
PLANES = 8  # times as many values may all planes and channels have together
PACKED = (
    10_000  # bytes of pixels that a byte of a file can stand for: deflate's 1032 times, LZMA's 7000 times
)
SMALL = 1 << 26  # bytes of pixels that anything may claim


def most():
    """Pixels of a picture that is read whole, at most.

    Returns
    -------
    pixels : float

    Raises
    ------
    ParameterError
        If the environment says something that is no positive number.
    """
    text = os.environ.get(VARIABLE) or MEGAPIXELS
    try:
        pixels = float(text) * 1e6
    except ValueError:
        pixels = math.nan
    if not 0 < pixels < math.inf:
        raise ParameterError(
            say("环境变量 {name} 应是大于 0 的数（百万像素），得到的是 {text}", name=VARIABLE, text=text)
        )
    return pixels


def check(size, name, values=0, factor=1):
    """Refuse a picture that is too large.

    Parameters
    ----------
    size : tuple of int
        `(H, W)` that its header says (pixels).
    name : str
        What to call the file in the message.
    values : int
        How many all its planes and channels have together.
    factor : int
        How many times as many pixels are allowed.

    Raises
    ------
    ImageFileError
        If it has too many, or less than one.
    """
    (height, width), limit = size, factor * most()
    if height < 1 or width < 1:
        raise ImageFileError(
            say("{name}：写的尺寸是 {width}×{height} 像素，请重新导出", name=name, width=width, height=height)
        )
    if height * width <= limit and values <= PLANES * limit:
        return
    about = {"name": name, "width": width, "height": height, "limit": limit / 1e8, "variable": VARIABLE}
    if height * width > limit:
        raise ImageFileError(
            say(
                "{name}：{width}×{height} 像素，超过 {limit:g} 亿像素的上限，"
                "请切小或缩小后再试，或用环境变量 {variable}（百万像素）放宽",
                **about,
            )
        )
    raise ImageFileError(
        say(
            "{name}：{width}×{height} 像素，全部层与通道共 {values:.3g} 个值，太多了，"
            "请只导出其中一部分，或用环境变量 {variable}（百万像素）放宽",
            **about,
            values=values,
        )
    )


def holds(stored, claimed):
    """Whether a file can hold the pixels that its header claims.

    Parameters
    ----------
    stored, claimed : int
        Bytes of the file, and of the pixels.

    Returns
    -------
    answer : bool
    """
    return claimed <= max(SMALL, PACKED * stored)
