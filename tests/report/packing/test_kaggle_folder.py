"""What is uploaded to Kaggle: names and files that its command asks for."""

import json
import re
from pathlib import Path

import nbformat
import pytest

from cellseg_utils.report import sections
from cellseg_utils.report.packing import kaggle_folder, wheel
from cellseg_utils.run import parameters, places


@pytest.fixture
def downloads(monkeypatch):
    """Neither pip nor a build: what pip is asked for."""
    asked = []
    monkeypatch.setattr(wheel, "pip", lambda *arguments: asked.append(arguments))
    monkeypatch.setattr(wheel, "build", lambda project, folder: (folder / "cellseg_utils-0-py3.whl").touch())
    return asked


def test_the_folders_are_what_kaggles_command_uploads(downloads, tmp_path):
    dataset, notebook = kaggle_folder.write(tmp_path, "smoke", {"epochs": 3}, "somebody", gpu=False)
    about = json.loads((dataset / "dataset-metadata.json").read_text(encoding="utf-8"))
    assert about["id"] == "somebody/cellseg-utils"
    assert 6 <= len(about["title"]) <= 50
    assert {path.name for path in dataset.iterdir()} == {"dataset-metadata.json", "cellseg_utils-0-py3.whl"}
    told = json.loads((notebook / "kernel-metadata.json").read_text(encoding="utf-8"))
    assert told["dataset_sources"] == [about["id"]]
    assert told["competition_sources"] == ["data-science-bowl-2018"]
    assert (told["enable_internet"], told["enable_gpu"], told["is_private"]) == ("false", "false", "true")
    assert (notebook / told["code_file"]).is_file()
    assert told["id"] == "somebody/" + told["title"].lower().replace(" ", "-")


def test_the_notebook_reads_attached_data_with_the_values_of_the_profile(downloads, tmp_path):
    _, folder = kaggle_folder.write(tmp_path, "smoke", {"epochs": parameters.parameter_values.Text("3")})
    cells = nbformat.read(folder / kaggle_folder.CODE_FILE, 4).cells
    lines = {line.split("  #")[0] for cell in cells for line in cell.source.splitlines()}
    assert {'data: str = "auto"', "epochs: int = 3", "filters: int = 4"} <= lines


def test_dependencies_that_kaggle_lacks_are_downloaded_for_each_python_and_checked(monkeypatch, tmp_path):
    asked = {}

    def pip(*arguments):
        assert "--require-hashes" in arguments
        asked[arguments[arguments.index("--python-version") + 1]] = Path(arguments[-1]).read_text("utf-8")

    monkeypatch.setattr(wheel, "build", lambda project, folder: None)
    monkeypatch.setattr(wheel, "pip", pip)
    kaggle_folder.write(tmp_path, "smoke")
    assert set(asked) == set(kaggle_folder.PYTHONS)
    locked = (places.ROOT / "requirements.lock").read_text(encoding="utf-8")
    for pins in asked.values():
        named = re.findall(r"(?m)^(\S+)==", pins)
        assert set(named) == set(kaggle_folder.LACKING)
        assert set(pins.splitlines()) <= set(locked.splitlines())
        assert not pins.endswith("\\")
        assert pins.count("--hash=sha256:") >= len(named)


def test_without_a_name_the_place_for_it_is_marked_as_kaggles_command_knows_it(downloads, tmp_path):
    kaggle_folder.write(tmp_path, "smoke")
    for path in tmp_path.rglob("*-metadata.json"):
        assert json.loads(path.read_text(encoding="utf-8"))["id"].startswith("INSERT_USERNAME_HERE/")


def test_a_misspelt_parameter_is_refused_before_anything_is_written(downloads, tmp_path):
    with pytest.raises(parameters.ParameterError, match="没有参数 epoch"):
        kaggle_folder.write(tmp_path / "out", "smoke", {"epoch": 3})
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("owner", ["a b/c", "../x", "名", 'a"'])
def test_a_name_that_is_none_of_kaggles_is_refused_before_anything_is_written(tmp_path, owner):
    with pytest.raises(sections.ReportError, match="--owner"):
        kaggle_folder.write(tmp_path / "out", "smoke", owner=owner)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["dataset", "notebook"])
def test_a_folder_of_the_users_is_left_alone(tmp_path, name):
    mine = tmp_path / name / "x.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    with pytest.raises(sections.ReportError, match=f"{name}：里面的东西不是 cellseg kaggle 写的"):
        kaggle_folder.write(tmp_path, "smoke")
    assert [path.name for path in tmp_path.rglob("*")] == [name, "x.txt"]
