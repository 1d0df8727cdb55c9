"""What a reader is told about the scores of label images."""

import english
import numpy as np
import pandas as pd
import pytest
from discs import discs

from cellseg_utils.evaluation import evaluate, evaluate_texts
from cellseg_utils.run import language

TRUTH = discs((40, 90), [(15, 15, 8), (15, 45, 8), (15, 75, 8)])


def rows_of(count):
    """The first picture is right, each of the others misses one nucleus more, up to two."""
    pictures = (np.where(min(missing, 2) >= TRUTH, 0, TRUTH) for missing in range(count))
    return pd.DataFrame([evaluate._row(f"p{n}", TRUTH, own) for n, own in enumerate(pictures)])


def test_the_answer_has_scores_with_intervals_and_what_went_wrong():
    answer = evaluate_texts.answer(rows_of(12))
    assert answer.startswith("12 张图像平均：F1@.5 0.")
    assert "Kaggle 得分 0.417（0.333–0." in answer
    assert answer.endswith("真值有 36 个核，预测出 15 个：漏检 21，误检 0，粘连 0，分裂 0。")


def test_few_pictures_are_told():
    assert evaluate_texts.answer(rows_of(3)).endswith("只有 3 张图像，不足 4 张，所以不给区间。")
    assert "（—）" in evaluate_texts.answer(rows_of(3))
    assert evaluate_texts.answer(rows_of(5)).endswith("只有 5 张图像，区间只能当作粗略的估计。")


def test_the_table_of_averages_has_every_score():
    table = evaluate_texts.averages_table(rows_of(2)).set_index("得分")
    assert list(table.index) == list(evaluate_texts.TITLES.values())
    assert table.loc["漏检"].tolist() == ["0.5（—）", "1"]
    assert table.loc["核数误差"].tolist() == ["-16.7%（—）", "-16.7%"]
    assert pd.isna(table.loc["面积比", "合计"])


def test_the_worst_pictures_come_first_and_no_more_than_asked_for():
    table = evaluate_texts.picture_table(rows_of(3), 2)
    assert table["图像"].tolist() == ["p2", "p1"]
    assert table["漏检"].tolist() == [2, 1]


def test_the_terminal_shows_the_table_and_the_answer():
    text = evaluate_texts.printed(rows_of(2))
    assert text.splitlines()[-1] == evaluate_texts.answer(rows_of(2))
    assert "None" not in text
    assert "nan" not in text


def test_no_nucleus_at_all_is_no_error():
    rows = pd.DataFrame([evaluate._row("a", 0 * TRUTH, 0 * TRUTH)])
    assert "F1@.5 1.000" in evaluate_texts.answer(rows)
    assert evaluate_texts.averages_table(rows).set_index("得分").loc["面积比"].isna().all()


@pytest.mark.parametrize(
    ("count", "start", "end"),
    [
        (
            1,
            "Mean over 1 image: F1@.5 1.000 (—), Kaggle score 1.000 (—), Dice 1.000 (—) (95%",
            "for 1 image, fewer than 4.",
        ),
        (2, "Mean over 2 images: F1@.5 0.900 (—), ", "2 false positives"),
        (
            5,
            "Mean over 5 images: F1@.5 0.",
            " 0 split. With only 5 images, the intervals are rough estimates.",
        ),
        (
            12,
            "Mean over 12 images: F1@.5 0.",
            "the prediction 15: 21 missed, 0 false positives, 0 merged, 0 split.",
        ),
    ],
)
def test_the_answer_in_english(count, start, end, monkeypatch):
    monkeypatch.setenv(language.VARIABLE, "en")
    told = evaluate_texts.answer(rows_of(count))
    assert told.startswith(start)
    assert told.endswith(end) or count == 2
    assert not english.faults(told.replace("@.", "@0."))


def test_without_a_nucleus_the_answer_and_the_tables_are_english(monkeypatch):
    monkeypatch.setenv(language.VARIABLE, "en")
    rows = pd.DataFrame([evaluate._row("a", 0 * TRUTH, 0 * TRUTH)])
    assert "has 0 nuclei, the prediction 0: 0 missed, 0 false positives" in evaluate_texts.answer(rows)
    averages, pictures = evaluate_texts.averages_table(rows), evaluate_texts.picture_table(rows, 1)
    assert averages.columns.tolist() == ["Score", "Mean over images (95% interval)", "Pooled"]
    assert pictures.columns.is_unique
    texts = [*averages["Score"], *pictures.columns, *map(language.say, evaluate_texts.MEANINGS)]
    assert not [fault for text in texts for fault in english.faults(text.replace("@.", "@0."))]
    assert "nan" not in evaluate_texts.printed(rows)
