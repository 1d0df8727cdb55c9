"""Segmentation of many pictures; the network is replaced by a threshold, so that nuclei are known."""

import errno
import gc
import os
import re
import shutil
import signal
import subprocess
import sys
import weakref
import zipfile

import composites
import cv2
import numpy as np
import pandas as pd
import pytest
import texts
import tifffile
from thresholds import Threshold, contents, put

from cellseg_utils.data import image_paths, layout, own_images, picture_files, selection
from cellseg_utils.prediction import (
    batch,
    bundle,
    bundle_files,
    exports,
    filters,
    interchange,
    jobs,
    origin,
    ownership,
    records,
    results,
    segmentation,
)
from cellseg_utils.run import places

TABLES = ["failures.csv", "names.csv", "objects.csv", "submission.csv", "summary.csv"]


def written(*pictures):
    """Names of all that is written for some pictures."""
    labels = [f"labels/{name}.tif" for name in pictures]
    return sorted([*labels, *TABLES, *(f"overlays/{name}.jpg" for name in pictures)])


@pytest.fixture
def seen(monkeypatch):
    """The shapes of the pictures that were segmented; a nucleus is a piece brighter than 128."""
    shapes = []

    def segment(model, image, speed="balanced", diameter=0):
        assert model == "the model"
        shapes.append(image.shape)
        labels = cv2.connectedComponents((image[..., 0] > 128).astype(np.uint8))[1]
        return segmentation.Segmentation(labels, (labels > 0).astype(np.float32))

    monkeypatch.setattr(bundle_files, "SHIPPED", "shipped")
    monkeypatch.setattr(bundle_files, "read", lambda folder, sha256="": {"weights_sha256": "5" * 64})
    monkeypatch.setattr(
        bundle, "load", lambda folder, computing, sha256: {"shipped": "the model"}.get(folder)
    )
    monkeypatch.setattr(segmentation, "segment", segment)
    return shapes


def predict(source, out, **options):
    told = []
    batch.predict_folder([str(source)], out, batch.Settings(**options), told.append)
    return told


def table(out):
    return pd.read_csv(out / "submission.csv", dtype=str, keep_default_na=False)


def names(folder):
    """All files but what is remembered for the next call."""
    below = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in below if path.parts[0] != records.FOLDER)


def test_every_picture_gets_a_label_tiff_and_its_lines_in_the_submission(tmp_path, seen):
    put(tmp_path, "in/none.png", nuclei=0)
    put(tmp_path, "in/three.tif", nuclei=3, shape=(9, 20))
    told = predict(tmp_path / "in", tmp_path / "out")
    assert names(tmp_path / "out") == written("none", "three")
    text = (tmp_path / "out" / "submission.csv").read_bytes().decode()
    assert text == "ImageId,EncodedPixels\nnone,\nthree,12 3\nthree,39 3\nthree,66 3\n"
    assert sorted(seen) == [(9, 12, 3), (9, 20, 3)]
    kinds = "labels/、overlays/ 与 submission.csv、objects.csv、summary.csv、names.csv、failures.csv"
    assert told == [f"{tmp_path / 'out'}：2 张图像，写好 2 张（{kinds}）"]


@pytest.mark.parametrize("kind", ["zip", "folder", "enclosing folder"])
def test_a_data_set_in_the_layout_keeps_its_image_ids(
    kind, tmp_path, samples, layout_zip, layout_folder, seen
):
    source = {"zip": layout_zip, "folder": layout_folder, "enclosing folder": layout_folder.parent}[kind]
    predict(source, tmp_path / "out")
    assert list(table(tmp_path / "out").ImageId.unique()) == sorted(sample.id for sample in samples)
    for sample in samples:
        labels = tifffile.imread(tmp_path / "out" / "labels" / f"{sample.id}.tif")
        assert labels.shape == sample.image.shape[:2]
        np.testing.assert_array_equal(labels > 0, sample.image[..., 0] > 128)


def test_a_submission_says_the_same_as_the_label_tiffs(tmp_path, layout_zip, seen):
    predict(layout_zip, tmp_path / "out")
    labels = {path.stem: tifffile.imread(path) for path in sorted((tmp_path / "out" / "labels").iterdir())}
    pd.testing.assert_frame_equal(table(tmp_path / "out"), exports.submission(labels))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("one/a.png", ["a"]),
        ("one", ["a.bmp", "a.png"]),
        ("**/*.*", ["one_a.bmp", "one_a.png", "two_A", "two_细胞 1,2"]),
    ],
)
def test_files_folders_and_wildcards_are_named_as_in_the_report(tmp_path, seen, pattern, expected):
    for name in ("one/a.bmp", "one/a.png", "two/A.png", "two/细胞 1,2.png"):
        put(tmp_path / "in", name)
    predict(tmp_path / "in" / pattern, tmp_path / "out")
    assert names(tmp_path / "out" / "labels") == sorted(f"{name}.tif" for name in expected)
    assert list(table(tmp_path / "out").ImageId.unique()) == expected


