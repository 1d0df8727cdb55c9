"""What can be done with the report page in a real browser, and what stays without a script."""

import base64
import sys
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from discs import discs
from nbformat import v4

from cellseg_utils.evaluation import object_errors
from cellseg_utils.plots import explorer, output
from cellseg_utils.report.rendering import page

sys.path.insert(0, str(Path(__file__).parent))
import chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium.command() is None, reason="no Chromium on PATH"),
]
DOT = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"
SCORES = pd.DataFrame({"名称": ["甲", "乙", "丙"], "Dice": [0.9, 0.95, np.nan], "个": [9, 1200, 30]})
SWEEP = pd.DataFrame({"阈值": [0.25, 0.5, 0.75], "Dice": [0.5, 0.9, 0.7]})
CARDS = "[...document.querySelectorAll('.explorer article')]"
SEEN = f"{CARDS}.filter((card) => card.checkVisibility()).map((card) => card.dataset.kaggle)"
SEEN_IMAGES = f"[...{CARDS}[0].querySelectorAll('img')].filter((own) => own.checkVisibility())"
VIEWS = f"{SEEN_IMAGES}.map((own) => own.alt.split('：')[0])"


def cards():
    truth = discs((40, 80), [(20, 20, 9), (20, 60, 9)])
    found = [truth, np.where(truth == 1, truth, 0)]
    errors = [object_errors.errors(truth, own) for own in found]
    rows = pd.DataFrame({"kaggle": [1.0, 0.5], "dice": 1.0, "nuclei": 2.0, "predicted": 2.0, "id": "x"})
    rows["kind"] = ["暗底荧光", "白底染色"]
    for name in object_errors.NAMES:
        rows[name] = [float(len(getattr(own, name))) for own in errors]
    image = np.full((*truth.shape, 3), 50, np.uint8)
    return explorer.explorer([image] * 2, [truth] * 2, found, errors, rows)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    tables = output.table(SCORES, "表 7.1：得分"), output.table(SWEEP, "表 7.3：阈值", slider=1)
    shown = [{"text/html": own.data} for own in (*tables, cards())] + [{"image/svg+xml": DOT}] * 2
    code = v4.new_code_cell("x = 1", outputs=[v4.new_output("display_data", own) for own in shown])
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell("# 7. 分析"), code])
    nbformat.write(notebook, folder / "07_analysis.ipynb")
    page.render([folder / "07_analysis.ipynb"], folder / "index.html", "报告")
    return folder / "index.html"


@pytest.fixture
def tab(report):
    """The page, which may ask for nothing and have no error whatever is done with it."""
    with chromium.opened(report) as tab:
        yield tab
        requests, errors = chromium.requests_and_errors(tab.events, report.as_uri())
    assert errors == ()
    assert requests == ()


def chosen(tab, place, value):
    tab.evaluate(
        f"(() => {{ const own = document.querySelectorAll('.choices select')[{place}];"
        f"own.value = '{value}'; own.dispatchEvent(new Event('change')); }})()"
    )


def test_a_heading_sorts_its_table_by_keyboard_numbers_as_numbers_and_unknown_ones_last(tab):
    names = "[...document.querySelector('.table tbody').rows].map((row) => row.cells[0].textContent)"
    tab.evaluate("document.querySelectorAll('.table thead button')[2].focus()")
    chromium.press(tab, "Enter")
    assert tab.evaluate(names) == ["乙", "丙", "甲"]
    chromium.press(tab, "Enter")
    assert tab.evaluate(names) == ["甲", "丙", "乙"]
    tab.evaluate("document.querySelectorAll('.table thead button')[1].click()")
    assert tab.evaluate(names) == ["乙", "甲", "丙"]


def test_every_table_can_be_downloaded_as_it_stands(tab):
    link = "document.querySelector('.csv a')"
    assert tab.evaluate(f"{link}.download") == "表7.1.csv"
    text = base64.b64decode(tab.evaluate(f"{link}.href").partition(",")[2]).decode("utf-8-sig")
    assert text.split() == ["名称,Dice,个", "甲,0.900,9", "乙,0.950,1200", "丙,—,30"]


def test_cards_are_sorted_filtered_and_looked_at(tab):
    assert tab.evaluate(SEEN) == ["0.5", "1"]
    chosen(tab, 1, "Kaggle 得分，高的在前")
    assert tab.evaluate(SEEN) == ["1", "0.5"]
    chosen(tab, 2, "暗底荧光")
    assert tab.evaluate(SEEN) == ["1"]
    assert tab.evaluate("document.querySelector('.choices output').textContent") == "1 / 2 张"
    chosen(tab, 3, "missed")
    assert tab.evaluate(SEEN) == []
    chosen(tab, 2, "")
    assert tab.evaluate(SEEN) == ["0.5"]


def test_kinds_can_be_chosen_in_their_order_though_the_worst_card_is_of_the_second(tab):
    options = "[...document.querySelectorAll('.choices select')[2].options].map((own) => own.text)"
    assert tab.evaluate(options) == ["全部", "暗底荧光", "白底染色"]


def test_views_take_turns_and_a_slider_divides_truth_from_prediction(tab):
    assert tab.evaluate(VIEWS) == ["原图"]
    chosen(tab, 0, "truth")
    assert tab.evaluate(VIEWS) == ["真值"]
    chosen(tab, 0, "compare")
    assert tab.evaluate(VIEWS) == ["真值", "预测"]
    tab.evaluate("document.querySelector('div.choices input').focus()")
    chromium.press(tab, "ArrowRight")
    assert tab.evaluate("document.querySelector('.explorer').style.getPropertyValue('--split')") == "51%"


def test_a_slider_reads_the_table_of_thresholds(tab):
    told = "document.querySelector('output.choices').textContent"
    assert tab.evaluate(told) == "阈值 0.500，Dice 0.900"
    tab.evaluate("document.querySelector('label.choices input').focus()")
    chromium.press(tab, "ArrowRight")
    assert tab.evaluate(told) == "阈值 0.750，Dice 0.700"


def test_a_figure_opens_large_by_keyboard_and_gives_the_focus_back(tab):
    opened, place = (
        "document.querySelector('dialog').open",
        "document.activeElement.getAttribute('aria-label')",
    )
    tab.evaluate("document.querySelector('figure > img').focus()")
    first = tab.evaluate(place)
    chromium.press(tab, "Enter")
    assert tab.evaluate(opened) is True
    chromium.press(tab, "ArrowRight")
    chromium.press(tab, "Escape")
    assert tab.evaluate(opened) is False
    later = tab.evaluate(
        f"new Promise((told) => setTimeout(() => told({place}), 100))"
    )  # `close` comes after
    assert later not in (None, first)


def test_all_folds_open_and_shut_at_once(tab):
    folds = "[...document.querySelectorAll('main details')].map((own) => own.open)"
    tab.evaluate("document.querySelector('.folds button[value=open]').click()")
    assert tab.evaluate(folds) == [True]
    tab.evaluate("document.querySelector('.folds button[value=shut]').click()")
    assert tab.evaluate(folds) == [False]


def test_without_script_everything_is_there(report):
    with chromium.opened(report, scripts=False) as tab:
        tab.call("DOM.enable")
        root = tab.call("DOM.getDocument", depth=0)["root"]["nodeId"]
        count = {
            selector: len(tab.call("DOM.querySelectorAll", nodeId=root, selector=selector)["nodeIds"])
            for selector in (".explorer img", ".sweep td", "thead button", "select")
        }
    assert count == {".explorer img": 6, ".sweep td": 6, "thead button": 0, "select": 0}
