import json

import pytest

from cellseg_utils.report import manifest, summary

ARTIFACTS = {
    "source": {"title": "合成图像", "seed": 7},
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
    },
    "scores": {
        "dice": 0.8764,
        "dice_interval": [0.8, 0.9],
        "iou": 0.7654,
        "iou_interval": [0.7, 0.8],
        "ap50": 0.6543,
        "ap50_interval": [0.6, 0.7],
        "kaggle": 0.5432,
        "kaggle_interval": [0.5, 0.6],
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
        notebooks = {
            "01_segmentation": {"seconds": 100.0, "provenance": HERE | (first or {})},
            "06_training": {"seconds": 620.0, "provenance": HERE},
        }
        overrides = {"epochs": 5, "data": "/home/somebody/cells"}
        return summary.describe(manifest.Manifest(tmp_path, "demo", overrides, notebooks))

    return describe


def test_box_states_data_model_training_scores_and_time_of_the_artifacts(described):
    rows = dict(described()["summary"])
    assert rows["数据"] == "合成图像：带标注的图像 12 张（含验证集），细胞核 345 个"
    assert rows["配置"] == "demo（epochs=5，data=cells），随机种子 7"
    assert "1,941,105" in rows["模型"]
    assert "18 轮，第 13 轮最好" in rows["训练"]
    assert rows["验证集得分"] == (
        "Dice 0.876（0.800–0.900），IoU 0.765（0.700–0.800），AP@.5 0.654（0.600–0.700），"
        "Kaggle 得分 0.543（0.500–0.600）；66 张图的平均，原始尺寸，括号里是 95% 区间"
    )
    assert rows["用时"] == "12.0 分钟，其中第 6 节的训练 10.0 分钟"


@pytest.mark.parametrize("unit", ["张图", "个裁块"])
def test_speed_counts_what_the_recipe_trains_on(described, unit):
    assert f"每秒 16.2 {unit}，" in dict(described(training={"unit": unit})["summary"])["训练"]


def test_skipped_pictures_become_notices(described):
    assert described()["notices"] == []
    notices = described(preprocessing={"problems": ["x.png：文件是空的"]})["notices"]
    assert notices == ["跳过了 1 张坏图：", "x.png：文件是空的"]


@pytest.mark.parametrize(
    ("earlier", "text"),
    [
        (18, "12.0 分钟；第 6 节的训练取自先前的运行，训练一共用了 10.0 分钟"),
        (5, "12.0 分钟；第 6 节的训练的前 5 轮（共 18 轮）取自先前的运行，训练一共用了 10.0 分钟"),
    ],
)
def test_epochs_of_an_earlier_run_are_named(described, earlier, text):
    rows = dict(described(training={"earlier_epochs": earlier})["summary"])
    assert rows["用时"] == text


def test_commit_machine_and_versions_are_those_of_the_runs_and_stand_once_if_they_are_the_same(described):
    rows = dict(described()["summary"])
    assert rows["代码"] == HERE["commit"]
    assert rows["版本"] == HERE["versions"]
    assert rows["运行"].endswith(f"；{HERE['machine']}")


def test_sections_that_ran_under_another_commit_are_told_apart(described):
    rows = dict(described(first={"commit": "提交 0000000"})["summary"])
    assert rows["代码"] == "第 1 节：提交 0000000；第 2 节：提交 abc1234"
    assert rows["版本"] == HERE["versions"]


def test_time_of_the_runs_is_that_from_the_first_to_the_last(described):
    assert dict(described()["summary"])["运行"].startswith("2026-11-26 09:58 到 09:58；")
    earlier = described(first={"when": "2026-11-25T23:01:00+00:00"})
    assert dict(earlier["summary"])["运行"].startswith("2026-11-25 23:01 到 2026-11-26 09:58；")


@pytest.mark.parametrize(("side", "text"), [(256, "输入边长 256 像素"), (None, "输入任意大小")])
def test_box_states_the_size_of_pictures_that_the_network_takes(described, side, text):
    rows = dict(described(model={"arguments": {"image_size": side}})["summary"])
    assert rows["模型"] == f"U-Net，1,941,105 个参数，{text}"
