import pytest

from cellseg_utils.prediction import exports, interchange, ownership, results

FORMATS = interchange.chosen(["png"])


def tables(folder):
    results.write_tables(folder, list)


def hold(folder, formats=FORMATS):
    with ownership.held(folder, formats) as call:
        return call


def test_tables_of_somebody_elses_are_refused_and_ours_are_not(tmp_path):
    (tmp_path / "names.csv").write_text("first,last\nAda,Lovelace\n")
    with pytest.raises(
        ownership.ResultsError, match=r"^\S+names\.csv：不是 cellseg predict 写的，不会覆盖它"
    ):
        ownership.check(tmp_path, ["a"], FORMATS)
    (tmp_path / "names.csv").write_text("image,file\nKing's face,face.png\n")  # our first line, and not ours
    with pytest.raises(ownership.ResultsError, match=r"names\.csv：不是"):
        ownership.check(tmp_path, ["a"], FORMATS)
    (tmp_path / "names.csv").unlink()
    hold(tmp_path)
    tables(tmp_path)
    ownership.check(tmp_path, ["a"], FORMATS)
    (tmp_path / "objects.csv").unlink()
    (tmp_path / "objects.csv").mkdir()
    with pytest.raises(ownership.ResultsError, match=r"objects\.csv：不是"):
        ownership.check(tmp_path, ["a"], FORMATS)


def test_tables_of_an_older_version_with_other_columns_are_ours_once_they_were(tmp_path, monkeypatch):
    monkeypatch.setitem(exports.TABLES, "objects.csv", ("image", "old"))
    hold(tmp_path)
    tables(tmp_path)
    monkeypatch.setitem(exports.TABLES, "objects.csv", ("image", "new"))
    ownership.check(tmp_path, [], FORMATS)
    hold(tmp_path)
    ownership.check(tmp_path, [], FORMATS)


def test_files_in_the_folders_of_results_are_refused_until_the_folder_is_ours(tmp_path):
    (tmp_path / "png").mkdir()
    (tmp_path / "png" / "a.png").write_bytes(b"mine")
    ownership.check(tmp_path, ["b"], FORMATS)
    ownership.check(tmp_path, ["a"], {})
    hold(tmp_path, {})
    with pytest.raises(ownership.ResultsError, match=r"a\.png：不是"):
        ownership.check(tmp_path, ["a"], FORMATS)
    hold(tmp_path, FORMATS)
    ownership.check(tmp_path, ["a"], FORMATS)


def test_only_one_call_at_a_time_writes_into_a_folder(tmp_path):
    with ownership.held(tmp_path, {}) as call:
        assert ownership.current(tmp_path, call)
        with pytest.raises(ownership.ResultsError, match="另一个 cellseg predict 正在往这里写"):
            hold(tmp_path)
        assert ownership.current(tmp_path, call)
    assert ownership.current(tmp_path, hold(tmp_path))
    assert not ownership.current(tmp_path, call)
    assert not ownership.current(tmp_path / "elsewhere", call)


def test_what_a_killed_call_left_is_cleared_and_nothing_else(tmp_path):
    ours = [".", "labels", "overlays", "imagej", ".cellseg/records"]
    for folder in (*ours, "mine"):
        (tmp_path / folder / ".writing-abc").mkdir(parents=True)
        (tmp_path / folder / ".writing-abc" / "a.tif").write_bytes(b"half")
    hold(tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob(".writing-*")] == [
        "mine/.writing-abc"
    ]


@pytest.mark.parametrize(
    "mark", ['{"call": 1, "folders": 5}', '{"call": "x", "tables": ["a", 3]}', "[]", "3", "{", "null"]
)
def test_a_mark_of_another_form_counts_as_none(tmp_path, mark):
    with ownership.held(tmp_path, {}):
        pass
    [path] = (path for path in tmp_path.rglob("*.json"))
    path.write_text(mark)
    ownership.check(tmp_path, {"a"}, {})
    with ownership.held(tmp_path, {}) as call:
        assert ownership.current(tmp_path, call)
