import hashlib
import json
from dataclasses import asdict

import pytest

from cellseg_utils.prediction import records
from cellseg_utils.run import artifacts

RECORD = records.Record(
    "settings", "picture", "call", {"labels/a.tif": [3, "x"]}, {"objects.csv": "a,1\n"}, doubt="糊"
)


def test_a_record_is_read_as_it_was_written(tmp_path):
    records.write(tmp_path, "a", RECORD)
    records.write(tmp_path, "b", records.Record("settings", "", "call", problem="\udccf.png：坏了"))
    assert records.read(tmp_path, "a") == RECORD
    assert records.read(tmp_path, "b").problem == "\udccf.png：坏了"
    assert records.known(tmp_path) == {"a", "b"}


def test_a_record_that_is_missing_cut_off_or_changed_is_none(tmp_path):
    assert records.read(tmp_path, "a") is None
    assert records.known(tmp_path) == set()
    records.write(tmp_path, "a", RECORD)
    [path] = (tmp_path / records.FOLDER / "records").iterdir()
    whole = path.read_bytes()
    changed = json.dumps(json.loads(whole) | {"settings": "others"}).encode()
    for data in (b"", whole[:-9], b"[]", b"{}", changed):
        path.write_bytes(data)
        assert records.read(tmp_path, "a") is None


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"new"), None])
def test_files_are_intact_as_long_as_all_are_there_and_unchanged(tmp_path, damage):
    (tmp_path / "labels").mkdir()
    for name in ("a", "b"):
        (tmp_path / "labels" / name).write_bytes(b"old")
    files = records.described(tmp_path, [tmp_path / "labels" / "a", tmp_path / "labels" / "b"])
    assert files["labels/a"] == [3, hashlib.sha256(b"old").hexdigest()]
    if damage:
        damage(tmp_path / "labels" / "b")
    assert records.intact(tmp_path, records.Record("", "", "", files)) == (damage is None)


@pytest.mark.parametrize(
    "changes",
    [
        {"files": [1]},
        {"files": {"a": []}},
        {"files": {"a": [1, 2]}},
        {"files": {"a": ["1", "x"]}},
        {"rows": {"objects.csv": 3}},
        {"columns": "abc"},
        {"remarks": [None]},
        {"problem": None},
        {"settings": 3},
        {"more": 1},
    ],
)
def test_a_record_of_other_types_counts_as_none_whoever_signed_it(tmp_path, changes):
    records.write(tmp_path, "a", RECORD)
    [path] = (path for path in tmp_path.rglob("*") if path.is_file())
    path.write_bytes(artifacts.signed_bytes({**asdict(RECORD), **changes}))
    assert records.read(tmp_path, "a") is None


def test_a_record_of_names_that_no_file_has_is_not_intact(tmp_path):
    assert not records.intact(tmp_path, records.Record("", "", "", {"\x00": [1, "x"]}))
