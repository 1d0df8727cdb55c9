import json

import pytest
from house import build
from made_runs import executed

from cellseg_utils.report.rendering import adopted_front
from cellseg_utils.run import artifacts, fingerprint, runs


@pytest.fixture
def front(tmp_path, monkeypatch):
    build(tmp_path, monkeypatch)
    executed(tmp_path / "01_x.ipynb", "# 1. 第一节", "number = 4\n")
    return lambda number=1: adopted_front.describe(tmp_path, {number: tmp_path / "01_x.ipynb"}, ["提醒"])


def test_without_artifacts_there_are_parameters_and_no_provenance(front):
    told = front()
    assert (told["answer"], told["facts"], told["notices"]) == ([], [], ["提醒"])
    assert told["again"]["command"] == "没有记下：笔记本是逐个运行的"
    assert told["again"]["data"] == ["没有记下"]
    [row] = told["again"]["parameters"]
    assert (row["name"], row["value"], row["default"], row["changed"]) == ("number", "4", "1", True)


def test_artifacts_and_journals_give_what_they_know(front, tmp_path):
    (tmp_path / "artifacts").mkdir()
    source = {"title": "图", "images": 3, "synthetic": False}
    (tmp_path / "artifacts" / "source.json").write_text(json.dumps(source))
    journal = {
        "reads": {},
        "writes": {},
        "data": {"/x/a.zip": "f" * 64, "/x/b": fingerprint.MISSING},
        "told": {},
    }
    path = runs.journal_path(tmp_path, "01_segmentation")
    path.parent.mkdir()
    path.write_bytes(artifacts.json_bytes(journal))
    told = front()
    assert told["facts"] == [("数据", "图：图像 3 张")]
    assert front(2)["facts"] == []  # what a section that was not run left from another time is not shown
    assert told["again"]["data"] == ["a.zip：校验值 " + "f" * 16]
