"""The processes that make the reports of a sweep: started, watched and stopped, here or on a Dask cluster."""

import concurrent.futures
import functools
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass

import joblib

from cellseg_utils.prediction import workers
from cellseg_utils.run import places
from cellseg_utils.run.language import say

# of the Python that runs the sweep, or the worker; with `-m` it would import from the current folder
PROGRAM = ("-u", str(places.PACKAGE / "__main__.py"))
LOOK, PATIENCE = 0.25, 20  # seconds: between looks at a process; until one that is asked to stop is killed


@dataclass(frozen=True)
class Task:
    """One report that a process makes.

    Attributes
    ----------
    words : list of str
        Arguments of `cellseg`.
    log : str
        File that gets what it prints.
    here : str
        The folder that relative paths of users start in.
    environment : dict of str to str
        Variables beside those of the machine.
    """

    words: list
    log: str
    here: str
    environment: dict


def execute(task, begun, stopping):
    """Make one report in a process of its own.

    Parameters
    ----------
    task : Task
    begun : callable
        Called without arguments before it starts.
    stopping : callable
        Whether it shall stop; asked several times a second.

    Returns
    -------
    code : int
        Exit status, negative if a signal ended it.
    seconds : float
    """
    started, command = time.perf_counter(), [sys.executable, *PROGRAM, *task.words]
    if stopping():
        return -signal.SIGINT, 0.0
    begun()
    os.makedirs(os.path.dirname(task.log), exist_ok=True)
    with open(task.log, "wb") as stream:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            cwd=task.here,
            env={**os.environ, **task.environment},
            start_new_session=True,  # Ctrl-C reaches only the sweep, which stops the others itself
        )
        while child.poll() is None:
            if stopping():
                _stop(child)
            time.sleep(LOOK)
    return child.returncode, time.perf_counter() - started


def _stop(child):
    child.send_signal(signal.SIGINT if os.name != "nt" else signal.SIGTERM)
    try:
        child.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()


@contextmanager
def here(jobs):
    """Processes on this machine, which share its cores; at the end those that are left are stopped.

    Parameters
    ----------
    jobs : int
        At a time.

    Yields
    ------
    start : callable
        Takes `Task`s by their names, and a callable that is told each name when it begins; gives name, exit
        status and seconds of each as it ends.
    """
    stop, share = threading.Event(), str(max(1, joblib.cpu_count() // jobs))
    threads = {name: share for name in workers.THREADS if jobs > 1 and name not in os.environ}
    pool = concurrent.futures.ThreadPoolExecutor(jobs)

    def start(tasks, begun):
        futures = {}
        for name, task in tasks.items():
            own = Task(task.words, task.log, task.here, {**task.environment, **threads})
            futures[pool.submit(execute, own, functools.partial(begun, name), stop.is_set)] = name
        for future in concurrent.futures.as_completed(futures):
            yield futures[future], *future.result()

    try:
        yield start
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


@contextmanager
def on_cluster(scheduler):
    """Processes of the workers of a Dask cluster; `here` says the rest.

    Parameters
    ----------
    scheduler : str
        Address of the cluster's scheduler.

    Raises
    ------
    workers.WorkersError
        If there is no such cluster, or it is lost.
    """
    import distributed

    with workers.client(1, scheduler) as client:
        stop, futures = distributed.Event(f"cellseg-stop-{uuid.uuid4().hex}", client=client), {}

        def start(tasks, begun):
            for name, task in tasks.items():
                begun(name)
                futures[client.submit(_in_worker, task, stop.name, pure=False)] = name
            for future in distributed.as_completed(futures):
                yield futures[future], *_result(future)

        try:
            yield start
        finally:
            stop.set()
            distributed.wait([future for future in futures if not future.done()], timeout=2 * PATIENCE)


def _in_worker(task, name):
    import distributed

    return execute(task, lambda: None, distributed.Event(name).is_set)


def _result(future):
    import distributed

    try:
        return future.result()
    except distributed.KilledWorker:
        return say("worker 中途退出，多半是内存不够"), 0.0
    except concurrent.futures.CancelledError as error:
        raise workers.WorkersError(
            say("与 Dask scheduler 的连接断了；写完的都还在，用同样的命令接着跑")
        ) from error
    except Exception as error:  # whatever a worker's machine comes up with ends this run, not the others
        return f"{type(error).__name__}: {error}".splitlines()[0], 0.0
