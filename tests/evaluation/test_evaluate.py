"""Label images of any tool against the truth: paired by name, scored, refused."""

import json
import zipfile

import numpy as np
import pandas as pd
import pytest
from discs import discs
from labelled_folders import coco_of, geojson, save, write

from cellseg_utils.data import labelled, synthetic
from cellseg_utils.data.dataset import Sample
from cellseg_utils.data.sources import DataError
from cellseg_utils.evaluation import evaluate, intervals, label_pairs, scoring
from cellseg_utils.run import language

TRUTH = discs((60, 90), [(15, 15, 8), (15, 45, 8), (15, 75, 8), (45, 20, 9), (45, 60, 9)])


def without(labels, *numbers):
    return np.where(np.isin(labels, numbers), 0, labels)


def folder(path, **labels):
    path.mkdir()
    for name, array in labels.items():
        save(path / f"{name}.tif", array.astype(np.uint16))
    return path


def scored(predictions, truth):
    told = []
    result = evaluate.score(label_pairs.find(predictions, truth), told.append)
    return result, told


def test_every_score_is_that_of_the_pair_of_the_same_name(tmp_path):
    truth = folder(tmp_path / "truth", a=TRUTH, b=without(TRUTH, 1, 2))
    predictions = folder(tmp_path / "predictions", b=TRUTH, a=without(TRUTH, 4))
    result, told = scored(predictions, truth)
    assert (told, result.problems, result.remarks) == ([], (), ())
    a, b = (row for _, row in result.rows.set_index("image").sort_index().iterrows())
    assert (a.nuclei, a.predicted, a.missed, a.invented, a.count_error) == (5, 4, 1, 0, -1)
    assert (a.f1, a.ap50, a.kaggle) == pytest.approx((8 / 9, 4 / 5, 4 / 5))
    assert (b.nuclei, b.predicted, b.missed, b.invented, b.count_error) == (3, 5, 0, 2, 2)
    assert (b.f1, b.ap50) == pytest.approx((6 / 8, 3 / 5))
    assert (a.area_ratio, b.area_ratio) == (1, 1)
    areas = np.bincount(TRUTH.ravel())[1:]
    assert a.dice == pytest.approx(2 * (areas.sum() - areas[3]) / (2 * areas.sum() - areas[3]))
    expected = scoring.score_picture(TRUTH, without(TRUTH, 4))
    assert {name: a[name] for name in expected} == expected
    assert tuple(result.rows.columns[: len(evaluate.COLUMNS)]) == evaluate.COLUMNS


def test_area_ratio_is_that_of_found_nuclei_alone(tmp_path):
    wider = discs(TRUTH.shape, [(15, 15, 9), (45, 20, 10), (5, 85, 3)])
    result, _ = scored(folder(tmp_path / "p", a=wider), folder(tmp_path / "t", a=TRUTH))
    areas, wide = np.bincount(TRUTH.ravel()), np.bincount(wider.ravel())
    expected = np.mean([wide[1] / areas[1], wide[2] / areas[4]])
    assert result.rows["area_ratio"][0] == pytest.approx(expected)


def test_merged_and_split_nuclei_are_counted(tmp_path):
    merged = np.where(np.isin(TRUTH, (1, 2)), 1, TRUTH)
    halves = TRUTH.copy()
    halves[45:][TRUTH[45:] == 4] = 9
    result, _ = scored(folder(tmp_path / "p", a=merged, b=halves), folder(tmp_path / "t", a=TRUTH, b=TRUTH))
    assert result.rows.set_index("image").loc["a", ["merged", "split"]].tolist() == [2, 0]
    assert result.rows.set_index("image").loc["b", ["merged", "split"]].tolist() == [0, 1]


@pytest.mark.parametrize("layout", labelled.LAYOUTS)
def test_truth_may_have_any_layout(layout, tmp_path):
    sample = Sample("a", np.zeros((*TRUTH.shape, 3), np.uint8), TRUTH, 0)
    truth = write(layout, tmp_path / "truth", [sample])
    result, told = scored(folder(tmp_path / "p", a=TRUTH), truth)
    assert told == []
    assert result.rows[["kaggle", "dice"]].to_numpy().tolist() == [[1, 1]]


