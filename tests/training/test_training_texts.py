import dataclasses

import english
import numpy as np
import pandas as pd
import pytest

from cellseg_utils.run import language
from cellseg_utils.training import fit, recipes, training_texts

SETTINGS = fit.Settings(
    epochs=30,
    batch_size=8,
    learning_rate=1e-3,
    patience=5,
    precision="float32",
    symmetries=True,
    seed=17,
    crop_side=160,
    steps=25,
)
VALIDATION = np.array([True, False, False, True, False])
COMMON = {
    "训练图像": "3 张",
    "验证图像": "2 张",
    "轮数上限": "30 轮",
    "批大小": "8 张",
    "学习率": "0.001",
    "提前停止": "验证损失连续 5 轮不下降",
    "计算精度": "float32",
    "随机种子": "17",
}
OWN = {
    "seed": {"数据增强（随机翻转、旋转）": "是"},
    "best": {
        "一轮": "25 批，共 200 块",
        "裁块": "160×160 像素",
        "核的典型直径": "缩放到 20 像素，再随机缩放（多数在 0.6 到 1.7 倍之间）",
    },
}


def table(**changes):
    return training_texts.settings_table(dataclasses.replace(SETTINGS, **changes), VALIDATION)


def rows(**changes):
    shown = table(**changes)
    return dict(zip(shown["设定"], shown["值"], strict=True))


@pytest.mark.parametrize("recipe", recipes.RECIPES)
def test_a_reader_sees_the_common_settings_and_those_of_the_recipe(recipe):
    assert rows(recipe=recipe) == {"方案": recipe, **COMMON, **OWN["seed" if recipe == "seed" else "best"]}


@pytest.mark.parametrize("recipe", recipes.RECIPES)
def test_the_table_has_one_text_a_row_from_the_recipe_to_the_seed(recipe):
    shown = table(recipe=recipe)
    assert list(shown.columns) == ["设定", "值"]
    assert shown["设定"].is_unique
    assert shown["设定"].iloc[0] == "方案"
    assert shown["设定"].iloc[-1] == "随机种子"
    assert all(type(value) is str for value in shown["值"])


def test_a_seed_training_without_changes_of_its_pictures_says_so():
    assert rows(recipe="seed", symmetries=False)["数据增强（随机翻转、旋转）"] == "否"


@pytest.mark.parametrize(("rate", "text"), [(0.004, "0.004"), (1e-5, "1e-05"), (1.0, "1")])
def test_the_learning_rate_is_written_without_needless_digits(rate, text):
    assert rows(learning_rate=rate)["学习率"] == text


def history(val_dice, dice=0.8, best=3):
    losses = [abs(number - best) + 0.5 for number in range(1, len(val_dice) + 1)]
    rows = {"epoch": range(1, len(val_dice) + 1), "val_loss": losses, "val_dice_coef": val_dice}
    return pd.DataFrame(rows).assign(dice_coef=dice, val_accuracy=0.9)


def test_the_course_of_a_training_names_its_end_its_best_epoch_and_both_scores():
    text = training_texts.course(history([0.5, 0.6, 0.81, 0.7]), 3, 30)
    assert text == (
        "共训练 4 轮，提前停止。第 3 轮的验证损失最低（0.500），那一轮的验证准确率为 0.900，"
        "验证 Dice 系数为 0.810，高于训练集（训练 0.800）。"
    )


@pytest.mark.parametrize(
    ("epochs", "limit", "stopped"),
    [
        (4, 5, "提前停止"),
        (4, 4, "到达轮数上限。"),
        (3, 3, "到达轮数上限时验证损失仍在下降"),
    ],
)
def test_the_course_tells_why_a_training_ended(epochs, limit, stopped):
    assert stopped in training_texts.course(history([0.8] * epochs), 3, limit)


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (0.004, "与训练集相近"),
        (-0.004, "与训练集相近"),
        (0.006, "高于训练集"),
        (-0.02, "略低于训练集"),
        (-0.04, "明显低于训练集，有过拟合的迹象"),
    ],
)
def test_the_course_compares_validation_with_training(gap, words):
    assert words in training_texts.course(history([0.1, 0.1, 0.8], dice=0.8 - gap), 3, 3)


