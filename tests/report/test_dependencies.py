import made_runs
import nbformat
import pytest

from cellseg_utils.report import dependencies
from cellseg_utils.run import language


@pytest.fixture
def section(tmp_path):
    return made_runs.section(tmp_path)


@pytest.mark.parametrize(
    "source",
    ["x = 1", "from cellseg_utils.run import runs", "%matplotlib inline\nimport cellseg_utils.data.tiff"],
)
def test_the_key_changes_with_the_cells(section, source):
    before = dependencies.key_of(section, {})
    notebook = nbformat.read(section.path, 4)
    notebook.cells[0].source = source
    nbformat.write(notebook, section.path)
    assert dependencies.key_of(section, {}) != before


def test_the_key_changes_with_values_and_helpers(section, monkeypatch):
    before = dependencies.key_of(section, {"epochs": 1})
    assert dependencies.key_of(section, {"epochs": 2}) != before
    monkeypatch.setattr(dependencies.code_fingerprint, "of_modules", lambda modules: sorted(modules))
    assert dependencies.key_of(section, {"epochs": 1}) != before


def test_what_times_a_cell_does_not_hide_its_imports():
    cell = nbformat.v4.new_code_cell("%%time\nfrom cellseg_utils.data import tiff\n")
    assert "data.tiff" in dependencies._imported(cell, "x.ipynb")


def test_the_language_is_part_of_the_key(section):
    assert (
        dependencies.key_of(section, {})
        == dependencies.key_of(section, {}, "zh")
        != dependencies.key_of(section, {}, "en")
    )


def test_another_word_in_the_english_table_concerns_english_reports_only(section, monkeypatch):
    before = [dependencies.key_of(section, {}, spoken) for spoken in ("zh", "en")]
    monkeypatch.setattr(language, "english", lambda: {"核": "nucleus"})
    after = [dependencies.key_of(section, {}, spoken) for spoken in ("zh", "en")]
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False]
