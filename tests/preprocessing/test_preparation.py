import dataclasses
import os
import shutil
import sys

import cv2
import labelled_folders
import numpy as np
import pandas as pd
import pytest

from cellseg_utils.audit import label_faults
from cellseg_utils.data import dataset, layout, synthetic
from cellseg_utils.data.layout import DataError
from cellseg_utils.preprocessing import preparation, resizing

SIZE = 32


@pytest.fixture(scope="module")
def prepared(layout_zip):
    return preparation.prepare(layout.open_source(layout_zip), SIZE)


@pytest.fixture(scope="module")
def truth(layout_zip):
    return dataset.read_samples(layout.open_source(layout_zip))


def png(array):
    return cv2.imencode(".png", array)[1].tobytes()


def numbered_zip(make_zip, names):
    members = {}
    for number, name in enumerate(names):
        members[f"{name}/images/{name}.png"] = png(np.full((40, 48, 3), 10 * number, np.uint8))
        members[f"{name}/masks/1.png"] = png(np.eye(40, 48, dtype=np.uint8) * 255)
    return make_zip(members)


def test_prepared_arrays_are_the_resized_pictures_and_masks(prepared, truth):
    assert prepared.images.shape == (4, SIZE, SIZE, 3)
    assert prepared.masks.shape == (4, SIZE, SIZE, 1)
    assert prepared.images.dtype == prepared.masks.dtype == np.uint8
    assert prepared.problems == []
    for n, sample in enumerate(truth):
        np.testing.assert_array_equal(prepared.images[n], resizing.resize_image(sample.image, (SIZE, SIZE)))
        mask = resizing.resize_mask(sample.labels, (SIZE, SIZE))
        np.testing.assert_array_equal(prepared.masks[n, ..., 0], mask)


def test_what_was_measured_is_true(prepared, truth):
    assert prepared.histograms.shape == (4, 64)
    for n, (sample, row) in enumerate(zip(truth, prepared.samples.itertuples(), strict=True)):
        areas = np.bincount(sample.labels.ravel())[1:]
        assert (row.id, row.height, row.width, row.nuclei) == (sample.id, 48, 64, len(areas))
        assert row.foreground == (sample.labels > 0).mean()
        assert row.overlap_pixels == 0
        nuclei = prepared.nuclei[prepared.nuclei[:, 0] == n]
        np.testing.assert_array_equal(nuclei[:, 1], areas)
        assert nuclei[:, 2].sum() <= prepared.masks[n].sum()
        assert row.lost_nuclei == (nuclei[:, 2] == 0).sum()
        grey = cv2.cvtColor(sample.image, cv2.COLOR_RGB2GRAY)
        expected = np.histogram(grey, bins=64, range=(0, 256))[0]
        np.testing.assert_array_equal(prepared.histograms[n], expected)


def test_faults_of_the_labels_are_counted(make_zip):
    ring, piece, over, sliver = np.zeros((4, 40, 40), np.uint8)
    ring[5:15, 5:15], ring[9:11, 9:11] = 255, 0
    piece[20:30, 5:8], piece[20:30, 12:15] = 255, 255
    over[20:30, 7:10], sliver[10:25, 39] = 255, 255
    masks = [ring, piece, over, sliver, np.zeros((40, 40), np.uint8)]
    members = {f"a/masks/{number}.png": png(mask) for number, mask in enumerate(masks)}
    members["a/images/a.png"] = png(np.zeros((40, 40, 3), np.uint8))
    [row] = preparation.prepare(layout.open_source(make_zip(members)), 16).samples.to_dict("records")
    faults = {fault: row[fault] for fault in label_faults.FAULTS}
    assert faults == {
        "overlap_pixels": 10,
        "holes": 1,
        "fragments": 1,
        "specks": 0,
        "empty_masks": 1,
        "border_only": 1,
    }


