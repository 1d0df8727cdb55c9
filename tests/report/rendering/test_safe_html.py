import time

import bs4
import hostile_html
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg_utils.report.rendering import formula, safe_html

STYLE = "width:9px;max-width:100%;min-width:5px;height:auto"
OURS = (
    '<figure class="table sweep" data-row="1" style="overflow-x:auto"><figcaption>图</figcaption><table>'
    '<thead><tr><th style="text-align:right" scope="col">a</th></tr></thead>'
    '<tbody><tr><td colspan="2">1</td></tr></tbody></table></figure>',
    f'<figure><img class="tall" src="data:image/webp;base64,AA==" alt="a &lt; b" width="9" style="{STYLE}">'
    '<figcaption style="position:sticky;left:0">图</figcaption></figure>',
    '<article data-id="x" data-kaggle="0.5"><div class="stack"><img alt="a" decoding="async"></div>'
    "<dl><dt>a</dt><dd>1</dd></dl></article>",
    '<details class="code" open=""><summary>a</summary><pre tabindex="0"><code>x\n</code></pre></details>',
    '<a href="https://doi.org/10.1038/x?a=1&amp;b=2">a</a><a href="#s04">b</a><a href="04_model.ipynb">c</a>',
    '<a href="mailto:a@example.org">a</a><div role="region" aria-label="表" lang="en" hidden="">b</div>',
    '<ol start="3"><li>H<sub>2</sub>O <b>a</b> <em>b</em> <del>c</del></li></ol><h2>a</h2><hr><p>a<br>b</p>',
)


@pytest.mark.parametrize("html", OURS)
def test_what_our_notebooks_write_stays_as_it_is(html):
    assert safe_html.clean(html) == html


@pytest.mark.parametrize(
    "latex",
    [
        r"\frac{a}{b} \le \sqrt[3]{x} + \mathbf{y}",
        r"\begin{cases}1 & x > 0\\0\end{cases}",
        r"\overline{\text{a b}} \sum_{i=1}^n \left[x\right] \quad \bigl| \color{red}{x}",
        r"\begin{array}{l|r}1 & 2\\ \hline 3 & 4\end{array} \boxed{x} \phantom{x} \underbrace{y}_z",
    ],
)
def test_formulas_stay(latex):
    element = formula.mathml(latex, "block")
    before, after = (bs4.BeautifulSoup(own, "html.parser") for own in (element, safe_html.clean(element)))
    assert [(own.name, own.attrs) for own in after()] == [(own.name, own.attrs) for own in before()]
    assert after.get_text() == before.get_text()


def test_styled_tables_of_pandas_keep_their_styles_and_plain_ones_their_cells():
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    styled = frame.style.highlight_max(color="#aabbcc").set_table_styles([
        {"selector": "td:hover", "props": "text-align: left"},
    ])  # fmt: skip
    soup = bs4.BeautifulSoup(safe_html.clean(styled.to_html()), "html.parser")
    name = soup.table["id"]
    assert f"#{name} td:hover {{text-align: left;}}" in soup.style.string
    assert f"#{name}_row1_col0, #{name}_row1_col1 {{background-color: #aabbcc" in soup.style.string
    assert soup.find(id=f"{name}_row1_col1").get_text() == "4.000000"
    plain = bs4.BeautifulSoup(safe_html.clean(frame._repr_html_()), "html.parser")
    assert plain.style is None
    assert [cell.get_text() for cell in plain("td")] == ["1.0", "3.0", "2.0", "4.0"]


@pytest.mark.parametrize(
    "rule",
    [
        "#T_a, body {color: red}",
        "#T_a + p {color: red}",
        "#T_a {background: url(//a.example)}",
        "#T_a {background: u\\72l(//a.example)}",
        "#T_a {content: 'x'}",
        "#T_a </style><b> {color: red}",
        "@media print {#T_a {position: fixed}}",
    ],
)
def test_no_other_style_sheet_stays(rule):
    assert "<style>" not in safe_html.clean(f"<style>\n{rule}\n</style>")


@pytest.mark.parametrize(
    ("style", "kept"),
    [
        ("color:red;background:url(x);left:0", "color:red;left:0"),
        ("position:fixed;width:calc(1px + 2%)", "width:calc(1px + 2%)"),
        ("background: linear-gradient(90deg, #fff 10%, rgb(1, 2, 3) 10%)", None),
        ("background:image-set('a' 1x);POSITION:ABSOLUTE;--a:1;color:var(--a)", ""),
        ("color:red/*;*/;background:/**/red", ""),
        ("background:u\\72l(x)", ""),
        ("", ""),
    ],
)
def test_styles_neither_load_nor_cover(style, kept):
    soup = bs4.BeautifulSoup(safe_html.clean(f'<p style="{style}">a</p>'), "html.parser")
    assert soup.p.get("style", "") == (style if kept is None else kept)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "javascript:x",
            " java\tscript:x",
            "\1javascript:x",
            "data:text/html,x",
            "vbscript:x",
            "blob:http://x",
        ),
        *("//a.example", "\\\\a.example", "/\\a.example", "file:///etc", "http:a.example", "https:\n//a"),
    ],
)
def test_links_lead_only_where_a_reader_sees_it(address):
    assert safe_html.clean(bs4.BeautifulSoup().new_tag("a", href=address, string="a").decode()) == "<a>a</a>"


def test_what_is_left_open_is_closed_and_what_no_file_can_hold_is_replaced():
    assert safe_html.clean("<div><b>a\ud800") == "<div><b>a?</b></div>"


def names_and_attributes(html):
    soup = bs4.BeautifulSoup(html, "html.parser")
    return {own.name for own in soup()}, {name for own in soup() for name in own.attrs}


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([*hostile_html.PAYLOADS, *hostile_html.TOKENS]), max_size=6))
def test_only_what_is_listed_comes_out_of_anything(parts):
    tags, attributes = names_and_attributes(safe_html.clean(hostile_html.of("".join(parts), 1)))
    allowed = set().union(*safe_html.ATTRIBUTES.values())
    assert tags <= {*safe_html.FORMULAS.split(), "style"} | {
        *f"{safe_html.TEXT} {safe_html.MARKS} {safe_html.BLOCKS} {safe_html.TABLES}".split()
    }
    assert {name for name in attributes if not name.startswith(("data-", "aria-"))} <= allowed


@pytest.mark.parametrize(
    "hostile",
    [
        '<p style="color:{many}$">a'.replace("{many}", " " * 200_000),
        f"<style>#T_{'a' * 200_000}$ {{color:red}}</style>",
        f'<p style="{"color:rgb(" * 20_000}$">a',
        "#T_" * 60_000 + "}" * 60_000,
        "<!-- <svg><style><a title='" * 10_000,
        "<div><table><a>" * 2_000,
    ],
)
def test_no_length_makes_it_slow(hostile):
    start = time.process_time()
    safe_html.clean(hostile)
    assert time.process_time() - start < 2
