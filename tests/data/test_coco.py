"""COCO's JSON, with run lengths written by pycocotools."""

import json

import cv2
import numpy as np
import pytest
from discs import discs, same_instances
from labelled_folders import coco_of, compressed, save, uncompressed

from cellseg_utils.data import coco, label_images
from cellseg_utils.data.sources import DataError

LABELS = discs((40, 60), [(10, 10, 6), (12, 30, 8.5), (30, 50, 7)])


def polygon(mask):
    """Sides of the pixels of a mask, upscaled so that OpenCV's outline runs along them."""
    grown = cv2.resize(mask.astype(np.uint8), None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST)
    lines, _ = cv2.findContours(grown, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return [((line.reshape(-1, 2) + 0.5) / 8).ravel().tolist() for line in lines]


def read(value, name="annotations.json"):
    return coco.read(json.dumps(value).encode(), name)


@pytest.mark.parametrize("segment", [compressed, uncompressed, polygon])
def test_nuclei_come_back_from_run_lengths_and_polygons(segment):
    annotations = read(coco_of({"a.png": LABELS}, segment))
    for shape in (None, LABELS.shape):
        truth = annotations.draw("a.png", shape)
        assert same_instances(truth.labels, LABELS)
        assert (truth.overlap_pixels, truth.empty_masks) == (0, 0)
    assert annotations.notes == ()


def test_pixels_that_two_nuclei_claim_are_counted():
    value = coco_of({"a.png": LABELS})
    value["annotations"].append(value["annotations"][0])
    assert read(value).draw("a.png", None).overlap_pixels == (LABELS == 1).sum()


def test_a_picture_of_another_size_is_refused():
    with pytest.raises(DataError, match=r"a\.png 写的尺寸 \(40, 60\) 与图像 \(60, 40\) 不同"):
        read(coco_of({"a.png": LABELS})).draw("a.png", (60, 40))


def test_without_a_size_the_picture_must_tell_it():
    value = coco_of({"a.png": LABELS})
    del value["images"][0]["height"]
    with pytest.raises(label_images.SizeUnknown):
        read(value).draw("a.png", None)
    assert same_instances(read(value).draw("a.png", LABELS.shape).labels, LABELS)


def test_kinds_and_crowds_are_nuclei_too_and_told():
    value = coco_of({"a.png": LABELS})
    value["categories"].append({"id": 2, "name": "cell\n"})
    value["annotations"][1] |= {"category_id": 2, "iscrowd": 1}
    kinds, crowds = read(value).notes
    assert kinds.startswith("annotations.json：有 2 种类别（cell\ufffd、nucleus），都当作细胞核")
    assert crowds.startswith("annotations.json：1 个标注写着 iscrowd")
    assert same_instances(read(value).draw("a.png", None).labels, LABELS)


@pytest.mark.parametrize(
    ("segmentation", "why"),
    [
        ([], "只有外框"),
        (None, "只有外框"),
        ([[0, 0, 1, 1, 2]], "读不出来"),
        ([[0, 0, 1, 1]], "不足三个点"),
        ([["a", 0, 1, 1, 2, 2]], "读不出来"),
        ([[90, 90, 95, 90, 95, 95]], "整个在图像之外"),
        ({"size": [40, 60]}, "读不出来"),
        ({"size": [60, 40], "counts": [2400]}, "大小是"),
        ({"size": [40, 60], "counts": [5]}, "不是 40×60"),
        ({"size": [40, 60], "counts": [10**30]}, "读不出来"),
        ({"size": 7, "counts": [5]}, "读不出来"),
        (7, "读不出来"),
    ],
)
def test_a_segmentation_that_can_not_be_drawn_is_one_line_with_picture_and_reason(segmentation, why):
    value = coco_of({"a.png": LABELS})
    value["annotations"][0]["segmentation"] = segmentation
    with pytest.raises(DataError, match=f"^annotations.json：a.png .*{why}.*请"):
        read(value).draw("a.png", None)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"images": [], "annotations": 7}',
        b'{"images": [{"id": 1}], "annotations": []}',
        b'{"images": [], "annotations": [{"image_id": 1}]}',
        b'{"images": [{"id": 1, "file_name": "a"}, {"id": 1, "file_name": "b"}], "annotations": []}',
        b'{"images": [{"id": 1, "file_name": "a", "height": "x", "width": 1}], "annotations": []}',
        b"[" * 100_000,
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_such_file_is_refused(data):
    with pytest.raises(DataError, match=r"^x\.json：不是 COCO 的标注文件"):
        coco.read(data, "x.json")


