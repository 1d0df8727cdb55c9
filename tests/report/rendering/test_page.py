import base64
import functools
import io
import os
import re

import pages
import pytest
import texts
from fontTools import ttLib
from nbformat import v4
from pages import code, shown

from cellseg_utils.report.rendering import inline


@pytest.fixture
def open_page(tmp_path):
    return functools.partial(pages.opened, tmp_path)


def test_page_is_chinese_and_has_one_first_heading_and_a_section_for_each_notebook(open_page):
    soup = open_page(["# 1. 什么是图像分割\n\n文字", "## 小结"], ["# 2. 种类"])
    assert soup.html["lang"] == "zh-CN"
    assert [heading.get_text() for heading in soup("h1")] == ["细胞图像分割报告"]
    assert [section["id"] for section in soup("section")] == ["s01", "s02"]
    assert [heading.get_text() for heading in soup("h2")] == ["1. 什么是图像分割", "2. 种类"]
    assert [heading.get_text() for heading in soup("h3")] == ["小结"]


def test_ids_are_unique_and_every_inner_link_has_a_target(open_page):
    cells = [
        "# 一\n\n[见小结](#小结)，[见下一节](02_section.ipynb)",
        "## 小结\n\n### 细节",
        "# 又一个一级标题",
    ]
    soup = open_page(cells, [*cells, code("1", shown({"text/html": '<p id="s01">混入的</p>'}))])
    ids = [tag["id"] for tag in soup(id=True)]
    links = [link["href"].removeprefix("#") for link in soup("a", href=re.compile("^#"))]
    assert len(ids) == len(set(ids))
    assert set(links) <= set(ids)
    assert [link["href"] for link in soup.select("section p a")][:2] == ["#s01-1", "#s02"]


def test_contents_list_sections_and_their_second_level_headings_only(open_page):
    soup = open_page(["# 1. 甲", "## 乙\n\n### 丙"])
    assert [link.get_text() for link in soup.select("nav.wide a")] == ["1. 甲", "乙"]


def test_texts_from_outside_are_escaped(open_page):
    name = '<script>alert("1")</script>&'
    soup = open_page(["# 标题"], title=name, subtitle=name, facts=[(name, name)], notices=[name])
    assert [own.get_text() for own in soup("script")] == [inline.script("page.js")]
    assert soup.title.get_text() == soup.h1.get_text() == soup.dt.get_text() == soup.dd.get_text() == name
    assert soup.select_one(".notices li").get_text() == name


def test_the_answer_stands_first_and_how_to_do_it_again_in_a_fold(open_page):
    row = {
        "section": "6",
        "name": "epochs",
        "value": "5",
        "default": "20",
        "meaning": "轮数",
        "changed": True,
    }
    again = {"command": "cellseg report", "parameters": [row], "data": [], "citation": ["引用"], "facts": []}
    yardstick = [["得分", "这份报告"], ["Dice", "0.9"]], "只能大致比较"
    soup = open_page(["# 标题"], answer=["找到了 9 个核。"], yardstick=yardstick, again=again)
    assert soup.select_one(".answer li").get_text() == "找到了 9 个核。"
    assert [cell.get_text() for cell in soup.select(".beside :is(th, td)")] == [
        "得分",
        "这份报告",
        "Dice",
        "0.9",
    ]
    assert soup.select_one("details.again code").get_text() == "cellseg report"
    assert soup.select_one("details.again tr.changed code").get_text() == "epochs"


def test_output_of_a_cover_cell_stands_on_top_and_nowhere_else(open_page):
    figure = '<figure><img src="data:image/png;base64,x" alt="封面" onload="alert(1)"></figure>'
    soup = open_page(["# 标题", code("封面()", shown({"text/html": figure}), tags=["cover"])])
    assert soup.select_one(".beside img")["alt"] == "封面"
    assert not soup.find(onload=True)
    assert not soup.section("img")
    assert "封面()" not in soup.get_text()


def test_page_brings_a_font_with_its_characters(open_page):
    style = open_page(["# 1. 细胞核"]).style.get_text()
    font = ttLib.TTFont(io.BytesIO(base64.b64decode(re.search(r"base64,([^\"]+)", style)[1])))
    assert set("细胞核分割报告目录，") <= set(map(chr, font.getBestCmap()))


def test_failure_leaves_the_old_page(open_page, tmp_path, monkeypatch):
    open_page(["# 旧"])
    old = (tmp_path / "index.html").read_bytes()

    def no_space(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="No space"):
        open_page(["# 新"])
    assert (tmp_path / "index.html").read_bytes() == old
    assert sorted(path.name for path in tmp_path.iterdir()) == ["01_section.ipynb", "index.html"]


def test_names_that_are_not_utf8_do_not_stop_the_page(open_page):
    assert (
        open_page(["# 标题"], notices=["坏文件名 \udcff.png"]).select_one(".notices li").get_text()
        == "坏文件名 ?.png"
    )


def test_an_english_page_has_chinese_in_nothing_but_code(open_page, monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    twin = v4.new_markdown_cell("# 1. Title\n\n## Part", metadata={"tags": ["lang-en"]})
    declared = code("a: int = 1  # 一个数", tags=["parameters"])
    given = code("# Parameters\na = 2\n", tags=["injected-parameters"])
    table = '<figure class="table"><table><tr><td>1</td></tr></table></figure>'
    outputs = (
        shown({"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'/>"}),
        shown({"text/html": table}),
    )
    row = dict.fromkeys(("section", "name", "value", "default", "meaning"), "x") | {"changed": True}
    again = {"command": "x", "parameters": [row], "data": [], "citation": ["x"], "facts": []}
    cells = ["# 1. 题", twin, declared, given, code("say('字')", *outputs)]
    front = {"answer": ["x"], "yardstick": [[["Score"], ["Dice"]], "x"], "notices": ["x"], "again": again}
    soup = open_page(cells, title="Report", **front)
    assert soup.html["lang"] == "en"
    assert soup.h2.get_text() == "1. Title"
    for tag in soup(["pre", "code", "script"]):
        tag.extract()
    assert not texts.CHINESE.search(str(soup))
