from dataclasses import replace
from functools import partial

import pytest
from thresholds import Finder, Threshold, put

from cellseg_utils.data import picture_files
from cellseg_utils.data.selection import Selection
from cellseg_utils.models import precision
from cellseg_utils.prediction import bundle_files, jobs, records
from cellseg_utils.prediction.filters import Filter


@pytest.fixture
def picture(tmp_path):
    put(tmp_path, "a.png")
    with picture_files.opened([str(tmp_path / "a.png")], tmp_path, []) as pictures:
        return pictures["a"]


@pytest.fixture
def job(tmp_path):
    return jobs.Job(tmp_path / "out", Threshold(), "digest", "float32", "call")


def test_a_picture_that_was_done_is_finished(job, picture):
    assert job.finished("a", picture) is None
    assert job.do("a", picture, Finder()) == ("a", "", "", "")
    record = job.finished("a", picture)
    assert record.rows["submission.csv"] == "a,12 3\na,39 3\n"
    assert sorted(record.files) == ["labels/a.tif", "overlays/a.jpg"]


def test_another_picture_other_settings_or_another_name_are_not_finished(job, picture, tmp_path):
    job.do("a", picture, Finder())
    assert job.finished("b", picture) is None
    assert replace(job, digest="other").finished("a", picture) is None
    assert replace(job, call="other").finished("a", picture) is not None
    put(tmp_path, "a.png", nuclei=1)
    assert job.finished("a", picture) is None
    put(tmp_path, "a.png")
    assert job.finished("a", picture) is not None
    (tmp_path / "a.png").unlink()
    assert job.finished("a", picture) is None


@pytest.mark.parametrize("path", ["labels/a.tif", "overlays/a.jpg", ".cellseg/records/a.json"])
@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"")])
def test_a_picture_with_a_missing_or_damaged_file_is_not_finished(job, picture, path, damage):
    job.do("a", picture, Finder())
    damage(job.out / path)
    assert job.finished("a", picture) is None


def test_a_bad_picture_is_recorded_and_tried_again(job, picture, tmp_path):
    (tmp_path / "a.png").write_bytes(b"")
    outcome = job.do("a", picture, Finder())
    assert outcome[:3] == ("a", "", "a.png：文件是空的（0 字节），请重新下载或删除它")
    assert records.read(job.out, "a").problem == outcome.problem
    assert job.finished("a", picture) is None
    (tmp_path / "a.png").unlink()
    assert "无法读取" in job.do("a", picture, Finder()).problem


def test_a_picture_that_changes_while_it_is_read_is_not_finished(job, picture, tmp_path):
    def read():
        image = picture.read()
        put(tmp_path, "a.png", nuclei=1)
        return image

    def late():
        put(tmp_path, "a.png", nuclei=1)
        return picture.read()

    for changing in (read, late):
        put(tmp_path, "a.png")
        job.do("a", picture._replace(read=changing), Finder())
        assert job.finished("a", picture) is None


def test_an_unexpected_error_is_no_property_of_the_picture(job, picture):
    def broken(image):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        job.do("a", picture, Finder(broken))
    assert records.read(job.out, "a") is None


def test_what_is_said_of_a_picture_is_its_problem_or_its_doubt_and_how_it_was_done():
    assert jobs.Outcome("a", "", "").told == []
    assert jobs.Outcome("a", "", "a.png：坏了").told == ["a.png：坏了"]
    assert jobs.Outcome("a", "模糊", "", "逐块分割").told == ["a：模糊", "a：逐块分割"]


def test_the_digest_is_that_of_all_that_changes_results(monkeypatch):
    monkeypatch.setattr(bundle_files, "read", lambda folder, sha256: {"weights": str(folder)})
    digest = partial(jobs.Settings.digest, computing="float32")
    usual = digest(jobs.Settings())
    others = [
        jobs.Settings(speed="fast"),
        jobs.Settings(also=("png",)),
        jobs.Settings(chosen=Selection("2")),
        jobs.Settings(wanted=Filter(min_area=3)),
    ]
    assert len({usual, *map(digest, others)}) == 5
    assert jobs.Settings().digest("mixed_bfloat16") != usual
    assert digest(jobs.Settings(skip_bad=True)) == usual
    inside = jobs.Settings(bundle=bundle_files.SHIPPED)
    assert digest(inside) == digest(jobs.Settings(bundle=bundle_files.SHIPPED, sha256="0" * 64))
    assert digest(jobs.Settings(also=("png", "qupath"))) == digest(jobs.Settings(also=("qupath", "png")))
    monkeypatch.setattr(bundle_files, "read", lambda folder, sha256: {"weights": "new"})
    assert digest(jobs.Settings()) != usual
    monkeypatch.undo()
    assert digest(jobs.Settings()) == digest(jobs.Settings())


def test_the_digest_changes_with_the_code_and_the_libraries(monkeypatch):
    usual = jobs.Settings().digest("float32")
    for module, name in ((jobs.code_fingerprint, "of_modules"), (jobs.libraries, "versions")):
        with monkeypatch.context() as patched:
            patched.setattr(module, name, lambda *_: "others")
            assert jobs.Settings().digest("float32") != usual
    assert jobs.Settings().digest("float32") == usual


def test_a_bundle_that_is_moved_is_the_same_and_one_that_is_missing_is_refused(tmp_path):
    computing = precision.resolve("auto")
    (tmp_path / "moved").mkdir()
    for path in bundle_files.SHIPPED.iterdir():
        if path.is_file():
            (tmp_path / "moved" / path.name).write_bytes(path.read_bytes())
    assert jobs.Settings(bundle=tmp_path / "moved").digest(computing) == jobs.Settings().digest(computing)
    with pytest.raises(jobs.JobError, match="没有这个模型包文件夹"):
        jobs.Settings(bundle=tmp_path / "none").digest(computing)


def test_settings_that_there_are_not_are_refused():
    wrongs = (
        {"speed": "warp"},
        {"also": ("svg",)},
        {"diameter": 3000},
        {"diameter": -1},
        {"diameter": float("nan")},
    )
    for wrong in wrongs:
        with pytest.raises(ValueError, match=r"应[为在]"):
            jobs.Settings(**wrong)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"sha256": "0" * 64}, "--sha256：要与 --bundle 一起用"),
        ({"sha256": "0x", "bundle": bundle_files.SHIPPED}, "--sha256 0x：应为 64 个十六进制数字"),
    ],
)
def test_a_digest_needs_a_bundle_and_64_digits(given, told):
    with pytest.raises(jobs.JobError, match=told):
        jobs.Settings(**given)
