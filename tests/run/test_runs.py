import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from cellseg_utils.run import artifacts, fingerprint, places, runs

NOTEBOOKS = {
    "01_segmentation",
    "02_segmentation_kinds",
    "03_segmentation_vs_detection",
    "04_preprocessing",
    "05_model",
    "06_training",
    "07_analysis",
    "08_train_predictions",
    "09_test_predictions",
    "10_future_work",
}
OF_KIND = {
    "arrays.npz": ("dataset.npz", {"images": np.arange(6, dtype=np.uint8).reshape(1, 2, 3)}),
    "frame.csv": (
        "samples.csv",
        pd.DataFrame({"id": ["a", "b"], "nuclei": [1, 2], "foreground": [0.5, 0.25]}),
    ),
    "values.json": ("preprocessing.json", {"image_size": 256, "标题": "预处理", "mean": 0.1, "none": None}),
}


@pytest.fixture
def run(tmp_path):
    return runs.open_run(tmp_path / "reports" / "demo", "04_preprocessing")


def reader(run, notebook="07_analysis"):
    return runs.open_run(run.directory, notebook)


def same(one, other):
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other, check_dtype=False)
    elif isinstance(one, dict) and any(isinstance(value, np.ndarray) for value in one.values()):
        assert one.keys() == other.keys()
        for name in one:
            np.testing.assert_array_equal(one[name], other[name], strict=True)
    else:
        assert one == other


def test_every_artifact_has_one_of_the_ten_notebooks_as_its_writer():
    assert set(runs.WRITERS.values()) <= NOTEBOOKS


def test_the_ten_notebooks_are_those_of_the_project():
    found = {path.stem for path in (places.ROOT / "notebooks").glob("*.py")}
    assert found == NOTEBOOKS


def test_no_artifact_is_a_pickle():
    assert {name.partition(".")[2] for name in runs.WRITERS} <= {"npz", "csv", "json", ""}


@pytest.mark.parametrize(("name", "value"), OF_KIND.values(), ids=OF_KIND)
def test_what_was_saved_is_loaded_again(run, name, value):
    run.save(name, value)
    same(reader(run).load(name), value)


@pytest.mark.parametrize(("name", "value"), OF_KIND.values(), ids=OF_KIND)
def test_an_artifact_can_be_saved_again_and_nothing_else_is_left(run, name, value):
    for _ in range(2):
        run.save(name, value)
    assert [path.name for path in (run.directory / "artifacts").iterdir()] == [name]


@settings(max_examples=25, deadline=None)
@given(npst.arrays(npst.scalar_dtypes(), npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3)))
def test_arrays_keep_shape_type_and_every_value(tmp_path_factory, array):
    run = runs.open_run(tmp_path_factory.getbasetemp() / "arrays", "04_preprocessing")
    run.save("dataset.npz", {"images": array})
    np.testing.assert_array_equal(run.load("dataset.npz")["images"], array, strict=True)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
def test_tables_keep_float32_values_exactly(tmp_path_factory, values):
    run = runs.open_run(tmp_path_factory.getbasetemp() / "tables", "04_preprocessing")
    run.save("samples.csv", pd.DataFrame({"loss": values}))
    assert run.load("samples.csv")["loss"].astype(np.float32).tolist() == values


@pytest.mark.parametrize(
    "ids", [["001", "002"], ["NA", "nan"], ["None", "true"], ["1e5", "0x1F"], ["a,b", 'c"\nd']]
)
def test_names_of_pictures_stay_the_text_that_they_are(run, ids):
    run.save("samples.csv", pd.DataFrame({"id": ids, "nuclei": [1, 2]}))
    assert run.load("samples.csv")["id"].tolist() == ids


def test_a_missing_number_stays_missing(run):
    run.save("samples.csv", pd.DataFrame({"id": ["a", "b"], "dice": [0.5, np.nan]}))
    assert run.load("samples.csv")["dice"].isna().tolist() == [False, True]