def test_truth_may_be_the_competition_s_masks(tmp_path):
    sample = Sample("a", np.zeros((*TRUTH.shape, 3), np.uint8), TRUTH, 0)
    synthetic.write_zip(tmp_path / "stage1_train.zip", [sample])
    with zipfile.ZipFile(tmp_path / "stage1_train.zip") as archive:
        archive.extractall(tmp_path / "extracted")
    predictions = folder(tmp_path / "p", a=TRUTH)
    for truth in (tmp_path / "stage1_train.zip", tmp_path / "extracted"):
        assert scored(predictions, truth)[0].rows["kaggle"].tolist() == [1]


def test_outlines_are_drawn_at_the_size_of_the_label_image_on_the_other_side(tmp_path):
    labels = folder(tmp_path / "labels", a=TRUTH)
    (tmp_path / "shapes").mkdir()
    (tmp_path / "shapes" / "a.geojson").write_bytes(geojson(TRUTH))
    for pair in ((tmp_path / "shapes", labels), (labels, tmp_path / "shapes")):
        assert scored(*pair)[0].rows["kaggle"].tolist() == [1]
    with pytest.raises(evaluate.EvaluateError, match="没有一张打了分"):
        scored(tmp_path / "shapes", tmp_path / "shapes")


def test_one_file_is_scored_against_one_file_whatever_their_names(tmp_path):
    save(tmp_path / "mine.png", TRUTH.astype(np.uint8))
    save(tmp_path / "yours.npy", TRUTH)
    (tmp_path / "coco.json").write_text(json.dumps(coco_of({"x.png": TRUTH})))
    for truth in ("yours.npy", "coco.json"):
        result, told = scored(tmp_path / "mine.png", tmp_path / truth)
        assert (result.rows["kaggle"].tolist(), told) == ([1], [])


def test_what_has_no_partner_is_named_and_the_rest_is_scored(tmp_path):
    predictions = folder(tmp_path / "mine", a=TRUTH, b=TRUTH)
    truth = folder(tmp_path / "yours", a=TRUTH, c=TRUTH)
    result, told = scored(predictions, truth)
    assert result.rows["image"].tolist() == ["a"]
    assert told == list(result.problems)
    assert told == ["mine/b.tif：没有同名的真值，没有打分", "yours/c.tif：没有同名的预测，没有打分"]
    with pytest.raises(evaluate.EvaluateError, match="2 份标签没有打分"):
        evaluate.check(result)


def test_pictures_without_truth_and_labels_of_one_name_are_named(tmp_path):
    truth = folder(tmp_path / "truth", a=TRUTH, a_masks=TRUTH, b=TRUTH)
    predictions = folder(tmp_path / "mine", a=TRUTH, c=TRUTH)
    save(predictions / "c.npy", TRUTH)
    result, told = scored(predictions, truth)
    assert result.rows["image"].tolist() == ["a"]
    assert [line.split("：")[0] for line in told] == ["c.npy、c.tif", "b.tif"]


def test_a_bad_label_image_is_one_line_and_the_rest_is_scored(tmp_path):
    truth = folder(tmp_path / "t", a=TRUTH, b=TRUTH, c=TRUTH, d=TRUTH)
    predictions = folder(tmp_path / "p", a=TRUTH, b=TRUTH[:50])
    (predictions / "c.png").write_bytes(b"no picture")
    (predictions / "d.tif").write_bytes((truth / "d.tif").read_bytes()[:100])
    result, told = scored(predictions, truth)
    assert result.rows["image"].tolist() == ["a"]
    assert told[0] == "b：预测的尺寸 (50, 90) 与真值的 (60, 90) 不同，没有打分"
    assert [line.split("：")[0] for line in told[1:]] == ["c.png", "d.tif"]
    assert all(line.isprintable() for line in told)