def test_tiles_of_one_picture_are_one_family(tmp_path):
    image, labels = synthetic.draw_sample("purple_on_white", (256, 256), np.random.default_rng(0))
    corners = [(0, 0), (0, 128), (128, 0), (128, 128)]
    tiles = [(image[r : r + 128, c : c + 128], labels[r : r + 128, c : c + 128]) for r, c in corners]
    samples = [dataset.Sample(name, *tile, 0) for name, tile in zip("abcd", tiles, strict=True)]
    path = tmp_path / "stage1_train.zip"
    synthetic.write_zip(path, [*samples, *synthetic.make_samples(3, seed=0, size=(128, 128))])
    prepared = preparation.prepare(layout.open_source(path), SIZE)
    tiled = prepared.samples.set_index("id").loc[list("abcd")]
    assert list(zip(tiled.row * 128, tiled.column * 128, strict=True)) == corners
    assert tiled.family.nunique() == 1
    assert prepared.samples.family.nunique() == 4


def test_a_nucleus_too_small_for_the_new_grid_counts_as_lost(make_zip):
    large, small = np.zeros((2, 64, 64), np.uint8)
    large[8:40, 8:40], small[50, 50] = 255, 255
    path = make_zip(
        {
            "a/images/a.png": png(np.zeros((64, 64, 3), np.uint8)),
            "a/masks/1.png": png(large),
            "a/masks/2.png": png(small),
        }
    )
    prepared = preparation.prepare(layout.open_source(path), 16)
    np.testing.assert_array_equal(prepared.nuclei, [[0, 32 * 32, 8 * 8], [0, 1, 0]])
    assert prepared.samples.lost_nuclei.tolist() == [1]
    assert prepared.masks.sum() == 8 * 8


def test_zip_and_folder_are_prepared_alike(prepared, layout_folder):
    other = preparation.prepare(layout.open_source(layout_folder), SIZE)
    np.testing.assert_array_equal(prepared.images, other.images)
    np.testing.assert_array_equal(prepared.masks, other.masks)
    pd.testing.assert_frame_equal(prepared.samples, other.samples)


def test_the_second_time_the_result_is_found_again(layout_zip, prepared, tmp_path, monkeypatch):
    source = layout.open_source(layout_zip)
    first = preparation.prepare_once(source, SIZE, False, tmp_path)
    monkeypatch.setattr(preparation, "prepare", None)
    second = preparation.prepare_once(source, SIZE, False, tmp_path)
    for found in (first, second):
        for name in ("images", "masks", "histograms", "nuclei"):
            np.testing.assert_array_equal(getattr(found, name), getattr(prepared, name))
            assert getattr(found, name).dtype == getattr(prepared, name).dtype
        pd.testing.assert_frame_equal(found.samples, prepared.samples)
        assert found.problems == []


def test_another_size_other_data_other_pictures_or_another_rule_for_bad_ones_is_prepared_anew(
    make_zip, tmp_path
):
    source = layout.open_source(numbered_zip(make_zip, ["a", "b"]))
    cache = tmp_path / "cache"
    for size, skip_bad in ((16, False), (24, False), (16, True)):
        preparation.prepare_once(source, size, skip_bad, cache)
    other = layout.open_source(numbered_zip(make_zip, ["a", "c"]))
    assert preparation.prepare_once(other, 16, False, cache).samples.id.tolist() == ["a", "c"]
    fewer = dataclasses.replace(other, images={"c": other.images["c"]})
    assert preparation.prepare_once(fewer, 16, False, cache).samples.id.tolist() == ["c"]
    assert len(list(cache.iterdir())) == 5 + 1  # and the lock


