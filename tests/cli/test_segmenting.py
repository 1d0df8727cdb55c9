"""Commands for a user's own pictures: what they hand on, what they say."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import predicted
from commands import run

from cellseg_utils.data.selection import Selection
from cellseg_utils.prediction import batch, workers
from cellseg_utils.prediction.filters import Filter


def test_predict_hands_on_pictures_folder_and_settings(monkeypatch, tmp_path):
    made = []
    monkeypatch.setattr(batch, "predict_folder", lambda *args: made.append([*args[:3], args[4]]))
    monkeypatch.setattr(workers, "spread", lambda count, scheduler: (count, scheduler))
    monkeypatch.chdir(tmp_path)
    assert not run(monkeypatch, "predict", "a/*.png", "--out", "b")
    chosen = ["--bundle", "c", "--skip-bad", "--speed", "fast", "--also", "png", "--also", "qupath"]
    chosen += ["--channel", "2", "--project", "max", "--min-area", "9", "--drop-border", "--workers", "3"]
    chosen += ["--diameter", "40", "--pixel-size", "0.5", "--sha256", "5" * 64]
    assert not run(monkeypatch, "predict", "a.zip", "--out", "b", *chosen)
    settings = batch.Settings(
        bundle=tmp_path / "c",
        speed="fast",
        also=("png", "qupath"),
        chosen=Selection("2", project="max", pixel_size=0.5),
        wanted=Filter(9, True),
        diameter=40,
        skip_bad=True,
        sha256="5" * 64,
    )
    assert made == [
        [["a/*.png"], "b", batch.Settings(), (1, "")],
        [["a.zip"], "b", settings, (3, "")],
    ]


def test_predict_hands_on_that_every_plane_is_wanted(monkeypatch, tmp_path):
    made = []
    monkeypatch.setattr(batch, "predict_folder", lambda *args: made.append(args[2].chosen))
    monkeypatch.chdir(tmp_path)
    assert not run(monkeypatch, "predict", "a.tif", "--out", "b", "--each-plane")
    assert made == [Selection(each_plane=True)]


def test_predict_writes_the_page_before_it_tells_of_bad_pictures(monkeypatch, capsys, tmp_path):
    def one_bad(_, out, *__):
        predicted.write(Path(out), {"a": [(10, 0.9)]}, failures=[("b.png", "b.png：文件是空的")])
        raise batch.BatchError("1 张坏图没有结果")

    monkeypatch.setattr(batch, "predict_folder", one_bad)
    assert run(monkeypatch, "predict", "in", "--out", str(tmp_path)) == 1
    said = capsys.readouterr()
    assert said.out == f"{tmp_path / 'index.html'}：用浏览器打开，一页看完全部结果\n"
    assert said.err == "错误：1 张坏图没有结果\n"
    assert "b.png：文件是空的" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_predict_without_pictures_is_one_line_and_a_non_zero_exit(monkeypatch, capsys, tmp_path):
    assert run(monkeypatch, "predict", str(tmp_path), "--out", str(tmp_path / "out")) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"错误：{tmp_path}：没有找到图像")
    assert error.count("\n") == 1


def test_predict_finds_a_wrong_argument_without_importing_tensorflow(tmp_path):
    (tmp_path / "a.png").write_bytes(b"")
    arguments = ["predict", str(tmp_path), "--out", str(tmp_path / "a.png")]
    code = f"""
import sys
from cellseg_utils.cli import main as cli
sys.argv = ["cellseg", *{arguments}]
try:
    cli.main()
finally:
    print("keras" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (1, "False")
    assert "不能写入" in done.stderr


def test_evaluate_prints_writes_and_fails_if_something_has_no_partner(monkeypatch, capsys, tmp_path):
    for name in ("mine/a", "mine/b", "yours/a"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        np.save(tmp_path / name, np.array([[0, 1], [2, 0]]))
    arguments = [str(tmp_path / "mine"), str(tmp_path / "yours"), "--out", str(tmp_path / "out")]
    assert run(monkeypatch, "evaluate", *arguments) == 1
    said = capsys.readouterr()
    assert "mine/b.npy：没有同名的真值，没有打分" in said.out
    assert "1 张图像平均：F1@.5 1.000" in said.out
    assert "错误：1 份标签没有打分" in said.err
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "scores.csv",
        "averages.csv",
        "index.html",
    }
    (tmp_path / "mine" / "b.npy").unlink()
    assert run(monkeypatch, "evaluate", *arguments) == 0
