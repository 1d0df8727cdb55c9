import numpy as np
import pandas as pd
import pytest

from cellseg_utils.report.many import compare_runs, side_by_side_texts


class Named:
    def __init__(self, name):
        self.name = name
        self.parameters, self.data = {"number": len(name)}, {}
        self.provenance = {"commit": [], "machine": [], "versions": []}


def pair(difference, low=np.nan, high=np.nan, obstacle=""):
    row = ["Kaggle", "0.5", "0.6", difference, low, high]
    scores = pd.DataFrame([row], columns=["name", "first", "second", "difference", "low", "high"])
    return compare_runs.Pair(Named("a"), Named("bb"), obstacle, scores)


CASES = [
    ((0.0001, -0.1, 0.1), "bb 与 a 的 Kaggle 得分相同", "bb and a have the same Kaggle score"),
    (
        (0.1,),
        "bb 与 a 的 Kaggle 得分之差为 +0.100：验证图像不足 6 组，分不出高下",
        "The Kaggle scores of bb and a differ by +0.100: the validation images form fewer than 6 families, "
        "too few to tell which is better",
    ),
    (
        (0.1, -0.2, 0.3),
        "bb 与 a 的 Kaggle 得分之差为 +0.100，95% 区间 -0.200 到 +0.300 包含 0：分不出高下",
        None,
    ),
    ((0.1, 0.05, 0.2), "bb 的 Kaggle 得分比 a 高（+0.100，95% 区间 +0.050 到 +0.200）", None),
    ((-0.1, -0.2, -0.05), "bb 的 Kaggle 得分比 a 低（-0.100，95% 区间 -0.200 到 -0.050）", None),
    ((np.nan,), "没有一张图像有 Kaggle 得分", "No image has a Kaggle score"),
]


@pytest.mark.parametrize(("values", "chinese", "english"), CASES)
def test_better_or_worse_is_only_said_where_the_interval_leaves_0_out(values, chinese, english, monkeypatch):
    assert side_by_side_texts.verdict(pair(*values)) == chinese
    monkeypatch.setenv("CELLSEG_LANG", "en")
    if english:
        assert side_by_side_texts.verdict(pair(*values)) == english


def test_what_can_not_be_compared_is_said_to_be_so():
    assert side_by_side_texts.verdict(pair(0.5, 0.4, 0.6, obstacle="数据不同")) == "数据不同"


def test_the_command_line_lists_only_what_differs():
    assert side_by_side_texts.lines(pair(0.1, 0.05, 0.2)) == [
        "不同的参数",
        "  number: 1 | 2",
        "得分（a | bb | 成对的差）",
        "  Kaggle: 0.5 | 0.6 | +0.100（+0.050 到 +0.200）",
        "bb 的 Kaggle 得分比 a 高（+0.100，95% 区间 +0.050 到 +0.200）",
    ]
    assert side_by_side_texts.difference(pair(np.nan).scores.iloc[0]) == "—"
