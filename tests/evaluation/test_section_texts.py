import numpy as np
import pandas as pd
import pytest
import texts

from cellseg_utils.audit import image_kinds
from cellseg_utils.evaluation import compare_texts, section_texts
from cellseg_utils.run import language

HISTORY = pd.DataFrame({"val_loss": [0.5, 0.25], "val_accuracy": [0.8, 0.9], "val_dice_coef": [0.6, 0.75]})
FACTS = {"best_epoch": 2, "seconds": 90, "images_per_second": 12.34}


@pytest.fixture
def in_english(monkeypatch):
    monkeypatch.setenv(language.VARIABLE, "en")


def seen(dice, nuclei=(10,), found=(9,)):
    return pd.DataFrame({"dice": dice, "kaggle": 0.5, "nuclei": nuclei, "tp_50": found})


def pictures(*nuclei):
    return pd.DataFrame({"nuclei": np.array(nuclei, int), "foreground": np.full(len(nuclei), 0.25)})


def networks(*seconds):
    columns = ["model", "rival", "kaggle", "difference", "difference_low", "difference_high"]
    rows = [("U-Net", None, 0.5, np.nan, np.nan, np.nan), ("A", "U-Net", 0.5, 0, -0.1, 0.1)]
    rows += [("B", "U-Net", 0.6, 0.1, 0.05, 0.2)]
    return pd.DataFrame(rows, columns=columns).assign(seconds_per_epoch=seconds)


def test_a_training_is_told_by_its_best_epoch():
    told = section_texts.training(HISTORY, FACTS, "张图", False)
    assert told == (
        "训练了 2 轮，共 1.5 分钟，每秒处理 12.3 张图。"
        "第 **2** 轮最好：验证损失 0.250，验证准确率 0.900，验证 Dice 系数 0.750。"
    )
    again = section_texts.training(HISTORY, FACTS, "张图", True)
    assert "1.5 分钟（同样的训练先前已经完成，这里直接取用），每秒" in again


def test_a_training_of_one_epoch_is_told_in_english(in_english):
    told = section_texts.training(HISTORY[:1], {**FACTS, "best_epoch": 1}, "crops", True)
    assert told.startswith(
        "Training ran for 1 epoch and took 1.5 min (the same training had been completed before and is "
        "reused here), at 12.3 crops per second. Epoch **1** was the best: validation loss 0.500,"
    )


def validated(**changed):
    rows = pd.DataFrame({"kind": ["grey_tissue", "fluorescence"], "kaggle": [0.1, 0.6]})
    means = {"dice": 0.8, "iou": 0.7, "ap50": 0.6, "kaggle": 0.35, "square_dice": 0.9, "square_iou": 0.85}
    intervals = {f"{name}_interval": None for name in means}
    return section_texts.validation(rows, means | intervals | changed, 64)


def test_validation_names_the_worst_picture():
    told = validated(dice_interval=(0.75, 0.85))
    assert told.startswith("2 张验证图像，原始尺寸，逐张平均：Dice **0.800（0.750–0.850）**，IoU 0.700，")
    assert told.endswith(f"最差的一张是{image_kinds.KINDS['grey_tissue']}，Kaggle 得分只有 0.100。")


def test_validation_is_told_in_english(in_english):
    assert "2 validation images at original size" in validated()
    assert "After resizing to 64×64, the mean Dice is 0.900 and the mean IoU 0.850." in validated()


@pytest.mark.parametrize(
    ("trained", "held_out", "verdict"),
    [
        (0.9, 0.8, "单看 Dice 高出不少，可能有过拟合"),
        (0.8, 0.79, "单看 Dice 相差不大"),
        (0.7, 0.8, "反而更低，多半是恰好取到了较难的图像"),
        (0.45, 0.3, "两者都低，模型还没有学会"),
        (np.nan, 0.8, "单看 Dice 相差不大"),
    ],
)
def test_training_pictures_are_compared_with_validation(trained, held_out, verdict):
    told = section_texts.beside_validation(seen([trained]), {"dice": held_out, "kaggle": 0.4})
    assert told.startswith(f"这 1 张训练图像的平均 Dice 为 {trained:.3f}，验证集的平均为 {held_out:.3f}：")
    assert f"：{verdict}。Kaggle 得分分别为 0.500 与 0.400。" in told


@pytest.mark.parametrize(("count", "end"), [(1, "1 image is too few"), (3, "3 images are too few")])
def test_comparison_with_validation_in_english_counts_images(in_english, count, end):
    rows = seen([0.8] * count, [10] * count, [9] * count)
    told = section_texts.beside_validation(rows, {"dice": 0.8, "kaggle": 0.4})
    assert told.endswith(f"{end} to tell whether there is overfitting.")


def test_nuclei_of_all_training_pictures_are_summed(monkeypatch):
    rows = seen([0.8, 0.9], [1, 0], [0, 0])
    assert section_texts.learnt(rows) == (
        "在学过的图像上，2 张里 Dice 最低 0.800，最高 0.900；1 个真实的核里找到了 0 个。"
        "下一节换成没有见过的图像。"
    )
    monkeypatch.setenv(language.VARIABLE, "en")
    assert "of 1 true nucleus, 0 were found." in section_texts.learnt(rows)


