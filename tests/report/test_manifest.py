import made_runs
import pytest

from cellseg_utils.report import manifest, provenance
from cellseg_utils.run import artifacts, runs


@pytest.fixture
def section(tmp_path):
    return made_runs.section(tmp_path)


@pytest.fixture
def finished(tmp_path, section):
    """A run directory in which that notebook wrote an artifact, and what was noted of it."""
    directory = tmp_path / "run"
    run = runs.open_run(directory, "01_segmentation")
    run.save("source.json", {"value": 1})
    (directory / "notebooks").mkdir()
    manifest.executed_path(directory, section).write_text("{}")
    noted = manifest.entry(directory, section, "key", 1.5)
    manifest.Manifest(directory, "demo", {}, {}).note(section, noted)
    return directory, noted


TEXTS = ["", "{", "[]", "null", "3", "[" * 100_000, '{"notebooks": 3}', "{}", "\x00"]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_damaged_manifest_counts_as_none_and_one_line_says_so(tmp_path, text):
    (tmp_path / manifest.NAME).write_text(text)
    told = []
    assert manifest.read(tmp_path, told.append) == {}
    assert told == [f"{tmp_path / manifest.NAME}：已损坏，全部重新运行"]


def test_where_nothing_ran_there_is_nothing_to_tell(tmp_path):
    assert manifest.read(tmp_path, pytest.fail) == {}


def test_what_is_noted_is_read_again(finished):
    directory, noted = finished
    assert manifest.read(directory, pytest.fail) == {"01_segmentation": noted}
    assert noted["provenance"]["commit"] == provenance.here_and_now()["commit"]


def test_a_notebook_is_current_as_long_as_key_and_files_are_the_same(finished, section):
    directory, noted = finished
    assert manifest.is_current(noted, "key", directory, section, pytest.fail)
    assert not manifest.is_current(noted, "another", directory, section, pytest.fail)


@pytest.mark.parametrize("damage", [lambda path: path.write_text("{"), lambda path: path.unlink()])
@pytest.mark.parametrize("name", ["artifacts/source.json", "notebooks/01_segmentation.ipynb"])
def test_a_damaged_file_is_told_and_the_notebook_not_current(finished, section, name, damage):
    directory, noted = finished
    damage(directory / name)
    told = []
    assert not manifest.is_current(noted, "key", directory, section, told.append)
    assert told == [f"{directory / name}：已损坏、被改动或删除，重新运行第 1 节"]


@pytest.mark.parametrize("noted", [None, {}, [], 3, {"key": "key"}, {"key": "key", "journal": []}])
def test_an_entry_of_another_form_is_not_current(finished, section, noted):
    assert not manifest.is_current(noted, "key", finished[0], section, pytest.fail)


def test_the_manifest_on_disk_names_profile_and_overrides(finished):
    directory, _ = finished
    assert artifacts.read_json(directory / manifest.NAME)["profile"] == "demo"


@pytest.mark.parametrize(("old", "new"), [('"when"', '"wjen"'), ("1.5", "4000"), ("demo", "full")])
def test_a_manifest_that_was_altered_counts_as_none(finished, old, new):
    path = finished[0] / manifest.NAME
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    told = []
    assert manifest.read(finished[0], told.append) == {}
    assert len(told) == 1


def test_the_language_is_noted_and_what_lacks_it_is_chinese(finished, section):
    directory, noted = finished
    assert manifest.whole(directory).language == "zh"
    manifest.Manifest(directory, "demo", {}, {}, "en").note(section, noted)
    assert manifest.whole(directory).language == "en"
    earlier = {"profile": "demo", "overrides": {}, "notebooks": {}}
    (directory / manifest.NAME).write_bytes(artifacts.signed_bytes(earlier))
    assert manifest.whole(directory).language == "zh"


def test_the_command_of_an_english_report_says_so(tmp_path):
    made = manifest.Manifest(tmp_path, "demo", {"epochs": 5}, {}, "en")
    assert made.command() == "cellseg report --profile demo --set epochs=5 --lang en"
