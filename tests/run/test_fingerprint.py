import hashlib
import os
import re
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from cellseg_utils.run import fingerprint

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def test_of_values_is_the_start_of_the_sha256_of_their_json():
    assert fingerprint.of_values("unet", 16) == hashlib.sha256(b'["unet", 16]').hexdigest()[:16]
    assert re.fullmatch("[0-9a-f]{16}", fingerprint.of_values())


def test_of_values_ignores_the_order_of_names_but_not_of_values():
    assert fingerprint.of_values({"a": 1, "b": 2}) == fingerprint.of_values({"b": 2, "a": 1})
    assert fingerprint.of_values(1, 2) != fingerprint.of_values(2, 1)
    assert fingerprint.of_values([1], 2) != fingerprint.of_values(1, [2])


@settings(max_examples=50, deadline=None)
@given(JSON, JSON)
def test_of_values_tells_different_values_apart(one, other):
    same = repr(one) == repr(other)
    assert (fingerprint.of_values(one) == fingerprint.of_values(other)) == same or one == other


@settings(max_examples=50, deadline=None)
@given(npst.arrays(npst.integer_dtypes(endianness="="), npst.array_shapes(max_dims=3, max_side=4)))
def test_of_arrays_depends_on_contents_only_not_on_memory_layout(array):
    strided = np.asfortranarray(np.repeat(array, 2, axis=0))[::2]
    assert fingerprint.of_arrays(strided) == fingerprint.of_arrays(array)


@pytest.mark.parametrize(
    "other",
    [
        np.arange(6, dtype=np.uint8).reshape(3, 2),
        np.arange(6, dtype=np.uint8),
        np.arange(6, dtype=np.int8).reshape(2, 3),
        np.arange(6, dtype=np.uint16).reshape(2, 3),
        np.arange(1, 7, dtype=np.uint8).reshape(2, 3),
    ],
)
def test_of_arrays_sees_shape_type_and_contents(other):
    assert fingerprint.of_arrays(np.arange(6, dtype=np.uint8).reshape(2, 3)) != fingerprint.of_arrays(other)


def test_of_arrays_sees_one_changed_pixel_and_where_one_array_ends():
    array = np.zeros((64, 64, 3), np.uint8)
    changed = array.copy()
    changed[63, 63, 2] = 1
    assert fingerprint.of_arrays(array) != fingerprint.of_arrays(changed)
    assert fingerprint.of_arrays(array[:1], array[1:]) != fingerprint.of_arrays(array[:2], array[2:])


def test_of_arrays_takes_empty_scalar_and_boolean_arrays():
    arrays = [np.zeros((0, 3)), np.zeros((3, 0)), np.array(3.0), np.zeros(2, bool)]
    assert len({fingerprint.of_arrays(array) for array in arrays}) == 4


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=100))
def test_of_file_is_the_sha256_of_hashlib(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "hashed.bin"
    path.write_bytes(data)
    assert fingerprint.of_file(path) == hashlib.sha256(data).hexdigest()


def test_of_file_reads_files_larger_than_one_chunk(tmp_path):
    data = bytes(range(256)) * 5000
    (tmp_path / "x").write_bytes(data)
    assert fingerprint.of_file(tmp_path / "x") == hashlib.sha256(data).hexdigest()


def test_of_path_of_a_file_is_its_sha256_and_of_nothing_is_missing(tmp_path):
    (tmp_path / "x").write_bytes(b"abc")
    assert fingerprint.of_path(tmp_path / "x") == hashlib.sha256(b"abc").hexdigest()
    assert fingerprint.of_path(tmp_path / "y") == "missing"
    assert fingerprint.of_contents(tmp_path / "y") == "missing"


@pytest.mark.parametrize("of", [fingerprint.of_path, fingerprint.of_contents])
def test_a_folder_is_told_from_a_changed_renamed_added_or_removed_file(tmp_path, of):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.png").write_bytes(b"one")
    (tmp_path / "2.png").write_bytes(b"two")
    digests = [of(tmp_path)]
    (tmp_path / "a" / "1.png").write_bytes(b"one more")
    digests.append(of(tmp_path))
    (tmp_path / "a" / "1.png").rename(tmp_path / "a" / "3.png")
    digests.append(of(tmp_path))
    (tmp_path / "a" / "4.png").write_bytes(b"")
    digests.append(of(tmp_path))
    (tmp_path / "2.png").unlink()
    digests.append(of(tmp_path))
    assert len(set(digests)) == len(digests)
    assert of(tmp_path) == digests[-1]


def test_of_path_sees_a_change_of_time_and_of_contents_does_not(tmp_path):
    (tmp_path / "x").write_bytes(b"abc")
    by_time, by_contents = fingerprint.of_path(tmp_path), fingerprint.of_contents(tmp_path)
    os.utime(tmp_path / "x", ns=(1, 1))
    assert fingerprint.of_path(tmp_path) != by_time
    assert fingerprint.of_contents(tmp_path) == by_contents


def test_a_folder_has_the_same_fingerprint_wherever_it_lies(tmp_path):
    digests = []
    for name in ("here", "there"):
        (tmp_path / name / "sub").mkdir(parents=True)
        (tmp_path / name / "sub" / "x").write_bytes(b"abc")
        os.utime(tmp_path / name / "sub" / "x", ns=(1, 1))
        digests.append((fingerprint.of_path(tmp_path / name), fingerprint.of_contents(tmp_path / name)))
    assert digests[0] == digests[1]


@pytest.mark.parametrize("target", ["nowhere", "."])
def test_a_folder_with_a_broken_or_circular_link_has_a_fingerprint(tmp_path, target):
    (tmp_path / "data").mkdir()
    for name in ("link", "other"):
        (tmp_path / "data" / name).symlink_to(target)
    fingerprint.of_path(tmp_path / "data")


@pytest.mark.skipif(sys.platform != "linux", reason="file names that are no text")
def test_a_file_name_that_is_no_utf8_counts(tmp_path):
    before = fingerprint.of_path(tmp_path)
    (tmp_path / os.fsdecode("细胞.txt".encode("gbk"))).write_text("x")
    assert fingerprint.of_path(tmp_path) != before
