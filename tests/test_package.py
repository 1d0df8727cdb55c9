"""What a user's script gets from the package itself."""

import subprocess
import sys

import numpy as np
import pytest

import cellseg_utils
from cellseg_utils.prediction import bundle, segmentation


def test_a_script_loads_a_bundle_and_segments_a_picture():
    assert cellseg_utils.load is bundle.load
    assert cellseg_utils.segment is segmentation.segment
    labels = cellseg_utils.segment(cellseg_utils.load(), np.zeros((40, 50, 3), np.uint8)).labels
    assert (labels.shape, labels.max()) == ((40, 50), 0)


def test_names_are_listed_and_others_refused_as_usual():
    assert {"load", "segment"} <= set(dir(cellseg_utils))
    with pytest.raises(AttributeError, match="no attribute 'sgment'"):
        cellseg_utils.sgment  # noqa: B018


LOADED = """
import sys
{code}
print(*sorted(name for name in sys.modules if name.split(".")[0] in ("cellseg_utils", "tensorflow")))
"""


def modules_after(code):
    done = subprocess.run([sys.executable, "-c", LOADED.format(code=code)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_importing_the_package_loads_only_what_settles_how_libraries_are_imported():
    below = ("file_names", "imports", "keras_settings", "plain_error", "quiet")
    expected = ["cellseg_utils", "cellseg_utils.run", *(f"cellseg_utils.run.{name}" for name in below)]
    assert modules_after("import cellseg_utils") == expected


def test_prediction_loads_no_code_of_training_scoring_or_reports():
    script = "import cellseg_utils; cellseg_utils.load; cellseg_utils.segment"
    code = f"{script}; import cellseg_utils.prediction.batch"
    rooms = {name.split(".")[1] for name in modules_after(code) if name.startswith("cellseg_utils.")}
    assert rooms == {"run", "audit", "data", "preprocessing", "models", "prediction"}


def test_the_commands_help_and_the_data_load_no_tensorflow():
    modules = ("cli.main", "preprocessing.preparation", "data.own_images")
    code = "import " + ", ".join(f"cellseg_utils.{name}" for name in modules)
    assert "tensorflow" not in modules_after(code)