def test_json_artifacts_are_text_that_people_can_read(run):
    run.save("preprocessing.json", {"b": "细胞", "a": 1})
    text = (run.directory / "artifacts" / "preprocessing.json").read_text(encoding="utf-8")
    assert text == '{\n "a": 1,\n "b": "细胞"\n}'


def test_objects_are_refused_and_never_pickled(run):
    with pytest.raises(runs.RunError, match="ids") as caught:
        run.save("dataset.npz", {"images": np.zeros(2), "ids": np.array(["a", None], object)})
    assert "\n" not in str(caught.value)
    assert not (run.directory / "artifacts" / "dataset.npz").exists()


def test_a_value_that_cannot_be_written_leaves_the_earlier_artifact(run):
    run.save("preprocessing.json", {"image_size": 256})
    with pytest.raises(TypeError):
        run.save("preprocessing.json", {"image_size": {1, 2}})
    assert run.load("preprocessing.json") == {"image_size": 256}


@pytest.mark.parametrize("name", sorted(runs.WRITERS))
def test_a_missing_artifact_names_itself_and_the_notebook_that_makes_it(run, name):
    with pytest.raises(runs.RunError) as caught:
        run.path(name)
    message = str(caught.value)
    assert f"{runs.WRITERS[name]}.ipynb" in message
    assert str(run.directory / "artifacts" / name) in message
    assert "\n" not in message


def test_all_notebooks_that_are_still_to_be_run_are_named_at_once(tmp_path):
    run = runs.open_run(tmp_path, "10_future_work")
    for name in ("source.json", "example.npz", "model.json"):
        (run.directory / "artifacts" / name).write_bytes(b"")
    with pytest.raises(runs.RunError) as caught:
        run.path("scores.json")
    assert "04_preprocessing.ipynb、06_training.ipynb、07_analysis.ipynb" in str(caught.value)
    assert "09_test_predictions" not in str(caught.value)


@pytest.mark.parametrize(
    "name", sorted(name for name, writer in runs.WRITERS.items() if writer != "04_preprocessing")
)
def test_another_notebooks_artifact_can_be_neither_saved_nor_targeted(run, name):
    with pytest.raises(runs.RunError, match=runs.WRITERS[name]):
        run.target(name)
    if name.endswith(".json"):
        with pytest.raises(runs.RunError, match="04_preprocessing"):
            run.save(name, {})
    assert list((run.directory / "artifacts").iterdir()) == []
    assert runs.read_journal(run.directory, run.notebook)["writes"] == {}


def test_an_artifact_without_a_writer_cannot_be_saved(run):
    with pytest.raises(runs.RunError, match=r"notes\.json"):
        run.save("notes.json", {})


def test_the_journal_notes_what_was_read_written_and_used(run, tmp_path):
    run.save("dataset.npz", {"images": np.zeros(3)})
    (tmp_path / "data.zip").write_bytes(b"zip")
    digest = run.use_data(tmp_path / "data.zip")
    assert runs.read_journal(run.directory, "04_preprocessing") == {
        "reads": {},
        "writes": {"dataset.npz": None},
        "data": {str(tmp_path / "data.zip"): digest},
        "told": {},
    }
    other = reader(run)
    other.load("dataset.npz")
    artifact = run.directory / "artifacts" / "dataset.npz"
    assert runs.read_journal(run.directory, "07_analysis") == {
        "reads": {"dataset.npz": fingerprint.of_file(artifact)},
        "writes": {},
        "data": {},
        "told": {},
    }


def test_the_journal_tells_a_changed_folder(run, tmp_path):
    before = run.use_data(tmp_path / "pictures")
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.png").write_bytes(b"")
    assert run.use_data(tmp_path / "pictures") != before == "missing"


def test_the_same_contents_leave_the_same_note_whenever_they_were_written(run):
    notes = []
    for _ in range(2):
        run.save("samples.csv", OF_KIND["frame.csv"][1])
        other = reader(run)
        other.load("samples.csv")
        notes.append(runs.read_journal(run.directory, "07_analysis"))
    assert notes[0] == notes[1]


