"""The page in a real browser: whole without network and Chinese fonts, on a desk, a phone and paper."""

import os
import shutil
import sys
from pathlib import Path

import matplotlib
import nbformat
import pytest
from nbformat import v4

from cellseg_utils.report.rendering import page

sys.path.insert(0, str(Path(__file__).parent))
import chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium.command() is None, reason="no Chromium on PATH"),
]
PHONE = 390  # CSS pixels
REPORTS = [Path(name) for name in os.environ.get("CELLSEG_REPORTS", "").split(":") if name]
PICTURE = (
    "<svg xmlns='http://www.w3.org/2000/svg' width='900' height='200'><rect width='900' height='200'/></svg>"
)
TEXT = """# 4. 数据的预处理

显微图像里的**细胞核**，用交并比 $\\mathrm{IoU} = \\frac{|A \\cap B|}{|A \\cup B|}$ 衡量，见[小结](#小结)。

$$\\mathcal{L} = -\\sum_{h=1}^{N} \\left[ y_h \\log \\frac{\\alpha}{1 + p_h} \\right], \\quad y_h \\ge 0$$

## 小结

- `1b44d22643830cd4f23c9deadb0bd499fb392fb2cd9526d81547d93077d983df`

<details class="code"><summary>源代码：cellseg_utils.evaluation.object_metrics.match_counts</summary>

x

</details>
"""


@pytest.fixture(scope="module")
def small_report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    table = "<table><tr>" + "<th>很长的列名</th>" * 12 + "</tr><tr>" + "<td>0.123</td>" * 12 + "</tr></table>"
    outputs = [{"image/svg+xml": PICTURE}, {"text/html": table}, {"text/plain": "很长 " * 80}]
    cells = [
        v4.new_markdown_cell(TEXT),
        v4.new_code_cell(
            "x = 1  # " + "很长的一行" * 40, outputs=[v4.new_output("display_data", data) for data in outputs]
        ),
    ]
    nbformat.write(v4.new_notebook(cells=cells), folder / "04_preprocessing.ipynb")
    page.render(
        [folder / "04_preprocessing.ipynb"],
        folder / "index.html",
        "细胞图像分割报告",
        subtitle="说明",
        answer=["在 9 张图像上：Dice 0.900。"] * 3,
        facts=[("数据", "合成图像"), ("git 提交", "f" * 60)],
        yardstick=(
            [["得分", "这份报告", "只用一个阈值", "早先的报告"], ["Dice", "0.9", "0.7", "—"]],
            "只能大致比较。",
        ),
        notices=["跳过了一张"],
        again={
            "command": "cellseg report --set " + "x" * 80,
            "parameters": [dict.fromkeys(("section", "name", "value", "default", "meaning"), "很长" * 9)],
            "data": ["stage1_train.zip：SHA-256 0123456789abcdef…"],
            "citation": ["引用"],
            "bibtex": "@software{cellseg, title = {" + "x" * 99,
            "facts": [("代码", "f" * 60)],
        },
    )
    return folder / "index.html"


@pytest.fixture(params=["small", *REPORTS], ids=str)
def report(request, small_report):
    """The small page, and each report named in CELLSEG_REPORTS (paths with colons between)."""
    return small_report if request.param == "small" else request.param


@pytest.fixture(scope="module")
def latin_fonts(tmp_path_factory):
    """A folder with one font that has no Chinese characters."""
    folder = tmp_path_factory.mktemp("fonts")
    shutil.copy(Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf"), folder)
    return folder


@pytest.mark.parametrize("width", [1280, PHONE, 360])
def test_page_opens_without_network_and_fits_the_window(report, width):
    facts = chromium.open_page(report, width)
    print(f"{report}: {width} px, load event after {facts.load_seconds:.2f} s")
    assert facts.requests == ()
    assert facts.errors == ()
    assert facts.load_seconds < 5
    assert facts.scroll_width <= width
    assert facts.screenshot.startswith(b"\x89PNG")


def test_no_character_is_a_box_where_no_chinese_font_is_installed(report, latin_fonts):
    facts = chromium.open_page(report, font_folder=latin_fonts)
    assert facts.boxes == ""
    assert any(font.endswith("(web)") and "CJK" in font for font in facts.fonts)


def test_boxes_are_noticed_where_the_page_brings_no_font(small_report, latin_fonts, tmp_path):
    bare = tmp_path / "bare.html"
    bare.write_text(
        small_report.read_text(encoding="utf-8").replace("@font-face", "@media none"), encoding="utf-8"
    )
    assert {"细", "胞", "𝑦"} <= set(chromium.open_page(bare, font_folder=latin_fonts).boxes)


def test_requests_and_errors_are_noticed(tmp_path):
    loud = tmp_path / "loud.html"
    loud.write_text(
        "<!doctype html><img src='http://a.invalid/x.png'><script>console.error('坏'); nothing()</script>"
    )
    facts = chromium.open_page(loud)
    assert facts.requests == ("http://a.invalid/x.png",)
    assert len(facts.errors) >= 3


def test_page_prints(report):
    assert chromium.print_pdf(report).startswith(b"%PDF")