@pytest.mark.skipif(sys.platform != "linux", reason="file names that are no UTF-8")
def test_a_file_name_that_is_no_utf_8_is_written_all_the_same(tmp_path, seen):
    put(tmp_path / "in", b"\xcf\xb8\xb0\xfb.png".decode("utf-8", "surrogateescape"))  # 细胞 in GBK
    predict(tmp_path / "in", tmp_path / "out")
    [name] = table(tmp_path / "out").ImageId.unique()
    assert names(tmp_path / "out" / "labels") == [f"{name}.tif"]


def test_image_ids_alike_but_for_case_get_files_of_their_own(make_zip, tmp_path, seen):
    good = cv2.imencode(".png", np.zeros((4, 4), np.uint8))[1].tobytes()
    ids = ["a", "A", "b" * 300, ".."]
    predict(make_zip({f"{name}/images/x.png": good for name in ids}), tmp_path / "out")
    assert names(tmp_path / "out" / "labels") == sorted(["A.tif", "a-2.tif", f"{'b' * 235}.tif", "__.tif"])


def put_good_and_bad(folder):
    for name in ("a.png", "c.png"):
        put(folder, name)
    (folder / "b.png").write_bytes(b"")


def test_a_bad_picture_is_told_and_the_others_are_written_before_the_error(tmp_path, seen):
    put_good_and_bad(tmp_path / "in")
    told = []
    with pytest.raises(batch.BatchError, match=r"^\S+：1 张坏图没有结果.*--skip-bad$"):
        batch.predict_folder([str(tmp_path / "in")], tmp_path / "out", tell=told.append)
    assert names(tmp_path / "out") == written("a", "c")
    assert list(table(tmp_path / "out").ImageId.unique()) == ["a", "c"]
    assert told[0] == "b.png：文件是空的（0 字节），请重新下载或删除它"
    assert "3 张图像，写好 2 张" in told[1]


def test_how_results_were_made_is_noted_beside_them(tmp_path, seen):
    put(tmp_path, "a.png")
    predict(tmp_path / "a.png", tmp_path / "out", wanted=filters.Filter(min_area=4))
    noted = origin.read(tmp_path / "out")
    assert noted["weights_sha256"] == "5" * 64
    command = f"cellseg predict {tmp_path}/a.png --out {tmp_path}/out --speed balanced --min-area 4"
    assert noted["command"] == command


