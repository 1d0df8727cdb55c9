import hashlib
import json

import pytest

from cellseg_utils.prediction import records

RECORD = records.Record(
    "settings", "picture", "call", {"labels/a.tif": [3, "x"]}, {"objects.csv": "a,1\n"}, "糊"
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
