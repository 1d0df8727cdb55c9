"""Score the label images of any tool against true ones, picture by picture."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from tqdm import tqdm

from cellseg_utils.data import imagefile
from cellseg_utils.data.sources import DataError
from cellseg_utils.evaluation import averages, object_metrics, scoring
from cellseg_utils.run.language import say
from cellseg_utils.run.plain_error import PlainError

SEED = 0  # of the bootstrap
MOST_PAIRS = 100_000_000  # of true and predicted nuclei in one picture: their table is held in memory
MEANS = ("dice", "iou", "f1", "ap50", "kaggle", "count_error_relative", "area_ratio")
COUNTS = ("nuclei", "predicted", "missed", "invented", "merged", "split")
COLUMNS = ("image", *COUNTS, *MEANS, "count_error", "ap75", "pq", "aji")  # of a row, the first ones


class EvaluateError(PlainError, ValueError):
    """Pictures that could not all be scored; the message is one line with the fix."""


@dataclass(frozen=True)
class Scored:
    """What came out.

    Attributes
    ----------
    rows : DataFrame
        One row a picture: `COLUMNS`, then what else `scoring.score_picture` gives.
    problems : tuple of str
        One line for each label image without a score.
    remarks : tuple of str
        One line for each label image that is odd, and what was done with it.
    """

    rows: pd.DataFrame
    problems: tuple
    remarks: tuple


def score(pairs, tell=print):
    """Score label images against the true ones.

    Pictures are read, scored and forgotten one by one.

    Parameters
    ----------
    pairs : label_pairs.Pairs
    tell : callable
        Takes lines for the user: one for each label image that has no partner, can't be read or is odd.

    Returns
    -------
    scored : Scored

    Raises
    ------
    EvaluateError
        If no picture could be scored.
    """
    rows, problems, remarks = [], pairs.problems, [*pairs.predicted.notes, *pairs.true.notes]
    for line in (*problems, *remarks):
        tell(line)
    form = {"desc": say("打分"), "unit": say("张"), "disable": not pairs.keys}
    with pairs.reading() as read, tqdm(pairs.keys, **form) as bar:
        for name in bar:
            row, lines, problem = _attempt(read, name)
            rows += [row] if problem is None else []
            problems += [problem] if problem else []
            remarks += lines
            for line in (*lines, *([problem] if problem else [])):
                with tqdm.external_write_mode():
                    tell(line)
    if not rows:
        sides = {"predicted": pairs.predicted.path, "true": pairs.true.path}
        raise EvaluateError(say("{predicted}、{true}：没有一张打了分；两边的标签图要同名、同样大小", **sides))
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
        From `averages.pooled`: every nucleus counts the same.
    """
    own = rows.assign(family=np.arange(len(rows)))
    return averages.means(own, (*MEANS, *COUNTS), SEED), averages.pooled(rows)


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
        lost = len(scored.problems)
        raise EvaluateError(say("{count} 份标签没有打分（上面逐份列出），得分里没有它们", count=lost))


def _attempt(read, name):
    """Row of a picture, what is odd about its labels, and what is wrong with them if anything is."""
    try:
        prediction, truth = read(name)
        row = _row(name, truth.labels, prediction.labels)
    except (imagefile.ImageFileError, DataError) as error:
        return None, [], str(error)
    except Exception as error:
        if not imagefile.lacks_memory(error):
            raise
        return None, [], say("{name}：内存不够，请把这张图切小后再试", name=name)
    return row, [labels.remark for labels in (truth, prediction) if labels.remark], None


def _row(name, truth, prediction):
    nuclei, predicted = int(truth.max()), int(prediction.max())
    if (nuclei + 1) * (predicted + 1) > MOST_PAIRS:
        raise DataError(
            say(
                "{name}：真值 {nuclei} 个核、预测 {predicted} 个，太多，请把两边同样切小后再打分",
                name=name,
                nuclei=nuclei,
                predicted=predicted,
            )
        )
    scores = scoring.score_picture(truth, prediction)
    scores["area_ratio"] = object_metrics.area_ratio(object_metrics.overlaps(truth, prediction))
    rest = [column for column in scores if column not in COLUMNS]
    return {"image": name, **{column: scores[column] for column in (*COLUMNS[1:], *rest)}}
