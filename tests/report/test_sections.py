import jupytext
import nbformat
import pytest

from cellseg_utils.report import sections
from cellseg_utils.run import places


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write a notebook with this first line among those of the report."""
    monkeypatch.setattr(places, "NOTEBOOKS", tmp_path)

    def write(name, heading):
        nbformat.write(jupytext.reads(f"# %% [markdown]\n# {heading}\n", "py:percent"), tmp_path / name)
        return tmp_path / name

    return write


def test_missing_notebooks_are_explained(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "NOTEBOOKS", tmp_path)
    with pytest.raises(sections.ReportError, match="没有笔记本"):
        sections.sections()


def test_sections_stand_in_the_order_of_their_numbers(write):
    write("02_b.ipynb", "# 2. 乙")
    write("01_a.ipynb", "# 1. 甲")
    found = sections.sections()
    assert [(section.number, section.title, section.path.name) for section in found] == [
        (1, "甲", "01_a.ipynb"),
        (2, "乙", "02_b.ipynb"),
    ]


@pytest.mark.parametrize(
    "name",
    [
        "01_a-Copy1.ipynb",
        "01_a (1).ipynb",
        "Untitled.ipynb",
        "01_a.nbconvert.ipynb",
        "1_a.ipynb",
        "01_A.ipynb",
    ],
)
def test_copies_and_notes_beside_the_sections_are_none(write, name):
    write("01_a.ipynb", "# 1. 甲")
    other = write(name, "# 1. 甲")
    assert [section.path.name for section in sections.sections()] == ["01_a.ipynb"]
    assert sections.others() == [other]


def test_two_notebooks_of_one_number_are_named(write):
    write("01_a.ipynb", "# 1. 甲")
    write("01_a_copy.ipynb", "# 1. 甲")
    with pytest.raises(sections.ReportError, match=r"01_a_copy.*与 01_a.ipynb 都是第 1 节"):
        sections.sections()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": []}'])
def test_a_notebook_that_is_damaged_is_named_with_the_fix(write, text):
    write("01_a.ipynb", "# 1. 甲").write_text(text)
    with pytest.raises(sections.ReportError, match=r"01_a\.ipynb：不是完整的笔记本.*make sync"):
        sections.sections()


def test_a_notebook_without_a_number_is_named(write):
    write("01_a.ipynb", "# 甲")
    with pytest.raises(sections.ReportError, match="编号"):
        sections.sections()


@pytest.mark.parametrize(("language", "title"), [("zh", "甲"), ("en", "First")])
def test_the_title_is_that_of_the_language(tmp_path, monkeypatch, language, title):
    monkeypatch.setattr(places, "NOTEBOOKS", tmp_path)
    monkeypatch.setenv("CELLSEG_LANG", language)
    twin = nbformat.v4.new_markdown_cell("# 1. First\n\nText", metadata={"tags": ["lang-en"]})
    cells = [nbformat.v4.new_markdown_cell("# 1. 甲"), twin]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "01_a.ipynb")
    assert [section.title for section in sections.sections()] == [title]
