import io

import cv2
import numpy as np
import pandas as pd
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from kaggle_runs import decode_rle
from PIL import Image

from cellseg_utils.prediction import exports, run_lengths

SHAPES = npst.array_shapes(min_dims=2, max_dims=2, max_side=7)
LABELS = npst.arrays(np.int32, SHAPES, elements=st.integers(0, 4) | st.just(70_000))


@given(LABELS)
def test_no_pixel_is_in_two_runs_of_a_submission(labels):
    table = exports.submission({"a": labels})
    claims = sum(decode_rle(text, labels.shape).astype(int) for text in table.EncodedPixels)
    np.testing.assert_array_equal(claims, labels > 0)


def test_a_picture_without_objects_has_one_line_with_an_empty_run():
    labels = {"two": np.array([[1, 0, 2]]), "none": np.zeros((2, 2), np.int32), "one": np.array([[7]])}
    text = exports.submission(labels).to_csv(index=False, lineterminator="\n")
    assert text == "ImageId,EncodedPixels\ntwo,1 1\ntwo,3 1\nnone,\none,1 1\n"


def test_ids_that_look_like_numbers_or_hold_commas_come_back_as_they_were():
    names = ["007", 'a,"b"', "细胞 1", "NA"]
    table = exports.submission({name: np.ones((1, 1), int) for name in names})
    read = pd.read_csv(io.StringIO(table.to_csv(index=False)), dtype=str, keep_default_na=False)
    assert list(read.ImageId) == names


def test_no_picture_gives_a_table_with_its_columns():
    assert list(exports.submission({}).columns) == ["ImageId", "EncodedPixels"]


@pytest.mark.parametrize("labels", [np.zeros(4, int), np.zeros((2, 2, 1), int), np.eye(2), np.array([[-1]])])
def test_what_is_no_label_image_is_refused(labels, tmp_path):
    with pytest.raises(ValueError, match="expected a label image"):
        run_lengths.encode_objects(labels)
    with pytest.raises(ValueError, match="expected a label image"):
        exports.write_label_tiff(tmp_path / "a.tif", labels)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("largest", "depth"), [(0, "uint16"), (65_535, "uint16"), (65_536, "uint32"), (2**32 - 1, "uint32")]
)
def test_a_label_tiff_is_as_deep_as_its_largest_number_needs(tmp_path, largest, depth):
    labels = np.array([[0, 1, largest], [0, 0, 0]], np.int64)
    exports.write_label_tiff(tmp_path / "deeper" / "a.tif", labels)
    read = tifffile.imread(tmp_path / "deeper" / "a.tif")
    assert read.dtype == depth
    np.testing.assert_array_equal(read, labels)


@pytest.mark.parametrize("labels", [np.zeros((0, 3), int), np.array([[2**32]])])
def test_what_no_label_tiff_can_hold_is_refused(tmp_path, labels):
    with pytest.raises(ValueError, match="numbers below 2"):
        exports.write_label_tiff(tmp_path / "a.tif", labels)


@given(LABELS)
def test_a_label_tiff_read_back_is_what_was_written(tmp_path_factory, labels):
    path = tmp_path_factory.getbasetemp() / "any.tif"
    exports.write_label_tiff(path, labels)
    np.testing.assert_array_equal(tifffile.imread(path), labels)


def test_other_readers_see_the_same_numbers_and_the_file_is_small(tmp_path):
    labels = np.kron(np.arange(64).reshape(8, 8), np.ones((64, 64), int))
    exports.write_label_tiff(tmp_path / "a.tif", labels)
    for read in (cv2.imread(str(tmp_path / "a.tif"), cv2.IMREAD_UNCHANGED), Image.open(tmp_path / "a.tif")):
        np.testing.assert_array_equal(np.asarray(read), labels)
    assert (tmp_path / "a.tif").stat().st_size < labels.size / 20


def test_a_label_tiff_has_what_imagej_can_open(tmp_path):
    exports.write_label_tiff(tmp_path / "a.tif", np.eye(300, dtype=int))
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        [page] = file.pages
        assert page.compression == tifffile.COMPRESSION.ADOBE_DEFLATE
        assert page.photometric == tifffile.PHOTOMETRIC.MINISBLACK
        assert page.predictor == 1
        assert not page.is_tiled


def test_a_failed_write_leaves_the_earlier_file(tmp_path, monkeypatch):
    exports.write_label_tiff(tmp_path / "a.tif", np.eye(3, dtype=int))
    before = (tmp_path / "a.tif").read_bytes()

    def full(path, *_, **__):
        path.write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(tifffile, "imwrite", full)
    with pytest.raises(OSError, match="No space left"):
        exports.write_label_tiff(tmp_path / "a.tif", np.ones((3, 3), int))
    assert [path.name for path in tmp_path.iterdir()] == ["a.tif"]
    assert (tmp_path / "a.tif").read_bytes() == before


RESULTS = {"a": np.array([[1, 0, 2], [1, 0, 0]]), "b": np.zeros((2, 3), int), "7": np.array([[70_000]])}


def files_below(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_results_are_a_label_image_for_each_picture_and_one_table_of_all(tmp_path):
    folder = tmp_path / "deeper" / "results"
    exports.write_results(folder, RESULTS)
    assert files_below(folder) == ["labels/7.tif", "labels/a.tif", "labels/b.tif", "submission.csv"]
    for name, labels in RESULTS.items():
        np.testing.assert_array_equal(tifffile.imread(folder / "labels" / f"{name}.tif"), labels)
    text = (folder / "submission.csv").read_bytes().decode()
    assert text == "ImageId,EncodedPixels\na,1 2\na,5 1\nb,\n7,1 1\n"
    assert list(folder.parent.iterdir()) == [folder]


def test_results_of_no_picture_are_an_empty_folder_and_a_table_without_rows(tmp_path):
    exports.write_results(tmp_path / "results", {})
    assert files_below(tmp_path / "results") == ["submission.csv"]
    assert (tmp_path / "results" / "labels").is_dir()
    assert (tmp_path / "results" / "submission.csv").read_text() == "ImageId,EncodedPixels\n"


def test_new_results_replace_the_earlier_ones_as_a_whole(tmp_path):
    folder = tmp_path / "results"
    exports.write_results(folder, RESULTS)
    (folder / "labels" / "stray.txt").write_text("stray")
    exports.write_results(folder, {"c": np.array([[0, 3]])})
    assert files_below(folder) == ["labels/c.tif", "submission.csv"]
    assert (folder / "submission.csv").read_text() == "ImageId,EncodedPixels\nc,2 1\n"
    assert list(tmp_path.iterdir()) == [folder]


def test_results_that_fail_half_way_leave_the_earlier_ones(tmp_path):
    folder = tmp_path / "results"
    exports.write_results(folder, RESULTS)
    before = {name: (folder / name).read_bytes() for name in files_below(folder)}
    with pytest.raises(ValueError, match="expected a label image"):
        exports.write_results(folder, {"c": np.array([[1]]), "d": np.eye(2)})
    assert {name: (folder / name).read_bytes() for name in files_below(folder)} == before
    assert list(tmp_path.iterdir()) == [folder]
