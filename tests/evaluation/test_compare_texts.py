import re

import english
import numpy as np
import pandas as pd
import pytest

from cellseg_utils.evaluation import ablation, compare_texts
from cellseg_utils.run import language


@pytest.fixture
def in_english(monkeypatch):
    monkeypatch.setenv(language.VARIABLE, "en")


def rows(*ends):
    columns = ["model", "rival", "kaggle", "difference", "difference_low", "difference_high"]
    return next(pd.DataFrame([["U-Net++", "U-Net", 0.5, *ends]], columns=columns).itertuples())


def curve(minutes, dice, kaggle):
    return np.array(minutes), {"dice": np.array(dice), "kaggle": np.array(kaggle)}


@pytest.mark.parametrize(
    ("ends", "text"),
    [
        ((0.02, -0.01, 0.05), r"U-Net\+\+ 与 U-Net 的 Kaggle 得分之差.*分不出高下"),
        ((0.02, 0.01, 0.03), r"U-Net\+\+ 的 Kaggle 得分比 U-Net 高（\+0.020"),
        ((-0.02, -0.03, -0.01), r"U-Net\+\+ 的 Kaggle 得分比 U-Net 低（-0.020"),
        ((-0.0002, -0.0003, -0.0001), r"U-Net\+\+ 与 U-Net 的 Kaggle 得分相同（0.500）"),
        (
            (0.02, np.nan, np.nan),
            r"U-Net\+\+ 与 U-Net 的 Kaggle 得分之差为 \+0.020：验证图像不足 6 组，分不出高下",
        ),
    ],
)
def test_verdict_says_higher_or_lower_only_if_the_interval_excludes_zero(ends, text):
    assert re.match(text, compare_texts.verdict(rows(*ends)))


def test_steps_say_what_each_changes_and_which_can_not_be_told():
    columns = ["model", "difference", "difference_low", "difference_high"]
    rungs = [
        ["seed 方案", 0, 0, 0],
        ["＋裁块", 0.2, 0.1, 0.3],
        ["＋变色", 0.01, -0.01, 0.03],
        ["＋网络", -0.1, -0.2, -0.05],
        ["＋少", 0.1, np.nan, np.nan],
    ]
    told = compare_texts.steps(pd.DataFrame(rungs, columns=columns))
    assert "“裁块”提高 0.200（+0.100 到 +0.300）；" in told
    assert "“变色”+0.010（-0.010 到 +0.030），区间包含 0，分不出高下；" in told
    assert "“网络”降低 0.100（-0.200 到 -0.050）；" in told
    assert told.endswith("“少”+0.100，验证图像不足 6 组，分不出高下。")


def test_a_network_without_a_rival_has_no_difference():
    table = pd.DataFrame(
        {
            "model": ["a", "b"],
            "parameters": [1234, 5],
            "epochs": [2, 3],
            "minutes": [1.25, 2],
            "seconds_per_epoch": [4.0, 5],
            "dice": 1.0,
            "iou": 0.9,
            "ap50": 0.8,
            "kaggle": [1.0, 0.6],
            "kaggle_low": [1.0, 0.5],
            "kaggle_high": [1.0, 0.7],
            "rival": [None, "a"],
            "difference": [0, -0.4],
            "difference_low": [0, -0.5],
            "difference_high": [0, -0.3],
        }
    )
    shown = compare_texts.readable(table)
    assert shown["参数（个）"].tolist() == ["1,234", "5"]
    assert shown["Kaggle 得分（95% 区间）"].tolist() == ["1.000（1.000–1.000）", "0.600（0.500–0.700）"]
    assert shown["之差（95% 区间）"].tolist() == ["", "-0.400（-0.500 到 -0.300）"]


def test_the_race_tells_the_first_moment_at_which_the_goal_was_seen_to_be_reached():
    curves = {
        "seed 方案": curve([5, 20], [0.8, 0.88], [0.2, 0.3]),
        "best 方案": curve([2.5, 5, 90], [0.85, 0.89, 0.92], [0.4, 0.5, 0.6]),
    }
    told = compare_texts.race(curves)
    assert "seed 方案训练 20.0 分钟后停下，平均 Dice 0.880" in told
    assert "最迟在第 5.0 分钟达到同样的 Dice（这时 0.890），用时是 seed 方案的 25%" in told
    assert "训练 90.0 分钟后 Dice 0.920，Kaggle 得分 0.600" in told


def test_the_race_says_so_if_the_goal_was_never_reached():
    curves = {"a": curve([20], [0.88], [0.3]), "b": curve([5, 9], [0.85, 0.84], [0.4, 0.4])}
    assert "b在 9.0 分钟里没有达到这个 Dice（最高 0.850）" in compare_texts.race(curves)


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        (
            (0.02, -0.01, 0.05),
            "U-Net++ differs from U-Net by +0.020 in Kaggle score, with a 95% interval (-0.010 to +0.050)",
        ),
        (
            (0.02, 0.01, 0.03),
            "U-Net++ has a higher Kaggle score than U-Net (+0.020, 95% interval +0.010 to +0.030)",
        ),
        (
            (-1.0, -1.0, -1.0),
            "U-Net++ has a lower Kaggle score than U-Net (-1.000, 95% interval -1.000 to -1.000)",
        ),
        ((0.0, 0.0, 0.0), "U-Net++ and U-Net have the same Kaggle score (0.500)"),
        ((1.0, np.nan, np.nan), "differs from U-Net by +1.000 in Kaggle score: fewer than 6 families"),
    ],
)
def test_the_verdict_in_english(ends, said, in_english):
    told = compare_texts.verdict(rows(*ends))
    assert said in told
    assert not english.faults(told)


