"""Whether a submission keeps the rules of the 2018 Data Science Bowl.

https://www.kaggle.com/c/data-science-bowl-2018/overview/evaluation: one row for each nucleus, at least one
for each test picture; `EncodedPixels` holds pairs of start and length, pixels are numbered from 1, top to
bottom, then left to right; pairs are sorted and positive, and no pixel of a picture belongs to two nuclei.
"""

import io
import itertools
import shutil

import numpy as np
import pandas as pd

from cellseg_utils.prediction.exports import COLUMNS
from cellseg_utils.run import files, reading
from cellseg_utils.run.language import say
from cellseg_utils.run.plain_error import PlainError, one_line

MOST = 5  # problems that one message names
MOST_BYTES = 1 << 30


class SubmissionError(PlainError, ValueError):
    """A submission that Kaggle would refuse or score wrongly; the message names file and problems."""


def check(path, shapes):
    """Read a submission and hold it against the rules.

    Parameters
    ----------
    path : path-like
        The CSV file.
    shapes : dict of str to (int, int)
        Height and width (pixels) of every test picture, by ImageId.

    Returns
    -------
    table : DataFrame of str
        As it stands in the file.

    Raises
    ------
    SubmissionError
        If it is no table, or breaks a rule; the message names the first `MOST` problems.
    """
    try:
        data = reading.whole(path, MOST_BYTES)
        table = pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False, encoding="utf-8")
        found = problems(table, shapes)
    except (MemoryError, OSError):
        raise
    except Exception as error:  # what is no table, or holds numbers of thousands of digits
        about = {"path": path, "error": one_line(error)}
        raise SubmissionError(say("{path}：不是完整的提交文件（{error}），请重新生成", **about)) from error
    if found:
        more = say("；另有 {n} 处", n=len(found) - MOST) if len(found) > MOST else ""
        listed = say("；").join(found[:MOST])
        raise SubmissionError(
            say("{path}：不合竞赛的规则：{problems}{more}", path=path, problems=listed, more=more)
        )
    return table


def publish(path, shapes, target):
    """Copy a submission to where Kaggle looks for it, once it keeps the rules.

    Parameters
    ----------
    path, shapes : path-like, dict
        As for `check`.
    target : path-like
        Such as `/kaggle/working/submission.csv`.

    Returns
    -------
    table : DataFrame of str

    Raises
    ------
    SubmissionError
        As `check`; nothing is copied.
    """
    table = check(path, shapes)
    with files.replacing(target) as temporary:
        shutil.copyfile(path, temporary)
    return table


def problems(table, shapes):
    """Every breach of the rules.

    Parameters
    ----------
    table : DataFrame of str
        The submission.
    shapes : dict of str to (int, int)
        As for `check`.

    Returns
    -------
    problems : list of str
        One sentence each; empty where the rules are kept.
    """
    if tuple(table.columns) != COLUMNS:
        return [
            say("列应是 {wanted}，得到的是 {given}", wanted=",".join(COLUMNS), given=",".join(table.columns))
        ]
    found = [say("{name} 一行也没有", name=name) for name in shapes if name not in set(table.ImageId)]
    for name, rows in table.groupby("ImageId", sort=False).EncodedPixels:
        if name in shapes:
            found += [f"{name} {problem}" for problem in _of_picture(list(rows), *shapes[name])]
        else:
            found.append(say("{name} 不是测试图像", name=name))
    return found


def _of_picture(texts, height, width):
    """What is wrong with the nuclei of one picture."""
    if "" in texts and len(texts) > 1:
        return [say("有核，却又有一行是空的")]
    runs, found = [], []
    for text in filter(None, texts):
        own, problem = _runs(text, height * width)
        runs, found = runs + own, found + ([problem] if problem else [])
    if found:
        return found
    starts, lengths = np.array(runs, np.int64).reshape(-1, 2).T
    order = np.argsort(starts)
    ends = starts[order] + lengths[order]
    overlapping = np.flatnonzero(starts[order][1:] < ends[:-1])
    return [say("像素 {pixel} 属于两个核", pixel=starts[order][n + 1]) for n in overlapping[:1]]


def _runs(text, pixels):
    """Start and length of each run of one nucleus, or what is wrong with it."""
    words = text.split(" ")
    if not all(word.isascii() and word.isdigit() for word in words) or len(words) % 2:
        return [], say("“{shown}”不是成对的正整数", shown=text[:40])
    numbers = [int(word) for word in words]
    runs = list(zip(numbers[::2], numbers[1::2], strict=True))
    if min(numbers) < 1:
        return [], say("“{shown}”里有 0：像素从 1 数起，长度至少是 1", shown=text[:40])
    if any(after[0] < before[0] + before[1] for before, after in itertools.pairwise(runs)):
        return [], say("“{shown}”没有从小到大排列，或自相重叠", shown=text[:40])
    if sum(runs[-1]) - 1 > pixels:
        return [], say("“{shown}”超出了图像的 {pixels} 个像素", shown=text[:40], pixels=pixels)
    return runs, ""
