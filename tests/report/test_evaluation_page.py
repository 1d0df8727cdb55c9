"""The folder of `cellseg evaluate`: tables and a page without requests."""

import re

import bs4
import numpy as np
import pandas as pd
import pytest
from discs import discs

from cellseg_utils.evaluation import evaluate, evaluate_texts
from cellseg_utils.report import evaluation_page

TRUTH = discs((40, 90), [(15, 15, 8), (15, 45, 8), (15, 75, 8)])
HOSTILE = "<img src=x onerror=alert(1)>"


def scored(names=("a", HOSTILE), problems=(), remarks=()):
    pictures = [np.where(number >= TRUTH, 0, TRUTH) for number in range(len(names))]
    rows = [evaluate._row(name, TRUTH, own) for name, own in zip(names, pictures, strict=True)]
    return evaluate.Scored(pd.DataFrame(rows), tuple(problems), tuple(remarks))


def written(tmp_path, own):
    evaluation_page.prepare(tmp_path)
    evaluation_page.write(tmp_path, own, "my/labels", "my/truth")
    return bs4.BeautifulSoup((tmp_path / "index.html").read_text(encoding="utf-8"), "html.parser")


def test_tables_have_a_row_a_picture_and_a_row_a_score(tmp_path):
    own = scored()
    written(tmp_path, own)
    scores = pd.read_csv(tmp_path / "scores.csv")
    assert scores["image"].tolist() == ["a", HOSTILE]
    assert tuple(scores.columns[: len(evaluate.COLUMNS)]) == evaluate.COLUMNS
    np.testing.assert_allclose(scores["kaggle"], own.rows["kaggle"], rtol=1e-5)
    averages = pd.read_csv(tmp_path / "averages.csv").set_index("score")
    assert averages.loc["missed", "pooled"] == 1


def test_the_page_answers_first_and_shows_the_worst_picture_first(tmp_path):
    soup = written(tmp_path, scored())
    assert soup.header.p.get_text() == evaluate_texts.answer(scored().rows)
    headings = [heading.get_text() for heading in soup("h2")]
    assert headings == ["最差的图像", "全部图像", "得分的含义"]
    first = soup.find("section").find("tbody").find("td")
    assert first.get_text() == HOSTILE


def test_names_can_not_become_markup_and_nothing_is_requested(tmp_path):
    soup = written(
        tmp_path, scored(problems=[f"{HOSTILE}：没有同名的真值"], remarks=[f"{HOSTILE}：像语义掩膜"])
    )
    assert not soup("script")
    assert not soup("img")
    assert {tag.name for tag in soup(href=re.compile("^(?!#|data:)"))} == set()
    assert "default-src 'none'" in str(soup.find("meta", {"http-equiv": "Content-Security-Policy"}))
    notices = [item.get_text() for item in soup.find(class_="notices")("li")]
    assert notices == [f"{HOSTILE}：没有同名的真值", f"{HOSTILE}：像语义掩膜"]


def test_many_pictures_and_lines_are_cut_short_with_a_word(tmp_path, monkeypatch):
    monkeypatch.setattr(evaluation_page, "MOST", 1)
    soup = written(tmp_path, scored(problems=["x：没有", "y：没有", "z：没有"]))
    assert len(soup.find("section").find("tbody")("tr")) == 1
    assert "这里是最差的 1 张，其余见 scores.csv" in soup.find("figcaption").get_text()
    assert [item.get_text() for item in soup.find(class_="notices")("li")] == [
        "x：没有",
        "另有 2 条，见命令行的输出",
    ]


def test_a_second_call_replaces_what_the_first_wrote(tmp_path):
    written(tmp_path, scored())
    soup = written(tmp_path, scored(["only"]))
    assert HOSTILE not in soup.get_text()


@pytest.mark.parametrize("name", ["index.html", "scores.csv", "averages.csv"])
def test_files_of_others_are_not_overwritten(tmp_path, name):
    (tmp_path / name).write_text("mine")
    with pytest.raises(evaluate.EvaluateError, match=f"{name}：已有别的文件，不覆盖"):
        evaluation_page.prepare(tmp_path)
    assert (tmp_path / name).read_text() == "mine"


def test_an_output_that_is_a_file_is_an_error_at_the_start(tmp_path):
    (tmp_path / "out").touch()
    with pytest.raises(FileExistsError):
        evaluation_page.prepare(tmp_path / "out")