def test_steps_in_english_are_named_as_the_ladder_names_them(in_english):
    titles, columns = (
        list(ablation.RUNGS.values()),
        ["model", "difference", "difference_low", "difference_high"],
    )
    changes = [
        (0, 0, 0),
        (0.2, 0.1, 0.3),
        (0.01, -0.01, 0.03),
        (-0.1, -0.2, -0.05),
        (0.1, np.nan, np.nan),
        (0, 0, 0),
    ]
    rungs = pd.DataFrame([[title, *own] for title, own in zip(titles, changes, strict=True)], columns=columns)
    told = compare_texts.steps(rungs)
    assert (
        '"stain planes, uniform nucleus size, crops" raises it by 0.200 (+0.100 to +0.300); "random' in told
    )
    assert "changes it by +0.010 (-0.010 to +0.030), undecided because" in told
    assert "lowers it by 0.100 (-0.200 to -0.050)" in told
    assert "changes it by +0.100, undecided with fewer than 6 families" in told
    assert told.endswith('"AdamW, cosine learning rate, weight averaging" does not change it.')
    assert not english.faults(told)
    said = rungs.assign(model=[language.say(title) for title in titles])
    assert compare_texts.steps(said) == told


def test_the_race_in_english(in_english):
    slow = curve([5, 20], [0.8, 0.88], [0.2, 0.3])
    for fast, said in (
        (
            curve([2.5, 5, 90], [0.85, 0.88, 1.0], [0.4, 0.5, 1.0]),
            "The best recipe had reached the same Dice after 5.0 min",
        ),
        (curve([20], [0.88], [0.3]), "in 100% of the time of the seed recipe; after 20.0 min"),
        (curve([9], [0.0], [0.0]), "did not reach this Dice within 9.0 min (highest: 0.000)."),
        (curve([9], [np.nan], [np.nan]), "did not reach this Dice within 9.0 min (highest: nan)."),
    ):
        told = compare_texts.race({"seed recipe": slow, "best recipe": fast})
        assert told.startswith(
            "With the seed recipe, training stopped after 20.0 min at a mean Dice of 0.880"
        )
        assert said in told
        assert not english.faults(told)


def test_what_comes_next_can_be_said_in_english(in_english):
    for text in (*compare_texts.NEXT.values(), compare_texts.FROM_SCRATCH):
        assert not english.faults(language.say(text))


def networks(*scores):
    return pd.DataFrame({"model": ["U-Net", "U-Net++", "A"][: len(scores)], "kaggle": scores})


def test_the_best_and_the_worst_network_are_told():
    assert compare_texts.spread(networks(0.5, 0.75, 0.25)).startswith(
        "平均 Kaggle 得分最高的是 U-Net++（0.750），最低的是 A（0.250）；"
    )
    assert compare_texts.spread(networks(0.5, 0.5)) == "各个模型的平均 Kaggle 得分都是 0.500。"
    assert compare_texts.spread(networks(0.0)) == "各个模型的平均 Kaggle 得分都是 0.000。"


def test_the_epoch_with_the_lowest_loss_of_each_network_is_told(monkeypatch):
    history = pd.DataFrame({"epoch": [1, 2], "val_loss": [0.2, 0.3], "val_dice_coef": [0.7, 0.8]})
    assert compare_texts.lowest_losses({"A": history, "B": history[1:]}) == (
        "验证损失最低的一轮：A 第 1 轮（共 2 轮，Dice 0.700）；B 第 2 轮（共 1 轮，Dice 0.800）。"
    )
    monkeypatch.setenv(language.VARIABLE, "en")
    assert compare_texts.lowest_losses({"A": history, "B": history[1:]}) == (
        "Lowest validation loss: A in epoch 1 of 2 (Dice 0.700); B in epoch 2 of 1 (Dice 0.800)."
    )


def test_what_each_network_found_in_a_picture_is_told(monkeypatch):
    own = {
        name: pd.DataFrame({"nuclei": [0.0, 9.0], "predicted": [3.0, 9.0], "tp_50": [0.0, found]})
        for name, found in (("A", 8.0), ("B", 0.0))
    }
    assert compare_texts.found(own, 1) == (
        "这张图里有 9 个核，逐核来看，找到的（交并比高于一半）：A 8 个、B 0 个。"
    )
    assert compare_texts.found(own, 0) == "这张图里没有核；预测出的：A 3 个、B 3 个。"
    monkeypatch.setenv(language.VARIABLE, "en")
    assert compare_texts.found(own, 1) == (
        "This image has 9 nuclei; counted one by one, those found (IoU above one half) are: A 8, B 0."
    )
