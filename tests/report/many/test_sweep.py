"""A sweep of two tiny notebooks: what is run, what is told, and what is noted."""

import contextlib
import os
import signal
import time

import pytest
from house import FIRST, build, write

from cellseg_utils.prediction import workers
from cellseg_utils.report import verification
from cellseg_utils.report.many import overview, sweep, sweep_plan, sweep_process, sweep_record
from cellseg_utils.report.sections import ReportError
from cellseg_utils.run import files, places

PROGRAM = """
import sys
from pathlib import Path
from cellseg_utils.cli import main
from cellseg_utils.report.rendering import summary
from cellseg_utils.run import places
folder = Path({folder!r})
places.NOTEBOOKS, places.PROFILES = folder / "notebooks", folder / "notebooks" / "profiles"
summary.describe = lambda *_: {{"title": "题", "subtitle": "副"}}
main.main()
"""


@pytest.fixture
def swept(tmp_path, monkeypatch):
    """Runs a sweep of the tiny project and gives what it told; `swept.program` is what its processes do."""
    make = build(tmp_path, monkeypatch)
    monkeypatch.setattr(sweep_process, "PROGRAM", ("-c", "pass"))

    def run(grid="grid: {number: [1, 2]}", **options):
        (tmp_path / "g.yaml").write_text(grid)
        run.told.clear()
        return sweep.run(sweep_plan.read(tmp_path / "g.yaml"), tell=run.told.append, **options)

    run.told, run.folder, run.project = [], tmp_path, make
    return run


def states():
    return {name: own.state for name, own in sweep_record.read(places.REPORTS).items()}


def test_reports_are_made_a_failure_stays_alone_and_the_same_command_goes_on(swept, monkeypatch):
    monkeypatch.setattr(sweep_process, "PROGRAM", ("-c", PROGRAM.format(folder=str(swept.folder))))
    bad = (
        "import os\nfrom cellseg_utils.run.plain_error import ArgumentError\n"
        "if number == 2 and not os.path.exists(run_dir + '/mended'): raise ArgumentError('不能是 2')"
    )
    write(swept.project.folder, "01_segmentation", FIRST.format(name="number", extra=bad))
    with pytest.raises(ReportError, match="2 份报告里有 1 份没有完成"):
        swept(jobs=2)
    assert states() == {"g-number1": "finished", "g-number2": "failed"}
    assert any("g-number2：失败：不能是 2；日志：" in line for line in swept.told)
    table = overview.table(places.REPORTS).set_index("名称")["状态"]
    assert table.to_dict() == {"g-number1": "完成", "g-number2": "失败：不能是 2"}
    (places.REPORTS / "g-number2" / "mended").touch()
    assert swept().name == "index.html"
    assert swept.told[0] == "[ 1/2] g-number1：没有变化，跳过"
    assert states() == {"g-number1": "finished", "g-number2": "finished"}
    assert overview.table(places.REPORTS)["状态"].tolist() == ["完成", "完成"]


def test_what_a_killed_process_or_one_that_says_nothing_failed_of_is_one_line(tmp_path):
    log = tmp_path / "x.log"
    assert sweep.reason(-9, log) == "进程被杀掉（SIGKILL），多半是内存不够"
    assert sweep.reason(2, log) == "退出码 2，没有说明原因"
    log.write_text("[ 1/2] a\nTraceback\nKeyError: 3\n\n")
    assert sweep.reason(1, log) == "KeyError: 3"
    log.write_text("错误：x.png：是空的\n第 1 节没有完成\n", encoding="utf-8")
    assert sweep.reason(1, log) == "x.png：是空的"
    log.write_text("Error: x.png is empty\nSection 1\n")
    assert sweep.reason(1, log) == "x.png is empty"


def test_ctrl_c_is_noted(swept, monkeypatch):
    def interrupted(tasks, begun):
        begun("g-number1")
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(sweep_process, "here", lambda _: contextlib.nullcontext(interrupted))
    with pytest.raises(KeyboardInterrupt):
        swept()
    assert states() == {"g-number1": "stopped", "g-number2": "waiting"}


def test_a_sweep_that_runs_already_is_refused(swept):
    held = files.locked(sweep_record.folder_of(places.REPORTS, "g"), pytest.fail)
    with held, pytest.raises(ReportError, match="另一个进程正在跑这个 sweep"):
        swept()


def test_a_report_of_another_profile_or_other_values_is_not_current(swept, monkeypatch):
    monkeypatch.setattr(verification, "changes", lambda made, everything, assigned: [])
    made = swept.project
    made({"number": 1})
    everything = sweep.sections.sections()
    assert verification.is_current(made.run, everything, "demo", {})
    assert not verification.is_current(made.run, everything, "full", {})
    assert not verification.is_current(made.run / "none", everything, "demo", {})


@pytest.mark.parametrize("options", [{"jobs": 0}, {"jobs": 2, "scheduler": "tcp://a:1"}])
def test_wrong_numbers_of_processes_are_refused_before_anything_starts(swept, options, monkeypatch):
    monkeypatch.setattr(verification, "is_current", lambda *_: pytest.fail("looked"))
    with pytest.raises((ReportError, workers.WorkersError), match=r"至少 1 个|只能选一个"):
        swept(**options)


def test_what_the_system_ends_stops_its_processes_too():
    def told():
        with sweep._stopping_when_told():
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)

    with pytest.raises(SystemExit) as ended:
        told()
    assert ended.value.code == sweep.TERMINATED
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
