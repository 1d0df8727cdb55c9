import bs4
import pytest
from house import build
from made_runs import add

from cellseg_utils.report.many import overview, run_cards, sweep_record
from cellseg_utils.report.many.sweep_record import Outcome

SEVEN = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two finished reports of a sweep and one that failed."""
    build(tmp_path, monkeypatch)
    folder = tmp_path / "reports"
    add(folder, "g-1", SEVEN)
    add(folder, "g-2", SEVEN, number=2)
    (folder / "g-3" / "logs").mkdir(parents=True)
    (folder / "g-3" / sweep_record.LOG).write_text("log")
    ended = Outcome(sweep_record.FINISHED, "", "demo", {})
    failed = Outcome(sweep_record.FAILED, "内存不够", "demo", {"number": 3})
    sweep_record.write(folder, "g", {"g-1": ended, "g-2": ended, "g-3": failed})
    return folder


def test_a_card_has_picture_facts_log_and_the_pages_that_compare_it(folder):
    run_cards.compare_sweeps(folder)
    first, second, third = sorted(run_cards.cards(folder, overview.table(folder)), key=lambda card: card.name)
    assert first.picture.startswith("data:image/webp")
    assert (first.page, first.log, first.comparisons) == (
        "g-1/index.html",
        "",
        {"g-2": "compare-g-1-g-2.html"},
    )
    assert second.comparisons == {"g-1": "compare-g-1-g-2.html"}
    assert (third.page, third.log, third.picture) == ("", "g-3/logs/sweep.log", "")
    assert third.facts["状态"] == "失败：内存不够"
    assert third.facts["改动的参数"] == "number=3"


def test_a_page_that_is_newer_than_its_reports_is_not_written_again(folder):
    run_cards.compare_sweeps(folder)
    page = folder / "compare-g-1-g-2.html"
    before = page.stat().st_mtime_ns
    run_cards.compare_sweeps(folder)
    assert page.stat().st_mtime_ns == before


def test_the_page_of_all_reports_lets_two_be_chosen_without_a_script(folder):
    soup = bs4.BeautifulSoup(overview.write(folder).read_text(encoding="utf-8"), "html.parser")
    assert len(soup.select(".cards article")) == 3
    assert len(soup.select("input[type=radio]")) == 8
    for style in soup.select("section style"):
        assert "section:has(#left-3:checked)" in style.get_text()
    assert {link["href"] for link in soup.select(".cards a")} == {
        "g-1/index.html",
        "g-2/index.html",
        "compare-g-1-g-2.html",
        "g-3/logs/sweep.log",
    }


def test_a_damaged_report_does_not_keep_the_others_from_their_page(folder):
    (folder / "g-1" / "artifacts" / "scores.csv").unlink()
    overview.write(folder)
    assert not list(folder.glob("compare-*"))