def test_saving_the_same_arrays_twice_writes_the_same_bytes(run):
    digests = set()
    for _ in range(2):
        run.save("dataset.npz", OF_KIND["arrays.npz"][1])
        digests.add(fingerprint.of_file(run.path("dataset.npz")))
    assert len(digests) == 1


def test_opening_a_run_again_starts_this_notebooks_journal_anew_and_keeps_the_artifacts(run):
    run.save("preprocessing.json", {"image_size": 256})
    reader(run).load("preprocessing.json")
    again = runs.open_run(run.directory, "04_preprocessing")
    empty = {"reads": {}, "writes": {}, "data": {}, "told": {}}
    assert runs.read_journal(again.directory, "04_preprocessing") == empty
    assert runs.read_journal(again.directory, "07_analysis")["reads"]
    assert again.load("preprocessing.json") == {"image_size": 256}


def test_a_relative_run_directory_starts_at_the_project_wherever_the_notebook_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "ROOT", tmp_path / "project")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    run = runs.open_run("reports/demo", "01_segmentation")
    assert run.directory == (tmp_path / "project" / "reports" / "demo").resolve()
    assert (run.directory / "artifacts").is_dir()


def test_runs_of_one_folder_share_their_cache(tmp_path):
    caches = {runs.open_run(tmp_path / name, "06_training").cache("trainings") for name in ("demo", "seed")}
    assert caches == {tmp_path.resolve() / ".cellseg-cache" / "trainings"}


def test_the_journal_is_json(run):
    run.save("preprocessing.json", {})
    path = runs.journal_path(run.directory, "04_preprocessing")
    assert json.loads(path.read_text(encoding="utf-8"))["writes"] == {"preprocessing.json": None}


def test_a_file_name_that_is_no_utf8_survives_json(tmp_path):
    name = "x\udccf.png"
    (tmp_path / "a.json").write_bytes(artifacts.json_bytes({name: ["细胞", name]}))
    assert artifacts.read_json(tmp_path / "a.json") == {name: ["细胞", name]}


def test_what_a_user_must_know_is_said_at_once_and_noted(run, capsys):
    run.tell("缓存已损坏")
    assert capsys.readouterr().err == "缓存已损坏\n"
    assert runs.read_journal(run.directory, "04_preprocessing")["told"] == {"缓存已损坏": None}


@pytest.mark.parametrize(
    ("name", "data"), [("samples.csv", b""), ("preprocessing.json", b"x"), ("dataset.npz", b"PK")]
)
def test_a_damaged_artifact_names_the_notebook_that_makes_it(run, name, data):
    path = run.directory / "artifacts" / name
    path.write_bytes(data)
    with pytest.raises(runs.RunError, match=r"已损坏，读不出来，请重新运行 notebooks/04_preprocessing"):
        reader(run).load(name)


def test_a_report_is_safe_from_notebooks_that_somebody_runs_by_hand(tmp_path, monkeypatch):
    monkeypatch.setenv(runs.COMMAND, "cellseg report")
    runs.open_run(tmp_path, "01_segmentation").save("source.json", {})
    monkeypatch.delenv(runs.COMMAND)
    runs.open_run(tmp_path, "01_segmentation").tell("nothing is noted of this folder, so it is free")
    (tmp_path / runs.MANIFEST).write_text("{}")
    with pytest.raises(runs.RunError, match=r"没有改动它；请把参数 run_dir 改成另一个文件夹"):
        runs.open_run(tmp_path, "01_segmentation")
    assert runs.read_journal(tmp_path, "01_segmentation")["told"]
    monkeypatch.setenv("CELLSEG_LANG", "en")
    with pytest.raises(runs.RunError, match="set the parameter run_dir to another folder"):
        runs.open_run(tmp_path, "01_segmentation")
