import pytest
from nbformat import v4
from pages import code, shown

from cellseg_utils.report.rendering import shown_cells
from cellseg_utils.run import language


def text(source, *tags):
    return v4.new_markdown_cell(source, metadata={"tags": list(tags)})


def sources(cells):
    return [cell.source for cell in shown_cells.of(cells)]


def notebook():
    return [
        text("# 1. 题"),
        text("# 1. Title", "lang-en"),
        text("$x$"),
        code("f()", shown({"text/plain": "1"})),
        text("甲", "anything"),
        text("A", "lang-en"),
    ]


def test_the_chinese_edition_has_no_english_cell():
    assert sources(notebook()) == ["# 1. 题", "$x$", "f()", "甲"]


def test_in_the_english_edition_each_english_cell_replaces_the_text_before_it(monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    cells = shown_cells.of(notebook())
    assert [cell.source for cell in cells] == ["# 1. Title", "$x$", "f()", "A"]
    assert cells[-1].metadata.tags == ["lang-en", "anything"]


def test_an_english_cell_after_code_replaces_nothing(monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    cells = [text("甲"), code("f()", shown({"text/plain": "1"})), text("A", "lang-en")]
    assert sources(cells) == ["甲", "f()", "A"]


@pytest.mark.parametrize("spoken", ["zh", "en"])
@pytest.mark.parametrize("twin", [("lang-en",), ("lang-en", "only-with-output")])
@pytest.mark.parametrize("output", [True, False])
def test_a_part_that_did_not_run_is_left_out_with_both_headings(monkeypatch, spoken, twin, output):
    monkeypatch.setenv("CELLSEG_LANG", spoken)
    ran = code("f()", *([shown({"text/plain": "1"})] if output else []))
    cells = [text("# 1. 题"), text("## 乙", "only-with-output"), text("## B", *twin), ran]
    part = ["## B" if spoken == "en" else "## 乙", "f()"]
    assert sources(cells) == ["# 1. 题", *(part if output else [])]


def test_comments_of_parameters_are_said_in_the_language_of_the_page(monkeypatch):
    source = 'epochs: int = 30  # 训练轮数\nfolder: str = "a # b"  # 文件夹'
    declared = code(source, tags=["parameters"])
    assert sources([declared.copy()]) == [source]
    monkeypatch.setenv("CELLSEG_LANG", "en")
    monkeypatch.setattr(language, "english", lambda: {"训练轮数": "epochs", "文件夹": "folder"})
    assert sources([declared]) == ['epochs: int = 30  # epochs\nfolder: str = "a # b"  # folder']
