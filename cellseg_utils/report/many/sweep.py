"""Run the reports of a sweep, each in its own process: on this machine, or on a Dask cluster."""

import dataclasses
import functools
import os
import re
import signal
import sys
import threading
from contextlib import contextmanager

from cellseg_utils.prediction import workers
from cellseg_utils.report import sections, verification
from cellseg_utils.report.many import overview, sweep_plan, sweep_process, sweep_record
from cellseg_utils.report.many.sweep_record import Outcome
from cellseg_utils.report.sections import ReportError
from cellseg_utils.run import files, language, places
from cellseg_utils.run.language import say

HANDED_ON = (language.VARIABLE, "CELLSEG_DATA", "KERAS_BACKEND")  # to the processes of a cluster
OURS = re.compile("^(?:错误：|错误: |Error: )(.*)", re.MULTILINE)  # as `cellseg` says why it stops
TERMINATED = 143  # the exit status that shells give to SIGTERM
KILLED = getattr(signal, "SIGKILL", 9)


def run(plan, jobs=1, scheduler="", tell=print):
    """Run what is not finished yet, and write the page of all reports.

    Parameters
    ----------
    plan : sweep_plan.Plan
    jobs : int
        Reports at a time on this machine, which share its cores.
    scheduler : str
        Address of a Dask scheduler, one report a thread of its workers; empty for none.
    tell : callable
        Gets one line of progress at a time.

    Returns
    -------
    page : Path
        `reports/index.html`.

    Raises
    ------
    ReportError
        If a run failed, once the others have run; if the sweep runs already, or there are no jobs.
    workers.WorkersError
        If there is no such cluster, or both are given.
    """
    if jobs < 1:
        raise ReportError(say("--jobs {jobs}：至少 1 个", jobs=jobs))
    if scheduler:
        workers.spread(jobs, scheduler)
    folder = sweep_record.folder_of(places.REPORTS, plan.name)
    with files.locked(folder, functools.partial(_refuse, plan.name)):
        outcomes = _outstanding(plan, tell)
        waiting = [name for name, own in outcomes.items() if own.state == sweep_record.WAITING]
        _note(plan, outcomes)
        try:
            started = sweep_process.on_cluster(scheduler) if scheduler else sweep_process.here(jobs)
            with _stopping_when_told(), started as start:
                _follow(plan, outcomes, waiting, start, tell)
        finally:
            _note(plan, {name: _stopped(own) for name, own in outcomes.items()})
    page = overview.write(places.REPORTS)
    failed = sum(own.state == sweep_record.FAILED for own in outcomes.values())
    if failed:
        counts = {"total": len(outcomes), "failed": failed, "page": page}
        raise ReportError(
            say("{total} 份报告里有 {failed} 份没有完成，原因见上面与 {page}；用同样的命令接着跑", **counts)
        )
    return page


@contextmanager
def _stopping_when_told():
    """End by an exception when the system asks to (SIGTERM), so that the processes of the runs end too."""
    usual = signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, usual)


def _outstanding(plan, tell):
    """What of each run is known before anything starts: finished, or to be run."""
    everything, outcomes = sections.sections(), {}
    for number, (name, values) in enumerate(plan.runs.items(), 1):
        done = verification.is_current(places.REPORTS / name, everything, plan.profile, plan.assigned[name])
        state = sweep_record.FINISHED if done else sweep_record.WAITING
        outcomes[name] = Outcome(state, "", plan.profile, values)
        if done:
            tell(say("{label}：没有变化，跳过", label=_label(number, plan, name)))
    return outcomes


def _follow(plan, outcomes, waiting, start, tell):
    """Start all runs and note what becomes of each."""
    numbers = {name: number for number, name in enumerate(plan.runs, 1)}
    noting = threading.Lock()  # runs begin in threads of their own

    def changed(name, state, reason=""):
        with noting:
            outcomes[name] = Outcome(state, reason, plan.profile, plan.runs[name])
            _note(plan, outcomes)

    def begun(name):
        changed(name, sweep_record.RUNNING)
        tell(say("{label}：开始", label=_label(numbers[name], plan, name)))

    for name, code, seconds in start({name: _task(plan, name) for name in waiting}, begun):
        label, log = _label(numbers[name], plan, name), places.REPORTS / name / sweep_record.LOG
        if code == 0:
            changed(name, sweep_record.FINISHED)
            tell(say("{label}：完成，用时 {seconds:.0f} 秒", label=label, seconds=seconds))
        else:
            why = reason(code, log)
            changed(name, sweep_record.FAILED, why)
            tell(say("{label}：失败：{reason}；日志：{log}", label=label, reason=why, log=log))


def reason(code, log):
    """Why a process did not make its report.

    Parameters
    ----------
    code : int or str
        Its exit status, negative if a signal ended it; or what a cluster says.
    log : Path
        What it printed.

    Returns
    -------
    reason : str
        One line.
    """
    if code == -KILLED:
        return say("进程被杀掉（SIGKILL），多半是内存不够")
    if isinstance(code, str):
        return code
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    said = OURS.findall(text) or [line for line in text.splitlines() if line.strip()]
    return said[-1].strip() if said else say("退出码 {code}，没有说明原因", code=code)


def _task(plan, name):
    directory = places.REPORTS / name
    environment = {key: os.environ[key] for key in HANDED_ON if key in os.environ}
    words = sweep_plan.arguments(plan.profile, plan.runs[name], directory)
    return sweep_process.Task(words, str(directory / sweep_record.LOG), os.getcwd(), environment)


def _note(plan, outcomes):
    sweep_record.write(places.REPORTS, plan.name, outcomes)


def _stopped(outcome):
    """What is noted of a run once the sweep has ended, whichever way."""
    running = outcome.state == sweep_record.RUNNING
    return dataclasses.replace(outcome, state=sweep_record.STOPPED) if running else outcome


def _label(number, plan, name):
    return f"[{number:2d}/{len(plan.runs)}] {name}"


def _refuse(name):
    raise ReportError(say("{name}：另一个进程正在跑这个 sweep，请等它结束", name=name))
