"""A few dozen inputs of every reader; `make fuzz N=10000` feeds more."""

import pytest
from fuzz import feeding_bytes, mutation, seeds
from fuzz.fuzz_targets import TARGETS

FEW = {"bundle": 8, "sweep": 8}  # which take longer


@pytest.mark.quick
@pytest.mark.parametrize("name", TARGETS)
def test_changed_files_are_read_or_refused_in_one_line(name):
    assert list(feeding_bytes.feed(name, FEW.get(name, 30))) == []


def test_an_input_is_the_same_for_the_same_seed_and_another_for_another():
    assert feeding_bytes.made("zip", 3) == feeding_bytes.made("zip", 3)
    assert len({feeding_bytes.made("zip", 3, seed) for seed in range(5)}) > 1


def test_a_changed_png_keeps_its_checksums():
    png = seeds.by_opencv(".png")
    assert mutation.with_checksums(png[:-4] + bytes(4)) == png


def error(data, folder):
    raise KeyError("a")


def two_lines(data, folder):
    raise OSError("a\nb")


def outside(data, folder):
    (folder.parent.parent / "cellseg-fuzz-outside").write_bytes(b"")
    (folder.parent.parent / "cellseg-fuzz-outside").unlink()


@pytest.mark.parametrize(
    ("read", "told"),
    [(error, "KeyError at test_fuzz_targets.py"), (two_lines, "of 2 lines"), (outside, "wrote")],
)
def test_what_must_not_happen_is_told(read, told, monkeypatch):
    monkeypatch.setitem(TARGETS, "bad", TARGETS["set"]._replace(read=read))
    [(number, problem)] = feeding_bytes.feed("bad", 1, first=7)
    assert number == 7
    assert told in problem
