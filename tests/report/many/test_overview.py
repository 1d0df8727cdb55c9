import json

import bs4
import pytest

from cellseg_utils.report import manifest
from cellseg_utils.report.many import overview
from cellseg_utils.report.sections import ReportError
from cellseg_utils.run import artifacts

SCORES = dict.fromkeys(overview.SCORES, 0.75)
SCORES |= {f"{name}_interval": [0.7, 0.8] for name in overview.SCORES} | {"images": 66}
HOSTILE = "<b>名 %23"


def add(folder, name, when="2026-11-26T09:58:00+00:00", finished=True, overrides=None, scores=SCORES):
    journal = {"reads": {}, "writes": {}, "data": {}, "told": {}}
    about = {"commit": "", "machine": "", "versions": "", "when": when}
    entry = {"key": "", "seconds": 90.0, "journal": journal, "executed": "", "provenance": about}
    value = {"profile": "demo", "overrides": overrides or {}}
    value["notebooks"] = {"01_segmentation": entry, "10_future_work": entry if finished else None}
    directory = folder / name
    (directory / "artifacts").mkdir(parents=True)
    (directory / manifest.NAME).write_bytes(artifacts.signed_bytes(value))
    (directory / "artifacts" / "scores.json").write_text(json.dumps(scores))
    (directory / "index.html").write_text("page")


def test_runs_stand_newest_first_with_what_differs_and_their_scores(tmp_path):
    add(tmp_path, "old", overrides={"epochs": 5})
    add(tmp_path, "new", when="2026-11-27T10:00:00+00:00")
    runs = overview.table(tmp_path)
    assert runs["名称"].tolist() == ["new", "old"]
    assert runs["改动的参数"].tolist() == ["—", "epochs=5"]
    assert runs.loc[1, ["状态", "配置", "分钟", "时间"]].tolist() == [
        "完成",
        "demo",
        "3.0",
        "2026-11-26 09:58",
    ]
    assert runs.loc[1, "Kaggle 得分"] == "0.750（0.700–0.800）"


def test_unfinished_and_damaged_runs_are_named_as_such(tmp_path):
    add(tmp_path, "half", finished=False, scores={})
    add(tmp_path, "torn")
    (tmp_path / "torn" / manifest.NAME).write_text("{")
    states = overview.table(tmp_path).set_index("名称")["状态"]
    assert states.to_dict() == {"half": "跑完了 1 节", "torn": "记录已损坏"}
    assert overview.table(tmp_path).set_index("名称").loc["half", "Dice"] == "—"


def test_a_page_links_every_report_and_no_name_becomes_markup(tmp_path):
    add(tmp_path, HOSTILE)
    soup = bs4.BeautifulSoup(overview.write(tmp_path).read_text(encoding="utf-8"), "html.parser")
    link = soup.find("td").a
    assert link.get_text() == HOSTILE
    assert link["href"] == "%3Cb%3E%E5%90%8D%20%2523/index.html"
    overview.write(tmp_path)  # its own page is replaced


def test_a_folder_without_runs_has_an_empty_table_and_a_foreign_page_stays(tmp_path):
    assert overview.table(tmp_path).empty
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(ReportError, match="没有覆盖它"):
        overview.write(tmp_path)
    assert (tmp_path / "index.html").read_text() == "mine"


def test_the_table_has_english_headings(tmp_path, monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    add(tmp_path, "half", finished=False)
    runs = overview.table(tmp_path)
    assert runs.loc[0, ["Name", "State", "Profile"]].tolist() == ["half", "1 section done", "demo"]
    assert "href" in overview.write(tmp_path).read_text(encoding="utf-8")
