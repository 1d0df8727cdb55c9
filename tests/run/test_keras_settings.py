"""A user's settings of Keras change nothing, or are named."""

import json
import os
import subprocess
import sys

import pytest

from cellseg_utils.run import keras_settings

ASK = """
import cellseg_utils, keras, os
config = keras.config
print(config.backend(), config.floatx(), config.image_data_format(), config.epsilon(), config.max_epochs())
print(os.environ.get("KERAS_HOME", "no home"))
"""
USUAL = ["tensorflow float32 channels_last 1e-07 None"]


def keras_with(**environment):
    """What a process says of Keras's settings; its errors."""
    environment = {
        **{name: value for name, value in os.environ.items() if name != "KERAS_HOME"},
        **environment,
    }
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(
            {"floatx": "float16", "image_data_format": "channels_first", "epsilon": 0.1, "backend": "torch"}
        ),
        json.dumps({"floatx": "float8"}),
        "[]",
    ],
)
def test_what_stands_in_the_users_file_changes_nothing(tmp_path, text):
    (tmp_path / ".keras").mkdir()
    (tmp_path / ".keras" / "keras.json").write_text(text)
    assert keras_with(HOME=str(tmp_path), USERPROFILE=str(tmp_path)) == [*USUAL, "no home"]
    assert (tmp_path / ".keras" / "keras.json").read_text() == text


@pytest.mark.parametrize("name", ["a_file", "a_file/below"])
def test_a_home_that_can_not_be_written_changes_nothing(tmp_path, name):
    (tmp_path / "a_file").touch()
    home = str(tmp_path / name)
    assert keras_with(KERAS_HOME=home, KERAS_MAX_EPOCHS="3") == [*USUAL, home]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("tensorflo", "KERAS_BACKEND=tensorflo：没有这个后端，可用的是 tensorflow、jax、torch"),
        ("numpy", "KERAS_BACKEND=numpy：没有这个后端，可用的是 tensorflow、jax、torch"),
        ("jax", "KERAS_BACKEND=jax：没有安装 jax，请安装它，或设为 tensorflow"),
    ],
)
def test_a_backend_that_can_not_be_had_is_one_line(monkeypatch, name, line):
    monkeypatch.setenv("KERAS_BACKEND", name)
    monkeypatch.setattr(keras_settings.importlib.machinery.PathFinder, "find_spec", lambda name: None)
    with pytest.raises(keras_settings.KerasError) as raised, keras_settings.usual():
        pass
    assert str(raised.value) == line


def test_the_backend_is_named_in_english(monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    monkeypatch.setenv("KERAS_BACKEND", "mxnet")
    with pytest.raises(keras_settings.KerasError, match="mxnet: no such backend; there are tensorflow"):
        keras_settings.check_backend()


@pytest.mark.parametrize("name", ["", "tensorflow"])
def test_the_usual_backend_is_there(monkeypatch, name):
    monkeypatch.setenv("KERAS_BACKEND", name)
    keras_settings.check_backend()
