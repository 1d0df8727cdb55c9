import base64
import io
import os
import re

import bs4
import nbformat
import pytest
from fontTools import ttLib
from nbformat import v4

from cellseg_utils.report import page

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
WIDGET = "application/vnd.jupyter.widget-view+json"


def code(source, *outputs, tags=()):
    return v4.new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)})


def shown(data, **metadata):
    return v4.new_output("display_data", data, metadata=metadata)


def printed(text, name="stdout"):
    return v4.new_output("stream", name=name, text=text)


@pytest.fixture
def open_page(tmp_path):
    """Render notebooks, each a list of cells or Markdown texts, and return the parsed page."""

    def render(
        *notebooks, title="细胞图像分割报告", subtitle="说明", summary=(("模型", "U-Net"),), notices=()
    ):
        paths = []
        for number, cells in enumerate(notebooks, 1):
            cells = [v4.new_markdown_cell(cell) if isinstance(cell, str) else cell for cell in cells]
            paths.append(tmp_path / f"{number:02d}_section.ipynb")
            nbformat.write(v4.new_notebook(cells=cells), paths[-1])
        page.render(paths, tmp_path / "index.html", title, subtitle, summary, notices)
        return bs4.BeautifulSoup((tmp_path / "index.html").read_text(encoding="utf-8"), "html.parser")

    return render


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


def test_notebook_without_a_heading_is_named_after_its_file(open_page):
    assert open_page(["文字"]).h2.get_text() == "01_section"


def test_nothing_on_the_page_runs_or_loads(open_page):
    evil = (
        '<script>alert(1)</script><iframe src="https://a.example"></iframe>'
        '<img src="https://a.example/x.png" alt="图">'
        '<a href="java\nscript:alert(1)" onclick="alert(1)">链接</a>'
        "<style>@import '//a.example/x.css'</style><style scoped>td {color: red}</style>"
        '<b style="background:url(//a.example)">粗</b>'
    )
    soup = open_page(["# 标题", code("1", shown({"text/html": evil}), shown({"text/markdown": evil}))])
    assert not soup(["script", "iframe"])
    assert not soup(src=re.compile("^(?!data:)"))
    assert not soup("link", href=re.compile("^(?!data:)"))
    assert not soup(onclick=True)
    assert not soup(style=re.compile("url"))
    assert not re.search("@import|a.example", "".join(style.get_text() for style in soup("style")))
    assert "javascript" not in re.sub(r"\s", "", str(soup))
    assert "default-src 'none'" in soup.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    assert "图链接粗" in soup.section.get_text()


def test_links_to_sources_stay(open_page):
    soup = open_page(["# 标题\n\n来源：[论文](https://doi.org/10.1038/s41592-019-0612-7)"])
    assert soup.section.a["href"] == "https://doi.org/10.1038/s41592-019-0612-7"


def test_texts_from_outside_are_escaped(open_page):
    name = '<script>alert("1")</script>&'
    soup = open_page(["# 标题"], title=name, subtitle=name, summary=[(name, name)], notices=[name])
    assert not soup("script")
    assert soup.title.get_text() == soup.h1.get_text() == soup.dt.get_text() == soup.dd.get_text() == name
    assert soup.select_one(".notices li").get_text() == name


def test_formulas_in_text_and_in_outputs_are_mathml(open_page):
    result = shown({"text/markdown": "得分 $d = 0.9$", "text/plain": "?"})
    soup = open_page(
        ["# 公式 $x_1$\n\n$$\\frac{a}{b}$$\n\n\\begin{matrix}1 & 2\\end{matrix}", code("1", result)]
    )
    assert len(soup.section("math")) == 4
    assert soup.find("mfrac").find_parent("math")["display"] == "block"
    assert "$" not in soup.section.get_text()


def test_no_line_begins_with_the_comma_after_a_formula(open_page):
    soup = open_page(["# 标题\n\n由 $a$、$b$，和 $c$ 得到 $d$。\n\n$$e$$\n\n，"])
    assert [span.get_text() for span in soup.select("p > .unbroken")] == ["a、", "b，", "d。"]


def test_latex_object_is_mathml(open_page):
    soup = open_page(
        ["# 标题", code("1", shown({"text/latex": "$\\displaystyle x^2$", "text/plain": "x**2"}))]
    )
    assert soup.section.find("msup")


def test_bad_formula_names_its_notebook(open_page):
    with pytest.raises(page.PageError, match=r"01_section\.ipynb：公式 \$\\unknown\$"):
        open_page(["# 标题\n\n由 $\\unknown$ 得"])


def test_page_brings_a_font_with_its_characters(open_page):
    style = open_page(["# 1. 细胞核"]).style.get_text()
    font = ttLib.TTFont(io.BytesIO(base64.b64decode(re.search(r"base64,([^\"]+)", style)[1])))
    assert set("细胞核分割报告目录，") <= set(map(chr, font.getBestCmap()))


def test_picture_outside_the_notebook_is_named(open_page):
    with pytest.raises(page.PageError, match=r"01_section\.ipynb.*figure\.png"):
        open_page(["# 标题\n\n![曲线](figure.png)"])


def test_attached_picture_is_embedded(open_page):
    cell = v4.new_markdown_cell(
        "# 标题\n\n![曲线](attachment:a.png)", attachments={"a.png": {"image/png": DOT}}
    )
    assert open_page([cell]).section.img["src"].endswith(DOT)


