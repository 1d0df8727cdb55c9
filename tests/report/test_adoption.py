"""Pages of notebooks that somebody ran without `cellseg report`."""

import bs4
import pytest
from house import build
from made_runs import executed
from nbformat import v4

from cellseg_utils.report import adoption, manifest
from cellseg_utils.report.sections import ReportError
from cellseg_utils.run import runs


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """A run directory without a manifest."""
    build(tmp_path, monkeypatch)
    folder = tmp_path / "reports" / "lab"
    (folder / "artifacts").mkdir(parents=True)
    return folder


def render(lab, folder=""):
    told = []
    page = adoption.render(str(lab), folder, told.append)
    return told, bs4.BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


def injected(lab, number=5):
    return f"# Parameters\nrun_dir = {str(lab)!r}\nnumber = {number}\n"


def test_a_page_has_what_there_is_and_says_what_it_is_not(lab, tmp_path):
    executed(tmp_path / "mine" / "out.ipynb", "# 2. 第二节", injected(lab))
    told, soup = render(lab, tmp_path / "mine")
    assert told == [
        "这份网页不是 cellseg report 生成的：参数取自各个笔记本，没有核对过出处。",
        "缺少的节（没有运行）：1. 第一节。",
    ]
    assert [item.get_text() for item in soup.select(".notices li")] == told
    assert [section["id"] for section in soup.select("main section")] == ["s02"]


def test_parameters_are_those_of_the_injected_cell(lab, tmp_path):
    executed(lab / "notebooks" / "01_segmentation.ipynb", "# 1. 第一节", injected(lab, 7))
    _, soup = render(lab)
    [row] = [row.get_text(" ") for row in soup.select(".again tr.changed")]
    assert row.split()[:3] == ["1", "number", "7"]


def test_results_that_went_elsewhere_are_named(lab, tmp_path):
    executed(lab / "01_segmentation.ipynb", "# 1. 第一节", injected(tmp_path / "other"))
    executed(lab / "02_segmentation_kinds.ipynb", "# 2. 第二节", injected(tmp_path / "other"))
    told, _ = render(lab)
    assert told[1:] == ["第 1、2 节的 run_dir 是 other，不是 lab：结果在别处"]


def test_a_notebook_whose_input_was_replaced_later_is_named(lab, monkeypatch):
    runs.open_run(lab, "01_segmentation").save("source.json", {"images": 1, "title": "图", "synthetic": True})
    runs.open_run(lab, "02_segmentation_kinds").load("source.json")
    executed(lab / "02_segmentation_kinds.ipynb", "# 2. 第二节", injected(lab))
    assert len(render(lab)[0]) == 2
    runs.open_run(lab, "01_segmentation").save("source.json", {"images": 2, "title": "图", "synthetic": True})
    assert render(lab)[0][2:] == ["第 2 节读过的 source.json 后来变了，请重新运行它"]
    monkeypatch.setenv("CELLSEG_LANG", "en")
    assert render(lab)[0][2:] == ["Section 2 read source.json, which has changed since; run it again"]


@pytest.mark.parametrize(
    "cell",
    [
        v4.new_code_cell("x = 1"),
        v4.new_code_cell(
            "x", execution_count=2, outputs=[v4.new_output("error", ename="E", evalue="", traceback=[])]
        ),
    ],
    ids=["not run", "error"],
)
def test_a_notebook_with_an_error_or_a_cell_that_was_not_run_is_refused(lab, cell):
    executed(lab / "01_segmentation.ipynb", "# 1. 第一节", extra=[cell])
    with pytest.raises(ReportError, match=r"01_segmentation.ipynb：有单元出错或没有运行"):
        render(lab)
    assert not (lab / "index.html").exists()


def test_notebooks_that_nobody_ran_are_none(lab, tmp_path):
    with pytest.raises(ReportError, match="没有运行过的笔记本"):
        render(lab, tmp_path / "notebooks")
    (lab / "bad.ipynb").write_text("{")
    with pytest.raises(ReportError, match=r"bad.ipynb：不是完整的笔记本"):
        render(lab)


def test_one_section_twice_is_refused(lab):
    executed(lab / "01_segmentation.ipynb", "# 1. 第一节")
    executed(lab / "out.ipynb", "# 1. 第一节")
    with pytest.raises(ReportError, match="都是第 1 节"):
        render(lab)


def test_a_finished_report_or_no_folder_is_refused(lab, tmp_path):
    with pytest.raises(ReportError, match="没有这个文件夹"):
        render(tmp_path / "reports" / "none")
    (lab / manifest.NAME).write_text("{}")
    with pytest.raises(ReportError, match="这是 cellseg report 生成的报告"):
        render(lab, tmp_path)


def test_it_is_needed_where_notebooks_lie_without_a_manifest(lab):
    assert not adoption.is_needed(str(lab))
    executed(lab / "01_segmentation.ipynb", "# 1. 第一节")
    assert adoption.is_needed(str(lab))
    (lab / manifest.NAME).write_text("{}")
    assert not adoption.is_needed(str(lab))
