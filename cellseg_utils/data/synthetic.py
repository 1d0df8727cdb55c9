"""Deterministic pictures of nuclei in the layout of the 2018 Data Science Bowl.

They stand in for the real images where there are none: the embedded default of the report, and the data of
the tests. `micrograph` draws them.
"""

import hashlib
import zipfile

import cv2
import numpy as np

from cellseg_utils.data import layout, micrograph
from cellseg_utils.data.dataset import Sample
from cellseg_utils.run import code_fingerprint, files, fingerprint, libraries
from cellseg_utils.run.cache import made_once
from cellseg_utils.run.language import listing, say

_DRAW = {
    "fluorescence": micrograph.fluorescence,
    "purple_on_white": micrograph.purple_on_white,
    "grey_tissue": micrograph.grey_tissue,
}
KINDS = tuple(_DRAW)

_MIN_SIDE = 32  # px
_SIZES = ((256, 256), (256, 256), (256, 320), (320, 320), (192, 256), (128, 160))  # px
_BLOCK = 20  # samples: one of each kind, then the rest in random order; 70, 15 and 15 % in all
_REST = (0,) * 13 + (1,) * 2 + (2,) * 2  # places in KINDS


def draw_sample(kind, size, rng):
    """One picture of nuclei with its true labels.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    size : (int, int)
        Height and width, px, 32 or more each.
    rng : numpy.random.Generator
        Source of everything that varies.

    Returns
    -------
    image : (H, W, 3) ndarray of uint8
        RGB; the three channels are equal unless `kind` is "purple_on_white".
    labels : (H, W) ndarray of int32
        0 is background, 1..n the nuclei, each in one piece of 20 px or more.

    Raises
    ------
    ValueError
        If `kind` is unknown or a side is too small.
    """
    _require(
        kind in KINDS, say("未知的图像种类 {kind!r}：请从 {known} 中选一个", kind=kind, known=listing(KINDS))
    )
    _check_size(size)
    return _DRAW[kind]((int(size[0]), int(size[1])), rng)


def make_samples(count, seed, size=None, prefix="synthetic"):
    """A mixture of kinds as in the real set: of every 20 samples 14 fluorescence, 3 purple, 3 grey.

    Sample `i` depends on `seed`, `size` and `i` alone, so a longer set starts with the shorter one. `prefix`
    goes into the ids only: sets that must not share pictures (training, test) need different seeds.

    Parameters
    ----------
    count : int
        Number of samples, 1 or more; from 3 on every kind is present.
    seed : int
        0 or more.
    size : (int, int), optional
        Height and width, px; without it sizes vary from 128x160 to 320x320.
    prefix : str
        Names the set in the ids.

    Returns
    -------
    samples : iterator of dataset.Sample
        Drawn one by one as they are asked for; ids are 64 hexadecimal digits.

    Raises
    ------
    ValueError
        If `count` or `seed` is out of range or a side of `size` is too small.
    """
    _require(count >= 1, say("样本数 count={count} 无效：请给出不小于 1 的整数", count=count))
    _require(seed >= 0, say("随机种子 seed={seed} 无效：请给出不小于 0 的整数", seed=seed))
    if size is not None:
        _check_size(size)
    return (_make_sample(seed, index, size, prefix) for index in range(count))


def dataset_zips(cache, count, test_count, seed, tell=print):
    """A training set and a test set in the competition's layout, made once.

    Parameters
    ----------
    cache : Path
        Folder of all synthetic sets; this one goes below.
    count, test_count : int
        Pictures with masks, and pictures without; 1 or more each.
    seed : int
        0 or more.
    tell : callable
        Gets one line if this call waits for another, or what was made before is damaged.

    Returns
    -------
    train, test : Path
        `stage1_train.zip` and `stage1_test.zip`.

    Raises
    ------
    ValueError
        If a count is below 1 or the seed is negative.
    """
    code = code_fingerprint.of_modules(["data.synthetic"])
    folder = cache / fingerprint.of_values(count, test_count, seed, code, libraries.versions())
    train, test = (folder / f"{part}.zip" for part in (layout.TRAIN, layout.TEST))

    def make(empty):
        write_zip(empty / train.name, make_samples(count, seed))
        write_zip(empty / test.name, make_samples(test_count, seed + 1, prefix="test"), masks=False)

    made_once(folder, make, say("另一个进程正在画合成图像，等它结束"), tell)
    return train, test


def write_zip(path, samples, masks=True):
    """Write samples as a zip in Kaggle's layout; the same samples give the same bytes.

    `<id>/images/<id>.png` is RGBA, `<id>/masks/<label>.png` (four hexadecimal digits) one nucleus, 0/255. The
    file appears under its name only when it is complete.

    Parameters
    ----------
    path : str or Path
        The zip to write; its folder is made where it is missing.
    samples : iterable of dataset.Sample
        Labels may be None only where `masks` is False.
    masks : bool
        False leaves the masks out, as in Kaggle's test set.

    Raises
    ------
    ValueError
        If `masks` is True and a sample has no labels.
    OSError
        If the file cannot be written.
    """
    with files.replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for sample in samples:
            _write_sample(archive, sample, masks)


def _require(condition, message):
    if not condition:
        raise ValueError(message)


def _check_size(size):
    expected = len(size) == 2 and min(size) >= _MIN_SIDE
    _require(
        expected,
        say("图像尺寸 {size} 无效：请给出高和宽，都不小于 {min_side} 像素", size=size, min_side=_MIN_SIDE),
    )


def _make_sample(seed, index, size, prefix):
    block, place = divmod(index, _BLOCK)
    rest = np.random.default_rng([seed, block, 1]).permutation(_REST)
    kind = KINDS[place if place < len(KINDS) else rest[place - len(KINDS)]]
    rng = np.random.default_rng([seed, index, 0])
    drawn_size = _SIZES[rng.integers(len(_SIZES))]
    image, labels = draw_sample(kind, drawn_size if size is None else size, rng)
    name = hashlib.sha256(f"{prefix}/{seed}/{index}".encode()).hexdigest()
    return Sample(id=name, image=image, labels=labels, overlap_pixels=0)


def _write_sample(archive, sample, masks):
    _write_png(archive, f"{sample.id}/images/{sample.id}.png", cv2.cvtColor(sample.image, cv2.COLOR_RGB2BGRA))
    if not masks:
        return
    _require(
        sample.labels is not None,
        say("样本 {id} 没有标签：请用 masks=False 写出，或先补上标签", id=sample.id),
    )
    for label in range(1, int(sample.labels.max()) + 1):
        mask = np.where(sample.labels == label, np.uint8(255), np.uint8(0))
        _write_png(archive, f"{sample.id}/masks/{label:04x}.png", mask)


def _write_png(archive, name, pixels):
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.create_system, entry.external_attr = 3, 0o644 << 16
    archive.writestr(entry, cv2.imencode(".png", pixels)[1].tobytes())
