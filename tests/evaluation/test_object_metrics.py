import contextlib
import io

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from scipy.optimize import linear_sum_assignment

from cellseg_utils.evaluation import object_metrics

# On paper: nucleus 1 has 8 pixels, 4 has 4, 9 has 2; prediction 7 covers 6 of nucleus 1, 2 covers nucleus 4
# and 2 pixels more, 5 lies alone.
TRUTH = np.array(
    [
        [1, 1, 1, 1, 0, 0],
        [1, 1, 1, 1, 0, 0],
        [0, 0, 0, 0, 4, 4],
        [9, 9, 0, 0, 4, 4],
    ]
)
PREDICTION = np.array(
    [
        [7, 7, 7, 0, 0, 5],
        [7, 7, 7, 0, 0, 0],
        [0, 0, 0, 2, 2, 2],
        [0, 0, 0, 2, 2, 2],
    ]
)
IOU = [[0, 0, 6 / 8], [4 / 6, 0, 0], [0, 0, 0]]  # rows 1, 4, 9; columns 2, 5, 7
NOTHING = np.zeros((4, 6), int)


def object_iou(truth, prediction):
    return object_metrics.pairwise_iou(object_metrics.overlaps(truth, prediction))


@st.composite
def label_pairs(draw):
    """Rectangles over each other, and a copy that is shifted, with some dropped, merged and added."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    truth = rectangles(rng, draw(st.integers(0, 8)))
    prediction = np.roll(truth, rng.integers(-2, 3, 2), (0, 1))
    prediction = rng.integers(0, 9, 9)[prediction] * (prediction > 0)
    added = rectangles(rng, draw(st.integers(0, 3)))
    return truth, np.where(added > 0, added + 20, prediction)


def rectangles(rng, count):
    labels = np.zeros((24, 32), int)
    for label in range(1, count + 1):
        (top, left), (height, width) = rng.integers(0, (20, 28)), rng.integers(2, 10, 2)
        labels[top : top + height, left : left + width] = label
    return labels


def nuclei(labels):
    return [labels == label for label in np.unique(labels) if label]


def relabelled(labels, seed):
    names = 1 + np.random.default_rng(seed).permutation(10_000)[: labels.max() + 1]
    return np.where(labels > 0, names[labels], 0)


def test_overlaps_count_background_in_the_first_row_and_column():
    table = object_metrics.overlaps(TRUTH, PREDICTION)
    assert table.dtype == np.int64
    np.testing.assert_array_equal(table, [[7, 2, 1, 0], [2, 0, 0, 6], [0, 4, 0, 0], [2, 0, 0, 0]])


def test_iou_is_that_on_paper_by_sorted_labels():
    iou = object_iou(TRUTH, PREDICTION)
    assert iou.dtype == np.float64
    np.testing.assert_array_equal(iou, IOU)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int32, np.uint64])
def test_iou_is_the_same_for_every_kind_of_whole_number(kind):
    np.testing.assert_array_equal(object_iou(TRUTH.astype(kind), PREDICTION.astype(kind)), IOU)


def test_iou_of_large_labels_needs_no_large_table():
    np.testing.assert_array_equal(object_iou(TRUTH * 10**12, PREDICTION), IOU)


def test_iou_of_a_mask_takes_it_as_one_nucleus():
    assert object_iou(TRUTH > 0, PREDICTION > 0).shape == (1, 1)


def test_iou_without_background_or_without_nuclei():
    full = np.ones((4, 6), int)
    np.testing.assert_array_equal(object_iou(full, full), [[1]])
    assert object_iou(NOTHING, PREDICTION).shape == (0, 3)
    assert object_iou(TRUTH, NOTHING).shape == (3, 0)


def test_other_shapes_and_other_labels_are_refused():
    with pytest.raises(ValueError, match=r"\(4, 6\).*\(6, 4\)"):
        object_iou(TRUTH, PREDICTION.T)
    with pytest.raises(ValueError, match=r"prediction.*whole numbers"):
        object_iou(TRUTH, PREDICTION / 2)
    with pytest.raises(ValueError, match=r"truth.*whole numbers"):
        object_iou(-TRUTH, PREDICTION)


def test_counts_are_those_on_paper():
    counts = object_metrics.match_counts(np.array(IOU), [0.5, 0.7, 0.8])
    np.testing.assert_array_equal(counts, [[2, 1, 1], [1, 2, 2], [0, 3, 3]])


def test_a_match_exceeds_its_threshold():
    iou = np.array([[0.5, 0], [0, 3 / 5]])
    counts = object_metrics.match_counts(iou, [0.5, 0.55, 0.6])
    assert counts[:, 0].tolist() == [1, 1, 0]
    for index, threshold in enumerate(object_metrics.THRESHOLDS):
        at = np.array([[(50 + 5 * index) / 100]])
        assert object_metrics.match_counts(at, [threshold])[0, 0] == 0


def test_thresholds_are_the_ten_of_the_competition():
    assert object_metrics.THRESHOLDS.tolist() == [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95]


def test_thresholds_below_one_half_are_refused():
    with pytest.raises(ValueError, match=r"0\.5 or more"):
        object_metrics.match_counts(np.array(IOU), [0.4, 0.5])


def test_scores_are_those_on_paper():
    iou, table = np.array(IOU), object_metrics.overlaps(TRUTH, PREDICTION)
    np.testing.assert_allclose(
        object_metrics.average_precision([[2, 1, 1], [1, 2, 2], [0, 0, 0]]), [1 / 2, 1 / 5, 1]
    )
    assert object_metrics.kaggle_score(iou) == pytest.approx((4 * 2 / 4 + 1 / 5) / 10)  # .50-.65 two, .70 one
    assert object_metrics.panoptic_quality(iou) == pytest.approx((6 / 8 + 4 / 6) / (2 + 1 / 2 + 1 / 2))
    assert object_metrics.aggregated_jaccard(table) == pytest.approx((6 + 4) / (8 + 6 + 2 + 1))


def test_aggregated_jaccard_lets_a_prediction_serve_several_nuclei():
    truth = np.array([[1, 1, 1, 2, 2, 0]])
    assert object_metrics.aggregated_jaccard(object_metrics.overlaps(truth, truth > 0)) == pytest.approx(
        5 / (5 + 5)
    )


def test_area_ratio_is_the_mean_over_found_nuclei():
    table = object_metrics.overlaps(TRUTH, PREDICTION)
    assert object_metrics.area_ratio(table) == pytest.approx((6 / 8 + 6 / 4) / 2)
    assert np.isnan(object_metrics.area_ratio(object_metrics.overlaps(TRUTH, NOTHING)))


def test_count_error_is_positive_for_too_many():
    assert object_metrics.count_error(4, 5) == (1, 0.25)
    assert object_metrics.count_error(4, 1) == (-3, -0.75)
    assert object_metrics.count_error(0, 0) == (0, 0.0)
    signed, relative = object_metrics.count_error(0, 2)
    assert (signed, np.isnan(relative)) == (2, True)


def test_nothing_predicted_where_nothing_is_scores_one():
    iou, table = object_iou(NOTHING, NOTHING), object_metrics.overlaps(NOTHING, NOTHING)
    assert object_metrics.kaggle_score(iou) == object_metrics.panoptic_quality(iou) == 1
    assert object_metrics.aggregated_jaccard(table) == 1


@pytest.mark.parametrize("pair", [(TRUTH, NOTHING), (NOTHING, PREDICTION)])
def test_only_missed_or_only_invented_nuclei_score_zero(pair):
    iou, table = object_iou(*pair), object_metrics.overlaps(*pair)
    assert object_metrics.kaggle_score(iou) == object_metrics.panoptic_quality(iou) == 0
    assert object_metrics.aggregated_jaccard(table) == 0


@given(label_pairs())
def test_a_picture_matches_itself_and_only_itself(pair):
    for labels in pair:
        np.testing.assert_array_equal(object_iou(labels, labels), np.eye(len(nuclei(labels))))


@given(label_pairs(), st.integers(0, 9))
def test_scores_do_not_depend_on_the_labels(pair, seed):
    other = relabelled(pair[0], seed), relabelled(pair[1], seed + 1)
    for score in (object_metrics.kaggle_score, object_metrics.panoptic_quality):
        assert score(object_iou(*pair)) == pytest.approx(score(object_iou(*other)))
    assert object_metrics.aggregated_jaccard(object_metrics.overlaps(*pair)) == pytest.approx(
        object_metrics.aggregated_jaccard(object_metrics.overlaps(*other))
    )


@given(label_pairs())
def test_truth_and_prediction_may_change_places(pair):
    iou = object_iou(*pair)
    np.testing.assert_array_equal(iou.T, object_iou(*pair[::-1]))
    np.testing.assert_array_equal(
        object_metrics.match_counts(iou)[:, [0, 2, 1]], object_metrics.match_counts(iou.T)
    )


@given(label_pairs())
def test_scores_lie_between_0_and_1_and_fall_with_the_threshold(pair):
    iou = object_iou(*pair)
    precision = object_metrics.average_precision(object_metrics.match_counts(iou))
    assert (np.diff(precision) <= 0).all()
    aggregated = object_metrics.aggregated_jaccard(object_metrics.overlaps(*pair))
    for score in (*precision, object_metrics.panoptic_quality(iou), aggregated):
        assert 0 <= score <= 1


def encoded(labels):
    return [coco_mask.encode(np.asfortranarray(nucleus.astype(np.uint8))) for nucleus in nuclei(labels)]


def coco_objects(labels):
    height, width = labels.shape
    objects = COCO()
    objects.dataset = {
        "images": [{"id": 1, "height": height, "width": width}],
        "categories": [{"id": 1}],
        "annotations": [
            {
                "id": n,
                "image_id": 1,
                "category_id": 1,
                "iscrowd": 0,
                "area": 1,
                "score": 1,
                "segmentation": run,
            }
            for n, run in enumerate(encoded(labels), start=1)
        ],
    }
    objects.createIndex()
    return objects


def coco_counts(truth, prediction):
    """Matches that pycocotools finds, from each threshold on, so just above ours."""
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(coco_objects(truth), coco_objects(prediction), "segm")
        evaluation.params.iouThrs = object_metrics.THRESHOLDS + 1e-9
        evaluation.params.areaRng, evaluation.params.maxDets = [[0, 1e9]], [1000]
        evaluation.evaluate()
    [picture] = evaluation.evalImgs
    true, predicted = picture["gtMatches"] > 0, picture["dtMatches"] > 0
    return np.stack([predicted.sum(axis=1), (~predicted).sum(axis=1), (~true).sum(axis=1)], axis=1)


@given(label_pairs())
def test_iou_agrees_with_pycocotools(pair):
    truth, prediction = map(encoded, pair)
    assume(truth and prediction)
    theirs = coco_mask.iou(prediction, truth, [0] * len(truth)).T
    np.testing.assert_allclose(object_iou(*pair), theirs)


@given(label_pairs())
def test_counts_agree_with_pycocotools(pair):
    assume(pair[0].any() and pair[1].any())
    np.testing.assert_array_equal(object_metrics.match_counts(object_iou(*pair)), coco_counts(*pair))


@given(label_pairs())
def test_panoptic_quality_agrees_with_an_assignment(pair):
    true, predicted = map(nuclei, pair)
    assume(true and predicted)
    iou = np.array([[(t & p).sum() / (t | p).sum() for p in predicted] for t in true])
    matched = [value for value in iou[linear_sum_assignment(-np.where(iou > 0.5, iou, 0))] if value > 0.5]
    wrong = len(true) + len(predicted) - 2 * len(matched)
    expected = sum(matched) / (len(matched) + wrong / 2)
    assert object_metrics.panoptic_quality(object_iou(*pair)) == pytest.approx(expected)


@given(label_pairs())
def test_aggregated_jaccard_agrees_with_its_pseudocode(pair):
    true, predicted = map(nuclei, pair)
    shared, united, used = 0, 0, set()
    for one in true:
        best = max(
            range(len(predicted)),
            key=lambda n: (one & predicted[n]).sum() / (one | predicted[n]).sum(),
            default=None,
        )
        if best is None or not (one & predicted[best]).any():
            united += one.sum()
            continue
        shared, united = shared + (one & predicted[best]).sum(), united + (one | predicted[best]).sum()
        used.add(best)
    united += sum(predicted[n].sum() for n in range(len(predicted)) if n not in used)
    expected = shared / united if united else 1
    assert object_metrics.aggregated_jaccard(object_metrics.overlaps(*pair)) == pytest.approx(expected)


def test_f1_is_that_on_paper_and_1_where_there_is_nothing():
    counts = [(6, 2, 4), (0, 0, 4), (0, 3, 0), (0, 0, 0)]
    assert object_metrics.f1(counts).tolist() == pytest.approx([12 / 18, 0, 0, 1])
