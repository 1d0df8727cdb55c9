import contextlib

import numpy as np
import pandas as pd
import pytest

from cellseg_utils.run import artifacts


def written(tmp_path, name, value):
    path = tmp_path / name
    path.write_bytes(artifacts.encode(name, value))
    return artifacts.decode(path)


def test_tables_keep_float32_exactly_and_ids_as_text(tmp_path):
    values = np.random.default_rng(0).random(50, np.float32)
    ids = ["007", "NA", "1e5", "核"] + [f"x{n}" for n in range(46)]
    again = written(tmp_path, "samples.csv", pd.DataFrame({"id": ids, "value": values}))
    assert again["id"].tolist() == ids
    np.testing.assert_array_equal(again["value"].to_numpy(np.float32), values)


def test_seventeen_digits_keep_float64_exactly(tmp_path):
    frame = pd.DataFrame({"value": np.random.default_rng(0).random(50)})
    (tmp_path / "x.csv").write_bytes(artifacts.csv_bytes(frame, digits=17))
    pd.testing.assert_frame_equal(artifacts.read_csv(tmp_path / "x.csv"), frame, check_exact=True, rtol=0)


def test_an_id_that_is_no_utf8_stays_what_it_is(tmp_path):
    again = written(tmp_path, "samples.csv", pd.DataFrame({"id": ["\udcff\udcfe", "b"], "n": [1, 2]}))
    assert again["id"].tolist() == ["\udcff\udcfe", "b"]


def test_a_missing_value_is_not_a_number_and_an_empty_id_too(tmp_path):
    again = written(tmp_path, "scores.csv", pd.DataFrame({"id": ["a"], "score": [np.nan]}))
    assert again["score"].isna().all()


def test_json_is_sorted_readable_and_never_fails_on_a_name(tmp_path):
    text = artifacts.json_bytes({"b": "核", "a": "\udcff"}).decode()
    assert text == '{\n "a": "\\udcff",\n "b": "核"\n}'
    assert written(tmp_path, "x.json", {"b": "核"}) == {"b": "核"}


def test_arrays_come_back_and_python_objects_are_refused(tmp_path):
    again = written(tmp_path, "x.npz", {"images": np.arange(3), "names": np.array(["a"])})
    assert again["images"].tolist() == [0, 1, 2]
    with pytest.raises(artifacts.RunError, match="names 含 Python 对象"):
        artifacts.encode("x.npz", {"names": np.array([{}], object)})


@pytest.mark.parametrize("value", [{}, {"b": 0.1, "a": [1, {"核": None}], "c": "\udcff"}])
def test_signed_json_comes_back(tmp_path, value):
    (tmp_path / "x").write_bytes(artifacts.signed_bytes(value))
    assert artifacts.read_signed(tmp_path / "x") == value


@pytest.mark.parametrize("bit", range(0, 400, 7))
def test_signed_json_with_a_flipped_bit_is_refused_or_says_the_same(tmp_path, bit):
    value = {"history": [{"epoch": 1, "loss": 0.125}], "finished": True}
    data = bytearray(artifacts.signed_bytes(value))
    data[bit // 8 % len(data)] ^= 1 << bit % 8
    (tmp_path / "x").write_bytes(data)
    with contextlib.suppress(ValueError):
        assert artifacts.read_signed(tmp_path / "x") == value


@pytest.mark.parametrize("text", ["", "[]", "3", "null", "{}", '{"a": 1}', "[" * 100_000], ids=range(7))
def test_what_is_not_signed_is_refused(tmp_path, text):
    (tmp_path / "x").write_text(text)
    with pytest.raises(ValueError, match=r"expect|Expect|codec"):
        artifacts.read_signed(tmp_path / "x")
