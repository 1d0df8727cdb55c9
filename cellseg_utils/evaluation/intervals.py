"""How sure a mean or a difference is: bootstrap intervals over families of pictures."""

import numpy as np
import pandas as pd

# Of three equal families one draw in 27 is the worst of them three times: an interval of 95 % then goes from
# the worst family to the best.
FEWEST_FAMILIES = 4
# Of two equal models one wins in all of five families by chance once in 16 times, in all of six once in 32.
FEWEST_TO_COMPARE = 6


def bootstrap_interval(values, seed, repeats=2000, level=0.95, groups=None):
    """Percentile bootstrap interval of a mean.

    Pictures that resemble each other, such as tiles of one mosaic, make an interval too narrow if they are
    drawn one by one; with `groups` whole families are drawn.

    Parameters
    ----------
    values : (N,) array_like of float
        One value a picture (any unit).
    seed : int
        Seed of the resampling.
    repeats : int
        How many resamples.
    level : float
        Coverage, 0..1 (no unit).
    groups : (N,) array_like, optional
        Family of every picture; without it every picture is its own.

    Returns
    -------
    low, high : float
        In the unit of `values`.

    Raises
    ------
    ValueError
        If there are no values, or a value has no group.

    References
    ----------
    Efron 1979, doi:10.1214/aos/1176344552. Field and Welsh 2007, doi:10.1111/j.1467-9868.2007.00593.x.
    """
    values = np.asarray(values, float)
    if values.size == 0:
        raise ValueError("expected at least one value, got none")
    if groups is None:
        picks = np.random.default_rng(seed).integers(0, values.size, (repeats, values.size))
        means = values[picks].mean(axis=1)
    else:
        means = _family_means(values, _families(groups, values.size), seed, repeats)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def paired_difference(a, b, seed, groups=None, repeats=2000, level=0.95, fewest=FEWEST_TO_COMPARE):
    """Mean difference of two models over the same pictures, and its bootstrap interval.

    An interval without 0 tells the two apart, even where those of both scores overlap: a picture that is
    hard for one is hard for the other.

    Parameters
    ----------
    a, b : (N,) array_like of float
        Scores of the same pictures in the same order (any unit).
    seed : int
        Seed of the resampling.
    groups : (N,) array_like, optional
        Family of every picture, as in `bootstrap_interval`.
    repeats : int
        How many resamples.
    level : float
        Coverage, 0..1 (no unit).
    fewest : int
        How many families (or pictures, without `groups`) it takes to tell two models apart.

    Returns
    -------
    difference, low, high : float
        Mean of `a` less that of `b`, in their unit; the ends are not a number where there are fewer families.

    Raises
    ------
    ValueError
        If the two differ in length or are empty, or a picture has no group.
    """
    a, b = np.asarray(a, float), np.asarray(b, float)
    if a.shape != b.shape:
        raise ValueError(f"expected the same pictures twice, got {a.shape} and {b.shape} scores")
    low, high = bootstrap_interval(a - b, seed, repeats, level, groups)
    if len(np.unique(np.arange(a.size) if groups is None else groups)) < fewest:
        low, high = np.nan, np.nan
    return float((a - b).mean()), low, high


def _families(groups, count):
    families, _ = pd.factorize(np.asarray(groups))
    if len(families) != count or (families < 0).any():
        given = np.count_nonzero(families >= 0)
        raise ValueError(f"expected a group for each of {count} values, got {given}: name the rest")
    return families


def _family_means(values, families, seed, repeats):
    sums, sizes = np.bincount(families, values), np.bincount(families)
    picks = np.random.default_rng(seed).integers(0, sizes.size, (repeats, sizes.size))
    return sums[picks].sum(axis=1) / sizes[picks].sum(axis=1)
