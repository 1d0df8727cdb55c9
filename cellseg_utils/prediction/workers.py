"""Do the pictures of a batch in several processes, on this machine or on a Dask cluster.

One picture is one task: what a lost worker had not finished is done again by another, and what it had
finished is known from its record. Of the results only a line travels; the tables come from the records.
"""

import asyncio
import functools
import importlib.util
import itertools
import logging
import os
import signal
import threading
from concurrent.futures import CancelledError
from contextlib import contextmanager

import joblib

from cellseg_utils.prediction import batch, jobs, ownership
from cellseg_utils.run import language
from cellseg_utils.run.language import say
from cellseg_utils.run.plain_error import PlainError

INSTALL = 'pip install "cellseg-utils[cluster]"'
CONNECTED_WITHIN, WORKERS_WITHIN = 30, 300  # seconds: to find a scheduler; until its first worker comes
# of TensorFlow; with another number of threads the last digits of a probability can be others
THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
_LOADING = threading.Lock()


class WorkersError(PlainError, ValueError):
    """Workers that can't be had; the message is one line with the fix."""


def spread(count=1, scheduler=""):
    """Who does the pictures of a batch.

    Parameters
    ----------
    count : int
        Processes on this machine; 1 is the calling one, and needs no Dask.
    scheduler : str
        Address of a Dask scheduler, such as `tcp://10.0.0.1:8786`, whose workers see the same files under the
        same paths; empty for none.

    Returns
    -------
    spread : callable
        As `batch.predict_folder` takes it.

    Raises
    ------
    WorkersError
        If there is no such number, both are given, or Dask is not installed.
    """
    if count < 1:
        raise WorkersError(say("workers={n}：至少 1 个", n=count))
    if scheduler and count > 1:
        raise WorkersError(say("workers 与 scheduler 只能选一个：集群上有几个 worker 由集群决定"))
    if count == 1 and not scheduler:
        return batch.here
    if importlib.util.find_spec("distributed") is None:
        raise WorkersError(say("多个进程要用 Dask，还没有安装：{command}", command=INSTALL))
    return functools.partial(_on_workers, functools.partial(client, count, scheduler))


def _on_workers(connected, job, pictures):
    """Outcomes as they come; no more tasks at once than threads, so that few suffer when a worker is lost."""
    import distributed

    waiting, names = iter(pictures), {}
    with connected() as cluster:
        running = distributed.as_completed()
        while True:
            threads = max(1, sum(cluster.nthreads().values()))
            for name in itertools.islice(waiting, max(0, threads - len(names))):
                future = cluster.submit(_in_worker, job, name, pictures[name], key=f"{job.call}-{name}")
                names[future] = name
                running.add(future)
            if not names:
                return
            future = next(running)
            name = names.pop(future)
            yield _outcome(future, job, name, pictures[name])


def _in_worker(job, name, picture):
    """Do a picture, unless a worker that was lost had finished it."""
    os.environ[language.VARIABLE] = job.language
    if not ownership.current(job.out, job.call):
        raise WorkersError(
            say(
                "{path}：有 worker 看不到这个文件夹；结果要放在所有机器共用、路径相同的文件夹里", path=job.out
            )
        )
    with _LOADING:
        segmenter = _segmenter(job.settings, job.computing, job.digest)
    record = job.finished(name, picture)
    if record is None:
        return job.do(name, picture, segmenter)
    return jobs.Outcome(name, record.doubt, record.problem)


@functools.lru_cache(maxsize=1)
def _segmenter(settings, computing, digest):
    """The network of this process, loaded for its first picture."""
    if settings.digest(computing) != digest:
        raise WorkersError(
            say("有 worker 的 cellseg、库的版本或模型包与这里的不同，请在所有机器上装成一样的")
        )
    return settings.segmenter(computing)


def _outcome(future, job, name, picture):
    import distributed

    try:
        return future.result()
    except distributed.KilledWorker:
        why = say("处理它的进程每次都中途退出，多半是内存不够，请把这张图切小或缩小后再试")
        return job.fail(name, say("{path}：{what}", path=picture.shown, what=why))
    except CancelledError as error:
        raise WorkersError(say("与 Dask scheduler 的连接断了；写完的都还在，用同样的命令接着跑")) from error


@contextmanager
def client(count, scheduler):
    """A Dask client: of new processes on this machine, or of somebody's cluster.

    Parameters
    ----------
    count, scheduler
        As for `spread`.

    Yields
    ------
    client : distributed.Client

    Raises
    ------
    WorkersError
        If the cluster can't be reached, or has no worker.
    """
    import distributed

    if not scheduler:
        with _deaf_to_ctrl_c():
            cluster = distributed.LocalCluster(**_local(count))
        with cluster, distributed.Client(cluster) as connected:
            yield connected
        return
    try:
        connected = distributed.Client(scheduler, timeout=CONNECTED_WITHIN)
    except (OSError, ValueError, asyncio.TimeoutError) as error:  # one class from Python 3.11 on
        raise WorkersError(
            say("{address}：连不上这个 Dask scheduler，请检查地址（如 tcp://主机:8786）", address=scheduler)
        ) from error
    with connected:
        try:
            connected.wait_for_workers(1, timeout=WORKERS_WITHIN)
        except asyncio.TimeoutError as error:  # TimeoutError from Python 3.11 on
            raise WorkersError(
                say(
                    "{address}：{seconds} 秒内没有 worker，请先启动 dask worker",
                    address=scheduler,
                    seconds=WORKERS_WITHIN,
                )
            ) from error
        yield connected


def _local(count):
    """Processes that share the cores, if the user has not; TensorFlow's memory is not for Dask to judge."""
    threads = str(max(1, joblib.cpu_count() // count))
    return {
        "n_workers": count,
        "threads_per_worker": 1,
        "memory_limit": 0,
        "dashboard_address": None,
        "silence_logs": logging.CRITICAL,
        "env": {name: threads for name in THREADS if name not in os.environ},
    }


@contextmanager
def _deaf_to_ctrl_c():
    """Processes that are started meanwhile leave it to this one to stop them, without a traceback of each."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
