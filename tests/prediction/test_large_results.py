"""Files and tables of a picture that is segmented block by block are those of one that is not."""

import cv2
import numpy as np
import painter
import pandas as pd
import pytest
import tifffile
from discs import discs
from painter import PAINTER, drawn, painting

from cellseg_utils.data import large_tiff
from cellseg_utils.data.imagefile import ImageFileError
from cellseg_utils.prediction import (
    batch,
    bundle,
    in_blocks,
    interchange,
    jobs,
    large_results,
    records,
    results,
    survey,
)
from cellseg_utils.prediction.filters import EVERY, Filter
from cellseg_utils.training import recipes

SHAPE = (260, 330)
PLACES = [(y, x, 8 + (x + y) % 4) for y in range(20, 250, 32) for x in range(6, 330, 33)]
IMAGE = drawn(discs(SHAPE, PLACES))
TABLES = ("objects.csv", "submission.csv", "summary.csv", "names.csv")


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(survey, "GRID_SIDE", 80)
    monkeypatch.setattr(survey, "MARGIN", 40)
    monkeypatch.setattr(survey, "SMALL", 150)
    monkeypatch.setattr(bundle, "load", lambda folder, computing, sha256: PAINTER)


def written(folder, source=None, model=PAINTER, wanted=EVERY, also=()):
    """What is told of a picture, and its tables."""
    formats = interchange.chosen(also)
    source = source or in_blocks.Whole(painter.image_of(IMAGE))
    told = large_results.write(folder, formats, "a,b", source, model, "balanced", wanted)
    record = records.Record("", "", "", {}, told.rows, told.columns)
    results.write_tables(folder, lambda: [("a,b", "plate/a,b.tif", record)])
    assert all(path.is_file() for path in told.paths)
    return told, {table: pd.read_csv(folder / table, keep_default_na=False) for table in TABLES}


def test_tables_say_what_the_label_image_shows(tmp_path):
    told, tables = written(tmp_path)
    labels = tifffile.imread(tmp_path / "labels" / "a,b.tif")
    objects, masks = tables["objects.csv"], tables["submission.csv"]
    assert labels.shape == SHAPE
    assert objects.label.tolist() == list(range(1, len(PLACES) + 1))
    assert set(objects.image) == set(masks.ImageId) == {"a,b"}
    for row, text in zip(objects.itertuples(), masks.EncodedPixels, strict=True):
        rows, columns = np.nonzero(labels == row.label)
        assert (row.area, row.y, row.x) == pytest.approx((len(rows), rows.mean(), columns.mean()), abs=1e-3)
        assert (row.top, row.left) == (rows.min(), columns.min())
        assert (row.bottom, row.right) == (rows.max() + 1, columns.max() + 1)
        starts, lengths = np.array(text.split(), int).reshape(-1, 2).T
        runs = [np.arange(start, start + own) for start, own in zip(starts, lengths, strict=True)]
        np.testing.assert_array_equal(np.concatenate(runs) - 1, np.sort(columns * SHAPE[0] + rows))
    [summary] = tables["summary.csv"].to_dict("records")
    assert (summary["nuclei"], summary["height"], summary["width"]) == (len(PLACES), *SHAPE)
    assert summary["foreground"] == pytest.approx((labels > 0).mean(), abs=1e-5)
    assert summary["warning"] == ""
    assert (objects.mean_red == 255).all()
    assert tables["names.csv"].values.tolist() == [["a,b", "plate/a,b.tif"]]
    assert told.doubt == ""
    assert told.note.startswith("330×260 像素，逐块分割；")
    assert "叠加图缩小到 1/3" in told.note


def test_only_what_the_border_of_the_picture_cuts_touches_it(tmp_path):
    _, tables = written(tmp_path)
    labels = tifffile.imread(tmp_path / "labels" / "a,b.tif")
    edges = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    objects = tables["objects.csv"]
    assert objects.label[objects.touches_border].tolist() == edges[edges > 0].tolist() != []


def test_the_overlay_is_small_and_shows_outlines(tmp_path):
    written(tmp_path)
    overlay = cv2.imread(str(tmp_path / "overlays" / "a,b.jpg"))
    assert overlay.shape == (87, 110, 3)
    outline = np.array(interchange.OUTLINE[::-1])
    near = np.abs(overlay.astype(int) - outline).max(axis=2) < 80
    assert near[:, :55].sum() > 50
    assert near[:, 55:].sum() > 50


def test_the_wanted_nuclei_alone_are_in_every_table(tmp_path):
    _, tables = written(tmp_path, wanted=Filter(min_area=280, drop_border=True))
    count = len(tables["objects.csv"])
    assert 0 < count < len(PLACES)
    assert tables["objects.csv"].area.min() >= 280
    assert not tables["objects.csv"].touches_border.any()
    assert tifffile.imread(tmp_path / "labels" / "a,b.tif").max() == count == len(tables["submission.csv"])
    assert tables["summary.csv"].nuclei.tolist() == [count]


