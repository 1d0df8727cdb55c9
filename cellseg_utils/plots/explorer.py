"""All pictures with truth and prediction, to be sorted, filtered and compared on the page."""

import base64
import html

import cv2
import numpy as np
from IPython.display import HTML
from matplotlib.colors import to_rgb
from skimage.segmentation import find_boundaries

from cellseg_utils.audit import image_kinds
from cellseg_utils.evaluation import object_errors
from cellseg_utils.plots import instance_pictures, overlays, pictures
from cellseg_utils.run.language import later, say

SIDE = 240  # pixels, the longer one of a small picture
QUALITY = 62  # of WebP, 0..100
MOST = 200  # pictures on the page, the worst ones
VIEWS = {"image": overlays.IMAGE, "truth": overlays.TRUTH, "prediction": overlays.PREDICTION}
NUMBERS = {
    "kaggle": later("Kaggle 得分"),
    "dice": "Dice",
    "nuclei": later("真实的核"),
    "predicted": later("预测的核"),
}


def explorer(images, truths, predictions, errors, rows):
    """Show every picture as a card: the picture, its nuclei, and those that were found.

    Parameters
    ----------
    images : sequence of (H, W, 3) ndarray of uint8
        Sizes may differ.
    truths, predictions : sequence of (H, W) ndarray of int
        Label images, 0 is background (no unit).
    errors : sequence of ObjectErrors
        Of each pair, as `object_errors.errors` returns it; they choose the colours of outlines.
    rows : DataFrame
        One row a picture: `id`, `kind` (as a reader knows it), the columns of `NUMBERS`, and those of
        `object_errors.NAMES`.

    Returns
    -------
    page : IPython.display.HTML
        One `<div class="explorer">`; everything is there without a script, the worst picture first.
    """
    order = np.argsort(rows["kaggle"].to_numpy(), kind="stable")[:MOST]
    places = {kind: place for place, kind in enumerate(image_kinds.ordered(rows["kind"]))}
    rows = rows.assign(place=rows["kind"].map(places))
    cards = (
        _card(rows.iloc[n], _views(images[n], truths[n], predictions[n], errors[n])) for n in order.tolist()
    )
    return HTML(f'<div class="explorer">{"".join(cards)}</div>')


def _card(row, views):
    numbers = [(title, _text(row[name])) for name, title in NUMBERS.items()]
    wrong = [(title, f"{row[name]:g}") for name, title in object_errors.NAMES.items() if row[name]]
    data = {"id": row["id"], "kind": row["kind"], "place": row["place"]}
    data |= {name: f"{row[name]:g}" for name in (*NUMBERS, *object_errors.NAMES)}
    attributes = "".join(f' data-{name}="{html.escape(str(value))}"' for name, value in data.items())
    about = f"{row['kind']} {row['id'][:12]}"
    stack = "".join(
        f'<img class="{name}" src="{address}" alt="{_alternative(name, about)}" decoding="async">'
        for name, address in views.items()
    )
    facts = "".join(f"<dt>{say(title)}</dt><dd>{value}</dd>" for title, value in numbers + wrong)
    name = f"{html.escape(row['kind'])} <code>{html.escape(row['id'][:12])}</code>"
    return f'<article{attributes}><div class="stack">{stack}</div><p>{name}</p><dl>{facts}</dl></article>'


def _alternative(view, about):
    return html.escape(say("{view}：{about}", view=say(VIEWS[view]), about=about))


def _text(number):
    return f"{number:g}" if number == round(number) else f"{number:.3f}"


def _views(image, truth, prediction, errors):
    zoom = SIDE / max(image.shape[:2])
    size = [max(1, round(length * zoom)) for length in image.shape[1::-1]]
    smooth = cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR
    small = cv2.resize(pictures.brighten(image), size, interpolation=smooth)
    true = _outlined(small, truth, errors, instance_pictures.TRUE_LISTS)
    found = _outlined(small, prediction, errors, instance_pictures.PREDICTED_LISTS)
    return {name: _address(own) for name, own in zip(VIEWS, (small, true, found), strict=True)}


def _outlined(small, labels, errors, lists):
    """Outlines of nuclei on a small picture, in the colour of what went wrong."""
    picture = pictures.backdrop(small, white=170)
    for colour, nuclei in instance_pictures.by_colour(pictures.plane(labels), lists, errors).items():
        shrunk = cv2.resize(nuclei.astype(np.int32), small.shape[1::-1], interpolation=cv2.INTER_NEAREST)
        edge = find_boundaries(shrunk, mode="thick")  # WebP halves the resolution of colours
        picture[edge] = np.round(255 * np.array(to_rgb(colour)))
    return picture


def _address(picture):
    done, data = cv2.imencode(".webp", picture[..., ::-1], [cv2.IMWRITE_WEBP_QUALITY, QUALITY])
    if not done:
        raise ValueError(f"could not encode a picture of {picture.shape}")
    return "data:image/webp;base64," + base64.b64encode(data).decode("ascii")
