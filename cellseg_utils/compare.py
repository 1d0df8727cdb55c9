"""Score several trained networks on the same pictures, and say which differences are real."""

import keras
import numpy as np
import pandas as pd

from cellseg_utils import metrics, models


def predict(trained, arguments, images, batch_size=16):
    """Probability maps of every network for the same pictures.

    Parameters
    ----------
    trained : dict of str to training.Training
        Keys of `models.ARCHITECTURES`.
    arguments : dict
        Their common arguments.
    images : (N, S, S, 3) ndarray of uint8
        RGB (no unit).
    batch_size : int
        Pictures that go through a network at once.

    Returns
    -------
    probabilities : dict of str to (N, S, S) ndarray of float32
        0..1 (no unit).
    """
    keras.config.set_dtype_policy("float32")
    probabilities = {}
    for name, training in trained.items():
        model = models.build(name, arguments)
        model.load_weights(training.weights)
        probabilities[name] = model.predict(images, batch_size=batch_size, verbose=0)[..., 0]
    return probabilities


def table(trained, arguments, masks, truth, seed):
    """One row a network: size, time, scores, and the paired difference to the first one.

    Parameters
    ----------
    trained : dict of str to training.Training
        The first is the one that the others are compared with.
    arguments : dict
        Their common arguments.
    masks : dict of str to (N, S, S) ndarray of bool
        What each predicts (no unit).
    truth : (N, S, S) ndarray of bool
        What is true (no unit).
    seed : int
        Of the bootstrap.

    Returns
    -------
    table : DataFrame
        Columns model, parameters, epochs, seconds_per_epoch, dice, dice_low, dice_high, iou, difference,
        difference_low, difference_high; scores are means over pictures, intervals cover 95 %.

    Raises
    ------
    ValueError
        If the shapes of masks and truth differ.
    """
    dice = {name: metrics.dice(truth, mask) for name, mask in masks.items()}
    first = next(iter(dice.values()))
    rows = []
    for name, training in trained.items():
        low, high = metrics.bootstrap_interval(dice[name], seed)
        difference_low, difference_high = metrics.bootstrap_interval(dice[name] - first, seed)
        rows.append(
            {
                "model": models.TITLES[name],
                "parameters": models.build(name, arguments).count_params(),
                "epochs": len(training.history),
                "seconds_per_epoch": training.history["seconds"].median(),
                "dice": dice[name].mean(),
                "dice_low": low,
                "dice_high": high,
                "iou": metrics.iou(truth, masks[name]).mean(),
                "difference": (dice[name] - first).mean(),
                "difference_low": difference_low,
                "difference_high": difference_high,
            }
        )
    return pd.DataFrame(rows)


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
        return f"{row.model} 与 U-Net 的 Dice 之差为 {interval}，区间包含 0：这份数据上分不出高下"
    word = "高" if row.difference > 0 else "低"
    return f"{row.model} 的 Dice 比 U-Net {word}（{interval}）"


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
    intervals = [f"{row.dice:.3f}（{row.dice_low:.3f}–{row.dice_high:.3f}）" for row in table.itertuples()]
    return pd.DataFrame(
        {
            "模型": table["model"],
            "参数": table["parameters"].map("{:,}".format),
            "轮数": table["epochs"],
            "秒/轮": table["seconds_per_epoch"].map("{:.1f}".format),
            "Dice（95% 区间）": intervals,
            "IoU": table["iou"].map("{:.3f}".format),
            "差": np.where(table.index == 0, "", table["difference"].map("{:+.3f}".format)),
        }
    )
