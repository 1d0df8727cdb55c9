import json
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import painter
import pytest
import tifffile
from painter import PAINTER, drawn, row_of_discs

from cellseg_utils.data import large_tiff, picture_files
from cellseg_utils.prediction import interchange, results
from cellseg_utils.prediction.filters import EVERY, Filter
from cellseg_utils.prediction.segmenter import Segmenter
from cellseg_utils.training import recipes

LABELS = row_of_discs(20)
IMAGE = painter.image_of(drawn(LABELS))


def write(folder, image=IMAGE, wanted=EVERY, bundle=PAINTER):
    picture = picture_files.Picture("a.png", lambda: image, lambda: "", nullcontext)
    return Segmenter(bundle, "balanced", wanted, interchange.ALWAYS).write(folder, "a", picture)


def test_what_is_found_and_wanted_is_written(tmp_path):
    made = write(tmp_path)
    assert sorted(path.name for path in made.paths) == ["a.jpg", "a.tif"]
    assert made.rows["objects.csv"].count("\n") == LABELS.max()
    assert (made.doubt, made.note) == ("", "")
    assert write(tmp_path, wanted=Filter(min_area=1000)).rows["objects.csv"] == ""


def test_annotations_name_the_file_of_the_picture(tmp_path):
    picture = picture_files.Picture("b/a.png", lambda: IMAGE, lambda: "", nullcontext)
    Segmenter(PAINTER, "balanced", EVERY, interchange.chosen(["coco", "probability"])).write(
        tmp_path, "b_a", picture
    )
    value = json.loads((tmp_path / "coco" / "b_a.coco.json").read_bytes())
    assert (value["images"][0]["file_name"], len(value["annotations"])) == ("b/a.png", LABELS.max())
    probability = tifffile.imread(tmp_path / "probability" / "b_a.tif")
    assert (probability.dtype, probability.shape) == (np.uint16, LABELS.shape)
    assert probability[LABELS == 0].max() < probability[LABELS > 0].max()


def test_a_channel_that_is_not_surely_the_right_one_is_a_doubt(tmp_path):
    made = write(tmp_path, replace(IMAGE, channel="2", by="looks", sure=False))
    assert made.doubt.startswith("拿不准哪个通道是细胞核，取了 2")


def test_a_large_picture_is_done_in_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr(large_tiff, "LARGE", np.prod(LABELS.shape) - 1)
    made = write(tmp_path)
    assert "逐块分割" in made.note
    assert made.rows["objects.csv"].count("\n") == LABELS.max()
    fixed = painter.painting(about={"arguments": recipes.arguments("seed", 16, filters=2, depth=1)})
    with pytest.raises(results.LargeError, match="不适合这么大的图"):
        write(tmp_path, bundle=fixed)