def test_the_course_tells_how_early_most_was_reached():
    assert "早在第 2 轮，验证 Dice 就已达到第 3 轮的 95%" in training_texts.course(
        history([0.5, 0.77, 0.8]), 3, 3
    )
    assert "早在" not in training_texts.course(history([0.5, 0.75, 0.8]), 3, 3)


@pytest.fixture
def in_english(monkeypatch):
    monkeypatch.setenv(language.VARIABLE, "en")


@pytest.mark.parametrize("recipe", recipes.RECIPES)
@pytest.mark.parametrize("one", [True, False])
def test_the_settings_in_english(recipe, one, in_english):
    changes = (
        dict.fromkeys(("epochs", "patience", "batch_size", "steps"), 1) if one else {"symmetries": False}
    )
    shown = table(recipe=recipe, **changes)
    assert list(shown.columns) == ["Setting", "Value"]
    assert shown["Setting"].is_unique
    assert not [fault for text in (*shown["Setting"], *shown["Value"]) for fault in english.faults(text)]
    told = dict(zip(shown["Setting"], shown["Value"], strict=True))
    assert told["Early stopping"].startswith("after 1 epoch without" if one else "after 5 epochs without")
    assert told["Epoch limit"] == ("1 epoch" if one else "30 epochs")


@pytest.mark.parametrize(("recipe", "unit"), [("seed", "images"), ("best", "crops")])
def test_what_passes_in_an_epoch_in_english(recipe, unit, in_english):
    assert training_texts.an_epoch(dataclasses.replace(SETTINGS, recipe=recipe), VALIDATION)[1] == unit


@pytest.mark.parametrize(
    ("val_dice", "dice", "best", "limit", "said"),
    [
        ([0.5, 0.6, 0.81, 0.7], 0.8, 3, 30, "Training stopped early, after 4 epochs. Epoch 3 has the lowest"),
        ([0.5, 0.6, 0.81, 0.7], 0.8, 3, 30, "0.810, above that of the training set (training: 0.800)."),
        ([0.8], 0.8, 1, 1, "limit of 1 epoch while the validation loss was still falling. Epoch 1"),
        ([0.0, 0.0], 1.0, 1, 2, "limit of 2 epochs. Epoch 1"),
        (
            [0.0, 0.0],
            1.0,
            1,
            2,
            "0.000, well below that of the training set, a sign of overfitting (training: 1.000).",
        ),
        (
            [0.0, 0.0],
            0.01,
            2,
            3,
            "0.000, slightly below that of the training set (training: 0.010). As early as epoch 1,",
        ),
        ([1.0, 1.0], 1.0, 2, 3, "close to that of the training set (training: 1.000). As early as epoch 1,"),
        ([0.5, 0.8], np.nan, 2, 3, "(training: nan)."),
    ],
)
def test_the_course_in_english(val_dice, dice, best, limit, said, in_english):
    told = training_texts.course(history(val_dice, dice, best), best, limit)
    assert said in told
    assert not english.faults(told)


def losses(*values):
    return pd.DataFrame({"val_loss": values})


def test_the_course_of_the_validation_loss_is_told():
    assert training_texts.descent(losses(0.5), 1) == "第 1 轮的验证损失是 0.500。只有这一轮，看不出升降。"
    assert training_texts.descent(losses(0.5, 0.6), 1) == (
        "第 1 轮的验证损失是 0.500。此后 1 轮没有再低，最后一轮是 0.600。"
    )
    assert training_texts.descent(losses(0.5, 0.25), 2) == (
        "验证损失从第 1 轮的 0.500 降到第 2 轮的 0.250，降了 50%。"
    )


def test_batches_are_counted_up_to_the_limit_of_epochs(monkeypatch):
    assert training_texts.batches(SETTINGS, VALIDATION) == "每轮 1 批，共 3 张图；30 轮至多 30 批。"
    best = dataclasses.replace(SETTINGS, recipe="best", epochs=1)
    assert training_texts.batches(best, VALIDATION) == "每轮 25 批，共 200 个裁块；1 轮至多 25 批。"
    monkeypatch.setenv("CELLSEG_LANG", "en")
    assert training_texts.batches(best, VALIDATION).endswith("so 1 epoch has at most 25 batches.")
    assert training_texts.descent(losses(0.5, 0.25, 0.5), 2) == (
        "The validation loss falls from 0.500 in epoch 1 to 0.250 in epoch 2, by 50%. "
        "It does not fall any lower in the 1 epoch after that; the last one ends at 0.500."
    )
