from types import SimpleNamespace

import english
import pandas as pd
import pytest

from cellseg_utils.audit import image_kinds
from cellseg_utils.evaluation import averages, score_texts
from cellseg_utils.run import language


@pytest.fixture
def in_english(monkeypatch):
    monkeypatch.setenv(language.VARIABLE, "en")


MEANS = dict.fromkeys(averages.NAMES, 0.5)
MEANS |= {f"{name}_interval": (0.4, 0.6) for name in averages.NAMES}
POOLED = {"dice": 0.51, "iou": 0.52, "kaggle": 0.53, "ap50": 0.54, "ap75": 0.55, "pq": 0.56, "f1": 0.57}
POOLED |= {"count_error_relative": -0.25, "nuclei": 1200.0, "predicted": 900.0}
SIMPLE = {"dice": 0.4, "kaggle": 0.1, "count_error_relative": None}
POOLED |= {"missed": 10.0, "invented": 20.0, "merged": 130.0, "split": 10.0, "blocks": 60.0}


def test_every_score_has_its_mean_with_interval_and_its_pooled_value():
    table = score_texts.score_table(MEANS, POOLED, 256, SIMPLE).set_index("得分")
    assert table.loc["Kaggle 得分"].tolist() == ["细胞核", "0.500（0.400–0.600）", "0.530", "0.100"]
    assert table.loc["Dice（缩放到 256×256）", "逐张平均（95% 区间）"] == "0.500（0.400–0.600）"
    assert table.loc["核数误差"].tolist()[:3] == ["细胞核", "+50.0%（+40.0% 到 +60.0%）", "-25.0%"]
    assert table.index[table["合计"].isna()].tolist() == [
        "准确率",
        "Dice（缩放到 256×256）",
        "IoU（缩放到 256×256）",
        "AJI",
    ]


def test_a_score_that_no_picture_has_stays_empty():
    means = {**MEANS, "count_error_relative": None, "count_error_relative_interval": None}
    pooled = {**POOLED, "count_error_relative": float("nan")}
    table = score_texts.score_table(means, pooled, 64, SIMPLE).set_index("得分")
    assert table.loc["核数误差"].isna().tolist() == [False, True, True, True]


def test_kinds_are_named_in_the_order_given():
    about = {**MEANS, "images": 6, "families": 5, "nuclei": 70}
    few = {**about, "kaggle_interval": None}
    table = score_texts.kind_table({"grey_tissue": about, "fluorescence": few})
    assert table["种类"].tolist() == ["亮底灰度", "暗底荧光"]
    assert table.iloc[0, 1:].tolist() == [6, 5, 70, "0.500（0.400–0.600）", 0.5, 0.5, 0.5]
    assert table["Kaggle 得分（95% 区间）"][1] == "0.500（—）"


@pytest.mark.parametrize(("separates", "text"), [(True, "因此能分开"), (False, "会被当成一个")])
def test_how_nuclei_are_found_depends_on_the_network(separates, text):
    network = SimpleNamespace(separates=separates, any_size=True)
    assert text in score_texts.how_nuclei_are_found(network, "best")
    assert "核的直径约 23 与 32 像素" in score_texts.how_nuclei_are_found(network, "best")


def test_a_network_of_one_size_squashes_pictures():
    about = {"arguments": {"image_size": 96}}
    network = SimpleNamespace(separates=False, any_size=False, about=about)
    assert "缩放到 96×96 送进网络" in score_texts.how_nuclei_are_found(network, "best")


SAMPLES = pd.DataFrame({"family": [0, 0, 1, 2], "validation": [True, False, True, False]})


@pytest.mark.parametrize(
    ("split", "families", "text"),
    [
        ("grouped", [0, 1, 2, 3], "2 张验证图像属于 2 组，没有一组出现在训练集里"),
        ("random", [0, 0, 1, 2], "2 张验证图像里，1 张在训练集里有同组的图像"),
        ("random", [0, 1, 2, 3], "没有一张在训练集里有同组的图像"),
    ],
)
def test_relatives_in_training_are_told_as_they_are(split, families, text):
    assert text in score_texts.relatives(SAMPLES.assign(family=families), split)


def test_only_few_families_make_an_interval_rough():
    assert "只有 3 组" in score_texts.rough_interval(3)
    assert score_texts.rough_interval(score_texts.FEW_FAMILIES) == ""


