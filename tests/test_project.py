"""The project's own files agree with each other."""

import re
import subprocess

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from cellseg_utils.run import places

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

PROJECT = tomllib.loads((places.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = [
    Requirement(line) for line in (places.ROOT / "requirements.lock").read_text().splitlines() if line.strip()
]
ENVIRONMENT = yaml.safe_load((places.ROOT / "environment.yml").read_text(encoding="utf-8"))


def wanted():
    return [Requirement(text) for text in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]]


def test_lock_pins_every_requirement_within_its_bounds():
    for requirement in wanted():
        pins = [pin for pin in LOCK if pin.name == requirement.name]
        assert pins, f"{requirement.name} is not in requirements.lock"
        for pin in pins:
            [version] = [spec.version for spec in pin.specifier]
            assert requirement.specifier.contains(Version(version)), str(pin)


def test_lock_has_exact_versions_and_no_address():
    assert all(re.fullmatch(r"==[^*]+", str(pin.specifier)) for pin in LOCK)
    assert "://" not in (places.ROOT / "requirements.lock").read_text()


def test_lock_takes_the_small_tensorflow_on_linux_only():
    markers = {pin.name: str(pin.marker) for pin in LOCK if pin.name.startswith("tensorflow")}
    assert set(markers) == {"tensorflow", "tensorflow-cpu"}
    linux = {"platform_machine": "x86_64", "sys_platform": "linux"}
    mac = {"platform_machine": "arm64", "sys_platform": "darwin"}
    for pin in LOCK:
        if pin.name in markers:
            assert pin.marker.evaluate(linux) == (pin.name == "tensorflow-cpu")
            assert pin.marker.evaluate(mac) == (pin.name == "tensorflow")


def test_conda_environment_takes_the_lock_and_a_supported_python():
    [pip] = [entry["pip"] for entry in ENVIRONMENT["dependencies"] if isinstance(entry, dict)]
    assert pip == ["-r requirements.lock", "-e ."]
    [python] = [text for text in ENVIRONMENT["dependencies"] if str(text).startswith("python=")]
    version = python.removeprefix("python=")
    assert Requirement(f"python{PROJECT['requires-python']}").specifier.contains(version)


def test_make_lists_its_targets_by_default():
    made = subprocess.run(["make", "-s", "-C", str(places.ROOT)], capture_output=True, text=True)
    if made.returncode == 127:
        pytest.skip("make is not installed")
    listed = [line.split()[0] for line in made.stdout.splitlines()]
    assert listed == ["help", "venv", "report", "test", "lab", "sync", "lint", "bench", "clean"]


@pytest.mark.parametrize(
    "name", ["README.md", "CHANGELOG.md", "LICENSE", "data/README.md", "reports/README.md"]
)
def test_documents_are_there(name):
    assert len((places.ROOT / name).read_text(encoding="utf-8")) > 200