def test_ids_that_look_like_numbers_or_gaps_survive_the_cache(make_zip, tmp_path):
    names = ["001", "1e5", "NA", "nan"]
    source = layout.open_source(numbered_zip(make_zip, names))
    assert preparation.prepare_once(source, 16, False, tmp_path / "cache").samples.id.tolist() == names
    numbers = layout.open_source(numbered_zip(make_zip, ["001", "002"]))
    assert preparation.prepare_once(numbers, 16, False, tmp_path / "cache").samples.id.tolist() == [
        "001",
        "002",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_ids_that_are_no_utf8_survive_the_cache(layout_folder, tmp_path):
    folder = shutil.copytree(layout_folder, tmp_path / "stage1_train")
    first = sorted(folder.iterdir())[0]
    first.rename(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe"))
    source = layout.open_source(folder)
    for _ in range(2):
        prepared = preparation.prepare_once(source, SIZE, False, tmp_path / "cache")
        assert set(prepared.samples["id"]) == set(source.images)
    assert "\udcff\udcfe" in source.images


def test_bad_pictures_stop_the_work_all_named_and_leave_no_cache(make_zip, tmp_path):
    source = layout.open_source(make_zip({"a/images/a.png": b"", "b/images/b.png": b"", "b/masks/": b""}))
    with pytest.raises(DataError, match=r"a/images/a\.png(.|\n)*b/images/b\.png"):
        preparation.prepare_once(source, 16, False, tmp_path / "cache")
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [".lock"]


def test_skip_bad_prepares_the_good_ones_and_the_cache_remembers_the_bad_ones(make_zip, tmp_path):
    members = {"bad/images/bad.png": b"", "good/images/good.png": png(np.zeros((40, 40), np.uint8))}
    source = layout.open_source(make_zip({**members, "good/masks/": b""}))
    for _ in range(2):
        prepared = preparation.prepare_once(source, 16, True, tmp_path / "cache")
        assert prepared.samples.id.tolist() == ["good"]
        assert prepared.samples.nuclei.tolist() == [0]
        assert prepared.nuclei.shape == (0, 3)
        assert prepared.problems == ["bad/images/bad.png：文件是空的（0 字节），请重新下载或删除它"]


def test_what_a_killed_process_left_in_the_cache_is_removed(layout_zip, tmp_path):
    left = tmp_path / "cache" / ".writing-abc"
    left.mkdir(parents=True)
    (left / "images.npy").write_bytes(b"half")
    preparation.prepare_once(layout.open_source(layout_zip), SIZE, False, tmp_path / "cache")
    assert not left.exists()


def test_a_full_disk_leaves_no_half_written_cache(layout_zip, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space left"):
        preparation.prepare_once(layout.open_source(layout_zip), SIZE, False, tmp_path / "cache")
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [".lock"]


def test_odd_labels_are_remarked_and_what_lacks_labels_decides_what_is_found_again(samples, tmp_path):
    folder = labelled_folders.write("folders", tmp_path / "mine", samples[:3])
    mask = (samples[0].labels > 0).astype(np.uint8) * 255
    labelled_folders.save(folder / "labels" / f"{samples[0].id}.tif", mask)
    labelled_folders.save(folder / "images" / "x.png", samples[0].image)
    source = layout.open_source(folder)
    prepared = preparation.prepare_once(source, SIZE, True, tmp_path / "cache")
    remarks = prepared.samples.set_index("id")["remark"]
    assert "像语义掩膜" in remarks[samples[0].id]
    assert remarks.isna().sum() == 2
    assert prepared.problems == ["images/x.png：没有标注，请补上标注，或移走这张图"]
    rest = dataclasses.replace(source, lacking={})
    assert preparation.prepare_once(rest, SIZE, True, tmp_path / "cache").problems == []


def test_what_was_prepared_in_one_language_is_not_read_in_another(make_zip, tmp_path, monkeypatch):
    source = layout.open_source(numbered_zip(make_zip, ["a"]))
    for language in ("zh", "en", "zh"):
        monkeypatch.setenv("CELLSEG_LANG", language)
        preparation.prepare_once(source, 16, False, tmp_path / "cache")
    assert len(list((tmp_path / "cache").iterdir())) == 2 + 1  # and the lock
