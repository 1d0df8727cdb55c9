import stat
import sys

import pytest

from cellseg_utils.report.rendering import pdf

PRINTS = """#!{python}
import pathlib, sys
[out] = [option.partition("=")[2] for option in sys.argv if option.startswith("--print-to-pdf=")]
assert sys.argv[-1].startswith("file://")
pathlib.Path(out).write_bytes(b"%PDF-1.4")
"""
FAILS = "#!{python}\nraise SystemExit(3)\n"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a script is no program there")


@pytest.fixture
def page(tmp_path):
    page = tmp_path / "index.html"
    page.write_text("<!doctype html>")
    return page


@pytest.fixture
def install(tmp_path, monkeypatch):
    def installed(text):
        program = tmp_path / "bin" / "chromium"
        program.parent.mkdir()
        program.write_text(text.format(python=sys.executable))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setattr(pdf, "BROWSERS", (str(program),))

    return installed


def test_a_browser_prints_the_page_beside_itself(page, install):
    install(PRINTS)
    assert pdf.write(page) == page.with_name("index.pdf")
    assert page.with_name("index.pdf").read_bytes() == b"%PDF-1.4"


def test_without_a_browser_one_line_says_what_to_do(page, monkeypatch):
    monkeypatch.setattr(pdf, "BROWSERS", ("no-such-browser",))
    with pytest.raises(pdf.PdfError, match=r"没有找到 Chromium、Chrome 或 Edge.*打印成 PDF"):
        pdf.write(page)


def test_a_browser_that_fails_leaves_the_earlier_pdf(page, install):
    install(FAILS)
    page.with_name("index.pdf").write_bytes(b"earlier")
    with pytest.raises(pdf.PdfError, match="没有打印成 PDF"):
        pdf.write(page)
    assert page.with_name("index.pdf").read_bytes() == b"earlier"
