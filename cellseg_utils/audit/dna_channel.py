"""Which channel of a fluorescence picture shows the DNA: by its name, or by its looks.

Nuclei are round, smooth and apart from each other; cell bodies, membranes and fibres are not.
"""

import re
from dataclasses import dataclass

import cv2
import numpy as np
from scipy import ndimage
from skimage.feature import peak_local_max
from skimage.segmentation import watershed

NAMED = (  # what channels of DNA are called, the surest first
    re.compile(r"dapi|hoechst|draq|sytox|to-?pro", re.IGNORECASE),
    re.compile(r"\bdna\b|nucle(us|i\b|ar\b)|核", re.IGNORECASE),
    re.compile(r"h2b|histone|propidium|\bpi\b|405", re.IGNORECASE),
    re.compile(r"^blue$|蓝", re.IGNORECASE),
)
SIDE = 512  # pixels: larger pictures are thinned out
LEAST_RANGE = 8 / 255  # of the widest channel's range: a weaker channel shows nothing (no unit)
SMOOTHED = 1.0  # standard deviation of the blur before objects are looked for (pixels)
LEAST_AREA = 12  # of an object (pixels)
LEAST_DEPTH = 1.5  # of an object: distance of its middle from its edge (pixels)
ALIKE = 0.98  # correlation of channels that show the same: a look-up table's colours (no unit)
CLOSE = 0.06  # likeness less than the best one's by no more: a part of the nuclei, or all? (no unit)
BLUE, CONVENTION = 2, 0.1  # number of the colour in which DNA is painted, and what that adds to likeness
BLUE_SHARE = 0.35  # of the widest channel's range: weaker blue may be anything
HELD, PART = 0.7, (0.18, 0.7)  # of objects that hold one other; of their area that it takes (no unit)
LEAST, CLEAR = 0.5, 0.04  # likeness from which on, and lead with which, the choice is sure (no unit)


@dataclass(frozen=True)
class Choice:
    """The channel that was chosen.

    Attributes
    ----------
    channel : int
        Its number, from 0.
    by : str
        `name`, `looks`, or `only` if no other channel shows anything else.
    sure : bool
        Whether hardly anything else could be meant.
    """

    channel: int
    by: str
    sure: bool = True


@dataclass(frozen=True)
class _Seen:
    """What the objects of a channel look like: how much like nuclei (0..1), their area, their places."""

    likeness: float = 0.0
    area: float = 0.0
    labels: np.ndarray | None = None


def choose(channels, names=(), colours=False):
    """Find the channel that shows the DNA.

    Parameters
    ----------
    channels : (H, W, C) ndarray
        Of any real type; dark where nothing shines.
    names : sequence of str
        Of the channels, empty where nobody knows.
    colours : bool
        Whether the channels are red, green and blue: then DNA is rather blue.

    Returns
    -------
    choice : Choice
    """
    named = _named(names)
    if len(named) == 1:
        return Choice(named[0], "name")
    thin = _thinned(channels)
    ranges = np.subtract(*np.quantile(thin.reshape(-1, thin.shape[2]), [0.998, 0.01], axis=0))
    shining = [n for n in named or range(len(ranges)) if ranges[n] > LEAST_RANGE * ranges.max()]
    if not shining:
        return Choice(int(ranges.argmax()), "only")
    strongest = max(shining, key=lambda n: ranges[n])
    others = [n for n in shining if n != strongest and not _alike(thin[..., n], thin[..., strongest])]
    if not others:
        return Choice(int(strongest), "only")
    seen = {n: _seen(thin[..., n]) for n in (strongest, *others)}
    blue = colours and BLUE in seen and ranges[BLUE] >= BLUE_SHARE * ranges.max()
    return _by_looks(seen, {BLUE: CONVENTION} if blue else {})


def _by_looks(seen, usual):
    score = {n: own.likeness + usual.get(n, 0) for n, own in seen.items()}
    close = [n for n in seen if score[n] >= max(score.values()) - CLOSE]
    best = _innermost(close, seen)
    rival = max((score[n] for n in seen if n not in close), default=0)
    return Choice(int(best), "looks", len(close) == 1 and score[best] >= max(LEAST, rival + CLEAR))


