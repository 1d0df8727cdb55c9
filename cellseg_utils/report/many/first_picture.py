"""The first picture of a report's page, small enough to stand inside another page."""

import base64
import binascii
import io
import re

from PIL import Image

FIRST = re.compile(rb'<img\b[^>]*?\bsrc="data:image/(?:png|jpeg|webp);base64,([^"]+)"')
SIDE = 480  # pixels of a card
QUALITY = 60  # of WebP, 0..100


def of(directory, side=SIDE):
    """The first picture of a report.

    Parameters
    ----------
    directory : Path
        The run directory.
    side : int
        Longest side (pixels).

    Returns
    -------
    address : str
        A `data:` address of a WebP picture; empty where there is no page, or no picture on it.
    """
    try:
        found = FIRST.search((directory / "index.html").read_bytes())
        return _small(base64.b64decode(found[1]), side) if found else ""
    except (OSError, binascii.Error, Image.DecompressionBombError):  # no page, or no picture that can be read
        return ""


def _small(data, side):
    with Image.open(io.BytesIO(data)) as picture:
        picture.thumbnail((side, side))
        out = io.BytesIO()
        picture.convert("RGB").save(out, format="WEBP", quality=QUALITY, method=4)
    return "data:image/webp;base64," + base64.b64encode(out.getvalue()).decode("ascii")
