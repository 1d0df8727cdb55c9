import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import pytest

from cellseg_utils.models import architectures, precision


@pytest.mark.parametrize("given", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_a_precision_that_is_given_is_used(given):
    assert precision.resolve(given) == given


def test_auto_is_bfloat16_only_where_the_processor_says_that_it_has_it(monkeypatch):
    for flags, expected in (
        ("avx2 amx_bf16", "mixed_bfloat16"),
        ("avx512_bf16", "mixed_bfloat16"),
        ("avx2", "float32"),
    ):
        monkeypatch.setattr(precision.Path, "exists", lambda path: True)
        monkeypatch.setattr(precision.Path, "read_text", lambda path, flags=flags: f"flags : {flags}\n")
        assert precision.resolve("auto") == expected
    monkeypatch.setattr(precision.Path, "exists", lambda path: False)
    assert precision.resolve("auto") == "float32"


def test_networks_are_built_in_the_precision_and_the_policy_of_the_process_comes_back():
    usual = keras.config.dtype_policy().name
    with precision.computing_in("mixed_bfloat16"):
        model = architectures.build("unet", {"image_size": 16, "filters": 2, "depth": 1})
    assert model.get_layer("encoder0_conv1").compute_dtype == "bfloat16"
    assert keras.config.dtype_policy().name == usual
    with pytest.raises(KeyError), precision.computing_in("mixed_bfloat16"):
        raise KeyError
    assert keras.config.dtype_policy().name == usual
