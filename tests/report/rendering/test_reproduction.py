import pytest

from cellseg_utils.report import manifest
from cellseg_utils.report.rendering import reproduction
from cellseg_utils.run import fingerprint
from cellseg_utils.run.parameters import Parameter

DECLARED = [
    Parameter("run_dir", "str", '"reports/lab"', "文件夹", "01_segmentation"),
    Parameter("data", "str", '"synthetic"', "数据", "01_segmentation"),
    Parameter("epochs", "int", "20", "轮数", "06_training"),
    Parameter("symmetries", "bool", "False", "增强", "06_training"),
    Parameter("test_images", "str", '""', "自己的图像", "09_test_predictions"),
]


@pytest.fixture
def box(tmp_path):
    read = {"/home/somebody/cells.zip": "ab" * 32, "/home/somebody/cells": fingerprint.MISSING}
    notebooks = {"01_segmentation": {"journal": {"data": read}}, "06_training": {"journal": {"data": {}}}}
    made = manifest.Manifest(tmp_path, "demo", {"epochs": 5}, notebooks)
    assigned = {
        "01_segmentation": {"data": "/home/somebody/cells.zip"},
        "06_training": {"epochs": 5, "symmetries": False},
        "09_test_predictions": {},
    }
    return reproduction.box(made, DECLARED, assigned)


def test_the_command_makes_the_report_again(box):
    assert box["command"] == "cellseg report --profile demo --set epochs=5"


def test_every_parameter_stands_with_its_value_and_default_and_what_differs_is_marked(box):
    rows = {
        row["name"]: (row["section"], row["value"], row["default"], row["changed"])
        for row in box["parameters"]
    }
    assert rows == {
        "data": ("1", "cells.zip", "synthetic", True),
        "epochs": ("6", "5", "20", True),
        "symmetries": ("6", "False", "False", False),
        "test_images": ("9", "（空）", "（空）", False),
    }


def test_data_are_named_with_their_digest_and_without_the_folders_of_a_user(box):
    assert box["data"] == ["cells.zip：校验值 abababababababab"]


def test_software_data_and_the_original_author_are_cited(box):
    software, data, credit = box["citation"]
    assert "cellseg-utils" in software
    assert "10.1038/s41592-019-0612-7" in data
    assert "邓忠寒" in credit
    assert box["bibtex"].startswith("@software{cellseg_utils,")
    assert "10.1038/s41592-019-0612-7" in box["bibtex"]
    assert box["bibtex"].count("{") == box["bibtex"].count("}")
