"""When two results are the same."""

import json

import pytest
from attacks import trials


@pytest.fixture
def result(tmp_path):
    """Writes the files of a result."""

    def write(name, **files):
        folder = tmp_path / name
        folder.mkdir()
        for file, text in files.items():
            (folder / file.replace("_", ".")).write_text(text)
        return trials.content(folder)

    return write


@pytest.mark.parametrize(
    ("file", "one", "other"),
    [
        ("a_csv", "epoch,loss,seconds\n1,0.5,3.2\n", "epoch,loss,seconds\n1,0.5,9.9\n"),
        ("a_json", json.dumps({"loss": 1, "seconds": 2}), json.dumps({"loss": 1, "seconds": 3})),
        ("a_html", "<p>用时 3 分钟</p>", "<p>用时 12 分钟</p>"),
        ("a_html", "运行 2026-01-01 10:00 到 10:05", "运行 2026-02-01 09:00 到 12:05"),
        ("a_log", "one", "two"),
    ],
)
def test_times_make_no_difference(result, file, one, other):
    assert trials.differences(result("one", **{file: one}), result("other", **{file: other})) == []


@pytest.mark.parametrize(
    ("file", "one", "other"),
    [
        ("a_csv", "epoch,loss,seconds\n1,0.5,3.2\n", "epoch,loss,seconds\n1,0.6,3.2\n"),
        ("a_json", json.dumps({"loss": 1}), json.dumps({"loss": 2})),
        ("a_html", "<p>找到 3 个核</p>", "<p>找到 4 个核</p>"),
        ("a_h5", "weights", "weighty"),
    ],
)
def test_anything_else_does(result, file, one, other):
    [told] = trials.differences(result("one", **{file: one}), result("other", **{file: other}))
    assert told.startswith(file.replace("_", "."))


def test_files_that_one_of_both_lacks_are_told(result):
    told = trials.differences(result("one", a_txt="", b_txt=""), result("other", b_txt="", c_txt=""))
    assert told == ["a.txt: is missing", "c.txt: is too many"]
