"""Score the label images of any tool against true ones, picture by picture."""

from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from cellseg_utils.data import imagefile, label_images, layout, sources
from cellseg_utils.data.sources import DataError, shown
from cellseg_utils.evaluation import averages, object_metrics, scoring

SEED = 0  # of the bootstrap
MOST_PAIRS = 100_000_000  # of true and predicted nuclei in one picture: their table is held in memory
MEANS = ("dice", "iou", "f1", "ap50", "kaggle", "count_error_relative", "area_ratio")
COUNTS = ("nuclei", "predicted", "missed", "invented", "merged", "split")
COLUMNS = ("image", *COUNTS, *MEANS, "count_error", "ap75", "pq", "aji")  # of a row, the first ones


class EvaluateError(ValueError):
    """Pictures that could not all be scored; the message is one Chinese line with the fix."""


@dataclass(frozen=True)
class Scored:
    """What came out.

    Attributes
    ----------
    rows : DataFrame
        One row a picture: `COLUMNS`, then what else `scoring.score_picture` gives.
    problems : tuple of str
        One Chinese line for each label image without a score.
    remarks : tuple of str
        One Chinese line for each label image that is odd, and what was done with it.
    """

    rows: pd.DataFrame
    problems: tuple
    remarks: tuple


def score(predictions, truth, tell=print):
    """Score label images against the true ones of the same names.

    Pictures are read, scored and forgotten one by one.

    Parameters
    ----------
    predictions, truth : path-like
        As `layout.open_labels` takes them. Of two single files the names need not agree.
    tell : callable
        Takes lines for the user: one for each label image that has no partner, can't be read or is odd.

    Returns
    -------
    scored : Scored

    Raises
    ------
    DataError
        If one of the two has no labels.
    EvaluateError
        If no picture could be scored.
    """
    paths = Path(predictions).expanduser(), Path(truth).expanduser()
    found, true = (layout.open_labels(path) for path in paths)
    pairs = {key: key for key in found.masks if key in true.masks}
    if all(path.is_file() for path in paths) and len(found.masks) == len(true.masks) == 1:
        pairs = dict(zip(found.masks, true.masks, strict=True))
    problems = [*_alone(found, pairs, "没有同名的真值"), *_alone(true, set(pairs.values()), "没有同名的预测")]
    remarks = [*found.notes, *true.notes]
    rows = []
    for line in (*problems, *remarks):
        tell(line)
    with ExitStack() as stack, tqdm(pairs.items(), desc="打分", unit="张") as bar:
        ours, theirs = (_labels_of(source, stack) for source in (found, true))
        for key, own in bar:
            row, lines, problem = _attempt(key, partial(ours, key), partial(theirs, own))
            rows += [row] if problem is None else []
            problems += [problem] if problem else []
            remarks += lines
            for line in (*lines, *([problem] if problem else [])):
                with tqdm.external_write_mode():
                    tell(line)
    if not rows:
        raise EvaluateError(f"{predictions}、{truth}：没有一张打了分；两边的标签图要同名、同样大小")
    return Scored(pd.DataFrame(rows), tuple(problems), tuple(remarks))


def summary(rows):
    """Scores of all pictures together.

    Parameters
    ----------
    rows : DataFrame
        Of `Scored`.

    Returns
    -------
    means : dict
        Of `MEANS` and `COUNTS` over the pictures, with 95 % bootstrap intervals, as from `averages.means`.
    pooled : dict of str to float
        From `averages.pooled`, and f1: every nucleus counts the same.
    """
    own = rows.assign(family=np.arange(len(rows)))
    f1 = averages.f1(rows[[*COUNTS, "tp_50"]].sum().to_frame().T)[0]
    return averages.means(own, (*MEANS, *COUNTS), SEED), {**averages.pooled(rows), "f1": float(f1)}


def table(rows):
    """`summary` as a table.

    Parameters
    ----------
    rows : DataFrame
        Of `Scored`.

    Returns
    -------
    table : DataFrame
        One row a score: score, mean, low, high (ends of the 95 % interval, empty where there are too few
        pictures), pooled, images (how many have the score).
    """
    means, pooled = summary(rows)
    values = [
        (
            name,
            means[name],
            *(means[f"{name}_interval"] or (None, None)),
            pooled.get(name),
            rows[name].count(),
        )
        for name in (*MEANS, *COUNTS)
    ]
    return pd.DataFrame(values, columns=["score", "mean", "low", "high", "pooled", "images"])


def check(scored):
    """Refuse to call it a success if pictures have no score.

    Parameters
    ----------
    scored : Scored

    Raises
    ------
    EvaluateError
    """
    if scored.problems:
        raise EvaluateError(f"{len(scored.problems)} 份标签没有打分（上面逐份列出），得分里没有它们")


def _alone(source, keys, why):
    """A line for each label image without a partner, and for each that the source itself can't place."""
    lost = [line for key, line in source.lacking.items() if key not in source.masks]
    alone = [(own or [key])[0] for key, own in source.masks.items() if key not in keys]
    return [*lost, *(shown(f"{source.path.name}/{name}：{why}，没有打分") for name in alone)]


def _labels_of(source, stack):
    """A function from a key and the size of the picture, if known, to its labels."""
    read = stack.enter_context(sources.reader(source))
    draw = source.draw or label_images.from_masks

    def labels(key, shape=None):
        files = source.masks[key]
        named = list(zip(files, read(files), strict=True))
        try:
            return draw(key, named, None)
        except label_images.SizeUnknown:
            if shape is None and key not in source.images:
                raise
            picture = shape or imagefile.decode(*read([source.images[key]]), source.images[key]).shape[:2]
            return draw(key, named, picture)

    return labels


def _attempt(name, ours, theirs):
    """Row of a picture, what is odd about its labels, and what is wrong with them if anything is."""
    try:
        prediction, truth = _both(ours, theirs)
        row = _row(name, truth.labels, prediction.labels)
    except (imagefile.ImageFileError, DataError) as error:
        return None, [], shown(str(error))
    except Exception as error:
        if not imagefile.lacks_memory(error):
            raise
        return None, [], f"{shown(name)}：内存不够，请把这张图切小后再试"
    return row, [shown(labels.remark) for labels in (truth, prediction) if labels.remark], None


def _both(ours, theirs):
    """Labels of both sides; outlines are drawn at the size of the label image on the other side."""
    try:
        prediction = ours()
    except label_images.SizeUnknown:
        truth = theirs()
        return ours(truth.labels.shape), truth
    return prediction, theirs(prediction.labels.shape)


def _row(name, truth, prediction):
    if truth.shape != prediction.shape:
        raise DataError(f"{name}：预测的尺寸 {prediction.shape} 与真值的 {truth.shape} 不同，没有打分")
    nuclei, predicted = int(truth.max()), int(prediction.max())
    if (nuclei + 1) * (predicted + 1) > MOST_PAIRS:
        raise DataError(f"{name}：真值 {nuclei} 个核、预测 {predicted} 个，太多，请把两边同样切小后再打分")
    scores = scoring.score_picture(truth, prediction)
    scores["f1"] = float(averages.f1(pd.DataFrame([scores]))[0])
    scores["area_ratio"] = object_metrics.area_ratio(object_metrics.overlaps(truth, prediction))
    rest = [column for column in scores if column not in COLUMNS]
    return {"image": name, **{column: scores[column] for column in (*COLUMNS[1:], *rest)}}
