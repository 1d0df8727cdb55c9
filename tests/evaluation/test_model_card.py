import english
import pytest

from cellseg_utils.audit import image_kinds
from cellseg_utils.data import download
from cellseg_utils.evaluation import left_out, model_card
from cellseg_utils.run import language

ABOUT = {
    "architecture": "unet",
    "title": "U-Net",
    "arguments": {"image_size": 16, "filters": 2, "depth": 1},
    "data": "合成数据",
    "training": {"epochs": 18, "best_epoch": 13, "settings": {"batch_size": 16}},
    "weights_sha256": "abc",
    "scores": {"val_dice_coef": 0.8834, "val_accuracy": 0.9707},
}


@pytest.mark.parametrize(
    "part",
    [
        "# U-Net",
        "合成数据",
        "18 轮",
        "第 13 轮",
        "Dice 0.883",
        "准确率 0.971",
        "filters=2",
        "局限",
        "诊断",
        "`abc`",
    ],
)
def test_it_says_use_structure_data_training_scores_hash_and_limits(part):
    assert part in model_card.text(ABOUT)


def test_its_limits_are_those_of_the_network():
    separating = {**ABOUT, "arguments": {**ABOUT["arguments"], "maps": "separating"}}
    assert "粘连的核不会分开" in model_card.text(ABOUT)
    assert "粘连的核不会分开" not in model_card.text(separating)


def test_the_licence_is_told_of_the_data_of_the_competition_only():
    digest = download.REGISTRY.read_text(encoding="utf-8").split()[-1]
    assert "CC0 1.0" in model_card.text({**ABOUT, "training_data_sha256": digest})
    for other in ({}, {"training_data_sha256": None}, {"training_data_sha256": "0" * 64}):
        assert "CC0" not in model_card.text({**ABOUT, **other})


def test_the_command_stands_in_it_where_there_is_one():
    card = model_card.text({**ABOUT, "command": "cellseg report --profile full"})
    assert "\n- 命令：`cellseg report --profile full`\n- 权重" in card
    assert "命令" not in model_card.text(ABOUT)


def test_scores_with_kinds_become_a_table_with_intervals():
    own = {"images": 5, "families": 4, "dice": 0.9, "iou": 0.8, "ap50": 0.7, "kaggle": 0.6}
    own |= {f"{name}_interval": (own[name] - 0.1, own[name] + 0.1) for name in model_card.SCORES}
    few = {**own, "images": 2, "families": 1, "dice_interval": None}
    card = model_card.text({**ABOUT, "scores": {**own, "kinds": {"fluorescence": few}}})
    assert "| 验证图像 | 张数 | 组数 | Dice | IoU | AP@.5 | Kaggle 得分 |" in card
    assert "| 全部 | 5 | 4 | 0.900（0.800–1.000） | 0.800（0.700–0.900） |" in card
    assert "| 暗底荧光 | 2 | 1 | 0.900（—） | 0.800（0.700–0.900） |" in card


def test_the_weights_that_a_training_began_with_stand_in_it_where_there_are_any():
    assert "从这份权重开始训练" not in model_card.text(ABOUT)
    start = {"bundle": "earlier", "weights_sha256": "12ab"}
    assert "- 从这份权重开始训练：earlier（sha256 `12ab`）\n" in model_card.text({**ABOUT, "start": start})


def test_scores_on_other_laboratories_pictures_stand_in_it_where_somebody_measured_them():
    assert "别的实验室" not in model_card.text(ABOUT)
    own = {"name": "肠", "images": 9, "nuclei": 3073, "f1": 0.7348, "kaggle": 0.286, "warned": 1}
    card = model_card.text({**ABOUT, "elsewhere": [own]})
    assert "\n## 别的实验室的图像\n" in card
    assert card.split(model_card.SEPARATOR)[0].endswith("| 肠 | 9 | 3,073 | 0.735 | 0.286 | 1 |\n")


def test_scores_on_kinds_left_out_and_the_speed_stand_in_it_where_somebody_measured_them():
    row = dict.fromkeys(left_out.COLUMNS, 0.5) | {"kind": "fluorescence", "pictures": 40, "warned": 3}
    speed = dict.fromkeys(("small", "rival_small", "large", "rival_large", "memory", "rival_memory"), 2.0)
    speed |= {"machine": "两核", "megapixels": 24}
    card = model_card.text({**ABOUT, "left_out": {"steps": 320, "kinds": [row]}, "speed": speed})
    assert "只训练 320 批" in card
    assert "| 暗底荧光 | 40 | 0.500 | 0.500 | 3 |" in card
    assert "两核：竞赛的 65 张测试图像平均每张 2.00 秒；一张 24 百万像素的图 2 秒" in card
    assert "没有见过的种类" not in model_card.text(ABOUT)
    assert "速度" not in model_card.text(ABOUT)


def english_card(about):
    """What the card says in English; it must say the same in Chinese, whatever is spoken."""
    cards = model_card.text(about).split(model_card.SEPARATOR)
    with language.speaking("en"):
        assert model_card.text(about).split(model_card.SEPARATOR) == cards
    assert len(cards) == 2
    return cards[1]


def test_both_languages_stand_in_it_apart():
    card = english_card(ABOUT | {"english": {"合成数据": "synthetic data"}})
    assert card.startswith("# U-Net\n\n- Use: finding cell nuclei")
    assert (
        "- Training data: synthetic data\n- Training: 18 epochs, weights of epoch 13; batch_size=16\n" in card
    )
    assert card.endswith("batch): Dice 0.883, accuracy 0.971.\n")
    assert not [fault for line in card.splitlines() for fault in english.faults(line)]


def test_a_name_without_an_english_one_stays_as_it_is():
    assert "- Training data: 合成数据\n" in english_card(ABOUT)


def test_everything_that_was_measured_stands_in_the_english_card_too(monkeypatch):
    monkeypatch.setattr(image_kinds, "KINDS", {kind: kind for kind in image_kinds.KINDS})
    own = {"images": 1, "families": 1, "dice": 1.0, "iou": 0.0, "ap50": 0.5, "kaggle": 0.6}
    own |= {f"{name}_interval": None for name in model_card.SCORES} | {"dice_interval": (1.0, 1.0)}
    row = dict.fromkeys(left_out.COLUMNS, float("nan")) | {"kind": "fluorescence"}
    row |= {"pictures": 1, "warned": 0, "validation": 0}
    speed = dict.fromkeys(("small", "rival_small", "large", "rival_large", "memory", "rival_memory"), 0.0)
    about = ABOUT | {
        "data": "data",
        "training": {"epochs": 1, "best_epoch": 1, "settings": {}},
        "start": {"bundle": "earlier", "weights_sha256": "12ab"},
        "command": "cellseg report",
        "scores": {**own, "kinds": {"fluorescence": own}},
        "elsewhere": [{"name": "gut", "images": 1, "nuclei": 1000, "f1": 1.0, "kaggle": 0.0, "warned": 0}],
        "left_out": {"steps": 1, "kinds": [row]},
        "speed": speed | {"machine": "two cores", "megapixels": 24},
    }
    card = english_card(about)
    assert "| fluorescence | 1 | 1 | 1.000 (1.000–1.000) | 0.000 (—) |" in card
    assert "| gut | 1 | 1,000 | 1.000 | 0.000 | 0 |" in card
    assert "trained for only 1 batch (" in card
    assert "Training: 1 epoch, weights of epoch 1" in card
    assert "on two cores: the 65" in card
    lines = [line.replace("...", "").rstrip("; ") for line in card.splitlines() if not line.startswith("|")]
    assert not [fault for line in lines for fault in english.faults(line)]
