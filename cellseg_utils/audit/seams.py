"""Whether one picture goes on where another ends, judged from the lines of pixels along their borders."""

from dataclasses import dataclass

import numpy as np

FINE = 2.5  # squared step across a true seam, in squared steps just inside the two pictures: at most this
COARSE = 4.0  # the same for means over BLOCK pixels, where noise is gone and another brightness shows
BLOCK = 16  # pixels
LEVEL = 64  # pixels; means over them tell the brightness of two backgrounds apart better still
LEVEL_WEIGHT = 0.03  # nats a pixel that a step between two levels costs, for each unit above 1
ROUNDING = 1 / 6  # variance of the difference of two rounded grey values
PERFECT = 0.9999  # correlation above which more tells nothing


@dataclass(frozen=True)
class Border:
    """The outermost two lines of pixels on each side of a picture.

    Attributes
    ----------
    size : tuple of int
        Height and width of the picture (pixels).
    top, bottom : (2, W, 3) ndarray of uint8
        Outermost line first, 0..255 (no unit).
    left, right : (2, H, 3) ndarray of uint8
        Likewise.
    """

    size: tuple
    top: np.ndarray
    bottom: np.ndarray
    left: np.ndarray
    right: np.ndarray


def border(image):
    """Cut the border off a picture, as a copy that does not keep the picture in memory.

    Parameters
    ----------
    image : (H, W, 3) ndarray of uint8
        RGB, 0..255 (no unit).

    Returns
    -------
    border : Border

    Raises
    ------
    ValueError
        If the picture is not `(H, W, 3)`.
    """
    if image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"expected an (H, W, 3) image, got {image.shape}")
    turned = image.transpose(1, 0, 2)
    sides = (image, image[::-1], turned, turned[::-1])
    return Border(image.shape[:2], *(side[[0, min(1, len(side) - 1)]] for side in sides))


def evidence(ends, starts):
    """How much speaks for each of the seams between some pictures and others.

    The step across a true seam is no larger than the steps just inside the two pictures, pixel by pixel and
    for means over a stretch. Where there is only background, that says little: the evidence is what the
    likeness of the two lines says.

    Parameters
    ----------
    ends : (M, 2, L, 3) ndarray
        Of M pictures the side that may end at a seam (right, bottom); outermost line first, 0..255 (no unit).
    starts : (N, 2, L, 3) ndarray
        Of N pictures the opposite side (left, top).

    Returns
    -------
    evidence : (M, N) ndarray of float64
        Nats a pixel: mutual information of the two lines if they were Gaussian, -log(1 - r²) / 2 with the
        correlation r; less where the steps are larger than inside, and then it may be below 0; -inf where
        the one picture can't go on where the other ends.

    Raises
    ------
    ValueError
        If the sides do not have the same length.
    """
    if ends.shape[1:] != starts.shape[1:]:
        raise ValueError(f"expected sides of one length, got {ends.shape} and {starts.shape}")
    ends, starts = ends.astype(np.float64), starts.astype(np.float64)
    step = _steps(ends, starts, 1)
    fits = (step < FINE) & (_steps(ends, starts, BLOCK) < COARSE)
    likeness = np.clip(_standardised(ends[:, 0]) @ _standardised(starts[:, 0]).T, 0, PERFECT)
    said = -np.log(1 - likeness**2) / 2 / np.maximum(step, 1)
    said -= LEVEL_WEIGHT * np.maximum(_steps(ends, starts, LEVEL) - 1, 0)
    return np.where(fits, said, -np.inf)


def _steps(ends, starts, stretch):
    """Mean squared step across every seam, in squared steps inside both pictures; of means over a stretch."""
    ends, starts = _means(ends, stretch), _means(starts, stretch)
    across = _squares(ends[:, 0])[:, None] + _squares(starts[:, 0])
    across -= 2 * _flat(ends[:, 0]) @ _flat(starts[:, 0]).T / _flat(ends[:, 0]).shape[1]
    inside = [_squares(side[:, 0] - side[:, 1]) + ROUNDING / stretch for side in (ends, starts)]
    return across / np.sqrt(inside[0][:, None] * inside[1])


def _squares(lines):
    return (_flat(lines) ** 2).mean(axis=1)


def _flat(lines):
    return lines.reshape(len(lines), -1)


def _means(side, stretch):
    """Means along the line; what is left over at its end is left out."""
    stretch = min(stretch, side.shape[2])
    count = side.shape[2] // stretch
    cut = side[:, :, : count * stretch]
    return cut.reshape(*side.shape[:2], count, stretch, side.shape[3]).mean(axis=3)


def _standardised(lines):
    flat = _flat(lines - lines.mean(axis=1, keepdims=True))
    return flat / (np.linalg.norm(flat, axis=1, keepdims=True) + 1e-9)
