import subprocess
import urllib.parse

import bs4
import nbformat
import pytest
from nbconvert import filters

from cellseg_utils.report import lab, sections
from cellseg_utils.run import places

KEPT = "里面有改动，保留"


@pytest.fixture
def told(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "REPORTS", tmp_path)
    return []


def cells(path):
    return nbformat.read(path, 4).cells


def edit(path, **changes):
    notebook = nbformat.read(path, 4)
    notebook.cells[0].update(changes)
    nbformat.write(notebook, path)


def test_copies_hold_one_language_and_lead_to_the_reports(told, tmp_path, monkeypatch):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "index.html").write_text("")
    start = lab.prepare(told.append)
    text = "\n".join(cell.source for cell in cells(start))
    assert "1. [什么是图像分割](01_segmentation.ipynb)" in text
    assert "[demo](../demo/index.html)" in text
    first = cells(start.parent / "01_segmentation.ipynb")
    assert not any("lang-en" in cell.metadata.get("tags", []) for cell in first)
    monkeypatch.setenv("CELLSEG_LANG", "en")
    lab.prepare(told.append)
    assert cells(start.parent / "01_segmentation.ipynb")[0].source.startswith("# 1. ")
    assert cells(start.parent / "01_segmentation.ipynb")[0].source != first[0].source
    assert told == []


def test_no_name_of_a_folder_is_more_than_a_name(told, tmp_path):
    name = "a](javascript:alert(1)) <img src=x onerror=alert(1)> `b` $c$ &lt; *_~"
    (tmp_path / name).mkdir()
    (tmp_path / name / "index.html").write_text("")
    text = cells(lab.prepare(told.append))[-1].source
    soup = bs4.BeautifulSoup(filters.markdown2html(text), "html.parser")
    assert not soup("img")
    [link] = soup.select("li a")
    assert link.get_text() == name
    assert urllib.parse.unquote(link["href"]) == f"../{name}/index.html"


def test_what_somebody_has_run_or_changed_stays(told, tmp_path):
    mine = lab.prepare(told.append).with_name("02_segmentation_kinds.ipynb")
    edit(mine, source="# 2. 我的")
    lab.prepare(told.append)
    assert cells(mine)[0].source == "# 2. 我的"
    assert told == []
    notebook = nbformat.read(mine, 4)
    notebook.metadata[lab.COPIED] = "of an earlier version"
    nbformat.write(notebook, mine)
    lab.prepare(told.append)
    assert cells(mine)[0].source == "# 2. 我的"
    assert len(told) == 1
    assert KEPT in told[0]


def test_results_of_an_unchanged_copy_of_an_earlier_version_stay(told):
    mine = lab.prepare(told.append).with_name("02_segmentation_kinds.ipynb")
    notebook = nbformat.read(mine, 4)
    notebook.cells = [nbformat.v4.new_code_cell("1", outputs=[nbformat.v4.new_output("stream", text="1")])]
    notebook.metadata[lab.COPIED] = lab._of_cells(notebook)
    nbformat.write(notebook, mine)
    lab.prepare(told.append)
    assert len(cells(mine)) == 1
    assert KEPT in told[0]


def test_a_copy_of_an_earlier_version_that_nobody_changed_is_replaced(told):
    mine = lab.prepare(told.append).with_name("02_segmentation_kinds.ipynb")
    notebook = nbformat.read(mine, 4)
    notebook.cells = notebook.cells[:1]
    notebook.metadata[lab.COPIED] = lab._of_cells(notebook)
    nbformat.write(notebook, mine)
    lab.prepare(told.append)
    assert len(cells(mine)) > 1
    assert told == []


def test_a_damaged_copy_is_named(told):
    mine = lab.prepare(told.append).with_name("02_segmentation_kinds.ipynb")
    mine.write_text("{")
    with pytest.raises(sections.ReportError, match="02_segmentation_kinds"):
        lab.prepare(told.append)


def test_without_jupyterlab_the_fix_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(lab.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(sections.ReportError, match="pip install jupyterlab"):
        lab.open_in_browser(tmp_path)


def test_jupyterlab_opens_the_start_page_with_the_project_around_it(monkeypatch, tmp_path):
    called = []
    monkeypatch.setattr(subprocess, "call", lambda command, cwd: called.append((cwd, *command)))
    lab.open_in_browser(tmp_path / "00_start.ipynb")
    assert called[0][0] == tmp_path  # `-m` imports from the current folder
    assert called[0][-2:] == (f"--ServerApp.root_dir={places.ROOT}", str(tmp_path / "00_start.ipynb"))


def test_a_start_page_that_somebody_changed_stays(told):
    start = lab.prepare(told.append)
    lab.prepare(told.append)
    assert told == []
    edit(start, source="# 我的笔记")
    lab.prepare(told.append)
    assert cells(start)[0].source == "# 我的笔记"
    assert KEPT in told[0]
