"""GeoJSON as QuPath writes it, and as `cellseg predict` does."""

import json

import numpy as np
import pytest
from discs import discs, same_instances
from labelled_folders import geojson as written

from cellseg_utils.data import geojson, label_images, synthetic
from cellseg_utils.data.sources import DataError

SQUARE = [[1, 1], [4, 1], [4, 3], [1, 3], [1, 1]]  # 3 x 2 pixels
HOLE = [[2, 1], [3, 1], [3, 2], [2, 2], [2, 1]]


def feature(coordinates=(SQUARE,), kind="Polygon", **properties):
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": properties,
    }


def read(value, shape=(8, 10)):
    return geojson.truth(json.dumps(value).encode(), "a.geojson", shape)


def collection(*features):
    return {"type": "FeatureCollection", "features": features}


def test_what_predict_writes_comes_back_to_the_pixel():
    for labels in (discs((50, 60), [(10, 10, 6), (12, 23, 6.5), (49, 59, 9)]), *crowded()):
        truth = geojson.truth(written(labels), "a.geojson", labels.shape)
        assert same_instances(truth.labels, labels)
        assert (truth.overlap_pixels, truth.remark) == (0, "")


def crowded():
    return [sample.labels for sample in synthetic.make_samples(3, seed=1, size=(96, 128))]


def test_shapes_have_their_areas_in_the_order_of_the_file():
    value = collection(
        feature(), feature([[[6, 1], [9, 1], [9, 6], [6, 6], [6, 1]]]), feature([SQUARE, HOLE])
    )
    truth = read(value)
    assert np.bincount(truth.labels.ravel()).tolist() == [80 - 6 - 15, 6, 15]
    assert truth.overlap_pixels == 5  # of the third, which lies under the first


def test_a_nucleus_may_be_in_several_pieces():
    pieces = [[SQUARE], [[[6, 1], [9, 1], [9, 6], [6, 6], [6, 1]]]]
    assert np.bincount(read(collection(feature(pieces, "MultiPolygon"))).labels.ravel()).tolist() == [59, 21]


def test_a_list_of_features_and_a_single_one_are_read_too():
    for value in ([feature()], feature()):
        assert read(value).labels.sum() == 6


def test_no_feature_is_a_picture_without_nuclei():
    assert read(collection()).labels.max() == 0


def test_of_a_cell_the_nucleus_counts():
    nucleus = {"type": "Polygon", "coordinates": [HOLE]}
    assert read(collection({**feature(objectType="cell"), "nucleusGeometry": nucleus})).labels.sum() == 1


def test_regions_drawn_by_hand_do_not_count_beside_detections_and_that_is_told():
    region = [[[0, 0], [9, 0], [9, 7], [0, 7], [0, 0]]]
    truth = read(collection(feature(region, objectType="annotation"), feature(objectType="detection")))
    assert truth.labels.sum() == 6
    assert truth.remark == "a.geojson：1 个手绘的区域（annotation）不当作细胞核"


def test_nuclei_drawn_by_hand_count_where_there_is_nothing_else():
    truth = read(collection(feature(objectType="annotation")))
    assert (truth.labels.sum(), truth.remark) == (6, "")


def test_points_are_no_nuclei_and_that_is_told():
    truth = read(collection(feature(), feature([1, 2], "Point")))
    assert truth.labels.max() == 1
    assert "1 个没有面积的图形" in truth.remark


def test_the_size_of_the_picture_is_needed():
    with pytest.raises(label_images.SizeUnknown, match=r"a\.geojson：标注里没有写图像的大小"):
        read(collection(feature()), None)


@pytest.mark.parametrize(
    "value",
    [
        7,
        "text",
        {"features": 7},
        collection(7),
        collection({}),
        collection(feature(7)),
        collection(feature([])),
        collection(feature([[]])),
        collection(feature([[[0, 0], ["a", 1], [1, 1]]])),
        collection(feature([[[0, 0], [1, 1]]])),
        collection(feature([[[90, 90], [99, 90], [99, 99]]])),
        collection(feature(kind="Circle")),
        collection({**feature(), "properties": 7}),
    ],
)
def test_what_can_not_be_drawn_is_one_line_with_the_file(value):
    with pytest.raises(DataError, match=r"^a\.geojson：.*请") as error:
        read(value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("data", [b"", b"{", b"[" * 100_000, b"\xff\xfe\x00"])
def test_what_is_no_json_is_refused(data):
    with pytest.raises(DataError, match=r"^a\.geojson：不是 QuPath"):
        geojson.truth(data, "a.geojson", (8, 10))
