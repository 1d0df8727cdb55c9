import json

import pytest

from cellseg_utils.report import manifest
from cellseg_utils.report.rendering import answer, summary

ARTIFACTS = {
    "source": {"title": "合成图像", "seed": 7, "synthetic": True},
    "preprocessing": {"images": 12, "nuclei": 345, "problems": []},
    "model": {"title": "U-Net", "parameters": 1941105, "arguments": {"image_size": 256}},
    "training": {
        "epochs": 18,
        "best_epoch": 13,
        "images_per_second": 16.25,
        "precision": "float32",
        "seconds": 600,
        "unit": "张图",
        "earlier_epochs": 0,
        "init_bundle": "",
    },
    "scores": {
        **dict.fromkeys(answer.SHOWN, 0.8764),
        **{f"{name}_interval": [0.8, 0.9] for name in answer.SHOWN},
        "simple": dict.fromkeys(answer.SHOWN, 0.5),
        "pooled": dict.fromkeys(("nuclei", "predicted", "tp_50", *answer.ERRORS), 9.0),
        "kinds": {},
        "images": 66,
    },
}
HERE = {
    "commit": "提交 abc1234",
    "machine": "Linux x86_64，2 核",
    "versions": "Python 3.11.7，keras 3.15.1",
    "when": "2026-11-26T09:58:00+00:00",
}


@pytest.fixture
def described(tmp_path):
    def describe(first=None, **changes):
        (tmp_path / "artifacts").mkdir(exist_ok=True)
        for name, value in ARTIFACTS.items():
            text = json.dumps({**value, **changes.get(name, {})}, ensure_ascii=False)
            (tmp_path / "artifacts" / f"{name}.json").write_text(text, encoding="utf-8")
        table = "id,nuclei,warning\na,3,\n"
        (tmp_path / "artifacts" / "test_predictions.csv").write_text(table, encoding="utf-8")
        noted = {"journal": {"data": {}}}
        notebooks = {
            "01_segmentation": {"seconds": 100.0, "provenance": HERE | (first or {}), **noted},
            "06_training": {"seconds": 620.0, "provenance": HERE, **noted},
        }
        return summary.describe(manifest.Manifest(tmp_path, "demo", {"epochs": 5}, notebooks), [], {})

    return describe


def test_facts_are_data_model_training_and_time_of_the_artifacts(described):
    rows = dict(described()["facts"])
    assert rows["数据"] == "合成图像：带标注的图像 12 张（含验证集），细胞核 345 个"
    assert "1,941,105" in rows["模型"]
    assert "18 轮，第 13 轮最好" in rows["训练"]
    assert rows["用时"] == "12.0 分钟，其中第 6 节的训练 10.0 分钟"


@pytest.mark.parametrize("unit", ["张图", "个裁块"])
def test_speed_counts_what_the_recipe_trains_on(described, unit):
    assert f"每秒 16.2 {unit}，" in dict(described(training={"unit": unit})["facts"])["训练"]


def test_answer_yardstick_warnings_and_reproduction_are_those_of_the_artifacts(described):
    texts = described(preprocessing={"problems": ["x.png：文件是空的"]})
    assert texts["answer"] == answer.sentences(ARTIFACTS["scores"], synthetic=True)
    assert texts["yardstick"][0][0][-1] == "附带的模型（真实图像）"
    assert texts["notices"][-2:] == ["跳过了 1 张坏图：", "x.png：文件是空的"]
    assert texts["again"]["command"] == "cellseg report --profile demo --set epochs=5"


@pytest.mark.parametrize(
    ("earlier", "text"),
    [
        (18, "12.0 分钟；第 6 节的训练取自先前的运行，训练一共用了 10.0 分钟"),
        (5, "12.0 分钟；第 6 节的训练的前 5 轮（共 18 轮）取自先前的运行，训练一共用了 10.0 分钟"),
    ],
)
def test_epochs_of_an_earlier_run_are_named(described, earlier, text):
    rows = dict(described(training={"earlier_epochs": earlier})["facts"])
    assert rows["用时"] == text


def test_commit_machine_and_versions_are_those_of_the_runs_and_stand_once_if_they_are_the_same(described):
    rows = dict(described()["again"]["facts"])
    assert rows["代码"] == HERE["commit"]
    assert rows["版本"] == HERE["versions"]
    assert rows["运行"].endswith(f"；{HERE['machine']}")


def test_sections_that_ran_under_another_commit_are_told_apart(described):
    rows = dict(described(first={"commit": "提交 0000000"})["again"]["facts"])
    assert rows["代码"] == "第 1 节：提交 0000000；第 2 节：提交 abc1234"
    assert rows["版本"] == HERE["versions"]


def test_time_of_the_runs_is_that_from_the_first_to_the_last(described):
    assert dict(described()["again"]["facts"])["运行"].startswith("2026-11-26 09:58 到 09:58；")
    earlier = described(first={"when": "2026-11-25T23:01:00+00:00"})
    assert dict(earlier["again"]["facts"])["运行"].startswith("2026-11-25 23:01 到 2026-11-26 09:58；")


@pytest.mark.parametrize(("side", "text"), [(256, "输入边长 256 像素"), (None, "输入任意大小")])
def test_box_states_the_size_of_pictures_that_the_network_takes(described, side, text):
    rows = dict(described(model={"arguments": {"image_size": side}})["facts"])
    assert rows["模型"] == f"U-Net，1,941,105 个参数，{text}"
