import base64
import functools
import re

import pages
import pytest
from nbformat import v4
from pages import code, printed, shown

from cellseg_utils.report.rendering import section_html

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def open_page(tmp_path):
    return functools.partial(pages.opened, tmp_path)


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
    assert not soup("iframe")
    assert len(soup("script")) == 1  # ours
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


def test_no_interval_is_broken_in_two_lines(open_page):
    table = '<table title="0.5（0.4–0.6）"><tr><td>0.5（0.4–0.6）</td></tr></table>'
    soup = open_page(
        ["# 标题\n\n得 0.5（0.4–0.6），差 +1.0%（-0.1% 到 +2.0%）。", code("1", shown({"text/html": table}))]
    )
    texts = ["（0.4–0.6）", "（-0.1% 到 +2.0%）", "（0.4–0.6）"]
    assert [span.get_text() for span in soup.section.select(".unbroken")] == texts
    assert soup.section.td.get_text() == "0.5（0.4–0.6）"


def test_what_stands_in_an_attribute_does_not_get_out_of_it(open_page):
    hidden = '0.5（0.4–0.6）<img src="https://a.example" onerror="alert(1)">'
    soup = open_page(["# 标题", code("1", shown({"text/html": f"<p title='{hidden}'>文字</p>"}))])
    assert soup.section.p.attrs == {"title": hidden}
    assert not soup.section("img")


def test_an_output_that_leaves_elements_open_swallows_nothing(open_page):
    soup = open_page(["# 标题", code("1", shown({"text/html": "<div><style><!-- <b>"})), "后面"])
    assert [own.get_text() for own in soup.select("section > p")] == ["后面"]


def test_latex_object_is_mathml(open_page):
    soup = open_page(
        ["# 标题", code("1", shown({"text/latex": "$\\displaystyle x^2$", "text/plain": "x**2"}))]
    )
    assert soup.section.find("msup")


def test_bad_formula_names_its_notebook(open_page):
    with pytest.raises(section_html.PageError, match=r"01_section\.ipynb：公式 \$\\unknown\$"):
        open_page(["# 标题\n\n由 $\\unknown$ 得"])


def test_picture_outside_the_notebook_is_named(open_page):
    with pytest.raises(section_html.PageError, match=r"01_section\.ipynb.*figure\.png"):
        open_page(["# 标题\n\n![曲线](figure.png)"])


def test_attached_picture_is_embedded(open_page):
    cell = v4.new_markdown_cell(
        "# 标题\n\n![曲线](attachment:a.png)", attachments={"a.png": {"image/png": DOT}}
    )
    assert open_page([cell]).section.img["src"].endswith(DOT)


def test_missing_attachment_is_an_error_with_the_notebook(open_page):
    with pytest.raises(section_html.PageError, match=r"01_section\.ipynb"):
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


@pytest.mark.parametrize(("output", "titles"), [(True, ["甲", "乙", "丙"]), (False, ["甲", "丙"])])
def test_a_part_that_did_not_run_is_left_out(open_page, output, titles):
    heading = v4.new_markdown_cell("## 乙\n\n说明", metadata={"tags": ["only-with-output"]})
    ran = code("算()", *([shown({"text/plain": "1"})] if output else [printed("50%|", "stderr")]))
    soup = open_page(["# 1. 题\n\n## 甲", heading, code("准备()"), ran, "## 丙"])
    assert [title.get_text() for title in soup("h3")] == titles
    assert ("算()" in soup.get_text()) == output


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
    texts = [image["alt"] for image in soup.section("img")]
    assert texts == ["5. 模型：图 1", "两条曲线", "照片", "5. 模型：图 4", "网络图"]
    assert all(image["src"].startswith("data:image/") for image in soup.section("img"))


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


def test_english_intervals_are_not_broken_and_a_table_is_named_by_its_number(open_page, monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    caption, rows = "<figcaption>Table 7.1: Scores.</figcaption>", "<table><tr><td>1</td></tr></table>"
    table = f'<figure class="table">{caption}{rows}</figure>'
    soup = open_page(
        [
            "# 1. T\n\n0.5 (0.4–0.6), +1.0% (-0.1% to +2.0%), (2–3 nuclei)",
            code("1", shown({"text/html": table})),
        ]
    )
    texts = ["(0.4–0.6)", "(-0.1% to +2.0%)"]
    assert [span.get_text() for span in soup.section.select(".unbroken")] == texts
    assert soup.select_one(".csv a")["download"] == "Table_7.1.csv"


def test_numbers_of_all_pictures_can_be_had_as_csv(open_page):
    cards = "".join(
        f'<article data-id="{name}" data-kind="荧光" data-kaggle="{score}"><p>x</p></article>'
        for name, score in (("a", "0.5"), ("b,c", "1"))
    )
    cell = code("x", shown({"text/html": f'<div class="explorer">{cards}</div>'}))
    link = open_page(["# 1. 一", cell]).select_one(".csv a")
    text = base64.b64decode(link["href"].split(",", 1)[1]).decode("utf-8-sig")
    assert text.splitlines() == ["id,kind,kaggle", "a,荧光,0.5", '"b,c",荧光,1']


def test_numbers_of_a_table_have_no_commas_in_its_csv(open_page):
    cells = "".join(f"<td>{text}</td>" for text in ("1,200", "-3,413.5", "1,2", "a,b"))
    table = f'<figure class="table"><table><tr>{cells}</tr></table></figure>'
    link = open_page(["# 1. 一", code("1", shown({"text/html": table}))]).select_one(".csv a")
    text = base64.b64decode(link["href"].split(",", 1)[1]).decode("utf-8-sig")
    assert text.strip() == '1200,-3413.5,"1,2","a,b"'
