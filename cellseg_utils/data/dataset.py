"""Pictures with their nuclei, as `Sample` objects at native size."""

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import cv2
import numpy as np
from tqdm import tqdm

from cellseg_utils.data import imagefile, label_images, sources
from cellseg_utils.data.sources import DataError
from cellseg_utils.run.language import say

SHORT_TURN = 0.0005  # seconds


@dataclass(frozen=True)
class Sample:
    """One picture with its nuclei, at native size.

    Attributes
    ----------
    id : str
        Kaggle's ImageId.
    image : (H, W, 3) ndarray of uint8
        RGB, 0..255 (no unit).
    labels : (H, W) ndarray of int32, or None
        0 is background, 1..n are the nuclei (no unit); None where there is no truth.
    overlap_pixels : int
        How many pixels more than one mask claimed; the first mask in the order of names got them.
    empty_masks : int
        How many masks have no nucleus in them.
    remark : str
        What is odd about the labels and what was done, in Chinese; empty where nothing is.
    """

    id: str
    image: np.ndarray
    labels: np.ndarray | None
    overlap_pixels: int
    empty_masks: int = 0
    remark: str = ""


def map_samples(source, function, ids=None, skip_bad=False, description=None, with_masks=True):
    """Read every picture with its nuclei and hand it to a function, on all cores, in the order of the ids.

    Parameters
    ----------
    source : sources.Source
        From `layout.open_source`.
    function : callable
        Takes a `Sample`; called from several threads; what it returns is collected.
    ids : sequence of str, optional
        Which pictures; all when left out, and then those that lack labels count as bad.
    skip_bad : bool
        Leave bad pictures out instead of raising.
    description : str
        What the progress bar says.
    with_masks : bool
        Whether each picture must have a masks folder; otherwise masks are not read and `labels` is None.

    Returns
    -------
    results : list
        One for each good picture.
    problems : list of str
        One Chinese line for each bad picture; empty unless `skip_bad`.

    Raises
    ------
    DataError
        If pictures are bad and `skip_bad` is false (all of them are named), or none is good.
    """
    import joblib  # knows how many cores this process may use; takes a tenth of a second

    lacking = list(source.lacking.values()) if ids is None and with_masks else []
    ids = list(source.images if ids is None else ids)
    with sources.reader(source) as read, _cores_filled():

        def attempt(name):
            try:
                return function(_read_sample(source, read, name, with_masks)), None
            except (imagefile.ImageFileError, DataError) as error:
                return None, str(error)

        with ThreadPoolExecutor(joblib.cpu_count()) as pool:
            work = pool.map(attempt, ids)
            bar = {"desc": description or say("读取图像"), "unit": say("张"), "disable": not ids}
            done = list(tqdm(work, total=len(ids), **bar))
    problems = [*lacking, *(problem for _, problem in done if problem is not None)]
    check_problems(source.path, problems, len(ids) + len(lacking), skip_bad)
    return [result for result, problem in done if problem is None], problems


def check_problems(place, problems, count, skip_bad):
    """Stop at bad pictures, unless they may be skipped and there are good ones.

    Parameters
    ----------
    place : path-like
        Where the pictures are.
    problems : list of str
        One Chinese line for each bad picture.
    count : int
        How many pictures there are, the good ones included.
    skip_bad : bool
        Whether the user said that bad pictures may be skipped.

    Raises
    ------
    DataError
        If there are bad pictures and they may not be skipped, or none is good; all are named.
    """
    if problems and (not skip_bad or len(problems) == count):
        fix = say("没有一张好图，请换一份数据") if len(problems) == count else say("加 --skip-bad 可跳过它们")
        closing = say("{place}：共 {n} 张坏图；{fix}", place=place, n=len(problems), fix=fix)
        raise DataError("\n".join([*problems, closing]))


def read_samples(source, ids=None):
    """Read pictures with their nuclei.

    Parameters
    ----------
    source : sources.Source
        From `layout.open_source`.
    ids : sequence of str, optional
        Which pictures; all when left out.

    Returns
    -------
    samples : list of Sample
        In the order of the ids.

    Raises
    ------
    DataError
        If a picture is bad; all bad ones are named.
    """
    return map_samples(source, lambda sample: sample, ids)[0]


def read_example(source, nuclei=20, among=24):
    """Read the first pictures and choose the one that shows best what labels are.

    Parameters
    ----------
    source : sources.Source
        From `layout.open_source`.
    nuclei : int
        How many nuclei it should have, as nearly as possible.
    among : int
        How many good pictures to choose from.

    Returns
    -------
    example : Sample
        One with two nuclei away from the border, if any of them has.

    Raises
    ------
    DataError
        If no picture of the source is good; all of them are named.
    """
    ids = list(source.images)
    try:
        samples, _ = map_samples(source, lambda sample: sample, ids[:among], skip_bad=True)
    except DataError:
        good, _ = map_samples(source, lambda sample: sample.id, skip_bad=True)
        samples = read_samples(source, good[:among])
    return min(samples, key=lambda sample: (_whole(sample.labels) < 2, abs(sample.labels.max() - nuclei)))


def _whole(labels):
    """Number of nuclei that do not touch the border."""
    border = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    return labels.max() - np.count_nonzero(np.unique(border))


def _read_sample(source, read, name, with_masks):
    masks = source.masks.get(name, []) if with_masks else []
    picture, *of_masks = read([source.images[name], *masks])
    image = imagefile.decode_rgb(picture, source.images[name])
    if not with_masks:
        return Sample(name, image, None, 0)
    if name not in source.masks:
        raise DataError(say("{name}：缺少 masks 文件夹，请补上或删除这张图", name=name))
    draw = source.draw or label_images.from_masks
    return Sample(name, image, *draw(name, zip(masks, of_masks, strict=True), image.shape[:2]))


@contextmanager
def _cores_filled():
    """While our threads fill the cores, OpenCV starts none, and they hand over the interpreter sooner.

    Decoding one mask takes far less than the usual turn of 5 ms.
    """
    turn, threads = sys.getswitchinterval(), cv2.getNumThreads()
    sys.setswitchinterval(SHORT_TURN)
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        sys.setswitchinterval(turn)
        cv2.setNumThreads(threads)
