import dataclasses

import numpy as np
import pytest

from cellseg_utils.training import fit, recipe_texts, recipes

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
    return recipe_texts.settings_table(dataclasses.replace(SETTINGS, **changes), VALIDATION)


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
