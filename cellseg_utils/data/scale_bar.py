"""Paint over a scale bar and its letters, which a network would take for nuclei."""

import cv2
import numpy as np

NEAR = 12  # of 255: so near to pure black, white or colour is what is drawn; JPEG changes it a little
MOST = 0.05  # of the picture that one drawn colour covers, at most
ASPECT, FILLED = 4.0, 0.95  # length over thickness of a bar, at least; of its box that it fills, at least
LENGTH, THICKNESS = 16, 2  # pixels, at least
STROKE = 0.5  # half the width of a letter's stroke over the thickness of the bar, at most
INK, SMEARED = 40, 100  # of 255: so near to the bar's colour is a letter somewhere, and all over
EDGE, REACH = 2, 3  # pixels: what drawing smeared around it; from where its place is filled


def painted_over(rgb):
    """Fill the place of a drawn scale bar with what surrounds it.

    Parameters
    ----------
    rgb : (H, W, 3) ndarray of uint8
        RGB (no unit).

    Returns
    -------
    rgb : (H, W, 3) ndarray of uint8
        The same array if there is no bar: a full rectangle of black, white or a pure colour, long, thin, and
        not at the border. Letters are of its colour, near to it, and of thin strokes.
    found : bool
        Whether there is one.

    References
    ----------
    Telea (2004), doi:10.1080/10867651.2004.10487596.
    """
    drawn = _drawn(rgb)
    if drawn is None:
        return rgb, False
    around = cv2.dilate(drawn, np.ones((2 * EDGE + 1,) * 2, np.uint8))
    return cv2.inpaint(rgb, around, REACH, cv2.INPAINT_TELEA), True


def _drawn(rgb):
    """Mask of all bars and letters; None if there is no bar."""
    low, high = rgb <= NEAR, rgb >= 255 - NEAR
    pure = (low | high).all(axis=2)
    if not pure.any():
        return None
    colours = np.where(pure, 1 + high @ np.array([1, 2, 4], np.uint8), 0).astype(np.uint8)
    counts = np.bincount(colours.ravel(), minlength=9)
    drawn = np.zeros(pure.shape, bool)
    for number in [number for number in range(1, 9) if 0 < counts[number] <= MOST * pure.size]:
        mask = (colours == number).astype(np.uint8)
        boxes = cv2.connectedComponentsWithStats(mask)[2]
        for box in [box for box in boxes[1:] if _is_bar(box, mask.shape)]:
            left, top, width, height = box[:4]
            drawn[top : top + height, left : left + width] = True
            colour = 255 * np.array([(number - 1) >> place & 1 for place in range(3)])
            window = _around(box)
            drawn[window] |= _letters(rgb[window], colour, min(width, height))
    return drawn.astype(np.uint8) if drawn.any() else None


def _is_bar(box, shape):
    left, top, width, height, area = box
    inside = left > 0 < top and left + width < shape[1] and top + height < shape[0]
    long, thin = max(width, height), min(width, height)
    is_long = long >= max(LENGTH, ASPECT * thin) and thin >= THICKNESS
    return inside and is_long and area >= FILLED * width * height


def _around(box):
    """Rows and columns of a bar and half its length around it."""
    left, top, width, height = box[:4]
    reach = max(width, height) // 2
    spans = (top - reach, top + height + reach), (left - reach, left + width + reach)
    return tuple(slice(max(0, start), stop) for start, stop in spans)


def _letters(rgb, colour, thickness):
    """Mask of what is about of the bar's colour, in places very near to it, and of thin strokes."""
    difference = np.abs(rgb - colour.astype(np.int16)).max(axis=2)
    _, pieces = cv2.connectedComponents((difference <= SMEARED).astype(np.uint8))
    half_widths = cv2.distanceTransform((pieces > 0).astype(np.uint8), cv2.DIST_L2, 3)
    widest, nearest = np.zeros(pieces.max() + 1), np.full(pieces.max() + 1, 255)
    np.maximum.at(widest, pieces, half_widths)
    np.minimum.at(nearest, pieces, difference)
    thin = (widest <= 1 + STROKE * thickness) & (nearest <= INK)
    thin[0] = False
    return thin[pieces]
