"""What is installed is what was locked, and nothing with a known hole."""

import itertools
import re

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from cellseg_utils.run import places

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

SETTINGS = tomllib.loads((places.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = SETTINGS["project"]
WANTED = [Requirement(text) for text in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]]
LOCKS = [places.ROOT / "requirements.lock", places.ROOT / ".github" / "tools.lock"]
WORKFLOWS = sorted((places.ROOT / ".github" / "workflows").glob("*.yml"))

# The first version without a hole that is known, the newest such hole of each: what reads files of others,
# what shows them, what serves them. Keras has two lines with fixes, see `test_keras_...`.
FLOORS = [
    ("bleach", "6.4.0", "GHSA-gj48-438w-jh9v"),
    ("distributed", "2026.1.1", "CVE-2026-23528"),
    ("filelock", "3.20.3", "CVE-2026-22701"),
    ("fonttools", "4.61.0", "CVE-2025-66034"),
    ("h5py", "3.13.0", "CVE-2026-26200"),  # of HDF5 inside; TensorFlow does not allow a newer HDF5 yet
    ("jinja2", "3.1.6", "CVE-2025-27516"),
    ("jupyter-server", "2.20.0", "CVE-2026-44727"),
    ("jupyterlab", "4.6.2", "CVE-2026-73417"),
    ("mistune", "3.3.3", "CVE-2026-76098"),
    ("nbconvert", "7.17.1", "CVE-2026-39378"),
    ("nh3", "0.3.8", "RUSTSEC-2026-0533"),  # of ammonia inside
    ("opencv-python-headless", "4.12.0", "CVE-2025-53644"),
    ("pillow", "12.3.0", "CVE-2026-59200"),
    ("pydicom", "3.0.2", "CVE-2026-32711"),
    ("pygments", "2.20.0", "CVE-2026-4539"),
    ("requests", "2.33.0", "CVE-2026-25645"),
    ("setuptools", "78.1.1", "CVE-2025-47273"),
    ("tornado", "6.5.9", "GHSA-chx6-46f5-w4vp"),
    ("tqdm", "4.66.3", "CVE-2024-34062"),
    ("urllib3", "2.8.0", "CVE-2026-97687"),
]


def lines(lock):
    """Requirement and options of each pin."""
    text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            requirement, *options = line.split(" --")
            yield Requirement(requirement), options


PINS = [requirement for requirement, _ in lines(LOCKS[0])]


def version(pin):
    [specifier] = pin.specifier
    return Version(specifier.version)


def environments():
    """Markers of every system and Python that the README names."""
    systems = [
        ("linux", "Linux", "posix", "x86_64"),
        ("linux", "Linux", "posix", "aarch64"),
        ("darwin", "Darwin", "posix", "arm64"),
        ("win32", "Windows", "nt", "AMD64"),
    ]
    for python, (system, name, kind, machine) in itertools.product(("3.10", "3.11", "3.12", "3.13"), systems):
        yield {
            "python_version": python,
            "python_full_version": f"{python}.9",
            "sys_platform": system,
            "platform_system": name,
            "os_name": kind,
            "platform_machine": machine,
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
        }


def identifier(environment):
    return "-".join(environment[name] for name in ("python_version", "sys_platform", "platform_machine"))


def holds(requirement, environment):
    return requirement.marker is None or requirement.marker.evaluate(environment)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_pin_is_exact_and_has_checksums_and_no_address(lock):
    pins = list(lines(lock))
    assert len(pins) > 20
    for pin, options in pins:
        assert re.fullmatch(r"==[^*]+", str(pin.specifier)), pin
        assert options, pin
        assert all(re.fullmatch(r"hash=sha256:[0-9a-f]{64}\s*", option) for option in options), pin
    assert "://" not in lock.read_text(encoding="utf-8")


@pytest.mark.parametrize("environment", [pytest.param(each, id=identifier(each)) for each in environments()])
def test_on_every_system_each_requirement_has_one_pin_within_its_bounds(environment):
    pins = [pin for pin in PINS if holds(pin, environment)]
    names = [pin.name for pin in pins]
    assert len(names) == len(set(names))
    for requirement in WANTED:
        if holds(requirement, environment):
            [pin] = [pin for pin in pins if pin.name == requirement.name]
            assert requirement.specifier.contains(version(pin)), str(pin)


def test_what_builds_the_package_is_locked_too():
    for requirement in map(Requirement, SETTINGS["build-system"]["requires"]):
        [pin] = [pin for pin in PINS if pin.name == requirement.name]
        assert pin.marker is None
        assert requirement.specifier.contains(version(pin))


@pytest.mark.parametrize(("name", "fixed", "advisory"), FLOORS)
def test_no_version_with_a_known_hole_is_allowed(name, fixed, advisory):
    pins = [pin for pin in PINS if pin.name == name]
    assert pins
    assert all(version(pin) >= Version(fixed) for pin in pins), advisory
    for requirement in WANTED:
        if requirement.name == name:
            assert not requirement.specifier.contains(f"{fixed}.dev0", prereleases=True), advisory


@pytest.mark.parametrize("hole", ["3.12.3", "3.13.2", "3.14.1", "3.15.0"])
def test_keras_versions_that_run_code_of_a_weights_file_are_not_allowed(hole):
    """After CVE-2026-1462 came more of its kind; the last are closed in 3.12.4 and 3.15.1 only."""
    asked = [requirement for requirement in WANTED if requirement.name == "keras"]
    assert asked
    assert not any(requirement.specifier.contains(hole) for requirement in asked)


@pytest.mark.parametrize("path", ["Makefile", "README.md", ".github/workflows/ci.yml"])
def test_whatever_installs_a_lock_asks_for_its_checksums(path):
    text = (places.ROOT / path).read_text(encoding="utf-8")
    commands = re.findall(r"pip install[^\n`]*\.lock", text)
    assert commands
    assert all("--require-hashes" in command for command in commands)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_pin_actions_by_commit_and_may_write_only_where_they_publish(path):
    text = path.read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        assert "permissions" not in job or name == "publish"
        used = [step["uses"] for step in job["steps"] if "uses" in step]
        assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action) for action in used), used
        if name == "publish":  # what may write runs nothing of the repository
            assert not any(action.startswith("actions/checkout@") for action in used)
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
    assert all(
        re.search(r"uses: \S+  # v\d+\.\d+\.\d+$", line) for line in text.splitlines() if "uses:" in line
    )
