"""What a network makes of a kind of picture that its training left out."""

import numpy as np
import pandas as pd

from cellseg_utils.audit import image_kinds
from cellseg_utils.data import dataset
from cellseg_utils.evaluation import compare, intervals

FEWEST = 8  # pictures of a kind, and of all others: with fewer there is nothing to leave out, or to train on
MOST = 40  # pictures of a kind that are scored
COLUMNS = [
    *("kind", "pictures", "f1", "kaggle", "warned", "validation", "seen", "unseen"),
    *("difference", "difference_low", "difference_high"),
]


def kinds(samples):
    """Kinds of picture that can be left out.

    Parameters
    ----------
    samples : DataFrame
        One row a picture: kind, validation.

    Returns
    -------
    kinds : list of str
        Those with enough pictures, where enough of other kinds train, and some validate; in the order of
        `image_kinds.KINDS`.
    """
    counts, held = samples["kind"].value_counts(), samples["validation"]
    trained, validating = samples.loc[~held, "kind"], samples.loc[held, "kind"]
    enough = [
        kind
        for kind in image_kinds.ordered(counts.index)
        if counts[kind] >= FEWEST <= (trained != kind).sum()
    ]
    return [kind for kind in enough if (validating != kind).any()]


def table(trainer, source, samples, arguments, settings, rule):
    """Train without each kind in turn, and score what comes out on that kind.

    Parameters
    ----------
    trainer : compare.Trainer
    source : sources.Source
        The pictures.
    samples : DataFrame
        One row a picture: id, kind, family, validation.
    arguments : dict
        Of the network, as for `architectures.build`.
    settings : fit.Settings
        Of every training.
    rule : dict
        As for `compare.scores`.

    Returns
    -------
    table : DataFrame
        One row a kind, with `COLUMNS`: of up to `MOST` of its pictures, none of which trained, mean F1 and
        Kaggle score and how many were warned of; then mean Kaggle score of the validation pictures among
        them, from a network that has seen the kind and from the one that has not, and the difference of
        both with its interval of 95 %.
    """
    seen = trainer.train("unet", arguments, settings)
    lines = []
    for kind in kinds(samples):
        unseen = trainer.train("unet", arguments, settings, (samples["kind"] != kind).to_numpy())
        own = _picked(samples[samples["kind"] == kind])
        pictures = dataset.read_samples(source, own["id"])
        found, rows = compare.scores({"unseen": unseen}, rule, pictures)
        held = own["validation"].to_numpy()
        known = [pictures[place] for place in np.flatnonzero(held)]
        _, seen_rows = compare.scores({"seen": seen}, rule, known)
        lines.append(
            _line(kind, rows["unseen"], found["unseen"], held, seen_rows["seen"], own, settings.seed)
        )
    return pd.DataFrame(lines, columns=COLUMNS)


def _picked(own):
    """All validation pictures, and of the others as many as are evenly spread and needed."""
    others = own[~own["validation"]]
    needed = max(0, min(len(others), MOST - own["validation"].sum()))
    spread = np.linspace(0, len(others) - 1, needed).round().astype(int)
    return pd.concat([own[own["validation"]][:MOST], others.iloc[spread]])


def _line(kind, rows, found, held, seen_rows, own, seed):
    families = own["family"].to_numpy()[held]
    unseen = rows["kaggle"][held]
    if held.any():
        difference = intervals.paired_difference(unseen, seen_rows["kaggle"], seed, families)
    else:
        difference = (np.nan,) * 3
    return (
        *(kind, len(own), rows["f1"].mean(), rows["kaggle"].mean()),
        sum(bool(one.doubt) for one in found),
        *(int(held.sum()), seen_rows["kaggle"].mean() if held.any() else np.nan, unseen.mean(), *difference),
    )
