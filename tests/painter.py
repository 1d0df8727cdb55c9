"""A network that sees perfectly, and pictures of discs for it."""

from types import SimpleNamespace

import numpy as np
from discs import discs

from cellseg_utils.data.image import COLOURS, Image
from cellseg_utils.prediction import bundle, instances, tiling
from cellseg_utils.preprocessing import targets
from cellseg_utils.training import recipes

SEPARATING = {"arguments": recipes.arguments("best", 16, filters=2, depth=1)}


def paint(images):
    """A network that sees perfectly: the target maps of the bright pieces."""
    return np.stack([targets.target_maps(instances.pieces(image[..., 0] > 127)) for image in images])


def painting(network=paint, about=SEPARATING):
    """A bundle whose network is a function."""
    return bundle.Bundle(SimpleNamespace(predict_on_batch=network), about)


PAINTER = painting()


def drawn(labels, bright=255, dark=0):
    return np.where(labels[..., None] > 0, np.uint8(bright), np.uint8(dark)).repeat(3, 2)


def row_of_discs(diameter, count=3, gap=6):
    """Discs of one size in a row, none of which touches another."""
    step = round(diameter) + gap
    places = [(step, step * (n + 1), diameter / 2) for n in range(count)]
    return discs((2 * step, step * (count + 1)), places)


def watched(monkeypatch, network=paint):
    """The network, and a list to which it adds the size of every picture that it sees."""
    seen = []
    monkeypatch.setattr(tiling, "MULTIPLE", 1)

    def watch(images):
        seen.append(images.shape[1:3])
        return network(images)

    return watch, seen


def image_of(rgb, **about):
    """A picture as it is read from a file of 8 bit."""
    return Image(rgb, rgb, COLOURS, **about)
