"""From pictures of any size to the arrays that a network trains on, in one pass over the data."""

from dataclasses import dataclass

import cv2
import numpy as np
import pandas as pd

from cellseg_utils.audit import image_kinds, label_faults, mosaics
from cellseg_utils.data import dataset
from cellseg_utils.preprocessing import resizing
from cellseg_utils.run import artifacts, code_fingerprint, fingerprint, language, libraries
from cellseg_utils.run.cache import made_once
from cellseg_utils.run.language import say

HISTOGRAM_BINS = 64
ARRAYS = "dataset.npz"  # images, masks, histograms, nuclei


@dataclass(frozen=True)
class Prepared:
    """All pictures of a data set at one size, and what was measured on the way.

    Attributes
    ----------
    images : (N, S, S, 3) ndarray of uint8
        RGB, 0..255 (no unit).
    masks : (N, S, S, 1) ndarray of uint8
        1 is nucleus, 0 is background (no unit).
    histograms : (N, 64) ndarray of int64
        Grey values of each native picture, counted in 64 equal bins over 0..255 (pixels).
    nuclei : (M, 3) ndarray of int64
        Every nucleus: row of its picture, native area (pixels), area after resizing (pixels of the new grid).
    samples : DataFrame
        One row a picture: id, height, width, kind, nuclei, foreground, lost_nuclei; the faults of its labels
        (`label_faults.FAULTS`, counted); remark (what is odd about them and what was done, missing where
        nothing is); family, row and column (`mosaics.Families`).
    problems : list of str
        One line for each picture that was left out.
    """

    images: np.ndarray
    masks: np.ndarray
    histograms: np.ndarray
    nuclei: np.ndarray
    samples: pd.DataFrame
    problems: list


def prepare(source, image_size, skip_bad=False):
    """Read, measure and resize every picture of a source, on all cores.

    Parameters
    ----------
    source : sources.Source
        Pictures with masks.
    image_size : int
        Side of the square arrays (pixels).
    skip_bad : bool
        Leave bad pictures out instead of raising.

    Returns
    -------
    prepared : Prepared

    Raises
    ------
    dataset.DataError
        If pictures are bad and `skip_bad` is false; all of them are named.
    """
    measured, problems = dataset.map_samples(
        source, lambda sample: _measure(sample, image_size), skip_bad=skip_bad, description=say("预处理")
    )
    images, masks, histograms, areas, rows, traces = zip(*measured, strict=True)
    numbered = [np.column_stack([np.full(len(a), n), a]) for n, a in enumerate(areas)]
    return Prepared(
        np.stack(images),
        np.stack(masks)[..., None],
        np.stack(histograms),
        np.concatenate(numbered).astype(np.int64),
        pd.DataFrame(rows).assign(**vars(mosaics.find(traces))),
        problems,
    )


def prepare_once(source, image_size, skip_bad, cache, tell=print):
    """Like `prepare`, but find the result again where it was made before.

    Parameters
    ----------
    source, image_size, skip_bad
        As for `prepare`.
    cache : Path
        Folder of all prepared data; this one goes below, named after the fingerprint of data, choice of
        pictures, code and language.
    tell : callable
        Gets one line if this call waits for another, or what was prepared before is damaged.

    Returns
    -------
    prepared : Prepared

    Raises
    ------
    dataset.DataError
        As for `prepare`.
    """
    code = code_fingerprint.of_modules(["preprocessing.preparation"])
    data = (fingerprint.of_path(source.path), list(source.images), list(source.lacking))
    spoken = language.current()  # by remarks and problems
    folder = cache / fingerprint.of_values(*data, image_size, skip_bad, code, libraries.versions(), spoken)
    waiting = say("另一个进程正在预处理图像，等它结束")
    made_once(folder, lambda empty: _write(prepare(source, image_size, skip_bad), empty), waiting, tell)
    return _read(folder)


def _write(prepared, folder):
    arrays = {name: getattr(prepared, name) for name in ("images", "masks", "histograms", "nuclei")}
    np.savez(folder / ARRAYS, **arrays)
    (folder / "samples.csv").write_bytes(artifacts.csv_bytes(prepared.samples, digits=17))
    (folder / "problems.json").write_bytes(artifacts.json_bytes(prepared.problems))


def _read(folder):
    with np.load(folder / ARRAYS, allow_pickle=False) as arrays:
        return Prepared(
            **arrays,
            samples=artifacts.read_csv(folder / "samples.csv"),
            problems=artifacts.read_json(folder / "problems.json"),
        )


def _measure(sample, image_size):
    size = (image_size, image_size)
    height, width = sample.labels.shape
    mask = resizing.resize_mask(sample.labels, size)
    labels = cv2.resize(sample.labels, size, interpolation=cv2.INTER_NEAREST_EXACT)
    count = int(sample.labels.max())
    before = np.bincount(sample.labels.ravel(), minlength=count + 1)[1:]
    after = np.bincount(labels[mask], minlength=count + 1)[1:]
    row = {
        "id": sample.id,
        "height": height,
        "width": width,
        "kind": image_kinds.image_kind(sample.image),
        "nuclei": count,
        "foreground": float(before.sum() / sample.labels.size),
        "lost_nuclei": int((after == 0).sum()),
        "overlap_pixels": sample.overlap_pixels,
        "empty_masks": sample.empty_masks,
        "remark": sample.remark or np.nan,
        **{fault: len(nuclei) for fault, nuclei in label_faults.find(sample.labels).items()},
    }
    grey = cv2.cvtColor(sample.image, cv2.COLOR_RGB2GRAY)
    histogram = cv2.calcHist([grey], [0], None, [HISTOGRAM_BINS], [0, 256]).ravel().astype(np.int64)
    image = resizing.resize_image(sample.image, size)
    areas = np.column_stack([before, after])
    return image, mask.astype(np.uint8), histogram, areas, row, mosaics.trace(sample.image)
