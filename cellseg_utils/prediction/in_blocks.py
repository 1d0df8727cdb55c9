"""Segment a picture block by block, in as much memory as one block takes."""

from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np

from cellseg_utils.data.image import Image
from cellseg_utils.prediction import certainty, instances, segmentation
from cellseg_utils.prediction.filters import EVERY
from cellseg_utils.preprocessing import scale

WIDER = 3  # times the margin: for blocks with nuclei that are larger than it
REDUCED = 1 / 4  # zoom at which something is looked for, over that of the network (no unit)
FINE, COARSE = 1.5, 6  # standard deviations, in its pixels, between which nuclei are larger than noise
EVEN = 1.5  # range of what is left, up to which nothing is to be seen (0..255): a network finds steps of 4


class Whole:
    """A picture in memory of which regions are read, as of a `large_tiff.LargeTiff`.

    Parameters
    ----------
    image : image.Image
    """

    def __init__(self, image):
        self.about, self.shape = image, image.rgb.shape[:2]

    def region(self, rows, columns):
        """A region of the picture.

        Parameters
        ----------
        rows, columns : slice

        Returns
        -------
        image : image.Image
        """
        rgb, channels = (
            np.ascontiguousarray(own[rows, columns]) for own in (self.about.rgb, self.about.channels)
        )
        return replace(self.about, rgb=rgb, channels=channels)


class Sparing:
    """A network that is not asked where nothing is to be seen.

    Parameters
    ----------
    bundle : bundle.Bundle

    Attributes
    ----------
    asked : list of bool
        Of every tile, whether the network was asked.
    """

    def __init__(self, bundle):
        self._bundle, self.asked = bundle, []

    def __call__(self, images):
        """Maps of one tile, as `tiling.predict_tiled` wants them."""
        self.asked.append(not _blank(images[0]))
        if self.asked[-1]:
            return self._bundle.predict(images)
        return np.zeros((*images.shape[:3], self._bundle.channels), np.float32)


@dataclass(frozen=True)
class Block:
    """What is found in a block.

    Attributes
    ----------
    rows, columns : slice
        Of the picture; the block and what is seen around it.
    image : image.Image
        Of these rows and columns.
    found : segmentation.Segmentation
        Nuclei that belong to the block, numbered from 1.
    others : (h, w) ndarray of bool
        Where nuclei of earlier blocks are.
    before : int
        Nuclei of earlier blocks; the block's have numbers after theirs in the picture.
    features : (n, 3) ndarray of float64, or None
        From `certainty.features`, also of those that were dropped.
    cut : int
        Nuclei that reach beyond what is seen.
    """

    rows: slice
    columns: slice
    image: Image
    found: segmentation.Segmentation
    others: np.ndarray
    before: int
    features: np.ndarray | None
    cut: int


def cores(shape, side):
    """Cut a picture into blocks of about the same size.

    Parameters
    ----------
    shape : tuple of int
        Height and width (pixels).
    side : int
        Of a block, at most (pixels).

    Returns
    -------
    blocks : list of (slice, slice)
        Row by row.
    """
    rows, columns = (
        np.linspace(0, length, -(-length // side) + 1).round().astype(int).tolist() for length in shape
    )
    return [
        (slice(*own_rows), slice(*own_columns))
        for own_rows in pairwise(rows)
        for own_columns in pairwise(columns)
    ]


def segmented(bundle, network, source, plan, drawn, wanted=EVERY):
    """Segment a picture block by block and draw what is found.

    A nucleus belongs to the first block that it reaches into, which draws all of it. A later block sees it in
    its margin, too, and leaves it to the earlier one.

    Parameters
    ----------
    bundle : bundle.Bundle
    network : callable
        As `tiling.predict_tiled` takes it.
    source : large_tiff.LargeTiff or Whole
    plan : survey.Plan
    drawn : label_file.LabelFile
        Empty; gets the nuclei.
    wanted : filters.Filter
        Which of the nuclei are drawn.

    Yields
    ------
    block : Block
        When it is drawn.

    Raises
    ------
    imagefile.ImageFileError
        If the picture can't be read.
    """
    for core in cores(source.shape, plan.side):
        block = _block(bundle, network, source, plan, drawn, core)
        block = replace(block, found=wanted.of(block.found))
        drawn.draw(block.rows, block.columns, block.found.labels)
        yield block


def _block(bundle, network, source, plan, drawn, core):
    for margin in (plan.margin, WIDER * plan.margin):
        rows, columns = (
            _grown(span, margin, length) for span, length in zip(core, source.shape, strict=True)
        )
        image = source.region(rows, columns)
        planes = plan.unmixing.planes(image.rgb)
        labels, probability = segmentation.nuclei(network, planes, plan.zoom, plan.views, bundle.rule)
        inside = tuple(_within(own, span) for own, span in zip(core, (rows, columns), strict=True))
        earlier = drawn.region(rows, columns)
        labels = _claimed(labels, inside, earlier)
        cut = _cut(labels, rows, columns, source.shape)
        if not cut:
            break
    if not bundle.separates:
        found, features = segmentation.Segmentation(labels, probability), None
    else:
        features = certainty.with_agreement(plan.agreement, labels, probability)
        found = segmentation.trusted(labels, probability, features)
    return Block(rows, columns, image, found, earlier > 0, drawn.count, features, cut)


def _blank(planes):
    """Whether nothing of the size of nuclei is brighter or darker than what surrounds it."""
    small = scale.zoomed(planes.astype(np.float32), REDUCED)
    fine, coarse = (cv2.GaussianBlur(small, (0, 0), blur) for blur in (FINE, COARSE))
    return np.ptp(fine - coarse, axis=(0, 1)).max() <= EVEN


def _claimed(labels, core, drawn):
    """Nuclei that reach into the block and are not drawn yet, without what earlier ones cover."""
    count = int(labels.max(initial=0))
    areas, covered = (
        np.bincount(numbers.ravel(), minlength=count + 1) for numbers in (labels, labels[drawn > 0])
    )
    reaching = np.zeros(count + 1, bool)
    reaching[np.unique(labels[core])] = True
    kept = reaching & (2 * covered <= areas)
    labels = instances.only(labels, kept[1:])
    if not covered[1:][kept[1:]].any():
        return labels
    labels = instances.tidy(np.where(drawn > 0, 0, labels), 1)  # the largest piece of what is left of each
    return np.where(drawn > 0, 0, labels)  # a hole that was filled may be another nucleus


def _cut(labels, rows, columns, shape):
    """Number of nuclei at an edge that is not the picture's."""
    edges = [
        labels[0] if rows.start > 0 else [],
        labels[-1] if rows.stop < shape[0] else [],
        labels[:, 0] if columns.start > 0 else [],
        labels[:, -1] if columns.stop < shape[1] else [],
    ]
    return np.count_nonzero(np.unique(np.concatenate(edges)))


def _grown(span, margin, length):
    return slice(max(0, span.start - margin), min(length, span.stop + margin))


def _within(span, outer):
    return slice(span.start - outer.start, span.stop - outer.start)