def test_a_limit_that_is_none_is_refused_before_anything_is_written(tmp_path, seen, monkeypatch):
    monkeypatch.setenv("CELLSEG_MAX_MEGAPIXELS", "abc")
    with pytest.raises(ValueError, match="CELLSEG_MAX_MEGAPIXELS"):
        predict(tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_skip_bad_tells_the_same_and_is_no_error(tmp_path, seen):
    put_good_and_bad(tmp_path / "in")
    told = predict(tmp_path / "in", tmp_path / "out", skip_bad=True)
    assert [line.split("：")[0] for line in told] == ["b.png", str(tmp_path / "out")]


def test_a_damaged_member_of_a_zip_is_one_bad_picture(make_zip, tmp_path, seen):
    good = cv2.imencode(".png", np.zeros((4, 4), np.uint8))[1].tobytes()
    path = make_zip({"a/images/a.png": good, "b/images/b.png": good[:40], "c/images/c.png": good})
    told = predict(path, tmp_path / "out", skip_bad=True)
    assert names(tmp_path / "out" / "labels") == ["a.tif", "c.tif"]
    assert told[0].startswith("b/images/b.png：文件不完整")


@pytest.mark.parametrize("skip_bad", [False, True])
def test_no_good_picture_is_an_error_in_any_case(tmp_path, seen, skip_bad):
    (tmp_path / "void.tif").write_bytes(b"")
    with pytest.raises(batch.BatchError, match="没有一张有结果"):
        predict(tmp_path / "void.tif", tmp_path / "out", skip_bad=skip_bad)


class ResourceExhaustedError(Exception):
    """As TensorFlow's is called."""


@pytest.mark.parametrize("error", [MemoryError(), cv2.error("no memory"), ResourceExhaustedError()])
def test_a_picture_too_large_for_the_memory_is_a_bad_one(tmp_path, seen, monkeypatch, error):
    if isinstance(error, cv2.error):
        error.code = cv2.Error.StsNoMem
    put(tmp_path / "in", "a.png")
    segment = segmentation.segment

    def small_memory(model, image, speed, diameter=0):
        if image.shape[0] > 20:
            raise error
        return segment(model, image, speed)

    monkeypatch.setattr(segmentation, "segment", small_memory)
    put(tmp_path / "in", "b.png", shape=(21, 21))
    told = predict(tmp_path / "in", tmp_path / "out", skip_bad=True)
    assert told[0].startswith("b：内存不够")
    assert names(tmp_path / "out" / "labels") == ["a.tif"]


def test_a_disk_without_room_for_the_tables_is_told_with_what_is_written(tmp_path, seen, monkeypatch):
    put(tmp_path / "in", "a.png")

    def full(out, rows):
        list(rows())
        raise OSError(errno.ENOSPC, "No space left on device", str(out / "submission.csv"))

    monkeypatch.setattr(results, "write_tables", full)
    told = []
    with pytest.raises(OSError, match="No space left"):
        batch.predict_folder([str(tmp_path / "in")], tmp_path / "out", tell=told.append)
    assert told == [f"{tmp_path / 'out'}：1 张图像，写好 1 张（labels/、overlays/）；各表没有写成"]
    assert names(tmp_path / "out") == ["labels/a.tif", "overlays/a.jpg"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_what_was_written_stays_when_interrupted(tmp_path, seen, monkeypatch, error):
    for name in ("a.png", "b.png", "c.png"):
        put(tmp_path / "in", name)
    segment, told = segmentation.segment, []

    def interrupted(model, image, speed, diameter=0):
        if len(seen) == 2:
            raise error
        return segment(model, image, speed)

    monkeypatch.setattr(segmentation, "segment", interrupted)
    with pytest.raises(error):
        batch.predict_folder([str(tmp_path / "in")], tmp_path / "out", tell=told.append)
    assert names(tmp_path / "out") == written("a", "b")
    assert list(table(tmp_path / "out").ImageId.unique()) == ["a", "b"]
    assert "3 张图像，写好 2 张" in told[0]


def test_pictures_are_forgotten_as_soon_as_they_are_done(tmp_path, seen, monkeypatch):
    for number in range(6):
        put(tmp_path / "in", f"{number}.png")
    alive, most, segment = [], [], segmentation.segment

    def watched(model, image, speed, diameter=0):
        gc.collect()
        alive.append(weakref.ref(image))
        most.append(sum(reference() is not None for reference in alive))
        return segment(model, image, speed)

    monkeypatch.setattr(segmentation, "segment", watched)
    predict(tmp_path / "in", tmp_path / "out")
    assert len(most) == 6
    assert max(most) <= batch.AT_ONCE


@pytest.fixture
def no_model(monkeypatch):
    def load(folder, computing):
        raise AssertionError("a model was loaded")

    monkeypatch.setattr(bundle, "load", load)


def test_nothing_is_loaded_or_made_where_there_is_no_picture(tmp_path, no_model, make_zip):
    (tmp_path / "empty").mkdir()
    for source in (tmp_path / "empty", tmp_path / "no such.png", tmp_path / "*.png"):
        with pytest.raises(layout.DataError, match="没有找到图像"):
            predict(source, tmp_path / "out")
    with pytest.raises(layout.DataError, match="压缩包里没有图像"):
        predict(make_zip({"notes.txt": b"no picture"}), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_nothing_is_loaded_where_out_can_not_be_written(tmp_path, no_model):
    put(tmp_path, "a.png")
    (tmp_path / "file").write_text("mine")
    for out in (tmp_path / "file", tmp_path / "file" / "deeper"):
        with pytest.raises(batch.BatchError, match=r"不能写入（.+），请换一个文件夹"):
            predict(tmp_path / "a.png", out)
    assert (tmp_path / "file").read_text() == "mine"


def test_nothing_is_loaded_or_made_where_there_is_no_bundle(tmp_path, no_model):
    put(tmp_path, "a.png")
    with pytest.raises(jobs.JobError, match="没有这个模型包文件夹"):
        predict(tmp_path / "a.png", tmp_path / "out", bundle=tmp_path / "none")
    assert not (tmp_path / "out").exists()


def test_the_bundle_that_the_user_names_is_the_one_that_segments(tmp_path, seen, monkeypatch):
    put(tmp_path, "a.png")
    (tmp_path / "mine").mkdir()
    loaded = {tmp_path / "mine": "the model"}
    monkeypatch.setattr(bundle, "load", lambda folder, computing, sha256: loaded.get(folder))
    predict(tmp_path / "a.png", tmp_path / "out", bundle=tmp_path / "mine")
    assert names(tmp_path / "out") == written("a")


@pytest.mark.parametrize(("source", "out"), [("labels", "."), ("labels/a.tif", "."), ("**/*.tif", ".")])
def test_pictures_that_results_would_replace_are_refused(tmp_path, no_model, monkeypatch, source, out):
    put(tmp_path, "labels/a.tif")
    before = (tmp_path / "labels" / "a.tif").read_bytes()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(layout.DataError, match="请换一个文件夹放结果"):
        predict(source, out)
    assert (tmp_path / "labels" / "a.tif").read_bytes() == before


def test_results_may_lie_beside_the_pictures_and_are_replaced_by_the_next_run(tmp_path, seen):
    put(tmp_path, "a.png")
    for nuclei in (1, 2):
        put(tmp_path, "a.png", nuclei)
        predict(tmp_path, tmp_path)
        assert len(table(tmp_path)) == nuclei
    assert names(tmp_path) == sorted(["a.png", *written("a")])


def test_opened_reads_the_same_pictures_as_from_pattern(tmp_path, layout_zip):
    put(tmp_path, "in/a.png")
    for source in (tmp_path / "in", layout_zip):
        expected, _ = own_images.from_pattern(str(source), tmp_path)
        with picture_files.opened([str(source)], tmp_path, [tmp_path / "out"]) as readers:
            assert list(readers) == list(expected)
            for name, picture in readers.items():
                np.testing.assert_array_equal(picture.read().rgb, expected[name])


def segmenting(monkeypatch, features):
    """Every nucleus has the same features."""

    def segment(model, image, speed="balanced", diameter=0):
        labels = cv2.connectedComponents((image[..., 0] > 128).astype(np.uint8))[1]
        all_alike = np.tile(np.array(features, float), (labels.max(), 1))
        return segmentation.trusted(labels, (labels > 0).astype(np.float32), all_alike)

    monkeypatch.setattr(bundle, "load", lambda folder, computing, sha256: "the model")
    monkeypatch.setattr(segmentation, "segment", segment)


def test_objects_and_pictures_are_listed_with_how_sure_they_are(tmp_path, monkeypatch):
    segmenting(monkeypatch, (1, 1, 1))
    put(tmp_path, "in/a.png", nuclei=2)
    put(tmp_path, "in/b.png", nuclei=0)
    predict(tmp_path / "in", tmp_path / "out")
    listed = pd.read_csv(tmp_path / "out" / "objects.csv")
    assert listed[["image", "label", "area"]].values.tolist() == [["a", 1, 3], ["a", 2, 3]]
    assert listed.certainty.between(0.9, 1).all()
    summary = pd.read_csv(tmp_path / "out" / "summary.csv", keep_default_na=False)
    columns = summary[["image", "nuclei", "warning"]]
    assert columns.values.tolist() == [["a", 2, ""], ["b", 0, "没有找到细胞核"]]


def test_a_picture_that_cannot_be_trusted_is_told_at_once_and_counted(tmp_path, monkeypatch):
    segmenting(monkeypatch, (0.3, 0.5, 1))
    put(tmp_path, "in/a.png")
    told = predict(tmp_path / "in", tmp_path / "out")
    assert told[0].startswith("a：这张图的结果不可靠，可能与训练图像很不一样：")
    assert told[-1].endswith("；其中 1 张请留意，上面逐张列出")
    summary = pd.read_csv(tmp_path / "out" / "summary.csv")
    assert told[0] == f"a：{summary.warning[0]}"


def test_without_features_certainty_is_left_empty(tmp_path, seen):
    put(tmp_path, "in/a.png", nuclei=1)
    predict(tmp_path / "in", tmp_path / "out")
    [row] = pd.read_csv(tmp_path / "out" / "objects.csv").to_dict("records")
    assert (row["image"], row["label"], row["area"], row["y"], row["x"]) == ("a", 1, 3, 3, 1)
    assert np.isnan(row["certainty"])


def test_files_of_other_programs_are_written_on_request(tmp_path, seen):
    put(tmp_path, "in/a.png")
    told = predict(tmp_path / "in", tmp_path / "out", also=("png", "qupath", "imagej"))
    files = ["png/a.png", "qupath/a.geojson", "imagej/a_RoiSet.zip"]
    assert names(tmp_path / "out") == sorted([*written("a"), *files])
    assert "labels/、overlays/、png/、qupath/、imagej/ 与" in told[-1]
    with pytest.raises(ValueError, match="also=svg"):
        predict(tmp_path / "in", tmp_path / "out", also=("svg",))


def test_a_picture_that_a_format_can_not_hold_is_a_bad_one_and_leaves_nothing(tmp_path, seen, monkeypatch):
    def refuse(image, found, about):
        if len(image) == 9:
            raise interchange.FormatError("太多")
        return b""

    monkeypatch.setitem(interchange.FORMATS, "png", (".png", refuse))
    put(tmp_path, "in/a.png")
    put(tmp_path, "in/b.png", shape=(12, 12))
    with pytest.raises(batch.BatchError, match="1 张坏图没有结果"):
        predict(tmp_path / "in", tmp_path / "out", also=("png",))
    assert names(tmp_path / "out") == sorted([*written("b"), "png/b.png"])


def test_every_result_can_be_told_from_its_file_and_every_failure_is_listed(tmp_path, seen):
    for name in ("a.png", "a.jpg", "a-2.png", "sub/w1_A.png", "sub/w1:A.png"):
        put(tmp_path, f"in/{name}")
    (tmp_path / "in" / "bad.png").write_bytes(b"bad")
    predict(tmp_path / "in" / "**" / "*", tmp_path / "out", skip_bad=True)
    listed = pd.read_csv(tmp_path / "out" / "names.csv")
    assert dict(zip(listed["file"], listed["image"], strict=True)) == {
        "a.png": "a.png",
        "a.jpg": "a.jpg",
        "a-2.png": "a-2",
        "sub/w1_A.png": "sub_w1_A",
        "sub/w1:A.png": "sub_w1_A-2",
    }
    failed = pd.read_csv(tmp_path / "out" / "failures.csv")
    assert failed["file"].tolist() == ["bad.png"]
    assert "bad.png" in failed["problem"][0]
    assert set(names(tmp_path / "out" / "labels")) == {f"{name}.tif" for name in listed["image"]}


def test_a_zip_file_of_ones_own_is_read_as_a_folder_of_pictures(tmp_path, seen):
    for name in ("a.png", "plate/a.jpg", "plate/b.PNG"):
        put(tmp_path, f"in/{name}")
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as archive:
        for name in ("a.png", "plate/a.jpg", "plate/b.PNG"):
            archive.write(tmp_path / "in" / name, name)
        archive.writestr("__MACOSX/._a.png", b"")
        archive.writestr("readme.txt", b"")
    predict(tmp_path / "mine.zip", tmp_path / "out")
    assert names(tmp_path / "out" / "labels") == ["a.tif", "plate_a.tif", "plate_b.tif"]


def test_a_zip_file_without_pictures_is_told_what_is_read(tmp_path, no_model):
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as archive:
        archive.writestr("readme.txt", b"")
    with pytest.raises(layout.DataError, match="压缩包里没有图像"):
        predict(tmp_path / "mine.zip", tmp_path / "out")


def test_pictures_in_folders_below_are_read_on_request_and_told_otherwise(tmp_path, seen):
    for name in ("a.png", "sub/b.png", "sub/deep/c.tif"):
        put(tmp_path, f"in/{name}")
    (tmp_path / "in" / "d.zip").write_bytes(b"")
    told = predict(tmp_path / "in", tmp_path / "in" / "out")
    assert f"{tmp_path / 'in'}：没有读子文件夹里的 2 张图像，要读请加 --recursive" in told
    assert f"{tmp_path / 'in'}：没有读里面的 1 个 zip，请单独给出" in told
    predict(image_paths.with_folders_below(str(tmp_path / "in" / "sub")), tmp_path / "all")
    assert pd.read_csv(tmp_path / "all" / "names.csv")["file"].tolist() == ["b.png", "deep/c.tif"]


def test_label_images_beside_their_pictures_are_not_segmented_and_told(tmp_path, seen):
    for name in ("a.png", "a_masks.png", "b_img.png", "b_cp_masks.tif", "lone_masks.png"):
        put(tmp_path, f"in/{name}")
    (tmp_path / "in" / "notes.vsi").write_bytes(b"")
    told = predict(tmp_path / "in", tmp_path / "out")
    assert names(tmp_path / "out" / "labels") == ["a.tif", "b_img.tif", "lone_masks.tif"]
    assert f"{tmp_path / 'in'}：没有读 2 张标签图（如 a_masks.png，旁边有它的图像）" in told
    assert f"{tmp_path / 'in'}：没有读另外 1 个文件（.vsi 1 个）" in told


def test_every_plane_has_results_and_all_of_them_one_stack_of_labels(tmp_path, seen):
    stack = np.zeros((3, 20, 24), np.uint8)
    stack[1, 4:9, 4:9] = 200
    stack[2, :, 10:] = 200
    (tmp_path / "in").mkdir()
    tifffile.imwrite(tmp_path / "in" / "a.tif", stack, imagej=True, metadata={"axes": "ZYX"})
    put(tmp_path, "in/b.png")
    told = predict(tmp_path / "in", tmp_path / "out", chosen=selection.Selection(each_plane=True))
    assert names(tmp_path / "out" / "labels") == ["a_z01.tif", "a_z02.tif", "a_z03.tif", "b.tif"]
    assert not any("改了名" in line for line in told)
    assert any("（labels/、stacks/、overlays/ 与" in line for line in told)
    with tifffile.TiffFile(tmp_path / "out" / "stacks" / "a.tif") as file:
        assert file.series[0].axes == "ZYX"
        np.testing.assert_array_equal(file.asarray() > 0, stack > 128)
    assert names(tmp_path / "out" / "stacks") == ["a.tif"]


def test_a_folder_with_pictures_below_it_only_says_so(tmp_path, no_model):
    put(tmp_path, "in/sub/b.png")
    with pytest.raises(layout.DataError, match="没有读子文件夹里的 1 张图像，要读请加 --recursive"):
        predict(tmp_path / "in", tmp_path / "out")


def test_several_sources_are_read_at_once(tmp_path, seen):
    for name in ("one/a.png", "two/b.png", "two/c.png"):
        put(tmp_path, name)
    sources = [str(tmp_path / "one"), str(tmp_path / "two" / "*.png"), str(tmp_path / "one" / "a.png")]
    batch.predict_folder(sources, tmp_path / "out", tell=lambda line: None)
    assert names(tmp_path / "out" / "labels") == ["one_a.tif", "two_b.tif", "two_c.tif"]


def test_results_of_an_earlier_call_are_named_and_stay(tmp_path, seen):
    put(tmp_path, "in/a.png")
    put(tmp_path, "in/b.png")
    predict(tmp_path / "in" / "a.png", tmp_path / "out")
    told = predict(tmp_path / "in" / "b.png", tmp_path / "out")
    assert f"{tmp_path / 'out' / 'labels'}：1 张是以前的结果，这次没有重写（如 a.tif）" in told
    assert names(tmp_path / "out" / "labels") == ["a.tif", "b.tif"]
    assert not any("以前的结果" in line for line in predict(tmp_path / "in", tmp_path / "out"))
    (tmp_path / "in" / "a.png").write_bytes(b"")
    told = predict(tmp_path / "in", tmp_path / "out", skip_bad=True)
    assert any("1 张是以前的结果，这次没有重写（如 a.tif）" in line for line in told)


def test_excel_reads_the_tables_as_utf_8_and_kaggle_gets_no_mark(tmp_path, seen):
    put(tmp_path, "in/细胞.png")
    predict(tmp_path / "in", tmp_path / "out")
    marked = {name: (tmp_path / "out" / name).read_bytes().startswith(b"\xef\xbb\xbf") for name in TABLES}
    assert marked == {name: name != "submission.csv" for name in TABLES}
    assert pd.read_csv(tmp_path / "out" / "names.csv")["file"].tolist() == ["细胞.png"]


def counting(monkeypatch):
    """The columns of the pictures that are done from now on, by a threshold without TensorFlow."""
    widths, do = [], jobs.Job.do

    def counted(job, name, picture, segmenter):
        widths.append(picture.read().rgb.shape[1])
        return do(job, name, picture, segmenter)

    monkeypatch.setattr(jobs.Job, "do", counted)
    return widths


def predict_by_threshold(folder, out, settings=Threshold(), **options):  # noqa: B008
    told = []
    batch.predict_folder([str(folder)], out, settings, told.append, **options)
    return told


def put_four(folder):
    for width in (12, 13, 14, 15):
        put(folder, f"{width}.png", shape=(9, width))


def test_a_second_call_skips_what_is_finished_and_writes_the_same_tables(tmp_path, monkeypatch):
    put_four(tmp_path / "in")
    predict_by_threshold(tmp_path / "in", tmp_path / "out")
    before, done = contents(tmp_path / "out"), counting(monkeypatch)
    told = predict_by_threshold(tmp_path / "in", tmp_path / "out")
    assert (contents(tmp_path / "out"), done) == (before, [])
    assert "4 张图像，写好 0 张，跳过以前做完的 4 张" in told[0]
    (tmp_path / "out" / "names.csv").unlink()
    predict_by_threshold(tmp_path / "in", tmp_path / "out")
    assert contents(tmp_path / "out") == before


def test_nothing_is_loaded_when_all_is_finished(tmp_path, monkeypatch):
    put_four(tmp_path / "in")
    predict_by_threshold(tmp_path / "in", tmp_path / "out")
    monkeypatch.setattr(Threshold, "segmenter", None)
    predict_by_threshold(tmp_path / "in", tmp_path / "out")


def test_only_what_changed_is_done_again(tmp_path, monkeypatch):
    put_four(tmp_path / "in")
    predict_by_threshold(tmp_path / "in", tmp_path / "out")
    done = counting(monkeypatch)
    put(tmp_path / "in", "13.png", nuclei=1, shape=(9, 13))
    (tmp_path / "out" / "labels" / "14.tif").unlink()
    (tmp_path / "out" / "overlays" / "15.jpg").write_bytes(b"damaged")
    put(tmp_path / "in", "16.png", shape=(9, 16))
    predict_by_threshold(tmp_path / "in", tmp_path / "out")
    assert sorted(done) == [13, 14, 15, 16]
    predict_by_threshold(tmp_path / "in", tmp_path / "new")
    assert contents(tmp_path / "out") == contents(tmp_path / "new")


def test_in_another_language_only_pictures_of_which_something_was_said_are_done_again(tmp_path, monkeypatch):
    put(tmp_path / "in", "12.png", shape=(9, 12))
    put(tmp_path / "in", "13.png", nuclei=0, shape=(9, 13))
    predict_by_threshold(tmp_path / "in", tmp_path / "out")
    assert texts.CHINESE.search((tmp_path / "out" / "summary.csv").read_text("utf-8"))
    monkeypatch.setenv("CELLSEG_LANG", "en")
    done = counting(monkeypatch)
    for _ in range(2):
        predict_by_threshold(tmp_path / "in", tmp_path / "out")
        assert done == [13]
    assert not texts.CHINESE.search((tmp_path / "out" / "summary.csv").read_text("utf-8"))


def test_other_settings_do_everything_again(tmp_path, monkeypatch):
    put_four(tmp_path / "in")
    predict_by_threshold(tmp_path / "in", tmp_path / "out")
    done = counting(monkeypatch)
    predict_by_threshold(tmp_path / "in", tmp_path / "out", Threshold(also=("png",)))
    assert sorted(done) == [12, 13, 14, 15]
    assert (tmp_path / "out" / "png" / "12.png").is_file()
    predict_by_threshold(tmp_path / "in", tmp_path / "out", Threshold(also=("png",), skip_bad=True))
    assert len(done) == 4


def test_a_picture_under_the_name_of_another_is_done_again(tmp_path, monkeypatch):
    put_four(tmp_path / "in")
    predict_by_threshold(tmp_path / "in", tmp_path / "out")
    done = counting(monkeypatch)
    (tmp_path / "in" / "12.png").replace(tmp_path / "in" / "13.png")
    predict_by_threshold(tmp_path / "in", tmp_path / "out")
    assert sorted(done) == [12]
    assert table(tmp_path / "out").ImageId.unique().tolist() == ["13", "14", "15"]


def test_tables_of_an_interrupted_call_hold_what_earlier_calls_finished(tmp_path, monkeypatch):
    put_four(tmp_path / "in")
    (tmp_path / "in" / "15.png").rename(tmp_path / "15.png")
    predict_by_threshold(tmp_path / "in", tmp_path / "out")
    (tmp_path / "15.png").rename(tmp_path / "in" / "11.png")

    def interrupted(job, pictures):
        yield from ()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        predict_by_threshold(tmp_path / "in", tmp_path / "out", spread=interrupted)
    assert table(tmp_path / "out").ImageId.unique().tolist() == ["12", "13", "14"]


def test_pictures_in_any_order_give_the_same_tables(tmp_path):
    put_four(tmp_path / "in")
    predict_by_threshold(tmp_path / "in", tmp_path / "out")

    def backwards(job, pictures):
        yield from batch.here(job, dict(reversed(pictures.items())))

    predict_by_threshold(tmp_path / "in", tmp_path / "other", spread=backwards)
    assert contents(tmp_path / "out") == contents(tmp_path / "other")


def killed(script):
    """The exit status of a Python process of its own."""
    paths = os.pathsep.join([str(places.ROOT), str(places.ROOT / "tests")])
    return subprocess.run([sys.executable, "-c", script], env=os.environ | {"PYTHONPATH": paths}).returncode


CALL = """
from pathlib import Path
from cellseg_utils.prediction import batch, jobs, records
from cellseg_utils.run import files
from thresholds import Deadly, Threshold
import os, signal

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

{killing}
batch.predict_folder([{source!r}], {out!r}, Threshold())
"""
MOMENTS = [
    "files._reach_disk = die",  # with the mark of the call half written
    "files.publish = die",
    "jobs.results.write = die",
    "records.write = die",  # the picture's files are there, its record is not
    "count = iter(range(9)); real = records.write\n"
    "records.write = lambda *a: die() if next(count) == 2 else real(*a)",
    "batch.results._widened = die",
    "real = batch.results.lines\nbatch.results.lines = lambda t: die() if len(t.columns) == 2 else real(t)",
]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("killing", MOMENTS)
def test_after_a_kill_the_next_call_leaves_what_an_uninterrupted_one_does(tmp_path, killing):
    put_four(tmp_path / "in")
    predict_by_threshold(tmp_path / "in", tmp_path / "whole")
    out = str(tmp_path / "out")
    assert killed(CALL.format(killing=killing, source=str(tmp_path / "in"), out=out)) == -signal.SIGKILL
    predict_by_threshold(tmp_path / "in", tmp_path / "out")
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    assert not list((tmp_path / "out").rglob(".writing-*"))


def test_records_that_vanish_are_no_silent_loss(tmp_path):
    put_four(tmp_path / "in")

    def forgetful(job, pictures):
        yield from batch.here(job, pictures)
        shutil.rmtree(job.out / records.FOLDER / "records")

    with pytest.raises(batch.BatchError, match=r"4 张图的记录（\.cellseg/）不见了"):
        predict_by_threshold(tmp_path / "in", tmp_path / "out", spread=forgetful)


def test_a_table_of_the_users_own_is_never_replaced(tmp_path):
    put_four(tmp_path / "in")
    (tmp_path / "in" / "names.csv").write_text("file,patient\n12.png,7\n")
    with pytest.raises(ownership.ResultsError, match=r"names\.csv：不是 cellseg predict 写的"):
        predict_by_threshold(tmp_path / "in", tmp_path / "in")
    assert (tmp_path / "in" / "names.csv").read_text() == "file,patient\n12.png,7\n"
    assert not (tmp_path / "in" / "labels").exists()


def test_two_calls_do_not_write_into_one_folder(tmp_path):
    put_four(tmp_path / "in")

    def another(job, pictures):
        with pytest.raises(ownership.ResultsError, match="另一个 cellseg predict 正在往这里写"):
            predict_by_threshold(tmp_path / "in", tmp_path / "out")
        yield from batch.here(job, pictures)

    predict_by_threshold(tmp_path / "in", tmp_path / "out", spread=another)


def test_the_closing_line_counts_what_was_skipped_refused_and_renamed(tmp_path):
    put_four(tmp_path / "in")
    predict_by_threshold(tmp_path / "in", tmp_path / "out")
    put(tmp_path / "in", "sub/12.png")
    (tmp_path / "in" / "bad.png").write_bytes(b"")
    told = predict_by_threshold(tmp_path / "in" / "**" / "*", tmp_path / "out", Threshold(skip_bad=True))
    counts = (
        "6 张图像，写好 1 张，跳过以前做完的 4 张，1 张坏图没有结果（见 failures.csv），"
        "1 张的结果改了名（见 names.csv）"
    )
    assert counts in told[1]


def test_the_progress_says_rate_what_is_left_and_how_long_it_takes(tmp_path, capsys):
    put_four(tmp_path / "in")
    predict_by_threshold(tmp_path / "in", tmp_path / "out")
    assert re.search(r"还剩 0 张，\s*[\d.]+张/s，约 00:00", capsys.readouterr().err)


def test_the_channel_that_was_chosen_is_told_once_and_listed(tmp_path):
    (tmp_path / "in").mkdir()
    dna, bodies = (np.uint8(255 * own) for own in (composites.dna(), composites.bodies()))
    for name in "ab":
        about = {"axes": "CYX", "Channel": {"Name": ["FITC", "DAPI"]}}
        tifffile.imwrite(tmp_path / "in" / f"{name}.tif", np.stack([bodies, dna]), ome=True, metadata=about)
    told = predict_by_threshold(tmp_path / "in", tmp_path / "out")
    assert told[0] == f"{tmp_path / 'out'}：2 张细胞核取通道 DAPI（按名称）"
    summary = pd.read_csv(tmp_path / "out" / "summary.csv")
    assert summary.channel.tolist() == ["DAPI"] * 2
    assert summary.nuclei.tolist() == [len(composites.NUCLEI)] * 2
    assert {"mean_FITC", "mean_DAPI"} <= set(pd.read_csv(tmp_path / "out" / "objects.csv").columns)


def test_results_inside_the_folder_of_pictures_are_no_pictures_next_time(tmp_path):
    put_four(tmp_path / "in")
    put(tmp_path / "in" / "deeper", "16.png", shape=(9, 16))
    every, out = tmp_path / "in" / "**" / "*", tmp_path / "in" / "out"
    predict_by_threshold(every, out, Threshold(also=("png",)))
    told = predict_by_threshold(every, out, Threshold(also=("png",)))
    assert "5 张图像，写好 0 张，跳过以前做完的 5 张" in told[0]
    with pytest.raises(layout.DataError, match="结果要写到这里"):
        predict_by_threshold(out / "png", out, Threshold(also=("png",)))


def test_what_became_of_the_pictures_in_english(tmp_path, monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    put_four(tmp_path / "in")
    told = predict_by_threshold(tmp_path / "in", tmp_path / "out")
    tables = ", ".join(exports.TABLES)
    assert told[-1] == f"{tmp_path / 'out'}: 4 images, 4 written (labels/, overlays/ and {tables})"
    (tmp_path / "in" / "bad.png").write_bytes(b"")
    with pytest.raises(batch.BatchError, match=r"1 bad image has no results \(listed above\); repair"):
        predict_by_threshold(tmp_path / "in", tmp_path / "out")
    (tmp_path / "in" / "worse.png").write_bytes(b"")
    with pytest.raises(batch.BatchError, match="2 bad images have no results"):
        predict_by_threshold(tmp_path / "in", tmp_path / "out")


def test_a_batch_closes_with_all_that_became_of_its_pictures_in_english(monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    states = {"a": batch.DOUBTFUL, "b": batch.SKIPPED, "c": batch.BAD}
    pictures = {name: picture_files.Picture("", None, None, None, called=f"{name}x") for name in states}
    line = batch._closing(pictures, states, {}, exports.TABLES)
    assert line.startswith(
        "3 images, 1 written, 1 finished earlier and skipped, "
        "1 bad image without results (see failures.csv), "
        "2 with results under another name (see names.csv) (labels/ and "
    )
    assert line.endswith("; 1 of them needs attention, listed above")