def test_missing_attachment_is_an_error_with_the_notebook(open_page):
    with pytest.raises(page.PageError, match=r"01_section\.ipynb"):
        open_page(["# 标题\n\n![曲线](attachment:a.png)"])


def test_tags_decide_what_is_shown(open_page):
    soup = open_page([
        "# 标题",
        code("hidden_source = 1", printed("shown result"), tags=["remove-input"]),
        code("hidden_cell = 1", printed("hidden text"), tags=["remove-cell"]),
        code("shown_source = 1", printed("hidden result"), tags=["remove-output"]),
        code("  "),
        v4.new_raw_cell("raw"),
    ])  # fmt: skip
    assert [block.get_text() for block in soup.section("pre")] == ["shown result", "shown_source = 1\n"]


def test_code_is_folded_and_coloured(open_page):
    details = open_page(["# 标题", code("print('细胞')  # 注")]).section.details
    assert not details.has_attr("open")
    assert details.summary.get_text() == "代码"
    assert details.find(class_="c1").get_text() == "# 注"


def test_parameters_are_shown_once_with_those_of_the_run(open_page):
    declared = code("epochs: int = 30", tags=["parameters"])
    injected = code("# Parameters\nepochs = 5\n", tags=["injected-parameters"])
    soup = open_page(["# 一", declared, injected], ["# 二", declared], ["# 三", injected])
    labels = [summary.get_text() for summary in soup.select("section summary")]
    assert labels == ["参数（本次运行）", "参数", "参数（本次运行）"]
    assert "epochs: int = 30" in soup.section.get_text()
    assert "epochs = 5" in soup.section.get_text()


def test_values_of_the_run_show_characters_and_no_folder_of_the_user(open_page):
    declared = code('data: str = "synthetic"', tags=["parameters"])
    values = '# Parameters\ndata = "/home/\\u5f20/\\u7ec6\\u80de"\nepochs = 5\n'
    shown = open_page(["# 一", declared, code(values, tags=["injected-parameters"])]).section.get_text()
    assert "data = '…/细胞'" in shown
    assert "home" not in shown
    assert "epochs = 5" in shown


def test_streams_keep_the_final_state_and_drop_stderr(open_page):
    bar = printed("\r  0%|  | 0/2\r100%|██| 2/2", "stderr")
    lines = [printed("1/2\r"), bar, printed("2/2\n\x1b[1m完成\x1b[0m\n")]
    soup = open_page(["# 标题", code("fit()", *lines), code("quiet()", printed("\n"), bar)])
    assert [block.get_text() for block in soup.select("pre.output")] == ["2/2\n完成"]


def test_failed_cell_shows_its_error_and_stderr(open_page):
    error = v4.new_output(
        "error", ename="ValueError", evalue="坏", traceback=["\x1b[31mValueError\x1b[0m: <坏>"]
    )
    soup = open_page(["# 标题", code("fail()", printed("警告\n", "stderr"), error)])
    assert [block.get_text() for block in soup.select("pre.output")] == ["警告", "ValueError: <坏>"]


def test_widgets_leave_only_their_text_and_progress_bars_nothing(open_page):
    bar = shown({WIDGET: {}, "text/plain": "  0%|          | 0/10 [00:00<?, ?it/s]"})
    slider = shown({WIDGET: {}, "text/plain": "IntSlider(value=1)"})
    soup = open_page(["# 标题", code("1", bar, slider)])
    assert [block.get_text() for block in soup.select("pre.output")] == ["IntSlider(value=1)"]


def test_every_picture_has_alternative_text(open_page):
    outputs = [
        shown({"image/png": DOT + "\n", "text/plain": "<Figure>"}),
        shown({"image/png": DOT}, alt="两条曲线"),
        shown({"image/jpeg": DOT}, **{"image/jpeg": {"alt": "照片"}}),
        shown({"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'/>"}),
        shown({"text/html": f'<img src="data:image/webp;base64,{DOT}" alt="网络图">'}),
    ]
    soup = open_page(["# 5. 模型", code("1", *outputs)])
    texts = [image["alt"] for image in soup("img")]
    assert texts == ["5. 模型：图 1", "两条曲线", "照片", "5. 模型：图 4", "网络图"]
    assert all(image["src"].startswith("data:image/") for image in soup("img"))


def test_cells_that_show_nothing_stand_in_one_fold_with_the_next(open_page):
    result = v4.new_output("execute_result", {"text/plain": "3"}, execution_count=1)
    soup = open_page(["# 标题", code("a = 1"), code("b = 2"), code("a + b", result), code("c = 4"), "文字"])
    folds = [code.get_text().strip() for code in soup.select("details.code code")]
    assert folds == ["a = 1\n\nb = 2\n\na + b", "c = 4"]


def test_wide_tables_scroll_and_plain_results_are_readable(open_page):
    table = shown({"text/html": "<table><tr><td>1</td></tr></table>"})
    result = v4.new_output("execute_result", {"text/plain": "a < b"}, execution_count=1)
    soup = open_page(["# 标题", code("1", table, result)])
    assert soup.table.parent["class"] == ["scroll"]
    assert soup.select_one("pre.output").get_text() == "a < b"


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
