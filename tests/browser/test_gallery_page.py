"""The page of a `cellseg predict` folder in a real browser: sorting, the large picture, names of any kind."""

import sys
from pathlib import Path

import predicted
import pytest

from cellseg_utils.report.results import gallery

sys.path.insert(0, str(Path(__file__).parent))
import chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium.command() is None, reason="no Chromium on PATH"),
]
NASTY = "<img src=x onerror=document.title='broken'>\n../" + "长" * 300
NOTHING = "没有找到细胞核"
NAMES = "[...document.querySelectorAll('.pictures tbody th')].map((cell) => cell.textContent)"
SEEN = "[...document.querySelectorAll('.pictures tbody tr')].filter((row) => row.checkVisibility()).length"
LARGE = "document.querySelector('dialog img')"
OPENED = "[document.querySelector('dialog').open, document.querySelector('dialog bdi').textContent]"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    nuclei = {"a10": [(10, 0.9), (30, 0.9)], "a9": [(25, 0.8)] * 12, "a b%": [], "x": [(5, 0.5)]}
    predicted.write(folder, nuclei, {"a b%": NOTHING}, files={"x": NASTY}, failures=[(NASTY, NASTY)])
    gallery.write(folder)
    return folder


@pytest.fixture
def tab(folder):
    """The page, which may ask for nothing but large pictures and have no error whatever is done with it."""
    with chromium.opened(folder / "index.html") as tab:
        yield tab
        requests, errors = chromium.requests_and_errors(tab.events, (folder / "index.html").as_uri())
    assert errors == ()
    assert all(request.startswith((folder / "overlays").as_uri()) for request in requests)


def sorted_by(tab, heading):
    tab.evaluate(f"document.querySelectorAll('.pictures thead button')[{heading}].click()")
    return tab.evaluate(NAMES)


@pytest.mark.parametrize("width", [1400, 390])
def test_the_page_fits_and_asks_for_nothing(folder, width):
    facts = chromium.open_page(folder / "index.html", width)
    assert facts.requests == ()
    assert facts.errors == ()
    assert facts.scroll_width <= width


def test_names_of_files_are_texts(tab):
    assert tab.evaluate("document.title") == "4 张图像里找到 15 个细胞核"
    assert NASTY in tab.evaluate(NAMES)
    assert tab.evaluate("document.querySelectorAll('img:not(.view img, dialog img)').length") == 0


def test_headings_sort_and_sort_back_and_unknown_values_come_last(tab):
    names, counts, areas = 0, 1, 2
    assert tab.evaluate(NAMES) == ["a b%.png", NASTY, "a9.png", "a10.png"]
    by_name = sorted_by(tab, names)
    assert by_name.index("a9.png") < by_name.index("a10.png")
    assert sorted_by(tab, counts) == ["a9.png", "a10.png", NASTY, "a b%.png"]
    assert sorted_by(tab, areas) == ["a9.png", "a10.png", NASTY, "a b%.png"]
    assert sorted_by(tab, areas) == [NASTY, "a10.png", "a9.png", "a b%.png"]
    assert tab.evaluate("[...document.querySelectorAll('[aria-sort]')].map((cell) => cell.ariaSort)") == [
        "ascending"
    ]


def test_a_picture_opens_large_and_arrow_keys_go_on(tab):
    tab.evaluate("document.querySelector('.view a').focus()")
    chromium.press(tab, "Enter")
    assert tab.evaluate(OPENED) == [True, "a b%.png"]
    assert tab.evaluate(f"{LARGE}.decode().then(() => {LARGE}.naturalWidth)") == predicted.SHAPE[1]
    chromium.press(tab, "ArrowRight")
    assert tab.evaluate(OPENED) == [True, NASTY]
    for _ in range(2):
        chromium.press(tab, "ArrowLeft")
    assert tab.evaluate(OPENED) == [True, "a b%.png"]
    chromium.press(tab, "Escape")
    assert tab.evaluate(OPENED)[0] is False
    assert tab.evaluate("document.activeElement.closest('tr').id") == "p1"


def test_only_doubtful_pictures_are_shown_on_request(tab):
    assert tab.evaluate(SEEN) == 4
    tab.evaluate("document.querySelector('#only-warned').click()")
    assert tab.evaluate(SEEN) == 1


def test_without_script_everything_is_there_doubtful_ones_first(folder):
    with chromium.opened(folder / "index.html", scripts=False) as tab:
        assert tab.evaluate(NAMES)[0] == "a b%.png"
        assert tab.evaluate("document.querySelectorAll('.pictures .view a').length") == 4
        assert tab.evaluate("document.querySelectorAll('.pictures button').length") == 0


def test_it_prints(folder):
    assert chromium.print_pdf(folder / "index.html").startswith(b"%PDF")
