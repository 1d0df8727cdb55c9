"""Score several trained networks on the same pictures, and say which differences are real."""

import keras
import numpy as np
import pandas as pd

from cellseg_utils import bundle, evaluation, metrics, models, prediction

VIEWS = 1  # symmetric views of a picture: enough to compare, and eight times as fast


def scores(trained, arguments, rule, samples):
    """Score every network on the same pictures at native size.

    Parameters
    ----------
    trained : dict of str to training.Training
        Keys of `models.ARCHITECTURES`.
    arguments : dict
        Their common arguments.
    rule : dict
        Fields of `instances.Rule` that are not the usual ones.
    samples : sequence of dataset.Sample
        With labels.

    Returns
    -------
    found : dict of str to list of prediction.Segmentation
        What each network finds in each picture.
    rows : dict of str to DataFrame
        `evaluation.picture_scores` of each network.
    """
    keras.config.set_dtype_policy("float32")
    found, rows = {}, {}
    for name, training in trained.items():
        model = models.build(name, arguments)
        model.load_weights(training.weights)
        network = bundle.Bundle(model, {"arguments": arguments, "instances": rule})
        found[name] = prediction.segment_all(network, [sample.image for sample in samples], VIEWS)
        rows[name] = evaluation.picture_scores(samples, found[name])
    return found, rows


def table(trained, arguments, rows, families, seed):
    """One row a network: size, time, scores, and the paired difference to the first one.

    Parameters
    ----------
    trained : dict of str to training.Training
        The first is the one that the others are compared with.
    arguments : dict
        Their common arguments.
    rows : dict of str to DataFrame
        From `scores`.
    families : (N,) array_like of int
        Family of each picture: whole families are drawn for the intervals.
    seed : int
        Of the bootstrap.

    Returns
    -------
    table : DataFrame
        Columns model, parameters, epochs, seconds_per_epoch, dice, iou, ap50, kaggle, kaggle_low,
        kaggle_high, difference, difference_low, difference_high (of the Kaggle score); scores are means over
        pictures, intervals cover 95 %.
    """
    first, lines = next(iter(rows.values())), []
    for name, training in trained.items():
        own = rows[name]
        low, high = metrics.bootstrap_interval(own["kaggle"], seed, groups=families)
        difference = metrics.paired_difference(own["kaggle"], first["kaggle"], seed, families)
        lines.append(
            {
                "model": models.TITLES[name],
                "parameters": models.build(name, arguments).count_params(),
                "epochs": len(training.history),
                "seconds_per_epoch": training.history["seconds"].median(),
                **own[["dice", "iou", "ap50", "kaggle"]].mean().to_dict(),
                "kaggle_low": low,
                "kaggle_high": high,
                **dict(zip(("difference", "difference_low", "difference_high"), difference, strict=True)),
            }
        )
    return pd.DataFrame(lines)


def verdict(row):
    """Say in Chinese whether a network differs from the first one.

    Parameters
    ----------
    row : namedtuple
        A row of `table`.

    Returns
    -------
    sentence : str
        Higher or lower only where the interval of the paired difference excludes 0.
    """
    interval = f"{row.difference:+.3f}，95% 区间 {row.difference_low:+.3f} 到 {row.difference_high:+.3f}"
    if row.difference_low <= 0 <= row.difference_high:
        return f"{row.model} 与 U-Net 的 Kaggle 得分之差为 {interval}，区间包含 0：这份数据上分不出高下"
    word = "高" if row.difference > 0 else "低"
    return f"{row.model} 的 Kaggle 得分比 U-Net {word}（{interval}）"


def readable(table):
    """The table as a reader sees it: Chinese headings, formatted numbers.

    Parameters
    ----------
    table : DataFrame
        From `table`.

    Returns
    -------
    readable : DataFrame of str
    """
    intervals = [
        f"{row.kaggle:.3f}（{row.kaggle_low:.3f}–{row.kaggle_high:.3f}）" for row in table.itertuples()
    ]
    return pd.DataFrame(
        {
            "模型": table["model"],
            "参数": table["parameters"].map("{:,}".format),
            "轮数": table["epochs"],
            "秒/轮": table["seconds_per_epoch"].map("{:.1f}".format),
            "Dice": table["dice"].map("{:.3f}".format),
            "IoU": table["iou"].map("{:.3f}".format),
            "AP@.5": table["ap50"].map("{:.3f}".format),
            "Kaggle 得分（95% 区间）": intervals,
            "差": np.where(table.index == 0, "", table["difference"].map("{:+.3f}".format)),
        }
    )
