"""How large every nucleus of a label image is, where it lies, what shape it has, how much it shines."""

import cv2
import numpy as np
import pandas as pd
from skimage import measure as skimage_measure

PROPERTIES = {  # of skimage.measure.regionprops_table: what the column is called here
    "label": "label",
    "centroid-0": "y",
    "centroid-1": "x",
    "area": "area",
    "perimeter": "perimeter",
    "equivalent_diameter_area": "equivalent_diameter",
    "axis_major_length": "major_axis",
    "axis_minor_length": "minor_axis",
    "eccentricity": "eccentricity",
    "solidity": "solidity",
    "orientation": "orientation",
    "bbox-0": "top",
    "bbox-1": "left",
    "bbox-2": "bottom",
    "bbox-3": "right",
}
PHYSICAL = "area_um2"
COLUMNS = (*PROPERTIES.values(), "touches_border", PHYSICAL)
INTENSITIES = ("mean", "integrated", "background")  # of every channel, before `_` and its name
GAP, RING = 1, 5  # pixels around a nucleus that are left out, and those beyond that are its background


def measure(labels, channels=None, names=(), pixel_size=None, others=None):
    """Measure every nucleus of a label image.

    Parameters
    ----------
    labels : (H, W) ndarray of int
        0 is background, each nucleus has a number of its own (no unit).
    channels : (H, W, C) ndarray, optional
        The picture (its own unit), for intensities.
    names : sequence of str
        Of the channels.
    pixel_size : tuple of float, optional
        Height and width of a pixel (µm), for areas in µm².
    others : (H, W) ndarray of bool, optional
        Nuclei that are not measured: they are no background either.

    Returns
    -------
    table : DataFrame
        One row a nucleus, by their numbers, with `COLUMNS`: its number; `y` and `x` of its centre
        (pixels; 0, 0 is the middle of the upper left pixel); area (square pixels); perimeter, diameter of the
        disc of the same area, axes of the ellipse with the same second moments (pixels); eccentricity and
        solidity, 0..1 (no unit); orientation of the major axis against the rows' axis, -pi/2..pi/2 (radians);
        first row and column and those after the last ones (pixels); whether it touches the picture's border,
        so that a part of it may be missing; area (µm²), not a number where the size of a pixel is unknown.
        Then of every channel, with its name behind `_`: mean over the nucleus, sum over it, and mean of the
        background around it, from `GAP` to `GAP + RING` pixels off and nearer to it than to any other; not a
        number where there is none.

    Raises
    ------
    ValueError
        If `labels` does not have two dimensions, or `channels` has not their height and width, or `names` are
        not as many.
    TypeError
        If `labels` does not have whole numbers.

    References
    ----------
    https://scikit-image.org/docs/stable/api/skimage.measure.html#skimage.measure.regionprops
    """
    labels = np.asarray(labels)
    if labels.ndim != 2:
        raise ValueError(f"expected a label image (H, W), got {labels.shape}")
    properties = dict.fromkeys(name.split("-")[0] for name in PROPERTIES)
    table = pd.DataFrame(skimage_measure.regionprops_table(labels, properties=list(properties)))
    table = table.rename(columns=PROPERTIES)[list(PROPERTIES.values())]
    height, width = labels.shape
    inside = (table["top"] > 0) & (table["left"] > 0) & (table["bottom"] < height) & (table["right"] < width)
    physical = table["area"] * (np.prod(pixel_size) if pixel_size else np.nan)
    table = table.assign(area=table["area"].astype(int), touches_border=~inside, **{PHYSICAL: physical})
    return table if channels is None else table.assign(**_intensities(labels, channels, names, table, others))


def _intensities(labels, channels, names, table, others):
    if channels.shape != (*labels.shape, len(names)):
        raise ValueError(f"expected channels {(*labels.shape, len(names))}, got {channels.shape}")
    channels = channels.astype(np.uint8) if channels.dtype == bool else channels
    rings = _rings(labels) if others is None else np.where(others, 0, _rings(labels))
    means, around = (_means(own, channels, table["label"]) for own in (labels, rings))
    columns = {}
    for number, name in enumerate(names):
        values = means[:, number], means[:, number] * table["area"], around[:, number]
        columns |= {f"{kind}_{name}": value for kind, value in zip(INTENSITIES, values, strict=True)}
    return columns


def _means(labels, channels, numbers):
    """Mean of every channel, (n, C), where a label image has these numbers."""
    if not len(numbers):
        return np.empty((0, channels.shape[2]))
    found = skimage_measure.regionprops_table(labels, channels, properties=["label", "intensity_mean"])
    return pd.DataFrame(found).set_index("label").reindex(numbers).to_numpy(float)


def _rings(labels):
    """The background around every nucleus, with its number."""
    free = (labels == 0).astype(np.uint8)
    if free.all() or not free.any():
        return np.zeros_like(labels)
    form = cv2.DIST_L2, cv2.DIST_MASK_5
    distance, nearest = cv2.distanceTransformWithLabels(free, *form, labelType=cv2.DIST_LABEL_PIXEL)
    numbers = np.zeros(nearest.max() + 1, labels.dtype)
    numbers[nearest[free == 0]] = labels[free == 0]
    return np.where((distance > GAP) & (distance <= GAP + RING), numbers[nearest], 0)
