"""Two reports: what differs, and when their scores can be compared."""

import numpy as np
import pytest
from house import build
from made_runs import HERE, add

from cellseg_utils.evaluation import intervals
from cellseg_utils.report.many import compare_runs
from cellseg_utils.report.sections import ReportError

EIGHT = np.linspace(0.2, 0.9, 8)


@pytest.fixture
def two(tmp_path, monkeypatch):
    build(tmp_path, monkeypatch)

    def read(first, second):
        sides = add(tmp_path, "a", **first), add(tmp_path, "b", **second)
        return compare_runs.read(*sides)

    return read


def test_the_difference_is_paired_by_picture_and_drawn_by_family(two):
    families = [0, 0, 1, 2, 3, 4, 5, 6]
    other = EIGHT + np.array([0.05, 0.05, 0.01, 0.02, 0.03, 0.04, 0.0, 0.0])
    pair = two({"scores": EIGHT, "families": families}, {"scores": other, "families": families})
    row = pair.scores.iloc[0]
    expected = intervals.paired_difference(other, EIGHT, 0, families)
    assert pair.obstacle == ""
    np.testing.assert_allclose((row.difference, row.low, row.high), expected)
    assert row["first"] == "0.550（0.100–0.900）"


def test_the_order_of_the_pictures_does_not_matter(two, tmp_path):
    pair = two({"scores": EIGHT}, {"scores": EIGHT})
    path = tmp_path / "b" / "artifacts" / "scores.csv"
    head, *rows = path.read_text().splitlines()
    path.write_text("\n".join([head, *reversed(rows)]) + "\n")
    pair = compare_runs.read(tmp_path / "a", tmp_path / "b")
    assert pair.scores["difference"].tolist() == [0, 0, 0, 0]


def test_too_few_families_give_no_interval(two):
    pair = two({"scores": EIGHT, "families": [1] * 8}, {"scores": EIGHT + 0.01, "families": [1] * 8})
    assert pair.scores["difference"].notna().all()
    assert pair.scores["low"].isna().all()


@pytest.mark.parametrize(
    ("second", "obstacle"),
    [
        ({"scores": EIGHT, "data": "e" * 64}, "数据不同，得分不能直接相比"),
        ({"scores": EIGHT[:5]}, "验证图像不同（8 张与 5 张，其中 5 张相同），得分不能直接相比"),
    ],
)
def test_other_data_or_another_split_is_no_comparison(two, second, obstacle):
    pair = two({"scores": EIGHT}, second)
    assert pair.obstacle == obstacle
    assert pair.scores["difference"].isna().all()


def test_pictures_without_the_score_do_not_count(two):
    first = [np.nan, *EIGHT[1:]]
    pair = two({"scores": first}, {"scores": EIGHT + 0.1})
    assert pair.scores["difference"].iloc[0] == pytest.approx(0.1)


def test_what_differs_is_listed_and_what_does_not_is_not(two):
    pair = two(
        {"scores": EIGHT, "number": 1},
        {"scores": EIGHT, "number": 3, "data": "e" * 64, "here": HERE | {"commit": "提交 new"}},
    )
    assert compare_runs.differing_parameters(pair) == [("number", "1", "3")]
    assert compare_runs.differing_data(pair) == [("train.zip", "d" * 12, "e" * 12)]
    assert compare_runs.differing_origin(pair) == [("代码", "提交 abc1234", "提交 new")]


def test_a_report_is_not_compared_with_itself(tmp_path):
    with pytest.raises(ReportError, match="两份不同的报告"):
        compare_runs.read(tmp_path, tmp_path)
