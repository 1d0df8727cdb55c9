"""YAML of people is read; what grows, nests or builds objects is refused in one line."""

import time

import pytest

from cellseg_utils.run import plain_yaml

LAUGHS = "a: &a [x, x]\n" + "".join(f"{n}: &b{n} [*a, *a]\n" for n in range(9))


def read(tmp_path, text):
    path = tmp_path / "a.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return plain_yaml.read(path)


def test_what_people_write_is_read(tmp_path):
    assert read(tmp_path, "epochs: 5\ngrid: {rate: [1, 0.5]}\nruns:\n- {a: b}\n") == {
        "epochs": 5,
        "grid": {"rate": [1, 0.5]},
        "runs": [{"a": "b"}],
    }


@pytest.mark.parametrize(
    "text",
    [
        *(LAUGHS, "a: &a [*a]", "<<: *a", "[" * 100_000, "{a: " * 100_000, "- " * 50_000 + "a"),
        *("!!int x", "!!int ''", "!!float x", "!!timestamp x", "!!python/object:os.system x"),
        *("? [a]\n: b", "a: [", "9" * 5000, b"\xff\xfe\xfd", "\x00", "a: b\x00", "2020-13-45"),
    ],
    ids=range(18),
)
def test_what_no_person_writes_is_refused_in_one_line(tmp_path, text):
    with pytest.raises(plain_yaml.YamlError) as caught:
        read(tmp_path, text)
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) <= 200


def test_references_and_depth_are_named(tmp_path, monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    with pytest.raises(plain_yaml.YamlError, match=r"references \(\*a\) are not accepted"):
        read(tmp_path, LAUGHS)
    with pytest.raises(plain_yaml.YamlError, match="nested more than 20 levels deep"):
        read(tmp_path, "[" * 30)


def test_a_large_file_is_not_read(tmp_path):
    with pytest.raises(OSError, match="超过 1 MiB 的上限"):
        read(tmp_path, "#" * (plain_yaml.LARGEST + 1))


def test_many_keys_are_read_in_no_time(tmp_path):
    (tmp_path / "a.yaml").write_text("".join(f"a{number}: 1\n" for number in range(60_000)))
    start = time.process_time()
    assert len(plain_yaml.read(tmp_path / "a.yaml")) == 60_000
    assert time.process_time() - start < 60


def test_what_is_said_twice_is_refused(tmp_path):
    (tmp_path / "a.yaml").write_text("a: {b: 1, b: 2}")
    with pytest.raises(plain_yaml.YamlError, match="b 写了两次"):
        plain_yaml.read(tmp_path / "a.yaml")
