"""How large every nucleus of a label image is, where it lies and what shape it has."""

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
COLUMNS = (*PROPERTIES.values(), "touches_border")


def measure(labels):
    """Measure every nucleus of a label image.

    Parameters
    ----------
    labels : (H, W) ndarray of int
        0 is background, each nucleus has a number of its own (no unit).

    Returns
    -------
    table : DataFrame
        One row a nucleus, by their numbers, with `COLUMNS`: its number; `y` and `x` of its centre
        (pixels; 0, 0 is the middle of the upper left pixel); area (square pixels); perimeter, diameter of the
        disc of the same area, axes of the ellipse with the same second moments (pixels); eccentricity and
        solidity, 0..1 (no unit); orientation of the major axis against the rows' axis, -pi/2..pi/2 (radians);
        first row and column and those after the last ones (pixels); whether it touches the picture's border,
        so that a part of it may be missing.

    Raises
    ------
    ValueError
        If `labels` does not have two dimensions.
    TypeError
        If `labels` does not have whole numbers.

    References
    ----------
    https://scikit-image.org/docs/stable/api/skimage.measure.html#skimage.measure.regionprops
    """
    labels = np.asarray(labels)
    if labels.ndim != 2:
        raise ValueError(f"expected a label image (H, W), got {labels.shape}")
    names = dict.fromkeys(name.split("-")[0] for name in PROPERTIES)
    table = pd.DataFrame(skimage_measure.regionprops_table(labels, properties=list(names)))
    table = table.rename(columns=PROPERTIES)[list(PROPERTIES.values())]
    height, width = labels.shape
    inside = (table["top"] > 0) & (table["left"] > 0) & (table["bottom"] < height) & (table["right"] < width)
    return table.assign(area=table["area"].astype(int), touches_border=~inside)
