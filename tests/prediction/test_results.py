import cv2
import numpy as np
import pandas as pd
import pytest

from cellseg_utils.prediction import interchange, results
from cellseg_utils.prediction.segmentation import Segmentation

LABELS = np.zeros((9, 12), np.int32)
LABELS[2:5, 3:6] = 1
LABELS[6:9, 8:10] = 2
FOUND = Segmentation(LABELS, (LABELS > 0).astype(np.float32), np.array([0.9, 0.4]), "模糊")
IMAGE = np.zeros((9, 12, 3), np.uint8)


def read(folder, table):
    return pd.read_csv(folder / table).to_dict("list")


def test_a_picture_has_its_files_and_a_line_in_every_table(tmp_path):
    with results.opened(tmp_path, interchange.chosen(["png"])) as into:
        into.write("a", "plate/a.tif", IMAGE, FOUND)
        into.fail("plate/b.tif", "plate/b.tif：坏了")
    labels = cv2.imread(str(tmp_path / "labels" / "a.tif"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(labels, LABELS)
    assert (tmp_path / "overlays" / "a.jpg").is_file()
    assert (tmp_path / "png" / "a.png").is_file()
    assert read(tmp_path, "names.csv") == {"image": ["a"], "file": ["plate/a.tif"]}
    assert read(tmp_path, "failures.csv") == {"file": ["plate/b.tif"], "problem": ["plate/b.tif：坏了"]}
    assert read(tmp_path, "summary.csv") == {"image": ["a"], "nuclei": [2], "warning": ["模糊"]}
    objects = read(tmp_path, "objects.csv")
    assert objects["area"] == [9, 6]
    assert objects["certainty"] == [0.9, 0.4]
    assert objects["touches_border"] == [False, True]
    assert read(tmp_path, "submission.csv")["ImageId"] == ["a", "a"]


def interrupted(folder, error):
    with results.opened(folder, {}) as into:
        into.write("a", "a.tif", IMAGE, FOUND)
        raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, OSError])
def test_tables_keep_what_was_written_whatever_happens(tmp_path, error):
    with pytest.raises(error):
        interrupted(tmp_path, error)
    assert {len(pd.read_csv(tmp_path / table)) for table in ("names.csv", "summary.csv")} == {1}
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["labels", *results.TABLES])


def test_file_names_that_are_no_utf_8_are_listed_all_the_same(tmp_path):
    with results.opened(tmp_path, {}) as into:
        into.write("a", "\udccf.png", IMAGE, FOUND)
    assert read(tmp_path, "names.csv")["file"] == ["?.png"]