def test_pictures_that_cannot_be_trusted_are_counted_apart():
    rows = pictures(1200, 3)
    assert section_texts.tested(rows, rows[:1]) == (
        "1 张可信的测试图像里共找到 1,200 个细胞核，平均 25.0% 的像素被判为核；另有 1 张的结果不可靠，见上。"
        "没有真值，就算不出这里的得分。"
    )
    assert section_texts.tested(rows, rows).count("；") == 0


@pytest.mark.parametrize(
    ("trusted", "told"),
    [
        (0, "In 0 test images with trustworthy results, 0 nuclei were found; for 2 other images the results"),
        (1, "1 nucleus was found, and 25.0% of the pixels are classified as nucleus on average; for 1 other"),
        (2, "4 nuclei were found, and 25.0% of the pixels are classified as nucleus on average. Without"),
    ],
)
def test_test_pictures_are_told_in_english(in_english, trusted, told):
    rows = pictures(1, 3)
    assert told in section_texts.tested(rows, rows[:trusted])


def test_cautions_name_what_was_different(monkeypatch):
    usual = section_texts.cautions(5, 5, "")
    assert usual.startswith("每个模型只训练了一次")
    assert section_texts.cautions(1, 5, "shipped") == (
        "这里每个模型至多训练 1 轮，少于第 6 节的 5 轮，可能还没有收敛："
        "比较的是同样短的训练，不是各自的最好成绩。"
        f"{compare_texts.FROM_SCRATCH}{usual}"
    )
    monkeypatch.setenv(language.VARIABLE, "en")
    assert "at most 1 epoch, fewer than the 5 of section 6" in section_texts.cautions(1, 5, "")
    assert "each model can do. Each model was trained only once" in section_texts.cautions(1, 5, "")
    assert section_texts.cautions(5, 5, "").startswith("Each model")


def test_comparison_names_the_slowest_and_what_is_next():
    told = section_texts.compared(networks(2, 3, 5), "seed")
    verdicts = [compare_texts.verdict(row) for row in networks(2, 3, 5).iloc[1:].itertuples()]
    assert told == (
        f"在同样的轮数上限下，{'；'.join(verdicts)}。B 每轮用时最长，是 U-Net 的 2.5 倍。"
        f"{compare_texts.NEXT[False]}"
    )
    assert section_texts.compared(networks(2, 3, 5), "best").endswith(compare_texts.NEXT[True])


def test_a_comparison_in_which_the_first_is_slowest_names_no_ratio(monkeypatch):
    told = section_texts.compared(networks(5, 3, 2), "seed")
    assert "。U-Net 每轮用时最长。" in told
    monkeypatch.setenv(language.VARIABLE, "en")
    assert ". U-Net takes longest per epoch. " in section_texts.compared(networks(5, 3, 2), "seed")


def test_comparison_is_joined_as_english_is(in_english, monkeypatch):
    monkeypatch.setattr(compare_texts, "verdict", lambda row: f"{row.model} is better")
    monkeypatch.setattr(compare_texts, "NEXT", {False: "What is next."})
    told = section_texts.compared(networks(2, 3, 5), "seed")
    assert told == (
        "With the same limit on epochs, A is better; B is better. "
        "B takes longest per epoch, 2.5 times as long as U-Net. What is next."
    )
    assert not texts.CHINESE.search(told)


@pytest.mark.parametrize(
    ("nuclei", "chinese", "english"),
    [
        ((3,), "图中的一张找到了 3 个核。", "In the image shown, 3 nuclei were found."),
        ((0, 0), "图中没有一张找到了核。", "No nucleus was found in any image shown."),
        ((1, 1), "图中每张都找到了 1 个核。", "In every image shown, 1 nucleus was found."),
        (
            (0, 1200),
            "图中找到的核，最少的一张有 0 个，最多的一张有 1,200 个，2 张合计 1,200 个。",
            "The images shown have from 0 to 1,200 nuclei each, 1,200 in all 2 images together.",
        ),
    ],
)
def test_nuclei_of_the_pictures_shown_are_told(nuclei, chinese, english, monkeypatch):
    assert section_texts.numbers(pictures(*nuclei)) == chinese
    monkeypatch.setenv(language.VARIABLE, "en")
    assert section_texts.numbers(pictures(*nuclei)) == english


def test_pictures_of_the_shipped_model_are_judged_by_the_reader(monkeypatch):
    table = pd.DataFrame({"id": ["a", "b"], "nuclei": [0, 1], "warning": ["x", ""]})
    assert section_texts.of_the_shipped_model(table).startswith(
        "附带的模型找到：a 上 0 个核（提醒了）、b 上 1 个核（没有提醒）。"
    )
    monkeypatch.setenv("CELLSEG_LANG", "en")
    assert section_texts.of_the_shipped_model(table).startswith(
        "The shipped model found 0 nuclei in a (flagged), 1 nucleus in b (not flagged). "
    )
