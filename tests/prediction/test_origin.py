import datetime
import shlex

import pytest

from cellseg_utils.prediction import origin

ABOUT = {"title": "U-Net", "weights_sha256": "5" * 64}


def test_what_is_written_is_read(tmp_path):
    origin.write(tmp_path, ["a.png"], {"speed": "fast"}, ABOUT)
    noted = origin.read(tmp_path)
    assert noted["command"] == f"cellseg predict a.png --out {tmp_path} --speed fast"
    assert (noted["model"], noted["weights_sha256"]) == ("U-Net", "5" * 64)
    assert datetime.datetime.fromisoformat(noted["when"]).tzinfo is not None
    assert any(version.startswith("keras ") for version in noted["versions"])


def test_nothing_is_noted_of_a_folder_without_the_file(tmp_path):
    assert origin.read(tmp_path) == {}


def test_a_damaged_note_is_an_error(tmp_path):
    (tmp_path / origin.FILE).parent.mkdir()
    (tmp_path / origin.FILE).write_text("{")
    with pytest.raises(ValueError, match="Expecting"):
        origin.read(tmp_path)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"channel": 2, "plane": 0, "project": "", "bundle": None}, ["--channel", "2"]),
        ({"also": ["png", "qupath"]}, ["--also", "png", "--also", "qupath"]),
        ({"also": ()}, []),
        ({"drop_border": True}, ["--drop-border"]),
        ({"drop_border": False, "min_area": 30.5}, ["--min-area", "30.5"]),
    ],
)
def test_only_options_that_are_set_stand_in_the_command(options, words):
    assert shlex.split(origin.command(["a"], "out", options)) == [
        *["cellseg", "predict", "a", "--out", "out"],
        *words,
    ]


def test_a_shell_reads_the_names_back():
    names = ["细胞 1.png", "it's; rm -rf", "$(x)"]
    assert shlex.split(origin.command(names, "out", {}))[2:5] == names


def test_a_name_that_is_no_utf_8_is_noted_all_the_same(tmp_path):
    origin.write(tmp_path, ["\udccf.png"], {}, ABOUT)
    assert "\udccf.png" in origin.read(tmp_path)["command"]
