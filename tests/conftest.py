import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import settings

from cellseg_utils.data import synthetic

settings.register_profile("cellseg", deadline=None, derandomize=True, max_examples=50, database=None)
settings.load_profile("cellseg")
os.environ["CELLSEG_LANG"] = "zh"  # what tests expect; those of English set it themselves


@pytest.fixture(scope="session")
def samples():
    """Four small synthetic samples; the first three are of three kinds."""
    return list(synthetic.make_samples(4, seed=0, size=(48, 64)))


@pytest.fixture(scope="session")
def layout_zip(samples, tmp_path_factory):
    """Those samples as `stage1_train.zip`; for reading only."""
    path = tmp_path_factory.mktemp("zipped") / "stage1_train.zip"
    synthetic.write_zip(path, samples)
    return path


@pytest.fixture(scope="session")
def layout_folder(layout_zip, tmp_path_factory):
    """That zip extracted to a folder `stage1_train`; for reading only."""
    path = tmp_path_factory.mktemp("extracted") / "stage1_train"
    with zipfile.ZipFile(layout_zip) as archive:
        archive.extractall(path)
    return path


@pytest.fixture
def make_zip(tmp_path):
    """Write `stage1_train.zip` from a dict of names to bytes."""

    def write(members, name="stage1_train.zip"):
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, data in members.items():
                archive.writestr(member, data)
        return path

    return write


@pytest.fixture(scope="session")
def real_data():
    """Folder of the real `stage1_train.zip` and `stage1_test.zip`; skips where there is none."""
    folder = os.environ.get("CELLSEG_DATA")
    if not folder or not (Path(folder) / "stage1_train.zip").exists():
        pytest.skip("CELLSEG_DATA names no folder with stage1_train.zip")
    return Path(folder)
