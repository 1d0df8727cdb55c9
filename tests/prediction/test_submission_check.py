"""A submission is held against Kaggle's rules, each of which is broken once."""

import kaggle_runs
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cellseg_utils.prediction import exports, submission_check

SHAPES = {"a": (4, 3), "b": (2, 2)}


def table(*rows):
    return pd.DataFrame(rows, columns=exports.COLUMNS, dtype=str)


def problems(*rows):
    return submission_check.problems(table(*rows), SHAPES)


def test_a_submission_that_keeps_the_rules_has_no_problems():
    assert problems(("a", "1 2 5 2"), ("a", "3 1 7 1"), ("b", "")) == []
    assert problems(("a", "1 12"), ("b", "4 1")) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("1 2 3", "a “1 2 3”不是成对的正整数"),
        ("1 -2", "a “1 -2”不是成对的正整数"),
        ("1.0 2", "a “1.0 2”不是成对的正整数"),
        ("1  2", "a “1  2”不是成对的正整数"),
        ("0 2", "a “0 2”里有 0：像素从 1 数起，长度至少是 1"),
        ("3 0", "a “3 0”里有 0：像素从 1 数起，长度至少是 1"),
        ("5 2 1 2", "a “5 2 1 2”没有从小到大排列，或自相重叠"),
        ("1 3 3 2", "a “1 3 3 2”没有从小到大排列，或自相重叠"),
        ("12 2", "a “12 2”超出了图像的 12 个像素"),
        ("13 1", "a “13 1”超出了图像的 12 个像素"),
    ],
)
def test_runs_are_pairs_from_one_on_sorted_positive_and_inside(text, problem):
    assert problems(("a", text), ("b", "")) == [problem]


def test_nuclei_of_one_picture_do_not_overlap_but_those_of_two_may():
    assert problems(("a", "1 3 9 1"), ("a", "4 2"), ("a", "5 1"), ("b", "")) == ["a 像素 5 属于两个核"]
    assert problems(("a", "1 3"), ("b", "1 3")) == []


def test_every_test_picture_has_a_row_and_no_other_has_one():
    assert problems(("a", ""), ("c", "1 1")) == ["b 一行也没有", "c 不是测试图像"]


def test_an_empty_row_says_that_there_is_no_nucleus():
    assert problems(("a", ""), ("a", "1 1"), ("b", "")) == ["a 有核，却又有一行是空的"]
    assert problems(("a", ""), ("a", ""), ("b", "")) == ["a 有核，却又有一行是空的"]


def test_columns_have_kaggles_names():
    other = table(("a", "")).rename(columns={"ImageId": "id"})
    assert submission_check.problems(other, SHAPES) == [
        "列应是 ImageId,EncodedPixels，得到的是 id,EncodedPixels"
    ]


@given(arrays.arrays(np.int32, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 4)))
def test_what_is_exported_keeps_the_rules_and_reads_back(labels):
    written = exports.submission({"a": labels})
    assert submission_check.problems(written, {"a": labels.shape}) == []
    again = sum(kaggle_runs.decode_rle(text, labels.shape).sum() for text in written.EncodedPixels)
    assert again == (labels > 0).sum()


def test_a_file_is_published_only_if_it_keeps_the_rules(tmp_path):
    good, bad, target = tmp_path / "good.csv", tmp_path / "bad.csv", tmp_path / "submission.csv"
    table(("a", "1 2"), ("b", "")).to_csv(good, index=False)
    table(("a", "0 2")).to_csv(bad, index=False)
    with pytest.raises(
        submission_check.SubmissionError, match=r"bad\.csv：不合竞赛的规则：b 一行也没有；a “0 2”"
    ):
        submission_check.publish(bad, SHAPES, target)
    assert not target.exists()
    assert len(submission_check.publish(good, SHAPES, target)) == 2
    assert target.read_bytes() == good.read_bytes()


def test_a_long_list_of_problems_is_cut_and_counted(tmp_path, monkeypatch):
    table().to_csv(tmp_path / "none.csv", index=False)
    shapes = {f"p{n}": (2, 2) for n in range(7)}
    with pytest.raises(submission_check.SubmissionError, match=r"p4 一行也没有；另有 2 处$"):
        submission_check.check(tmp_path / "none.csv", shapes)
    monkeypatch.setenv("CELLSEG_LANG", "en")
    with pytest.raises(submission_check.SubmissionError, match=r"p4 has no row; 2 more problems$"):
        submission_check.check(tmp_path / "none.csv", shapes)
    with pytest.raises(submission_check.SubmissionError, match=r"p4 has no row; 1 more problem$"):
        submission_check.check(tmp_path / "none.csv", dict(list(shapes.items())[:6]))


@pytest.mark.parametrize("data", [b"", b"\xff", b'"', b"ImageId,EncodedPixels\na,1 " + b"9" * 5000])
def test_what_is_no_table_is_refused_in_one_line(tmp_path, data):
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(submission_check.SubmissionError, match=r"a\.csv：不是完整的提交文件") as caught:
        submission_check.check(tmp_path / "a.csv", {"a": (20, 24)})
    assert len(str(caught.value).splitlines()) == 1


def test_names_of_columns_stay_on_the_line(tmp_path):
    (tmp_path / "a.csv").write_bytes(b'"Image\x0cId\x1b","Encoded\nPixels"\na,1 2\n')
    with pytest.raises(submission_check.SubmissionError) as caught:
        submission_check.check(tmp_path / "a.csv", {"a": (20, 24)})
    assert str(caught.value).isprintable()
