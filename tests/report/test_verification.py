"""What is found of a report of two tiny notebooks after something was changed."""

import os

import pytest
from house import FIRST, SECOND, build, write

from cellseg_utils.report import manifest, provenance, runner, verification
from cellseg_utils.report.rendering import pdf
from cellseg_utils.report.sections import ReportError
from cellseg_utils.run import code_fingerprint, language, libraries
from cellseg_utils.run.parameter_values import Text


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished report that read a file and a folder; it is put back after each test."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("project")
        make = build(folder, patch)
        make.file, make.folder_of_data = folder / "data.zip", folder / "data"
        make.folder_of_data.mkdir()
        make.file.write_bytes(b"abc")
        (make.folder_of_data / "a.png").write_bytes(b"abc")
        extra = f"run.use_data({str(make.file)!r})\nrun.use_data({str(make.folder_of_data)!r})"
        write(make.folder, "01_segmentation", FIRST.format(name="number", extra=extra))
        make()
        yield make


def lines(make):
    return [change.line for change in verification.verify(make.run)]


def flip(path):
    """Flip one byte in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


@pytest.fixture
def back():
    """Files that get their bytes and times back."""
    kept = {}

    def keep(path):
        kept.setdefault(path, (path.read_bytes(), path.stat().st_mtime_ns))
        return path

    yield keep
    for path, (data, time) in kept.items():
        path.write_bytes(data)
        os.utime(path, ns=(time, time))


def test_a_report_that_nobody_touched_is_as_it_was(finished):
    assert lines(finished) == []
    (finished.run / "logs" / "01_segmentation.log").write_text("other")
    assert lines(finished) == []


@pytest.mark.parametrize(
    "name", ["artifacts/source.json", "notebooks/02_segmentation_kinds.ipynb", "index.html"]
)
def test_one_byte_of_a_file_of_the_report_is_one_line(finished, back, name):
    flip(back(finished.run / name))
    assert lines(finished) == [f"{finished.run / name}：内容改了"]


def test_a_file_that_is_gone_is_one_line(finished, back):
    back(finished.run / "index.html").unlink()
    assert lines(finished) == [f"{finished.run / 'index.html'}：不在了"]


def test_one_byte_of_the_data_is_one_line_and_names_the_notebook_that_would_run_again(finished, back):
    flip(back(finished.file))
    assert lines(finished) == [f"{finished.file}：数据改了", "第 1 节会重新运行：数据 data.zip 改了"]


def test_one_byte_in_a_folder_of_data_is_found_though_time_and_size_are_the_same(finished, back):
    path = back(finished.folder_of_data / "a.png")
    time = path.stat().st_mtime_ns
    flip(path)
    os.utime(path, ns=(time, time))
    assert lines(finished)[0] == f"{finished.folder_of_data}：数据改了"


def test_a_pdf_of_an_earlier_page_is_one_line_and_one_that_was_noted_none(finished, monkeypatch):
    printed = finished.run / "index.pdf"
    printed.write_bytes(b"old")
    assert lines(finished) == [f"{printed}：不是由现在的网页打印的"]
    monkeypatch.setattr(pdf, "write", lambda page: printed)
    assert runner.print_page(finished.run / "index.html") == printed
    assert lines(finished) == []
    flip(printed)
    assert lines(finished) == [f"{printed}：内容改了"]
    printed.unlink()
    runner.render(str(finished.run))
    assert lines(finished) == []


def test_it_is_said_which_notebook_would_run_again_and_why(finished, monkeypatch, back):
    back(finished.folder / "02_segmentation_kinds.ipynb")
    write(finished.folder, "02_segmentation_kinds", SECOND + "x = 1\n")
    assert lines(finished) == ["第 2 节会重新运行：笔记本的单元格改了"]
    monkeypatch.setattr(code_fingerprint, "of_modules", lambda modules: "other")
    monkeypatch.setattr(libraries, "versions", lambda: ["keras 99"])
    monkeypatch.setattr(provenance, "here_and_now", lambda: {"commit": "提交 new"})
    first, second, commit = lines(finished)
    assert first.startswith("第 1 节会重新运行：用到的程序改了、库的版本：")
    assert first.endswith(" → keras 99")
    assert second.startswith("第 2 节会重新运行：笔记本的单元格改了、用到的程序改了、库的版本：")
    assert commit.endswith("→ 提交 new")


def test_a_parameter_of_the_profile_that_changed_is_named(finished, back):
    profile = back(finished.folder / "profiles" / "demo.yaml")
    profile.write_text("number: 3\n")
    assert lines(finished) == ["第 1 节会重新运行：参数 number：2 → 3"]
    profile.write_text("")
    assert lines(finished) == ["第 1 节会重新运行：参数 number：2 → 默认值"]


def test_what_has_changed_is_said_in_english_too(finished, back, monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    back(finished.folder / "profiles" / "demo.yaml").write_text("number: 3\n")
    assert lines(finished) == ["Section 1 would run again: parameter number: 2 → 3"]


def test_an_unfinished_or_missing_or_damaged_report_is_said_to_be_that(finished, back, tmp_path):
    with pytest.raises(ReportError, match="没有这份报告"):
        verification.verify(tmp_path)
    back(finished.run / manifest.NAME)
    made = manifest.whole(finished.run)
    made.note(verification.sections.sections()[1], None)
    assert lines(finished) == ["第 2 节还没有跑完"]
    (finished.run / manifest.NAME).write_text("{}")
    with pytest.raises(ReportError, match="已损坏"):
        verification.verify(finished.run)


def test_what_an_earlier_version_noted_is_told_apart(finished, back):
    back(finished.run / manifest.NAME)
    made = manifest.whole(finished.run)
    made.notebooks["01_segmentation"]["key"] = "c112d4d39b2ed788"
    made.pages.clear()
    made.note(verification.sections.sections()[1], made.notebooks["02_segmentation_kinds"])
    page = finished.run / "index.html"
    assert lines(finished) == [
        f"{page}：没有记下校验值；cellseg render 重新排成网页",
        "第 1 节会重新运行：由早先的版本记录",
    ]


def test_an_english_report_is_as_it_was_until_its_texts_change(finished, monkeypatch):
    runner.make(str(finished.run), "demo", {}, tell=lambda line: None, spoken="en")
    assert lines(finished) == []
    monkeypatch.setattr(language, "english", lambda: {"甲": "other"})
    assert lines(finished)[0] == "第 1 节会重新运行：英文的文字改了"
    monkeypatch.undo()
    runner.make(str(finished.run), "demo", {}, tell=lambda line: None)


def test_values_typed_on_the_command_line_are_what_they_were(finished):
    runner.make(str(finished.run), "demo", {"number": Text("7")}, tell=lambda line: None)
    assert lines(finished) == []
    runner.render(str(finished.run))
    assert lines(finished) == []
    runner.make(str(finished.run), "demo", {}, tell=lambda line: None)