def test_most_frequent_error_is_named():
    text = score_texts.error_summary(POOLED)
    assert "真值里共有 1,200 个核，预测出 900 个" in text
    assert "漏检 10 个，粘连 130 个（连成 60 块），分裂 10 个，误检 20 个；" in text
    assert text.endswith("涉及的核最多的是粘连。")


def test_no_error_is_said_to_be_none():
    none = {**POOLED, "missed": 0.0, "invented": 0.0, "merged": 0.0, "split": 0.0, "blocks": 0.0}
    assert "没有漏检、粘连、分裂或误检" in score_texts.error_summary(none)


def test_the_tables_in_english(in_english, monkeypatch):
    monkeypatch.setattr(image_kinds, "KINDS", {kind: kind for kind in image_kinds.KINDS})
    table = score_texts.score_table(MEANS, POOLED, 256, SIMPLE).set_index("Score")
    assert table.loc["Dice (resized to 256×256)", "Mean over images (95% interval)"] == "0.500 (0.400–0.600)"
    assert table.loc["Count error"].tolist()[1:3] == ["+50.0% (+40.0% to +60.0%)", "-25.0%"]
    kinds = score_texts.kind_table({"fluorescence": {**MEANS, "images": 6, "families": 5, "nuclei": 70}})
    assert table.columns.is_unique
    assert kinds.columns.is_unique
    for text in (*table.columns, *table.index, *table["Compared by"], *kinds.columns):
        assert not english.faults(text.replace("@.", "@0.")), text


@pytest.mark.parametrize("separates", [True, False])
@pytest.mark.parametrize("any_size", [True, False])
def test_how_nuclei_are_found_in_english(separates, any_size, in_english):
    about = {"arguments": {"image_size": 96}}
    network = SimpleNamespace(separates=separates, any_size=any_size, about=about)
    told = score_texts.how_nuclei_are_found(network, "best")
    assert ("about 23 and 32 pixels across" in told) == any_size
    assert not english.faults(told.replace("doi:10", "10"))


@pytest.mark.parametrize(
    ("split", "families", "said"),
    [
        ("grouped", [0, 1, 2, 3], "2 validation images belong to 2 families, none of which"),
        ("random", [0, 0, 1, 2], "of 2 validation images, 1 has relatives in the training set"),
        ("random", [0, 1, 2, 3], "of 2 validation images, none has relatives"),
        ("grouped", [0, 1], "1 validation image belongs to 1 family, none of which"),
        ("random", [0, 0], "of 1 validation image, 1 has relatives"),
        ("grouped", [], "0 validation images belong to 0 families"),
    ],
)
def test_relatives_in_english(split, families, said, in_english):
    told = score_texts.relatives(SAMPLES.head(len(families)).assign(family=families), split)
    assert said in told
    assert not english.faults(told)


@pytest.mark.parametrize(
    ("families", "said"),
    [
        (0, "only 0 unrelated families, fewer than 4"),
        (1, "only 1 unrelated family,"),
        (9, "9 unrelated families, so"),
    ],
)
def test_few_families_in_english(families, said, in_english):
    assert said in score_texts.rough_interval(families)
    assert not english.faults(score_texts.rough_interval(families))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "predictions are false positives; merging affects the most nuclei."),
        ({}, "10 nuclei were missed, 130 merged (into 60 objects) and 10 split, and 20"),
        (
            {"missed": 1.0, "invented": 1.0, "blocks": 1.0},
            "1 nucleus was missed, 130 merged (into 1 object) and",
        ),
        ({"invented": 1.0}, "1 prediction is a false positive;"),
        ({"missed": 1e6}, "1,000,000 nuclei were missed"),
        (
            {"missed": 5.0, "invented": 5.0, "merged": 0.0, "split": 5.0, "blocks": 0.0},
            "missed nuclei are the most",
        ),
        (
            {"missed": 0.0, "invented": 1.0, "merged": 0.0, "split": 0.0, "blocks": 0.0},
            "; false positives are the",
        ),
        (
            {"missed": 0.0, "invented": 0.0, "merged": 0.0, "split": 1.0, "blocks": 0.0},
            "; splitting affects the",
        ),
        (
            dict.fromkeys(("missed", "invented", "merged", "split", "blocks"), 0.0),
            "900. No nucleus was missed",
        ),
        ({"nuclei": 1.0, "predicted": 0.0}, "The ground truth has 1 nucleus, the prediction 0."),
    ],
)
def test_errors_in_english(changes, said, in_english):
    told = score_texts.error_summary(POOLED | changes)
    assert said in told
    assert not english.faults(told)
