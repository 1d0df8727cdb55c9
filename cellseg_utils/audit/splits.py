"""Which pictures train and which validate: drawn one by one, or by families."""

import numpy as np

from cellseg_utils.run.language import later, listing, say
from cellseg_utils.run.plain_error import ArgumentError

WAYS = {"grouped": later("同一张大图的小块不分开"), "random": later("逐张随机")}


def check_way(way):
    """Refuse a way to split that there is not.

    Parameters
    ----------
    way : str
        What a user said.

    Raises
    ------
    ValueError
        If it is no key of `WAYS`.
    """
    if way not in WAYS:
        raise ArgumentError(say("参数 split 应是 {ways} 之一，得到的是 {way!r}", ways=listing(WAYS), way=way))


def draw(way, families, kinds, fraction, seed):
    """Draw the validation pictures in the way that a user names.

    Parameters
    ----------
    way : str
        A key of `WAYS`.
    families, kinds, fraction, seed
        As `grouped` takes them; the random way looks at their number only.

    Returns
    -------
    validation : (N,) ndarray of bool
        True where a picture validates.

    Raises
    ------
    ValueError
        If the way is unknown, or either part would be empty.
    """
    check_way(way)
    if way == "random":
        return random(len(families), fraction, seed)
    return grouped(families, kinds, fraction, seed)


def random(samples, validation_fraction, seed):
    """Draw the validation pictures one by one: shuffled, seeded.

    Parameters
    ----------
    samples : int
        How many pictures there are.
    validation_fraction : float
        Share of the pictures that validate, 0..1 (no unit); at least one picture does.
    seed : int
        Seed of the shuffle.

    Returns
    -------
    validation : (samples,) ndarray of bool
        True where a picture validates.

    Raises
    ------
    ValueError
        If either part would be empty.
    """
    count = max(1, round(samples * validation_fraction))
    if not 0 < validation_fraction < 1 or count >= samples:
        _refuse(samples, validation_fraction)
    validation = np.zeros(samples, bool)
    validation[np.random.default_rng(seed).permutation(samples)[:count]] = True
    return validation


def grouped(families, kinds, fraction, seed):
    """Draw whole families for validation, from every kind of picture about the same share.

    Parameters
    ----------
    families : (N,) array-like of int
        Number of each picture's family.
    kinds : (N,) array-like of str
        Kind of each picture; a family is of its first picture's kind.
    fraction : float
        Share of the pictures that validate, 0..1 (no unit); met as nearly as whole families can.
    seed : int
        Seed of the shuffle.

    Returns
    -------
    validation : (N,) ndarray of bool
        True where a picture validates; at least one family does, and at least one does not.

    Raises
    ------
    ValueError
        If the lengths differ, or either part would be empty.
    """
    members, kind_of = _families(families, kinds)
    if not 0 < fraction < 1 or len(members) < 2:
        _refuse(len(families), fraction, len(members))
    validation, rest = np.zeros(len(families), bool), 0.0
    for part in _shuffled_by_kind(members, kind_of, seed):
        rest += fraction * sum(len(members[number]) for number in part)
        for number in part:
            if len(members[number]) < 2 * rest:  # nearer to the share with it than without it
                validation[members[number]] = True
                rest -= len(members[number])
    if not validation.any() or validation.all():
        smallest = min(members, key=len)
        validation[smallest] = not validation.any()
    return validation


def leaked(families, validation):
    """Find the validation pictures that have relatives in training.

    Parameters
    ----------
    families : (N,) array-like of int
        Number of each picture's family.
    validation : (N,) ndarray of bool
        True where a picture validates.

    Returns
    -------
    leaked : (N,) ndarray of bool
        True for those among them whose family trains, too.
    """
    families = np.asarray(families)
    return validation & np.isin(families, families[~validation])


def _families(families, kinds):
    """Rows of each family's pictures, and each family's kind."""
    families, kinds = np.asarray(families), np.asarray(kinds)
    if families.shape != kinds.shape or families.ndim != 1:
        raise ValueError(
            f"expected a family and a kind for each picture, got {families.shape}, {kinds.shape}"
        )
    members = [np.flatnonzero(families == number) for number in np.unique(families)]
    return members, [str(kinds[rows[0]]) for rows in members]


def _shuffled_by_kind(members, kind_of, seed):
    """Numbers of the families of each kind in random order; the kind with the fewest pictures first."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(members)).tolist()
    parts = [[number for number in order if kind_of[number] == kind] for kind in sorted(set(kind_of))]
    return sorted(parts, key=lambda part: sum(len(members[number]) for number in part))


def _refuse(samples, fraction, families=None):
    if samples < 2:
        raise ArgumentError(
            say("只有 {samples} 张带标注的图像，训练与验证至少各要一张，请再标注几张", samples=samples)
        )
    if families == 1:
        raise ArgumentError(
            say(
                "{samples} 张图像都出自同一张大图，或互为重复，整组划分就没有验证图像；"
                "请加入别处的图像，或用 --set split=random（验证得分会偏高）",
                samples=samples,
            )
        )
    raise ArgumentError(
        say(
            "{samples} 张图、验证比例 {fraction}：训练或验证没有图像，请调整 validation_fraction",
            samples=samples,
            fraction=fraction,
        )
    )
