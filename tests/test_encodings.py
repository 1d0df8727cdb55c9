"""Names that are not ASCII, on systems that do not speak UTF-8."""

import os
import subprocess
import sys

import numpy as np
import pytest
import tifffile

NAME = "细胞 é"
PLAIN = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


@pytest.fixture
def folder(tmp_path):
    """Label images of that name."""
    labels = tmp_path / "标签"
    labels.mkdir()
    tifffile.imwrite(labels / f"{NAME}.tif", np.pad(np.ones((9, 9), np.uint16), 8))
    return labels


@pytest.mark.skipif(os.name == "nt", reason="Windows names files in Unicode")
@pytest.mark.parametrize("environment", [PLAIN, {"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}])
def test_labels_are_scored_printed_and_written_under_their_names(folder, tmp_path, environment):
    command = [sys.executable, "-m", "cellseg_utils", "evaluate", folder, folder, "--out", tmp_path / "结果"]
    done = subprocess.run(command, capture_output=True, env={**os.environ, **environment})
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert "逐张平均" in done.stdout.decode()
    assert f"\n{NAME}," in (tmp_path / "结果" / "scores.csv").read_text(encoding="utf-8-sig")


@pytest.mark.skipif(os.name == "nt", reason="Windows names files in Unicode")
def test_a_folder_that_is_not_there_is_named(tmp_path):
    command = [sys.executable, "-m", "cellseg_utils", "evaluate", tmp_path / "没有", tmp_path]
    done = subprocess.run(command, capture_output=True, env={**os.environ, **PLAIN})
    assert done.returncode == 1
    assert done.stderr.decode().startswith(f"错误：{tmp_path / '没有'}：不存在")
