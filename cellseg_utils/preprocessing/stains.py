"""One look for every picture: how much nuclear stain, counterstain and stain at all is where.

The network sees these planes in place of colours, so that haematoxylin in a new hospital's pink, DAB's blue
counterstain and a fluorescent dye look alike: bright where the stain of the nuclei is.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from skimage.color import hed_from_rgb

from cellseg_utils.audit import dna_channel, image_kinds
from cellseg_utils.data import contrast

PLANES = ("nuclear", "counter", "total")
DARKEST, BRIGHTEST = 1.0, 99.8  # percentiles of a plane that become 0 and 255
LEAST_RANGE = 8 / 255  # of the full range: what varies less is noise, and is not stretched further
LEAST_SHARE = 0.2  # of the widest plane's range: a weaker plane is not stretched further (no unit)
WHITE = 99.5  # percentile of a channel that passes all light
SAMPLE_SIDE = 512  # pixels: larger pictures are thinned out before percentiles are taken
STRIP = 512  # rows that are computed at once: a large picture fits in memory once, not several times


@dataclass(frozen=True)
class Unmixing:
    """How the colours of one picture become planes, at every pixel alike.

    Attributes
    ----------
    table : (256, 1, 3) ndarray of float32
        What each grey value of each channel counts (no unit).
    matrix : (3, 4) ndarray of float32
        How channels mix to planes, and an offset (no unit).
    """

    table: np.ndarray
    matrix: np.ndarray

    def planes(self, image):
        """Planes of the picture or of a part of it.

        Parameters
        ----------
        image : (H, W, 3) ndarray of uint8
            RGB, 0..255 (no unit).

        Returns
        -------
        planes : (H, W, 3) ndarray of uint8
            As the function `planes` gives them.
        """
        result = np.empty_like(image)
        for top in range(0, len(image), STRIP):
            values = cv2.transform(cv2.LUT(image[top : top + STRIP], self.table), self.matrix)
            result[top : top + STRIP] = np.clip(np.rint(values, out=values), 0, 255, out=values)
        return result


def planes(image):
    """Turn a picture's colours into planes of stain.

    In transmitted light every stain absorbs: optical densities, with the brightest colour as white, are taken
    apart into haematoxylin and eosin. In fluorescence the DNA's channel shines, as `dna_channel.choose` finds
    it; there is no counterstain. A grey picture has one plane: its
    values, or where its background is bright its absorption. Each plane is stretched to full contrast.

    Parameters
    ----------
    image : (H, W, 3) ndarray of uint8
        RGB, 0..255 (no unit).

    Returns
    -------
    planes : (H, W, 3) ndarray of uint8
        In the order of `PLANES`, 0..255 (no unit); nuclei are bright in the first.

    Raises
    ------
    ValueError
        If the picture is not `(H, W, 3)` of uint8, or is empty.

    References
    ----------
    Ruifrok and Johnston 2001, "Quantification of histochemical staining by color deconvolution", PMID
    11531144; their stain vectors are scikit-image's `hed_from_rgb`.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or image.size == 0:
        raise ValueError(f"expected an (H, W, 3) uint8 picture, got {image.shape} {image.dtype}")
    return unmixing(image).planes(image)


def unmixing(image):
    """Find how a picture's colours become planes, by its kind and its contrast.

    Parameters
    ----------
    image : (H, W, 3) ndarray of uint8
        RGB, 0..255 (no unit); of a large one every n-th pixel along rows and columns will do.

    Returns
    -------
    unmixing : Unmixing
    """
    step = max(1, max(image.shape[:2]) // SAMPLE_SIDE)
    sample = np.ascontiguousarray(image[::step, ::step])
    table, mixing = _optics(image, sample, image_kinds.image_kind(image))
    values = cv2.transform(cv2.LUT(sample, table), mixing)
    return Unmixing(table, _stretched(values, mixing))


def single(planes, name):
    """Planes as those of a picture that has one stain only.

    Parameters
    ----------
    planes : (H, W, 3) ndarray of uint8
        From `planes` (no unit).
    name : str
        Of the plane, one of `PLANES`.

    Returns
    -------
    planes : (H, W, 3) ndarray of uint8
        Without counterstain; the plane stands in place of the two others.
    """
    alone = np.zeros_like(planes)
    alone[..., 0] = alone[..., 2] = planes[..., PLANES.index(name)]
    return alone


def _optics(image, sample, kind):
    """What each grey value of each channel counts (256, 1, 3), and how channels mix to planes (3, 3)."""
    values = np.arange(256, dtype=np.float32) / 255
    mixing = np.zeros((len(PLANES), 3), np.float32)
    if kind == "fluorescence":
        mixing[[0, 2], _dna_channel(image)] = 1
        return np.repeat(values[:, None, None], 3, axis=2), mixing
    if kind == "grey_tissue":
        mixing[[0, 2]] = 1 / 3
        return np.repeat(1 - values[:, None, None], 3, axis=2), mixing
    white = np.percentile(sample.reshape(-1, 3), WHITE, axis=0) / 255
    transmitted = (values[:, None] + 1 / 255) / (white + 1 / 255)
    mixing[:2] = hed_from_rgb.T[:2]
    mixing[2] = 1 / 3
    return np.maximum(-np.log(transmitted), 0).astype(np.float32)[:, None], mixing


def _dna_channel(image):
    """Number of the channel that shows the DNA."""
    if (image[..., 0] == image[..., 2]).all() and (image[..., 1] == image[..., 2]).all():
        return dna_channel.BLUE
    return dna_channel.choose(image, colours=True).channel


def _stretched(values, mixing):
    """The mixing, with a column for the offset, that also stretches each plane to 0..255."""
    rows, which = np.unique(mixing, axis=0, return_inverse=True)  # without counterstain, two planes are one
    first = [int(np.argmax(which.ravel() == row)) for row in range(len(rows))]
    limits = [_limits(values[..., place]) for place in first]
    low, high = np.transpose([limits[row] for row in which.ravel()])
    span = np.maximum(high - low, max(LEAST_RANGE, LEAST_SHARE * (high - low).max()))
    return np.column_stack([mixing, -low]).astype(np.float32) * (255 / span)[:, None].astype(np.float32)


def _limits(plane):
    plane = np.ascontiguousarray(plane)
    return contrast.limits(plane, DARKEST / 100, BRIGHTEST / 100) if plane.any() else (0.0, 0.0)