def folder_of(tmp_path, value, *pictures):
    for name in pictures:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        save(tmp_path / name, np.zeros((*LABELS.shape, 3), np.uint8))
    (tmp_path / "annotations.json").write_text(json.dumps(value))
    return coco.index(tmp_path, "annotations.json")


def test_pictures_are_found_where_the_file_says_beside_it_or_in_images(tmp_path):
    value = coco_of(dict.fromkeys(("sub/a.png", "b.png", "/home/me/c.png", "..\\d.png"), LABELS))
    places = {"a": "sub/a.png", "b": "b.png", "c": "images/c.png", "d": "images/d.png"}
    source = folder_of(tmp_path, value, *places.values())
    assert source.images == places
    assert source.lacking == {}
    assert source.masks == {"a": [], "b": [], "c": [], "d": []}
    assert same_instances(source.draw("d", [], LABELS.shape).labels, LABELS)


def test_a_picture_outside_the_folder_is_not_read(tmp_path):
    save(tmp_path / "a.png", np.zeros((4, 4), np.uint8))
    (tmp_path / "inner").mkdir()
    source = folder_of(tmp_path / "inner", coco_of({"../a.png": LABELS, "b.png": LABELS}), "b.png")
    assert source.lacking == {"a": "annotations.json：找不到图像 ../a.png，请放在它旁边或 images/ 里"}


def test_pictures_without_labels_and_labels_without_pictures_are_lacking(tmp_path):
    value = coco_of({"a.png": LABELS, "empty.png": 0 * LABELS, "gone.png": LABELS, "x/a.png": LABELS})
    source = folder_of(tmp_path, {**value}, "a.png", "empty.png", "unlisted.png")
    assert source.images == {}
    assert set(source.lacking) == {"a", "empty", "gone", "unlisted.png"}
    assert set(source.masks) == {"gone"}
    assert "没有一个标注" in source.lacking["empty"]
    assert "里没有这张图" in source.lacking["unlisted.png"]


def test_files_of_annotations_are_known_by_their_names(tmp_path):
    (tmp_path / "annotations").mkdir()
    for name in (
        "annotations.json",
        "_annotations.coco.json",
        "other.json",
        "annotations/instances_val.json",
    ):
        (tmp_path / name).touch()
    names = ["_annotations.coco.json", "annotations.json", "annotations/instances_val.json"]
    assert coco.files(tmp_path) == names


def test_a_file_that_would_fill_the_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(coco, "LARGEST_MEMBER", 10)
    with pytest.raises(DataError, match=r"annotations\.json：超过"):
        folder_of(tmp_path, coco_of({"a.png": LABELS}))


@pytest.mark.parametrize(
    ("segmentation", "told"),
    [
        ([], "an annotation has a bounding box but no outline; add it"),
        (
            {"size": [40, 60], "counts": [5]},
            "the run-length encoding (RLE) is not of 40×60 pixels; export it again",
        ),
    ],
)
def test_the_reason_is_english_too(segmentation, told, monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    value = coco_of({"a.png": LABELS})
    value["annotations"][0]["segmentation"] = segmentation
    with pytest.raises(DataError) as caught:
        read(value).draw("a.png", None)
    assert str(caught.value) == f"annotations.json: in a.png, {told}"
