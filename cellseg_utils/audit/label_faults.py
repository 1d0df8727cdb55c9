"""Faults in the labels of a picture that a look at the label image tells: holes, pieces, specks, slivers."""

import cv2
import numpy as np
from scipy import ndimage

from cellseg_utils.run.language import later

FAULTS = {
    "overlap_pixels": later("重叠的像素"),
    "holes": later("有孔洞的核"),
    "fragments": later("断成几块的核"),
    "specks": later("微小的核"),
    "empty_masks": later("空掩膜"),
    "border_only": later("紧贴边缘的细条"),
}
NUCLEAR = ("holes", "fragments", "specks", "border_only")  # those that single nuclei have
SPECK = 10  # pixels; a nucleus with fewer is a speck
SLIVER = 2  # pixels; a nucleus no further from the picture's border is a sliver of one outside


def find(labels):
    """Find the nuclei with faults.

    Parameters
    ----------
    labels : (H, W) ndarray of int32
        0 is background, 1..n are the nuclei (no unit).

    Returns
    -------
    faults : dict of str to list of int
        The labels of the nuclei that have `holes`, that are in more than one piece (`fragments`; pieces that
        touch at a corner are one), that are `specks`, and that lie along the picture's border only
        (`border_only`), in ascending order.

    Raises
    ------
    ValueError
        If the labels are not a plane of integers.
    """
    if labels.ndim != 2 or labels.dtype.kind not in "iu":
        raise ValueError(f"expected an (H, W) label image of integers, got {labels.shape} of {labels.dtype}")
    faults = {fault: [] for fault in NUCLEAR}
    areas = np.bincount(labels.ravel())
    for label, box in enumerate(ndimage.find_objects(labels), 1):
        if box is None:
            continue
        pieces, holes = _pieces_and_holes(labels[box] == label)
        has = {
            "holes": holes > 0,
            "fragments": pieces > 1,
            "specks": areas[label] < SPECK,
            "border_only": _along_border(box, labels.shape),
        }
        for fault in faults:
            if has[fault]:
                faults[fault].append(label)
    return faults


def worst(samples, per_fault):
    """Pick the pictures with the most nuclei of each fault.

    Parameters
    ----------
    samples : DataFrame
        One row a picture, with a column for each fault that `find` knows.
    per_fault : int
        How many of each fault, at most.

    Returns
    -------
    picks : list of (str, int)
        Fault and row number; pictures without the fault are left out.
    """
    picks = []
    for fault in NUCLEAR:
        most = samples[fault].sort_values(ascending=False, kind="stable")[:per_fault]
        picks += [(fault, row) for row, count in most.items() if count]
    return picks


def _pieces_and_holes(nucleus):
    contours, hierarchy = cv2.findContours(nucleus.view(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    outer = int((hierarchy[0, :, 3] < 0).sum())
    return outer, len(contours) - outer


def _along_border(box, shape):
    return any(
        part.stop <= SLIVER or part.start >= side - SLIVER for part, side in zip(box, shape, strict=True)
    )