def test_a_semantic_mask_is_split_and_told(tmp_path):
    predictions = tmp_path / "p"
    predictions.mkdir()
    save(predictions / "a.png", (TRUTH > 0).astype(np.uint8) * 255)
    result, told = scored(predictions, folder(tmp_path / "t", a=TRUTH))
    assert told == list(result.remarks)
    assert told[0].startswith("a.png：只有一个值（255），像语义掩膜")
    assert result.rows["kaggle"].tolist() == [1]
    evaluate.check(result)


def test_more_nuclei_than_the_memory_holds_are_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(evaluate, "MOST_PAIRS", 20)
    truth = folder(tmp_path / "t", a=TRUTH, b=without(TRUTH, 1, 2))
    result, told = scored(folder(tmp_path / "p", a=TRUTH, b=without(TRUTH, 1, 2)), truth)
    assert told == ["a：真值 5 个核、预测 5 个，太多，请把两边同样切小后再打分"]
    assert result.rows["image"].tolist() == ["b"]


def test_without_one_pair_it_is_an_error(tmp_path):
    with pytest.raises(evaluate.EvaluateError, match="没有一张打了分；两边的标签图要同名"):
        scored(folder(tmp_path / "p", a=TRUTH), folder(tmp_path / "t", b=TRUTH))
    with pytest.raises(DataError, match="不存在"):
        scored(tmp_path / "p", tmp_path / "nothing")


def rows_of(*kaggle):
    truth = [scoring.score_picture(TRUTH, without(TRUTH, *range(1, 1 + missing))) for missing in kaggle]
    return pd.DataFrame(
        [{"image": str(n), "f1": 0.5, "area_ratio": 1.0, **row} for n, row in enumerate(truth)]
    )


def test_averages_are_means_over_pictures_with_bootstrap_intervals():
    rows = rows_of(0, 1, 2, 3, 4)
    table = evaluate.table(rows).set_index("score")
    assert table.loc["kaggle", "mean"] == pytest.approx(np.mean([1, 0.8, 0.6, 0.4, 0.2]))
    low, high = intervals.bootstrap_interval(rows["kaggle"], evaluate.SEED, groups=range(5))
    assert table.loc["kaggle", ["low", "high"]].tolist() == [low, high]
    assert table.loc["missed", ["mean", "pooled"]].tolist() == [2, 10]
    assert table.loc["f1", "pooled"] == pytest.approx(2 * 15 / (25 + 15))
    assert (table["images"] == 5).all()


def test_three_pictures_have_no_interval_and_no_score_is_no_zero():
    table = evaluate.table(rows_of(0, 1, 2).assign(area_ratio=[np.nan, 1, 3])).set_index("score")
    assert table["low"].isna().all()
    assert table.loc["area_ratio", ["mean", "images"]].tolist() == [2, 2]


def test_what_is_told_of_label_images_can_be_english(tmp_path, monkeypatch):
    monkeypatch.setenv(language.VARIABLE, "en")
    monkeypatch.setattr(evaluate, "MOST_PAIRS", 35)
    truth = folder(tmp_path / "t", a=TRUTH, b=without(TRUTH, 1), c=TRUTH, e=without(TRUTH, 1))
    result, told = scored(folder(tmp_path / "p", a=TRUTH, b=TRUTH[:50], d=TRUTH, e=without(TRUTH, 1)), truth)
    assert told == [
        "p/d.tif: not scored, there is no ground truth of the same name",
        "t/c.tif: not scored, there is no prediction of the same name",
        "a: 5 true and 5 predicted nuclei are too many; cut both label images into the same smaller tiles "
        "and score those",
        "b: not scored, the prediction has size (50, 90) but the ground truth (60, 90)",
    ]
    with pytest.raises(evaluate.EvaluateError, match=r"^4 label images were not scored .* and are missing"):
        evaluate.check(result)
    with pytest.raises(evaluate.EvaluateError, match=r"^1 label image was not scored .* and is missing from"):
        evaluate.check(evaluate.Scored(result.rows, result.problems[:1], ()))
    with pytest.raises(evaluate.EvaluateError, match=r"p2, .*t: no image was scored; the label images on"):
        scored(folder(tmp_path / "p2", z=TRUTH), tmp_path / "t")
