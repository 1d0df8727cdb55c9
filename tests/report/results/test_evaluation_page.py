"""The folder of `cellseg evaluate`: tables and a page without requests."""

import dataclasses
import re

import bs4
import numpy as np
import pandas as pd
import pytest
from discs import discs

from cellseg_utils.evaluation import evaluate, evaluate_texts, label_pairs
from cellseg_utils.report.rendering import inline
from cellseg_utils.report.results import evaluation_page

TRUTH = discs((40, 90), [(15, 15, 8), (15, 45, 8), (15, 75, 8)])
HOSTILE = "<img src=x onerror=alert(1)>"


def compared(tmp_path, *names):
    """Pairs of which each but the first misses a nucleus more, and their scores."""
    for side in ("mine", "yours"):
        (tmp_path / side).mkdir(exist_ok=True)
    for number, name in enumerate(names or ("a", HOSTILE)):
        np.save(tmp_path / "yours" / f"{name}.npy", TRUTH)
        np.save(tmp_path / "mine" / f"{name}.npy", np.where(number >= TRUTH, 0, TRUTH))
    pairs = label_pairs.find(tmp_path / "mine", tmp_path / "yours")
    return pairs, evaluate.score(pairs, lambda line: None)


def written(tmp_path, *names, **changes):
    pairs, scored = compared(tmp_path, *names)
    evaluation_page.prepare(tmp_path / "out")
    evaluation_page.write(tmp_path / "out", dataclasses.replace(scored, **changes), pairs)
    return bs4.BeautifulSoup((tmp_path / "out" / "index.html").read_text(encoding="utf-8"), "html.parser")


def test_tables_have_a_row_a_picture_and_a_row_a_score(tmp_path):
    _, own = compared(tmp_path)
    written(tmp_path)
    scores = pd.read_csv(tmp_path / "out" / "scores.csv")
    assert sorted(scores["image"]) == [HOSTILE, "a"]
    assert tuple(scores.columns[: len(evaluate.COLUMNS)]) == evaluate.COLUMNS
    np.testing.assert_allclose(scores["kaggle"], own.rows["kaggle"], rtol=1e-5)
    averages = pd.read_csv(tmp_path / "out" / "averages.csv").set_index("score")
    assert averages.loc["missed", "pooled"] == 1


def test_the_page_answers_first_and_shows_the_worst_picture_first(tmp_path):
    soup = written(tmp_path)
    assert soup.header.p.get_text() == evaluate_texts.answer(compared(tmp_path)[1].rows)
    headings = [heading.get_text() for heading in soup("h2")]
    assert headings == ["最差的图像", "错在哪里", "全部图像", "得分的含义"]
    first = soup.find("section").find("tbody").find("td")
    assert first.get_text() == HOSTILE


def test_names_can_not_become_markup_and_nothing_is_requested(tmp_path):
    lines = {"problems": (f"{HOSTILE}：没有同名的真值",), "remarks": (f"{HOSTILE}：像语义掩膜",)}
    soup = written(tmp_path, **lines)
    assert [own.get_text() for own in soup("script")] == [inline.script("page.js")]
    assert all(image["src"].startswith("data:") for image in soup("img", src=True))
    assert {tag.name for tag in soup(href=re.compile("^(?!#|data:)"))} == set()
    assert "default-src 'none'" in str(soup.find("meta", {"http-equiv": "Content-Security-Policy"}))
    notices = [item.get_text() for item in soup.find(class_="notices")("li")]
    assert notices == [f"{HOSTILE}：没有同名的真值", f"{HOSTILE}：像语义掩膜"]


def test_many_pictures_and_lines_are_cut_short_with_a_word(tmp_path, monkeypatch):
    monkeypatch.setattr(evaluation_page, "MOST", 1)
    soup = written(tmp_path, problems=("x：没有", "y：没有", "z：没有"))
    assert len(soup.find("section").find("tbody")("tr")) == 1
    assert "这里是最差的 1 张，其余见 scores.csv" in soup.find("figcaption").get_text()
    assert [item.get_text() for item in soup.find(class_="notices")("li")] == [
        "x：没有",
        "另有 2 条，见命令行的输出",
    ]


def test_a_second_call_replaces_what_the_first_wrote(tmp_path):
    written(tmp_path)
    for side in ("mine", "yours"):
        (tmp_path / side / f"{HOSTILE}.npy").unlink()
    assert HOSTILE not in written(tmp_path, "only").get_text()


def test_errors_are_drawn_and_where_there_are_none_that_is_told(tmp_path):
    [image] = written(tmp_path)("img", src=True)
    assert "实线是真值的轮廓" in image.find_next("figcaption").get_text()
    (tmp_path / "mine" / f"{HOSTILE}.npy").unlink()
    soup = written(tmp_path, "right")
    assert "没有漏检、粘连、分裂或误检" in soup.get_text()
    assert not soup("img", src=True)


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
