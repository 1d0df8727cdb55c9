import os
import shutil

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pandas as pd
import pytest

from cellseg_utils.run import artifacts
from cellseg_utils.training import checkpoint, history


def epoch_of(before, loss, monkeypatch=None):
    """One more epoch with this validation loss, whose files hold its number."""
    number = len(before.history) + 1
    row = pd.DataFrame([{"epoch": number, "seconds": 0.1 * number, "val_loss": loss}])
    rows = pd.concat([before.history, row], ignore_index=True) if len(before.history) else row
    names = [checkpoint.state_name(number)]
    names += [checkpoint.best_name(number)] if history.best_epoch(rows) == number else []
    names += [checkpoint.snapshot_name(number)] if number == 2 else []
    for name in names:
        (before.folder / name).write_text(str(number))
    return checkpoint.advance(before, rows, names)


@pytest.fixture
def three(tmp_path):
    """Three epochs, the second of which is the best."""
    reached = checkpoint.read(tmp_path, pytest.fail)
    for loss in (0.5, 0.25, 1 / 3):
        reached = epoch_of(reached, loss)
    return reached


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_training_that_never_began_has_no_epochs(tmp_path):
    nothing = checkpoint.read(tmp_path / "none", pytest.fail)
    assert (len(nothing.history), nothing.finished) == (0, False)


def test_the_best_weights_the_last_state_and_snapshots_stay(three):
    kept = ["after-0002.weights.h5", "best-0002.weights.h5", "record.json", "state-0003.weights.h5"]
    assert names_in(three.folder) == kept
    assert (three.best.read_text(), three.state.read_text()) == ("2", "3")
    assert three.snapshot(2).name == "after-0002.weights.h5"
    assert three.snapshot(3) is None


def test_what_is_read_is_what_was_recorded_to_the_last_digit(three):
    again = checkpoint.read(three.folder, pytest.fail)
    pd.testing.assert_frame_equal(again.history, three.history, check_exact=True)
    assert (again.digests, again.finished) == (three.digests, False)


def test_a_finished_training_needs_no_state(three):
    done = checkpoint.finish(three)
    assert names_in(three.folder) == ["after-0002.weights.h5", "best-0002.weights.h5", "record.json"]
    assert checkpoint.read(three.folder, pytest.fail).finished
    assert done.best == three.best


@pytest.mark.parametrize("name", ["after-0002", "best-0002", "state-0003"])
@pytest.mark.parametrize("text", ["", "9", None])
def test_a_changed_or_missing_file_is_told_and_nothing_of_the_training_counts(three, name, text):
    path = three.folder / f"{name}.weights.h5"
    path.unlink() if text is None else path.write_text(text)
    told = []
    assert len(checkpoint.read(three.folder, told.append).history) == 0
    assert told == [f"{path}：训练留下的文件已损坏，从头训练"]


RECORDS = ["", "{", "[]", "null", "[" * 100_000, "{}", '{"history": [], "digests": {}, "finished": true}']


@pytest.mark.parametrize("text", RECORDS, ids=range(len(RECORDS)))
def test_a_damaged_record_is_told_and_nothing_of_the_training_counts(three, text):
    (three.folder / checkpoint.RECORD).write_text(text)
    told = []
    assert len(checkpoint.read(three.folder, told.append).history) == 0
    assert len(told) == 1


@pytest.mark.parametrize("missing", ["best-0002.weights.h5", "state-0003.weights.h5"])
def test_a_record_that_names_too_few_files_is_damaged(three, missing):
    record = artifacts.read_signed(three.folder / checkpoint.RECORD)
    del record["digests"][missing]
    (three.folder / checkpoint.RECORD).write_bytes(artifacts.signed_bytes(record))
    told = []
    assert len(checkpoint.read(three.folder, told.append).history) == 0
    assert told == [f"{three.folder / checkpoint.RECORD}：训练留下的文件已损坏，从头训练"]


@pytest.mark.parametrize(("old", "new"), [("0.25", "0.24"), ('"seconds"', '"secomds"'), ("false", "true")])
def test_a_record_that_was_altered_is_damaged(three, old, new):
    path = three.folder / checkpoint.RECORD
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    told = []
    assert len(checkpoint.read(three.folder, told.append).history) == 0
    assert told == [f"{path}：训练留下的文件已损坏，从头训练"]


def test_the_folder_of_another_training_is_not_taken_for_this_one(three):
    other = shutil.copytree(three.folder, three.folder.parent / "another-key")
    told = []
    assert len(checkpoint.read(other, told.append).history) == 0
    assert len(told) == 1


def test_a_folder_in_the_place_of_weights_goes_with_the_next_epoch(three):
    (three.folder / "best-0001.weights.h5").mkdir()
    checkpoint.finish(three)
    assert not (three.folder / "best-0001.weights.h5").exists()
