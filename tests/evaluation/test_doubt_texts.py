import english
import pandas as pd
import pytest

from cellseg_utils.evaluation import doubt_texts
from cellseg_utils.run import language


def rows(*counts):
    counts = pd.DataFrame(counts, columns=["nuclei", "predicted", "tp_50"]).astype(float)
    both = counts.nuclei + counts.predicted
    return counts.assign(f1=(2 * counts.tp_50 / both.where(both > 0)).fillna(1))


def test_warnings_are_counted_among_bad_and_good_pictures():
    scored = rows((10, 10, 1), (10, 10, 4), (10, 10, 9), (10, 10, 10), (10, 10, 7))
    told = doubt_texts.checked(scored, ["不可靠", "", "", "不可靠", "不可靠"])
    assert "5 张里提醒了 3 张" in told
    assert "F1 低于 0.5 的 2 张里有 1 张，F1 高于 0.8 的 2 张里有 1 张" in told


@pytest.mark.parametrize(("counts", "absent"), [((10, 10, 10), "低于 0.5"), ((10, 10, 1), "高于 0.8")])
def test_what_does_not_occur_is_not_counted(counts, absent):
    told = doubt_texts.checked(rows(counts), [""])
    assert absent not in told
    assert "没有特别好或特别差的图" not in told


def test_pictures_in_between_only_are_told():
    assert "没有特别好或特别差的图" in doubt_texts.checked(rows((10, 10, 7)), [""])


def test_pictures_with_a_doubt_are_listed_and_others_are_not():
    text = doubt_texts.listed({"`a`": "", "`b`": "没有找到细胞核", "`c`": "结果不可靠"})
    assert text.endswith("\n\n- `b`：没有找到细胞核\n- `c`：结果不可靠")
    assert "下列 2 张" in text
    assert doubt_texts.listed({"`a`": ""}) == ""


@pytest.mark.parametrize(("count", "more"), [(12, ""), (13, "- ……另有 1 张")])
def test_of_many_pictures_only_some_are_listed(count, more):
    text = doubt_texts.listed({str(n): "没有找到细胞核" for n in range(count)})
    assert text.count("没有找到细胞核") == 12
    assert (text.splitlines()[-1] == more) or not more
    assert f"下列 {count} 张" in text


@pytest.mark.parametrize(
    ("counts", "doubts", "said"),
    [
        ([], [], "0 of 0 were flagged"),
        ([(0, 0, 0)], ["none"], "0 of 1 were flagged"),
        ([(10, 10, 1)], ["odd"], "1 of 1 was flagged"),
        ([(10, 10, 7)], [""], "IoU above 0.5): no image has an F1 below 0.5 or above 0.8."),
        (
            [(10, 10, 1), (10, 10, 4), (10, 10, 9)],
            ["odd", "", ""],
            "IoU above 0.5): 1 of 2 with F1 below 0.5, 0 of 1 with F1 above 0.8.",
        ),
    ],
)
def test_in_english_warnings_are_counted(counts, doubts, said, monkeypatch):
    monkeypatch.setenv(language.VARIABLE, "en")
    told = doubt_texts.checked(rows(*counts), doubts)
    assert said in told
    assert "section 9). On the" in told
    assert not english.faults(told)


@pytest.mark.parametrize(
    ("count", "head", "last"),
    [
        (1, "check this image;", "- 0: odd"),
        (12, "these 12 images;", "- 11: odd"),
        (13, "13 images;", "- … and 1 more"),
    ],
)
def test_in_english_doubtful_pictures_are_listed(count, head, last, monkeypatch):
    monkeypatch.setenv(language.VARIABLE, "en")
    lines = doubt_texts.listed({str(n): "odd" for n in range(count)}).splitlines()
    assert head in lines[0]
    assert lines[-1] == last
    assert not [fault for line in lines for fault in english.faults(line)]
