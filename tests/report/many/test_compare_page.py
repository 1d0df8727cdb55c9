import re

import bs4
import pytest
from house import build
from made_runs import add

from cellseg_utils.report.many import compare_page, compare_runs
from cellseg_utils.report.sections import ReportError

HOSTILE = "<b>%23"


@pytest.fixture
def pair(tmp_path, monkeypatch):
    build(tmp_path, monkeypatch)
    scores = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
    return compare_runs.read(add(tmp_path, "a", scores), add(tmp_path, HOSTILE, scores, number=2))


def test_pictures_scores_and_what_differs_stand_side_by_side_and_nothing_is_loaded(pair, tmp_path):
    html = compare_page.write(pair, tmp_path).read_text(encoding="utf-8")
    soup = bs4.BeautifulSoup(html, "html.parser")
    assert (tmp_path / f"compare-a-{HOSTILE}.html").is_file()
    assert len(soup.select(".pair img[src^='data:image/webp']")) == 2
    assert [link["href"] for link in soup.select(".pair a")] == ["a/index.html", "%3Cb%3E%2523/index.html"]
    assert soup.main.find("b") is None
    assert [cell.get_text() for cell in soup.select("td")][:3] == ["0.400（0.100–0.900）"] * 2 + [
        "+0.000（+0.000 到 +0.000）"
    ]
    assert "default-src 'none'" in soup.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    assert not re.search(r'(?:src|href)="https?:', html)
    assert "没有不同。" in html
    compare_page.write(pair, tmp_path)


def test_the_page_is_in_english_too(pair, tmp_path, monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    soup = bs4.BeautifulSoup(compare_page.write(pair, tmp_path).read_text(encoding="utf-8"), "html.parser")
    told = [tag.get_text() for tag in soup.main.select("h2, h3, p, th")]
    assert not re.search("[\u4e00-\u9fff]", " ".join(told))


def test_somebody_elses_page_stays(pair, tmp_path):
    (tmp_path / f"compare-a-{HOSTILE}.html").write_text("mine")
    with pytest.raises(ReportError, match="没有覆盖它"):
        compare_page.write(pair, tmp_path)
