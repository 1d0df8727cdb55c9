import json

import pytest

from cellseg_utils.report import summary
from cellseg_utils.run import places

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


@pytest.fixture
def described(tmp_path):
    def describe(seconds=620.0, **changes):
        (tmp_path / "artifacts").mkdir(exist_ok=True)
        for name, value in ARTIFACTS.items():
            text = json.dumps({**value, **changes.get(name, {})}, ensure_ascii=False)
            (tmp_path / "artifacts" / f"{name}.json").write_text(text, encoding="utf-8")
        notebooks = {"01_segmentation": {"seconds": 100.0}, "06_training": {"seconds": seconds}}
        overrides = {"epochs": 5, "data": "/home/somebody/cells"}
        return summary.describe(tmp_path, {"profile": "demo", "overrides": overrides, "notebooks": notebooks})

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
    assert "keras" in rows["版本"]


@pytest.mark.parametrize("unit", ["张图", "个裁块"])
def test_speed_counts_what_the_recipe_trains_on(described, unit):
    assert f"每秒 16.2 {unit}，" in dict(described(training={"unit": unit})["summary"])["训练"]


def test_skipped_pictures_become_notices(described):
    assert described()["notices"] == []
    notices = described(preprocessing={"problems": ["x.png：文件是空的"]})["notices"]
    assert notices == ["跳过了 1 张坏图：", "x.png：文件是空的"]


def test_code_outside_a_repository_says_so(described, tmp_path, monkeypatch):
    monkeypatch.setattr(places, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert dict(described()["summary"])["代码"] == "不在 git 仓库里"


def test_time_of_a_training_that_was_found_again_is_not_part_of_this_run(described):
    rows = dict(described(seconds=20.0)["summary"])
    assert rows["用时"] == "2.0 分钟；第 6 节的训练全部或部分取自先前的运行，共 10.0 分钟"


@pytest.mark.parametrize(("side", "text"), [(256, "输入边长 256 像素"), (None, "输入任意大小")])
def test_box_states_the_size_of_pictures_that_the_network_takes(described, side, text):
    rows = dict(described(model={"arguments": {"image_size": side}})["summary"])
    assert rows["模型"] == f"U-Net，1,941,105 个参数，{text}"
