from pathlib import Path

import pytest

from cellseg_utils.data import exclusion
from cellseg_utils.data.layout import DataError, Source

SOURCE = Source(Path("data.zip"), {name: f"{name}.png" for name in "abcd"}, {"a": ["1.png"]})


@pytest.fixture
def listed(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / "bad.txt"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def test_the_list_is_found_from_here_from_the_project_and_by_its_absolute_name(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    there = tmp_path / "project" / "bad.txt"
    there.write_text("a")
    assert exclusion.find("bad.txt", tmp_path / "project") == there
    assert exclusion.find(str(there), tmp_path) == there
    here = tmp_path / "here" / "bad.txt"
    here.write_text("b")
    assert exclusion.find("bad.txt", tmp_path / "project") == here


def test_a_missing_list_is_named_in_one_line_with_the_fix(tmp_path):
    with pytest.raises(DataError, match=r"exclude：找不到文件 bad\.txt，请") as error:
        exclusion.find("bad.txt", tmp_path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["b\nd\n", "b\r\nd", "\n  d \n\nb\nb\n", "\ufeffb\nd"])
def test_listed_pictures_are_left_out_and_nothing_else_changes(listed, text):
    rest = exclusion.leave_out(SOURCE, listed(text))
    assert rest == Source(SOURCE.path, {"a": "a.png", "c": "c.png"}, SOURCE.masks)
    assert len(SOURCE.images) == 4


def test_an_empty_list_leaves_nothing_out(listed):
    assert exclusion.leave_out(SOURCE, listed("")) == SOURCE


@pytest.mark.parametrize(
    ("text", "told"), [("a\nx", "1 个 ImageId 不在数据里（x）"), ("v\nw\nx\ny", "4 个.*（v、w、x等）")]
)
def test_unknown_pictures_are_refused_with_file_and_fix(listed, text, told):
    with pytest.raises(DataError, match=rf"bad\.txt：{told}，请") as error:
        exclusion.leave_out(SOURCE, listed(text))
    assert "\n" not in str(error.value)


def test_leaving_everything_out_is_refused(listed):
    with pytest.raises(DataError, match=r"bad\.txt：把全部 4 张图像都排除了，请"):
        exclusion.leave_out(SOURCE, listed("a\nb\nc\nd"))


def test_a_list_in_another_encoding_is_refused_with_the_fix(listed):
    with pytest.raises(DataError, match=r"bad\.txt：读不出来，应是 UTF-8"):
        exclusion.leave_out(SOURCE, listed("细胞", "gbk"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\nx", "1 ImageId is not in the data (x)"),
        ("v\nw\nx\ny", "4 ImageIds are not in the data (v, w, x, …)"),
    ],
)
def test_unknown_pictures_are_listed_in_english_too(listed, text, told, monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    with pytest.raises(DataError) as caught:
        exclusion.leave_out(SOURCE, listed(text))
    assert str(caught.value).endswith(f"bad.txt: {told}; correct or delete these lines")
