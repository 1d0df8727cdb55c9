"""Names that are not ASCII, on systems that do not speak UTF-8."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
import tifffile

NAME = "细胞 é"
PLAIN = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


GBK = "zh_CN.GBK"


@pytest.fixture(scope="module")
def in_gbk(tmp_path_factory):
    """The environment of a terminal that speaks GBK."""
    locales = tmp_path_factory.mktemp("locales")
    made = shutil.which("localedef") and subprocess.run(
        ["localedef", "-i", "zh_CN", "-f", "GBK", locales / GBK], capture_output=True
    )
    if not made or not (locales / GBK).is_dir():
        pytest.skip("this system can't make the locale")
    return {**os.environ, "LOCPATH": str(locales), "LC_ALL": GBK, "PYTHONUTF8": "0"}


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


@pytest.mark.skipif(os.name == "nt", reason="Windows names files in Unicode")
def test_names_in_utf8_are_read_where_the_terminal_speaks_gbk(folder, tmp_path, in_gbk):
    command = [sys.executable, "-m", "cellseg_utils", "evaluate", folder, folder, "--out", tmp_path / "结果"]
    done = subprocess.run(command, capture_output=True, env=in_gbk)
    assert done.returncode == 0, done.stderr.decode("gbk", errors="replace")
    assert "逐张平均" in done.stdout.decode("gbk")
    assert f"\n{NAME}," in (tmp_path / "结果" / "scores.csv").read_text(encoding="utf-8-sig")


@pytest.mark.skipif(sys.platform != "linux", reason="names are any bytes there")
def test_a_name_in_gbk_is_said_and_written_as_it_is_read(tmp_path):
    folder = os.fsencode(tmp_path / "labels")
    os.mkdir(folder)
    tifffile.imwrite(tmp_path / "a.tif", np.pad(np.ones((9, 9), np.uint16), 8))
    os.rename(tmp_path / "a.tif", folder + b"/" + "细胞.tif".encode("gbk"))
    command = [sys.executable, "-m", "cellseg_utils", "evaluate", folder, folder, "--out", tmp_path / "out"]
    done = subprocess.run(command, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    assert "\n细胞," in (tmp_path / "out" / "scores.csv").read_text(encoding="utf-8-sig")
    assert "细胞" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
