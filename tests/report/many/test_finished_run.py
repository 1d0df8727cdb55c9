import pytest
from house import build
from made_runs import HERE, add, executed

from cellseg_utils.report import manifest, sections
from cellseg_utils.report.many import finished_run
from cellseg_utils.report.sections import ReportError


@pytest.fixture(autouse=True)
def house(tmp_path, monkeypatch):
    build(tmp_path, monkeypatch)


def test_parameters_are_those_it_ran_with_and_data_and_origin_are_those_that_were_noted(tmp_path):
    run = finished_run.read(add(tmp_path, "a", [0.5], number=7))
    assert run.parameters == {"number": 7}
    assert run.trained_on() == "d" * 64
    assert run.provenance == {what: [HERE[what]] for what in finished_run.ORIGIN}
    assert run.name == "a"


def test_a_default_counts_where_nothing_was_injected(tmp_path):
    executed(tmp_path / "01_x.ipynb", "# 1. 第一节")
    assert finished_run.given([tmp_path / "01_x.ipynb"]) == {"number": 1}


def test_what_is_missing_unfinished_or_damaged_is_one_line(tmp_path):
    with pytest.raises(ReportError, match="没有这份报告"):
        finished_run.read(tmp_path)
    directory = add(tmp_path, "a", [0.5])
    (directory / "artifacts" / "scores.csv").unlink()
    with pytest.raises(ReportError, match="结果已损坏或不在了"):
        finished_run.read(directory)
    manifest.whole(directory).note(sections.sections()[0], None)
    with pytest.raises(ReportError, match="还没有跑完"):
        finished_run.read(directory)