def _innermost(close, seen):
    """Of channels that all look like nuclei, the one with most, unless those hold one of another's each."""
    best, *others = sorted(close, key=lambda n: -seen[n].area)
    for other in others:
        if _one_in_each(seen[other].labels, seen[best].labels):
            best = other
    return best


def _one_in_each(inner, outer):
    """Whether most objects hold one other that is clearly smaller, as a cell its nucleus, and no spots."""
    if inner is None or outer is None:
        return False
    areas, hosts = np.bincount(inner.ravel()), np.bincount(outer.ravel())
    both = (inner > 0) & (outer > 0)
    pairs, shared = np.unique(inner[both].astype(np.int64) * len(hosts) + outer[both], return_counts=True)
    own, host = np.divmod(pairs, len(hosts))
    held = shared > 0.5 * areas[own]
    own, host = own[held], host[held]
    filled = np.bincount(host, minlength=len(hosts))[1:] == 1
    ratios = areas[own] / hosts[host]
    return len(own) > 0 and filled.mean() > HELD and PART[0] < np.median(ratios) < PART[1]


def _named(names):
    """Numbers of the channels that are called after DNA."""
    for pattern in NAMED:
        found = [number for number, name in enumerate(names) if pattern.search(name)]
        if found:
            return found
    return []


def _thinned(channels):
    zoom = min(1, SIDE / max(channels.shape[:2]))
    step = max(1, int(0.5 / zoom))  # a large picture need not be converted as a whole
    thin = np.nan_to_num(channels[::step, ::step].astype(np.float32), posinf=0, neginf=0)
    zoom = min(1, SIDE / max(thin.shape[:2]))
    size = [max(1, round(length * zoom)) for length in thin.shape[1::-1]]
    planes = [cv2.resize(thin[..., n], size, interpolation=cv2.INTER_AREA) for n in range(thin.shape[2])]
    return np.stack(planes, axis=2)


def _alike(one, other):
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return False
    return np.corrcoef(one.ravel(), other.ravel())[0, 1] > ALIKE


def _seen(channel):
    """What stands out in a channel, taken apart, and how round and smooth it is."""
    labels = _objects(channel)
    boxes = enumerate(ndimage.find_objects(labels), 1)
    shapes = [_shape(labels[box] == number) for number, box in boxes if box is not None]
    areas, likeness = np.array([shape for shape in shapes if shape]).reshape(-1, 2).T
    if not len(areas):
        return _Seen()
    return _Seen(float(np.average(likeness, weights=areas)), float(areas.sum()), labels)


def _objects(channel):
    smooth = cv2.GaussianBlur(channel, (0, 0), SMOOTHED)
    low, high = np.quantile(smooth, [0.01, 0.998])
    grey = np.uint8(np.clip((smooth - low) / ((high - low) or 1), 0, 1) * 255)
    mask = cv2.threshold(grey, 0, 1, cv2.THRESH_OTSU)[1]
    depth = cv2.GaussianBlur(cv2.distanceTransform(mask, cv2.DIST_L2, 5), (0, 0), SMOOTHED)
    pieces = cv2.connectedComponents(mask, connectivity=4)[1]
    middles = _middles(depth, pieces, 3, LEAST_DEPTH)
    if not len(middles):
        return np.zeros(mask.shape, np.int32)
    usual = np.median(depth[tuple(middles.T)])
    middles = _middles(depth, pieces, max(3, int(usual)), max(LEAST_DEPTH, 0.4 * usual))
    seeds = np.zeros(mask.shape, np.int32)
    seeds[tuple(middles.T)] = np.arange(1, len(middles) + 1)
    return watershed(-depth, seeds, mask=mask > 0)


def _middles(depth, pieces, apart, least):
    return peak_local_max(depth, min_distance=apart, threshold_abs=least, labels=pieces, exclude_border=False)


def _shape(mask):
    """Area of an object and solidity times roundness (4 pi A / P^2), or None of a speck."""
    area = int(np.count_nonzero(mask))
    if area < LEAST_AREA:
        return None
    lines, _ = cv2.findContours(np.pad(mask.astype(np.uint8), 1), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    line = max(lines, key=len)
    inside, hull = cv2.contourArea(line), cv2.contourArea(cv2.convexHull(line))
    if hull == 0:
        return None
    return area, inside / hull * min(1, 4 * np.pi * inside / cv2.arcLength(line, True) ** 2)
