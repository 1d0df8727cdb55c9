"""Pictures done by several processes; those with real workers need the extra `cluster`."""

import importlib.util
import os
import shutil
import zipfile
from dataclasses import replace

import pytest
from thresholds import DEATHS, Deadly, Finder, Found, Poisonous, Threshold, contents, put

from cellseg_utils.data import picture_files
from cellseg_utils.prediction import batch, jobs, ownership, workers
from cellseg_utils.run.language import say

with_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="needs the extra cluster"
)


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    """A folder of six pictures and a bad one; whichever process looks at the second may be killed."""
    for width in range(12, 18):
        put(tmp_path / "in", f"{width}.png", shape=(9, width))
    (tmp_path / "in" / "bad.png").write_bytes(b"")
    (tmp_path / "deaths").mkdir()
    monkeypatch.setenv(DEATHS, str(tmp_path / "deaths"))
    monkeypatch.setattr(workers, "CONNECTED_WITHIN", 1)
    monkeypatch.setattr(workers, "WORKERS_WITHIN", 1)
    return tmp_path / "in"


def predict(source, out, settings=Threshold, spread=batch.here):
    told = []
    batch.predict_folder([str(source)], out, settings(skip_bad=True), told.append, spread)
    return told


@with_dask
def test_two_workers_one_killed_midway_give_what_one_process_does(pictures, tmp_path):
    told = predict(pictures, tmp_path / "one")
    assert predict(pictures, tmp_path / "two", Deadly, workers.spread(2))[0] == told[0]
    assert len(list((tmp_path / "deaths").iterdir())) == 1
    assert contents(tmp_path / "two") == contents(tmp_path / "one")


@with_dask
def test_a_picture_that_kills_every_worker_is_a_bad_one_and_the_rest_goes_on(pictures, tmp_path):
    told = predict(pictures, tmp_path / "two", Poisonous, workers.spread(2))
    assert any(line.startswith("13.png：处理它的进程每次都中途退出") for line in told)
    (pictures / "13.png").write_bytes(b"")
    predict(pictures, tmp_path / "one")
    tables = {name: data for name, data in contents(tmp_path / "one").items() if name != "failures.csv"}
    assert contents(tmp_path / "two").items() >= tables.items()


@pytest.fixture
def cluster():
    import distributed

    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        yield cluster


@with_dask
def test_workers_of_a_scheduler_read_a_zip_themselves_and_serve_one_call_after_another(
    pictures, tmp_path, cluster
):
    shutil.make_archive(str(tmp_path / "mine"), "zip", pictures)
    spread = workers.spread(scheduler=cluster.scheduler_address)
    for number in range(2):
        with zipfile.ZipFile(tmp_path / "mine.zip", "a") as archive:
            archive.write(pictures / "12.png", f"another {number}.png")
        predict(tmp_path / "mine.zip", tmp_path / "two", spread=spread)
    predict(tmp_path / "mine.zip", tmp_path / "one")
    assert contents(tmp_path / "two") == contents(tmp_path / "one")


@with_dask
def test_a_scheduler_without_workers_is_one_line(pictures, tmp_path):
    import distributed

    with distributed.LocalCluster(n_workers=0, dashboard_address=None) as cluster:
        spread = workers.spread(scheduler=cluster.scheduler_address)
        with pytest.raises(workers.WorkersError, match="1 秒内没有 worker"):
            predict(pictures, tmp_path / "out", spread=spread)


@with_dask
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nothing://here", "127.0.0.1:port"])
def test_a_scheduler_that_is_not_there_is_one_line(pictures, tmp_path, address):
    with pytest.raises(workers.WorkersError, match="连不上这个 Dask scheduler"):
        predict(pictures, tmp_path / "out", spread=workers.spread(scheduler=address))


def test_one_process_needs_no_dask_and_more_say_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert workers.spread() is batch.here
    for wanted in ({"count": 2}, {"scheduler": "tcp://10.0.0.1:8786"}):
        with pytest.raises(workers.WorkersError, match=r'pip install "cellseg-utils\[cluster\]"'):
            workers.spread(**wanted)


def test_what_can_not_be_is_refused():
    with pytest.raises(workers.WorkersError, match="至少 1 个"):
        workers.spread(0)
    with pytest.raises(workers.WorkersError, match="只能选一个"):
        workers.spread(2, "tcp://10.0.0.1:8786")


@pytest.mark.parametrize(("cores", "count", "threads"), [(8, 2, "4"), (8, 3, "2"), (2, 4, "1")])
def test_processes_share_the_cores_unless_the_user_chose(monkeypatch, cores, count, threads):
    monkeypatch.setattr(workers.joblib, "cpu_count", lambda: cores)
    for name in workers.THREADS:
        monkeypatch.delenv(name, raising=False)
    assert workers._local(count)["env"] == dict.fromkeys(workers.THREADS, threads)
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "3")
    assert workers._local(count)["env"] == {"TF_NUM_INTEROP_THREADS": threads}


@pytest.fixture
def job(tmp_path):
    settings = Threshold()
    with ownership.held(tmp_path / "out", {}) as call:
        yield jobs.Job(tmp_path / "out", settings, settings.digest("float32"), "float32", call)
    workers._segmenter.cache_clear()


@pytest.fixture
def picture(pictures):
    with picture_files.opened([str(pictures / "12.png")], os.getcwd(), []) as listed:
        return listed["12"]


def test_a_network_is_loaded_once_and_what_a_lost_worker_finished_is_not_done_again(
    job, picture, monkeypatch
):
    loaded, done = [], []
    finder = Finder(lambda image: done.append(1) or Found(image))
    monkeypatch.setattr(Threshold, "segmenter", lambda *_: loaded.append(1) or finder)
    outcomes = {workers._in_worker(job, "12", picture) for _ in range(3)}
    assert (outcomes, loaded, done) == ({("12", "", "", "")}, [1], [1])


def test_a_worker_that_sees_another_folder_or_has_other_code_refuses(job, picture, tmp_path):

    with pytest.raises(workers.WorkersError, match="看不到这个文件夹"):
        workers._in_worker(replace(job, out=tmp_path / "elsewhere"), "12", picture)
    assert not (tmp_path / "elsewhere").exists()
    with pytest.raises(workers.WorkersError, match="与这里的不同"):
        workers._in_worker(replace(job, digest="older"), "12", picture)


def test_a_worker_speaks_the_language_of_who_asked(job, picture, monkeypatch):
    asked = replace(job, language="en")
    monkeypatch.setattr(Threshold, "segmenter", lambda *_: Finder(lambda image: Found(image)))
    monkeypatch.setenv("CELLSEG_LANG", "zh")
    assert job.language == "zh"
    workers._in_worker(asked, "12", picture)
    assert asked.fail("12", say("{path}：{what}", path="12", what="why")).told == ["12: why"]
    with pytest.raises(workers.WorkersError, match="another version of cellseg"):
        workers._in_worker(replace(asked, digest="older"), "12", picture)


@with_dask
def test_processes_speak_the_language_of_who_asked(job, picture, monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "zh")
    asked = replace(job, digest="older", language="en")
    with pytest.raises(workers.WorkersError, match="another version of cellseg"):
        list(workers.spread(2)(asked, {"12": picture}))
