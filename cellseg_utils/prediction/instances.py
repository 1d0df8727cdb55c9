"""From a network's maps to a label image: every nucleus pixel votes for the centre of its nucleus."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from scipy import ndimage

from cellseg_utils.preprocessing import targets
from cellseg_utils.run.language import say
from cellseg_utils.run.plain_error import ArgumentError

BOUNDS = {  # of what a bundle may say
    "threshold": (0.001, 0.999),
    "blur": (0.1, 100),
    "reach": (1, 500),
    "votes": (0, 1000),
    "smallest": (0, 1e6),
}
GRID = 1.35  # zoom, over the one that gives nuclei their common size, at which a rule's lengths hold


@dataclass(frozen=True)
class Rule:
    """How votes become nuclei; lengths are in pixels where nuclei are `GRID` times their common size.

    Attributes
    ----------
    threshold : float
        A pixel is nucleus above this probability, 0..1 (no unit).
    blur : float
        Standard deviation of the smoothing of the votes.
    reach : int
        Two centres are at least so far apart, along rows and columns.
    votes : float
        A centre has at least so many votes after smoothing, at its peak (pixels a pixel).
    smallest : float
        Smaller nuclei are dropped (square pixels).
    """

    threshold: float = 0.5
    blur: float = 4.5
    reach: int = 5
    votes: float = 0.6
    smallest: float = 30

    def at(self, zoom):
        """The same rule for maps of another zoom, relative to `GRID`; as many votes meet at a peak."""
        return replace(
            self,
            blur=self.blur * zoom,
            reach=max(1, round(self.reach * zoom)),
            smallest=self.smallest * zoom**2,
        )

    def check(self):
        """Refuse values that make no nuclei or take forever: a rule may come from somebody's bundle.

        Raises
        ------
        ValueError
            If one is outside `BOUNDS`, or `reach` is no whole number.
        """
        for name, (low, high) in BOUNDS.items():
            value = getattr(self, name)
            fits = low <= value <= high and (name != "reach" or value == round(value))
            if not fits:
                raise ArgumentError(
                    say(
                        "instances：{name} 应在 {low} 到 {high} 之间，得到的是 {value!r}",
                        name=name,
                        low=low,
                        high=high,
                        value=value,
                    )
                )

    def __post_init__(self):
        """Refuse what is no number: a rule may come from somebody's bundle."""
        for name, value in vars(self).items():
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise TypeError(f"instances: {name} should be a number, got {value!r}")


def label(maps, shape, rule):
    """Label image of a picture from the network's maps of it.

    Parameters
    ----------
    maps : (h, w, C) ndarray of float32
        In the order of `targets.MAPS`, on the network's grid; of the foreground alone the connected pieces
        are taken for nuclei.
    shape : tuple of int
        `(H, W)` of the picture (pixels); labels are made at that size.
    rule : Rule

    Returns
    -------
    labels : (H, W) ndarray of int32
        0 is background, 1..n are the nuclei (no unit).
    """
    probability = cv2.resize(maps[..., 0], shape[::-1], interpolation=cv2.INTER_LINEAR)
    mask = probability > rule.threshold
    labels = pieces(mask) if maps.shape[-1] == 1 else _voted(maps, mask, rule)
    return tidy(labels, rule.smallest * mask.size / maps[..., 0].size)


def pieces(mask):
    """Label image of the connected pieces of a mask.

    Parameters
    ----------
    mask : (H, W) ndarray of bool
        True is nucleus (no unit).

    Returns
    -------
    labels : (H, W) ndarray of int32
        0 is background, 1..n are the pieces, whose pixels share sides (no unit).
    """
    return cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)[1]


