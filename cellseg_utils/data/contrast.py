"""Between which values a picture's contrast lies, whatever a few of its pixels say.

A scale bar, a white margin, saturated debris and hot pixels are brighter than all nuclei: between them and
the darkest pixel, nuclei would be hardly darker than the ground.
"""

import cv2
import numpy as np

HOT = 1.5  # range of values over that without single pixels, from which on these are hot (no unit)
MOST = 0.04  # of all pixels that artefacts cover, at most
FAR = 3.0  # range of values over that without artefacts, from which on something is one (no unit)
FLAT = 0.5  # of an artefact's pixels that have the highest value, at least
AROUND = 9  # pixels of a side: what lies so near to an artefact is not looked at
STRUCTURE = 6.0  # range of a blurred picture over its noise, if something is to be seen (no unit)
BLUR = 1.5  # standard deviation (pixels)


def limits(plane, darkest, brightest):
    """Quantiles of a plane without hot pixels and flat bright artefacts.

    Parameters
    ----------
    plane : (H, W) ndarray
        Of any real type, finite.
    darkest, brightest : float
        Quantiles, 0..1 (no unit).

    Returns
    -------
    low, high : float
        In the plane's unit. Those of all pixels, unless without hot pixels the range is much smaller, or
        without flat pixels of the highest value, and other things are to be seen then.
    """
    low, high = np.quantile(plane, [darkest, brightest])
    if not high > low:
        return low, high
    kind = np.promote_types(plane.dtype, np.float32)  # a picture of 16 bit need not take four times its size
    scaled = ((plane.astype(kind) - kind.type(low)) / kind.type(high - low)).clip(-1, 1e6)
    scaled = scaled.astype(np.float32, copy=False)
    calm = cv2.medianBlur(scaled, 3)
    most, top = map(float, np.quantile(calm, [1 - MOST, brightest]))
    top = top if 0 < HOT * top < 1 else 1.0
    if most < top / FAR:
        rest = _without_artefacts(calm, top)
        top = top if rest is None else float(np.quantile(rest, brightest))
    return low, low + top * (high - low)


def _without_artefacts(calm, top):
    """Values of all but flat bright artefacts; None where these are none, or all that is to be seen."""
    bright = calm > top / FAR
    if not bright.any() or np.mean(calm[bright] >= calm.max() - 1e-6) < FLAT:
        return None
    free = cv2.dilate(bright.astype(np.uint8), np.ones((AROUND, AROUND), np.uint8)) == 0
    if not free.any():
        return None
    values = calm[free]
    smooth = cv2.GaussianBlur(np.where(free, calm, np.median(values)), (0, 0), BLUR)[free]
    noise = np.median(np.abs(calm - cv2.GaussianBlur(calm, (0, 0), BLUR))[free])
    seen = np.subtract(*np.quantile(smooth, [0.995, 0.05])) > STRUCTURE * noise
    return values if seen and np.ptp(values) > 0 else None