def test_a_picture_without_nuclei_has_an_empty_line_in_the_submission(tmp_path):
    told, tables = written(tmp_path, in_blocks.Whole(painter.image_of(np.zeros((200, 300, 3), np.uint8))))
    assert told.doubt == "没有找到细胞核"
    assert "100% 是空白，没有算" in told.note
    assert tables["submission.csv"].values.tolist() == [["a,b", ""]]
    assert len(tables["objects.csv"]) == 0
    [summary] = tables["summary.csv"].to_dict("records")
    assert (summary["nuclei"], summary["warning"]) == (0, "没有找到细胞核")


def test_a_network_that_does_not_separate_leaves_certainty_empty(tmp_path):
    about = {"arguments": {**PAINTER.about["arguments"], "maps": "probability"}}
    told, tables = written(tmp_path, model=painting(lambda images: PAINTER.predict(images)[..., :1], about))
    assert told.doubt == ""
    assert set(tables["objects.csv"].certainty) == {""}
    assert len(tables["objects.csv"]) == len(PLACES)


def test_a_network_for_pictures_of_one_size_is_refused(tmp_path):
    about = {"arguments": recipes.arguments("seed", 16, filters=2, depth=1)}
    with pytest.raises(results.LargeError, match="不适合这么大的图"):
        written(tmp_path, model=painting(about=about))


def test_formats_that_are_not_written_are_named(tmp_path):
    told, _ = written(tmp_path, also=["png", "imagej"])
    assert "这么大的图不写 png，请用 labels/ 里的 TIFF" in told.note
    assert sorted(path.name for path in told.paths) == ["a,b.jpg", "a,b.tif", "a,b_RoiSet.zip"]
    folders = sorted(path.name for path in tmp_path.iterdir() if path.is_dir())
    assert folders == ["imagej", "labels", "overlays"]


class Broken(in_blocks.Whole):
    """A picture whose lower right part can't be read once it is segmented."""

    def region(self, rows, columns):
        if rows.start > 0 and columns.start > 200:
            raise ImageFileError("坏了")
        return super().region(rows, columns)


def test_a_picture_that_breaks_off_leaves_nothing(tmp_path):
    formats = interchange.chosen(["qupath"])
    with pytest.raises(ImageFileError):
        large_results.write(tmp_path, formats, "a", Broken(painter.image_of(IMAGE)), PAINTER, "balanced")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("ending", ["tif", "png"])
def test_a_batch_takes_large_pictures_block_by_block_and_the_others_in_one_piece(
    tmp_path, monkeypatch, ending
):
    (tmp_path / "in").mkdir()
    cv2.imwrite(str(tmp_path / "in" / f"large.{ending}"), IMAGE)
    cv2.imwrite(str(tmp_path / "in" / "small.png"), IMAGE[:150, :150])
    monkeypatch.setattr(large_tiff, "LARGE", 150 * 150)
    told = []
    batch.predict_folder([str(tmp_path / "in")], tmp_path / "out", tell=told.append)
    counts = pd.read_csv(tmp_path / "out" / "summary.csv").set_index("image").nuclei
    assert counts["large"] == len(PLACES)
    assert 0 < counts["small"] < len(PLACES)
    assert [line.split("：")[0] for line in told] == ["large", str(tmp_path / "out")]
    assert cv2.imread(str(tmp_path / "out" / "overlays" / "large.jpg")).shape == (87, 110, 3)
    assert cv2.imread(str(tmp_path / "out" / "overlays" / "small.jpg")).shape == (150, 150, 3)


def test_a_batch_says_what_is_wrong_with_a_large_picture_and_goes_on(tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    tifffile.imwrite(tmp_path / "in" / "a.tif", IMAGE, tile=(64, 64), photometric="rgb")
    data = (tmp_path / "in" / "a.tif").read_bytes()
    (tmp_path / "in" / "a.tif").write_bytes(data[: len(data) // 2])
    cv2.imwrite(str(tmp_path / "in" / "b.png"), IMAGE[:150, :150])
    monkeypatch.setattr(large_tiff, "LARGE", 150 * 150)
    told = []
    batch.predict_folder([str(tmp_path / "in")], tmp_path / "out", jobs.Settings(skip_bad=True), told.append)
    assert told[0].startswith("a.tif：这个 TIFF 读不出来")
    assert pd.read_csv(tmp_path / "out" / "summary.csv").image.tolist() == ["b"]
    assert pd.read_csv(tmp_path / "out" / "failures.csv").file.tolist() == ["a.tif"]