def tidy(labels, smallest):
    """Keep the largest piece of every nucleus, fill its holes, drop small ones, number the rest from 1.

    Parameters
    ----------
    labels : (H, W) ndarray of int32
        0 is background (no unit).
    smallest : float
        Area below which a nucleus is dropped (pixels).

    Returns
    -------
    labels : (H, W) ndarray of int32
    """
    kept = [piece for piece in _pieces(labels) if np.count_nonzero(piece[2]) >= max(1, smallest)]
    kept.sort(key=lambda piece: np.count_nonzero(piece[2]), reverse=True)  # one inside another comes later
    result = np.zeros_like(labels)
    for number, (left, top, mask) in enumerate(kept, 1):
        result[top : top + mask.shape[0], left : left + mask.shape[1]][mask] = number
    return result


def only(labels, kept):
    """Keep some nuclei and number them anew.

    Parameters
    ----------
    labels : (H, W) ndarray of int32
        0 is background, 1..n are the nuclei (no unit).
    kept : (n,) ndarray of bool
        Of each nucleus.

    Returns
    -------
    labels : (H, W) ndarray of int32
        In the same order, from 1 on.
    """
    numbers = np.concatenate([[0], np.where(kept, np.cumsum(kept), 0)]).astype(np.int32)
    return numbers[labels]


def at_border(labels):
    """Nuclei that the border of a label image may cut.

    Parameters
    ----------
    labels : (H, W) ndarray of int
        0 is background, 1..n are the nuclei (no unit).

    Returns
    -------
    positions : (k,) ndarray of int
        Their numbers less 1, ascending.
    """
    edges = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    return np.unique(edges[edges > 0]) - 1


def _pieces(labels):
    """Corner and filled mask of the largest piece of every nucleus."""
    for number, box in enumerate(ndimage.find_objects(labels), 1):
        if box is None:
            continue
        mask = (labels[box] == number).astype(np.uint8)
        outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        largest = max(outlines, key=_filled_area)
        filled = cv2.drawContours(np.zeros_like(mask), [largest], -1, 1, cv2.FILLED) > 0
        yield box[1].start, box[0].start, filled


def _filled_area(outline):
    """Pixels on and inside an outline, by Pick's theorem; 1 less, which does not change the order."""
    return cv2.contourArea(outline) + len(outline) / 2


def _voted(maps, mask, rule):
    """Label image of a mask, every pixel with the number of the centre that it points to."""
    labels = np.zeros(mask.shape, np.int32)
    centres, (ys, xs) = _nearest_centre(maps, rule), np.nonzero(mask)
    if centres is None or len(ys) == 0:
        return labels
    offsets = np.ascontiguousarray(maps[..., 3:])
    offsets = cv2.resize(offsets, mask.shape[::-1], interpolation=cv2.INTER_LINEAR)[ys, xs]
    to = []
    for place, offset, full, length in zip((ys, xs), offsets.T, mask.shape, maps.shape[:2], strict=True):
        start = (place + 0.5) * (length / full) - 0.5
        to.append((start + targets.OFFSET_UNIT * offset).round().astype(int).clip(0, length - 1))
    labels[ys, xs] = centres[to[0], to[1]]
    return labels


def _nearest_centre(maps, rule):
    """For every pixel of the network's grid the number of the nearest centre; None where there is none."""
    votes = _votes(maps, rule)
    kernel = np.ones((2 * rule.reach + 1,) * 2, np.uint8)
    peaks = (votes == cv2.dilate(votes, kernel)) & (votes >= rule.votes)
    count, numbers = cv2.connectedComponents(peaks.astype(np.uint8))
    if count == 1:
        return None
    _, nearest = cv2.distanceTransformWithLabels(
        1 - peaks.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros(nearest.max() + 1, np.int32)
    table[nearest[peaks]] = numbers[peaks]
    return table[nearest]


def _votes(maps, rule):
    height, width = maps.shape[:2]
    ys, xs = np.nonzero(maps[..., 0] > rule.threshold)
    offsets = targets.OFFSET_UNIT * maps[ys, xs, 3:]
    y = np.rint(ys + offsets[:, 0]).astype(int).clip(0, height - 1)
    x = np.rint(xs + offsets[:, 1]).astype(int).clip(0, width - 1)
    votes = np.bincount(y * width + x, minlength=height * width).reshape(height, width).astype(np.float32)
    return cv2.GaussianBlur(votes, (0, 0), rule.blur)
