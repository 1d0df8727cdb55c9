import shutil

import pytest

from cellseg_utils.run import artifacts, cache


def write(folder):
    (folder / "a").write_text("one")
    (folder / "b").write_text("two")


@pytest.fixture
def made(tmp_path):
    """Make a folder at its place; the lines that were told, and how often it was made."""

    def make(fill=write):
        told, calls = [], []

        def counted(folder):
            calls.append(folder)
            fill(folder)

        cache.made_once(tmp_path / "cache" / "x", counted, "等着", told.append)
        return told, len(calls)

    make.folder = tmp_path / "cache" / "x"
    return make


def test_what_was_made_is_found_again(made):
    assert made() == ([], 1)
    assert made() == ([], 0)
    assert (made.folder / "a").read_text() == "one"


@pytest.mark.parametrize("name", ["a", "b", cache.SEAL])
@pytest.mark.parametrize("text", ["", "onf", None])
def test_what_is_damaged_is_told_and_made_again(made, name, text):
    made()
    path = made.folder / name
    path.unlink() if text is None else path.write_text(text)
    assert made() == ([f"{path}：已损坏，重新生成"], 1)
    assert (made.folder / "a").read_text() == "one"
    assert made() == ([], 0)


@pytest.mark.parametrize("seal", ["[]", "{}", "3", "[" * 100_000, '{"a": 1}'], ids=range(5))
def test_a_seal_of_another_form_is_damaged(made, seal):
    made()
    (made.folder / cache.SEAL).write_text(seal)
    told, calls = made()
    assert (len(told), calls) == (1, 1)


def test_what_fails_leaves_nothing(made):
    def fail(folder):
        write(folder)
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        made(fail)
    assert [path.name for path in made.folder.parent.iterdir()] == [".lock"]


def test_a_folder_that_was_made_for_another_name_is_made_again(made):
    made()
    other = shutil.copytree(made.folder, made.folder.with_name("y"))
    told = []
    cache.made_once(other, write, "等着", told.append)
    assert told == [f"{other / cache.SEAL}：已损坏，重新生成"]


def test_a_seal_that_names_less_is_damaged(made):
    made()
    seal = artifacts.read_json(made.folder / cache.SEAL)
    del seal["digests"]["a"]
    (made.folder / cache.SEAL).write_bytes(artifacts.json_bytes(seal))
    assert made()[1] == 1


def test_a_file_in_the_place_of_the_folder_gives_way(made):
    made.folder.parent.mkdir()
    made.folder.write_text("x")
    assert made() == ([f"{made.folder / cache.SEAL}：已损坏，重新生成"], 1)
    assert made() == ([], 0)
