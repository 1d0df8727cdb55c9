"""Processes of a sweep, which are scripts of one line here."""

import importlib.util
import signal
import threading
import time

import pytest

from cellseg_utils.report.many import sweep_process
from cellseg_utils.report.many.sweep_process import Task

with_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="needs the extra cluster"
)
SLEEPS = "import time; print('here', flush=True); time.sleep(60)"


@pytest.fixture
def task(tmp_path, monkeypatch):
    monkeypatch.setattr(sweep_process, "PROGRAM", ("-c",))
    return lambda name, script: Task(
        [script], str(tmp_path / name / "logs" / "x.log"), str(tmp_path), {"OWN": "7"}
    )


def never():
    return False


def test_a_process_prints_into_its_log_with_its_own_environment(task, tmp_path):
    begun = []
    script = "import os, sys; print(os.environ['OWN'], os.getcwd(), file=sys.stderr); sys.exit(3)"
    code, seconds = sweep_process.execute(task("a", script), lambda: begun.append(1), never)
    assert (code, begun) == (3, [1])
    assert seconds > 0
    assert (tmp_path / "a" / "logs" / "x.log").read_text() == f"7 {tmp_path}\n"


def test_a_killed_process_is_told_by_its_signal(task):
    script = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert sweep_process.execute(task("a", script), lambda: None, never)[0] == -signal.SIGKILL


def test_a_process_that_does_not_want_to_stop_is_killed(task, monkeypatch, tmp_path):
    monkeypatch.setattr(sweep_process, "PATIENCE", 0.1)
    script = f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); {SLEEPS}"
    log = tmp_path / "a" / "logs" / "x.log"
    code, seconds = sweep_process.execute(
        task("a", script), lambda: None, lambda: log.exists() and log.read_text()
    )
    assert (code, seconds < 30) == (-signal.SIGKILL, True)


def test_so_many_at_a_time_and_each_comes_back(task):
    names, most, lock = [], [0, 0], threading.Lock()

    def begun(name):
        with lock:
            most[0] += 1
            most[1] = max(most)

    with sweep_process.here(2) as start:
        for name, code, _ in start(
            {name: task(name, "import time; time.sleep(.5)") for name in "abcd"}, begun
        ):
            with lock:
                most[0] -= 1
            names.append((name, code))
    assert sorted(names) == [(name, 0) for name in "abcd"]
    assert most[1] <= 3  # the third may begin before the end of the first is seen


def test_at_the_end_nothing_is_left_and_nothing_begins(task):
    begun, started = [], time.perf_counter()
    with pytest.raises(KeyboardInterrupt), sweep_process.here(1) as start:  # noqa: PT012
        ended = start({"a": task("a", "pass"), "b": task("b", SLEEPS), "c": task("c", SLEEPS)}, begun.append)
        assert next(ended)[:2] == ("a", 0)
        raise KeyboardInterrupt
    assert time.perf_counter() - started < 30
    assert "c" not in begun


def test_several_jobs_share_the_cores(task, tmp_path, monkeypatch):
    monkeypatch.setattr(sweep_process.joblib, "cpu_count", lambda: 8)
    monkeypatch.delenv("TF_NUM_INTRAOP_THREADS", raising=False)
    with sweep_process.here(4) as start:
        list(
            start({"a": task("a", "import os; print(os.environ['TF_NUM_INTRAOP_THREADS'])")}, lambda _: None)
        )
    assert (tmp_path / "a" / "logs" / "x.log").read_text() == "2\n"


@with_dask
def test_workers_of_a_cluster_make_the_reports_and_stop_with_the_sweep(task, tmp_path):
    import distributed

    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=3, processes=False, dashboard_address=None
    ) as cluster:
        tasks = {"a": task("a", "pass"), "b": task("b", "raise SystemExit(2)"), "c": task("c", SLEEPS)}
        lost = Task(["pass"], str(tmp_path / "d" / "x.log"), str(tmp_path / "gone"), {})
        with sweep_process.on_cluster(cluster.scheduler_address) as start:
            ended = start(tasks | {"d": lost}, lambda _: None)
            first = sorted((next(ended)[:2] for _ in "abd"), key=str)
        started = time.perf_counter()
    assert first[:2] == [("a", 0), ("b", 2)]
    assert "gone" in first[2][1]
    assert time.perf_counter() - started < 20
