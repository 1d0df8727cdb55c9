from dataclasses import replace

import cv2
import numpy as np
import painter
import pandas as pd
import pytest
import tifffile

from cellseg_utils.prediction import interchange, ownership, records, results
from cellseg_utils.prediction.segmentation import Segmentation

LABELS = np.zeros((9, 12), np.int32)
LABELS[2:5, 3:6] = 1
LABELS[6:9, 8:10] = 2
FOUND = Segmentation(LABELS, (LABELS > 0).astype(np.float32), np.array([0.9, 0.4]), "模糊")
RGB = np.arange(9 * 12 * 3, dtype=np.uint8).reshape(9, 12, 3)
IMAGE = painter.image_of(RGB, channel="blue", by="looks", pixel_size=(0.5, 0.5))
FORMATS = interchange.chosen(["png"])
BAD = records.Record("", "", "", problem="plate/b.tif：坏了")


def read(folder, table):
    return pd.read_csv(folder / table).to_dict("list")


def written(folder, name="a", image=IMAGE):
    made = results.write(folder, FORMATS, name, image, FOUND)
    return records.Record("", "", "", records.described(folder, made.paths), made.rows, made.columns)


def tables(folder, *finished):
    results.write_tables(folder, lambda: finished)


def test_a_picture_has_its_files_and_a_line_in_every_table(tmp_path):
    record = written(tmp_path)
    tables(tmp_path, ("a", "plate/a.tif", record), ("b", "plate/b.tif", BAD))
    labels = cv2.imread(str(tmp_path / "labels" / "a.tif"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(labels, LABELS)
    assert sorted(record.files) == ["labels/a.tif", "overlays/a.jpg", "png/a.png"]
    assert records.intact(tmp_path, record)
    assert read(tmp_path, "names.csv") == {"image": ["a"], "file": ["plate/a.tif"]}
    assert read(tmp_path, "failures.csv") == {"file": ["plate/b.tif"], "problem": ["plate/b.tif：坏了"]}
    [summary] = pd.read_csv(tmp_path / "summary.csv").to_dict("records")
    assert summary == {
        **{"image": "a", "nuclei": 2, "height": 9, "width": 12, "pixel_size_um": 0.5, "channel": "blue"},
        **{"chosen_by": "looks", "channels": "red;green;blue", "foreground": 0.13889, "median_area": 7.5},
        **{"median_area_um2": 1.875, "density_per_mm2": 74074, "warning": "模糊"},
    }
    objects = read(tmp_path, "objects.csv")
    assert objects["area"] == [9, 6]
    assert objects["certainty"] == [0.9, 0.4]
    assert objects["touches_border"] == [False, True]
    assert objects["area_um2"] == [2.25, 1.5]
    means = [RGB[2:5, 3:6, 1].mean(), RGB[6:9, 8:10, 1].mean()]
    assert objects["mean_green"] == pytest.approx(means)
    assert read(tmp_path, "submission.csv")["ImageId"] == ["a", "a"]


def test_channels_of_all_pictures_have_columns(tmp_path):
    grey = replace(IMAGE, channels=RGB[..., :1], names=("grey",))
    tables(tmp_path, ("a", "a.tif", written(tmp_path)), ("b", "b.tif", written(tmp_path, "b", grey)))
    table = pd.read_csv(tmp_path / "objects.csv", encoding="utf-8-sig")
    means = table[["mean_red", "mean_grey"]].to_numpy()
    np.testing.assert_array_equal(np.isnan(means), [[0, 1], [0, 1], [1, 0], [1, 0]])
    np.testing.assert_array_equal(means[:2, 0], means[2:, 1])
    assert table.area.tolist() == [9, 6, 9, 6]
    with ownership.held(tmp_path, FORMATS):
        pass
    ownership.check(tmp_path, ["a"], FORMATS)


def test_names_of_channels_may_hold_commas_and_quotes(tmp_path):
    names = ("GFP, 488", '=1+1,"x', "DAPI")
    tables(tmp_path, ("a", "a.tif", written(tmp_path, image=replace(IMAGE, names=names))))
    table = pd.read_csv(tmp_path / "objects.csv", encoding="utf-8-sig")
    assert [f"mean_{name}" for name in names] == [own for own in table if own.startswith("mean_")]
    assert table["mean_DAPI"].tolist() == [RGB[2:5, 3:6, 2].mean(), pytest.approx(RGB[6:9, 8:10, 2].mean())]
    with ownership.held(tmp_path, FORMATS):
        pass
    ownership.check(tmp_path, ["a"], FORMATS)


def test_the_label_image_keeps_the_size_of_a_pixel(tmp_path):
    written(tmp_path)
    with tifffile.TiffFile(tmp_path / "labels" / "a.tif") as file:
        assert file.imagej_metadata["unit"] == "micron"
        assert file.pages[0].tags["XResolution"].value == (2, 1)


def test_a_failure_while_the_tables_are_written_leaves_the_earlier_ones(tmp_path):
    tables(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def cut_off():
        yield "a", "a.tif", written(tmp_path / "other")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        results.write_tables(tmp_path, cut_off)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


def test_file_names_that_are_no_utf_8_are_listed_all_the_same(tmp_path):
    tables(tmp_path, ("a", "\udccf.png", written(tmp_path)))
    assert read(tmp_path, "names.csv")["file"] == ["?.png"]
