"""Overlays as small pictures inside a page, as many as keep it light."""

import base64
import io
import itertools
import warnings
from pathlib import Path

from PIL import Image

SIDE = 320  # pixels: crisp on a card of 160 CSS pixels
QUALITY = 55  # of WebP, 0..100
BUDGET = 3_000_000  # bytes of all small pictures of a page
MOST = 400  # of them, which takes seconds


def embedded(paths, budget=BUDGET):
    """Make small pictures of the first ones, until the budget is spent.

    Parameters
    ----------
    paths : iterable of Path
        JPEG files, of which the first `MOST` count; missing or damaged ones are passed over.
    budget : int
        Bytes of all of them, as they stand in the page.

    Returns
    -------
    addresses : dict of Path to str
        `data:` addresses of WebP pictures.
    """
    addresses = {}
    for path in itertools.islice(paths, MOST):
        address = _address(path)
        budget -= len(address)
        if budget < 0:
            break
        if address:
            addresses[path] = address
    return addresses


def _address(path):
    try:
        data = _small(Path(path))
    except (OSError, Image.DecompressionBombWarning, Image.DecompressionBombError):
        return ""  # the page shows the file itself
    return "data:image/webp;base64," + base64.b64encode(data).decode("ascii")


def _small(path):
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(path) as picture:
            picture.draft("RGB", (SIDE, SIDE))  # decodes no more of a JPEG than that needs
            picture.thumbnail((SIDE, SIDE))
            data = io.BytesIO()
            picture.convert("RGB").save(data, format="WEBP", quality=QUALITY, method=4)
    return data.getvalue()
