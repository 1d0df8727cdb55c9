import pytest

from cellseg_utils.report import manifest
from cellseg_utils.report.many import sweep_record
from cellseg_utils.report.many.sweep_record import Outcome
from cellseg_utils.run import artifacts

FAILED = Outcome(sweep_record.FAILED, "坏了", "demo", {"number": 1})


def test_what_is_noted_is_read_again_and_a_damaged_file_counts_as_none(tmp_path):
    sweep_record.write(tmp_path, "a", {"a-1": FAILED})
    sweep_record.write(tmp_path, "b", {"b-1": FAILED, "b-2": FAILED})
    assert sweep_record.read(tmp_path) == dict.fromkeys(["a-1", "b-1", "b-2"], FAILED)
    assert sweep_record.sweeps(tmp_path) == {"a": ["a-1"], "b": ["b-1", "b-2"]}
    (sweep_record.folder_of(tmp_path, "b") / sweep_record.NAME).write_text("{")
    assert list(sweep_record.read(tmp_path)) == ["a-1"]
    assert list(sweep_record.sweeps(tmp_path)) == ["a"]


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (sweep_record.FAILED, "失败：坏了"),
        (sweep_record.RUNNING, "正在跑，或被中途杀掉"),
        (sweep_record.WAITING, "还没有开始"),
        (sweep_record.STOPPED, "被中断"),
        (sweep_record.FINISHED, ""),
    ],
)
def test_a_reader_is_told_why_a_run_did_not_end(tmp_path, state, text):
    assert sweep_record.state_text(tmp_path, Outcome(state, "坏了", "demo", {})) == text


def test_a_report_that_was_finished_later_is_finished(tmp_path):
    journal = {"reads": {}, "writes": {}, "data": {}, "told": {}}
    about = {"commit": "", "machine": "", "versions": "", "when": "2026-01-01T00:00:00+00:00"}
    noted = {"key": {}, "seconds": 1.0, "journal": journal, "executed": "", "provenance": about}
    value = {"profile": "demo", "overrides": {}, "notebooks": {"01": noted}}
    (tmp_path / manifest.NAME).write_bytes(artifacts.signed_bytes(value))
    assert sweep_record.state_text(tmp_path, FAILED) == "失败：坏了"
    (tmp_path / "index.html").write_text("page")
    assert sweep_record.state_text(tmp_path, FAILED) == ""
    assert sweep_record.state_text(tmp_path, None) == ""
