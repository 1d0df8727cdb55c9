"""Training pictures of kinds that nobody labelled, made from fluorescence whose truth stays true.

Functions take and give planes of stain (`stains.PLANES`), as uint8, and leave what they get as it is.
"""

import cv2
import numpy as np

from cellseg_utils.preprocessing import textures

DIMMEST, BRIGHTEST = 0.35, 1.3  # range of the brightness of single nuclei, over their own (no unit)
FRAGMENT = 25  # square pixels: a smaller rest of a covered nucleus is no nucleus any more
EDGE = 0.8  # pixels: standard deviation of the blur at the rim of what is painted


def is_single_stain(planes):
    """Whether planes have no counterstain, as those of fluorescence and of grey pictures.

    Parameters
    ----------
    planes : (H, W, 3) ndarray of uint8

    Returns
    -------
    is_single_stain : bool
    """
    return not planes[..., 1].any()


def vary_nuclei(planes, labels, rng):
    """Make every nucleus of fluorescence brighter or dimmer on its own.

    Parameters
    ----------
    planes : (H, W, 3) ndarray of uint8
    labels : (H, W) ndarray of int
        0 is background (no unit).
    rng : numpy.random.Generator

    Returns
    -------
    planes : (H, W, 3) ndarray of uint8
    """
    gains = np.exp(rng.uniform(*np.log([DIMMEST, BRIGHTEST]), labels.max() + 1)).astype(np.float32)
    gains[0] = 1
    gain = cv2.GaussianBlur(gains[labels], (0, 0), EDGE)
    return np.clip(planes * gain[..., None], 0, 255).astype(np.uint8)


def lay_over(below, above, rng):
    """Lay one crop of fluorescence over another, as nuclei lie in thick tissue.

    Parameters
    ----------
    below, above : (planes, labels)
        Of the same size; the nuclei of `above` cover those of `below`.
    rng : numpy.random.Generator

    Returns
    -------
    planes : (H, W, 3) ndarray of uint8
    labels : (H, W) ndarray of int32
        Small rests of covered nuclei are background.
    """
    (ground, old), (planes, new) = below, above
    seen = np.where(new > 0, 0, old)
    before, after = (np.bincount(labels.ravel(), minlength=old.max() + 1) for labels in (old, seen))
    seen[((after < FRAGMENT) & (after < before))[seen]] = 0
    shine = rng.uniform(0.6, 1)  # of what lies below shines through
    through = np.where((new > 0)[..., None], shine * ground, ground)
    return np.maximum(planes, through.astype(np.uint8)), np.where(new > 0, new + seen.max(), seen)


def as_tissue(planes, labels, rng):
    """Paint nuclei of fluorescence as a stained section.

    Nuclei become more or less flat in the nuclear stain; between them are textures in the counterstain, of
    which some, and some texture of its own, is in the nuclear stain, too.

    Parameters
    ----------
    planes : (S, S, 3) ndarray of uint8
    labels : (S, S) ndarray of int
        0 is background (no unit).
    rng : numpy.random.Generator

    Returns
    -------
    planes : (S, S, 3) ndarray of uint8
    """
    side = labels.shape[0]
    inside = cv2.GaussianBlur((labels > 0).astype(np.float32), (0, 0), rng.uniform(0.5, 1.3))
    nuclei = rng.uniform(0.45, 1) * _chromatin(planes, inside, rng)
    tissue = textures.cut(side, rng) ** np.exp(rng.uniform(-0.7, 0.9))
    tissue *= 1 - rng.uniform(0.3, 1) * inside
    if rng.random() < 0.4:  # shrunken nuclei leave a clear rim
        near = cv2.GaussianBlur(cv2.dilate(inside, np.ones((7, 7))), (0, 0), 1.5)
        tissue *= 1 - rng.uniform(0, 0.9) * near
    ground = rng.uniform(0, 0.3) * textures.cut(side, rng) * (1 - inside)
    nuclear = nuclei + rng.uniform(0, 0.35) * tissue + ground
    counter = tissue + rng.uniform(-0.3, 0.7) * nuclei
    total = rng.uniform(0.5, 1) * nuclear + rng.uniform(0.1, 0.8) * tissue
    return np.dstack([_stretched(plane, rng) for plane in (nuclear, counter, total)])


def _chromatin(planes, inside, rng):
    """What the nuclei hold, 0..1: as the picture shows it, and evenly with some texture."""
    grain = rng.uniform(0, 0.5)
    even = inside * (1 - grain * textures.cut(len(inside), rng))
    own = rng.uniform(0, 0.8)
    return own * planes[..., 0].astype(np.float32) / 255 + (1 - own) * even


def _stretched(plane, rng):
    """To 0..255, as `stains.planes` would stretch the whole picture: a little more or less than this crop."""
    low, high = np.percentile(plane[::3, ::3], [rng.uniform(0, 3), rng.uniform(98.5, 100)])
    return np.clip((plane - low) * (255 / max(high - low, 0.05)), 0, 255).astype(np.uint8)
