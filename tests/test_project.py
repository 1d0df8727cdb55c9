"""The project's own files agree with each other."""

import ast
import importlib.metadata
import re
import shutil
import subprocess
import sys

import pytest
import typer
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from cellseg_utils.cli import reporting, segmenting  # noqa: F401  each adds its commands
from cellseg_utils.cli.app import app
from cellseg_utils.run import places

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

PROJECT = tomllib.loads((places.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = [
    Requirement(line.removesuffix("\\"))
    for line in (places.ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    if re.match(r"\w", line)
]
ENVIRONMENT = yaml.safe_load((places.ROOT / "environment.yml").read_text(encoding="utf-8"))


def wanted():
    return [Requirement(text) for text in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]]


def imported_libraries(*folders):
    """Libraries that code in some folders imports, by the name of their distribution."""
    modules = set()
    for path in (path for folder in folders for path in (places.ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []
            modules |= {name.split(".")[0] for name in names}
    known = importlib.metadata.packages_distributions()
    return {canonicalize_name(name) for module in modules for name in known.get(module, [])}


def test_every_library_that_is_imported_is_declared():
    extras = PROJECT["optional-dependencies"]
    own = [text for name, texts in extras.items() if name != "dev" for text in texts]
    declared = {canonicalize_name(Requirement(text).name) for text in PROJECT["dependencies"] + own}
    used = imported_libraries("cellseg_utils", "notebooks") - {"cellseg-utils"}
    assert used - declared == set()
    everything = declared | {canonicalize_name(requirement.name) for requirement in wanted()}
    assert imported_libraries("tests") - everything - {"cellseg-utils"} == set()


def test_lock_takes_the_small_tensorflow_on_linux_only():
    markers = {pin.name: str(pin.marker) for pin in LOCK if pin.name.startswith("tensorflow")}
    assert set(markers) == {"tensorflow", "tensorflow-cpu"}
    linux = {"platform_machine": "x86_64", "sys_platform": "linux"}
    mac = {"platform_machine": "arm64", "sys_platform": "darwin"}
    for pin in LOCK:
        if pin.name in markers:
            assert pin.marker.evaluate(linux) == (pin.name == "tensorflow-cpu")
            assert pin.marker.evaluate(mac) == (pin.name == "tensorflow")


def test_conda_environment_has_a_supported_python_and_leaves_the_rest_to_the_lock():
    assert [text.split("=")[0] for text in ENVIRONMENT["dependencies"]] == ["python", "pip"]
    [python] = [text for text in ENVIRONMENT["dependencies"] if str(text).startswith("python=")]
    version = python.removeprefix("python=")
    assert Requirement(f"python{PROJECT['requires-python']}").specifier.contains(version)


def needs(program):
    there = sys.platform != "win32" and shutil.which(program)  # Windows has others of these names
    return pytest.mark.skipif(not there, reason=f"{program} is not installed")


@needs("make")
def test_make_lists_its_targets_by_default():
    command = ["make", "-s", "-C", str(places.ROOT)]
    made = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    listed = [line.split()[0] for line in made.stdout.splitlines()]
    steps = [
        "help",
        "venv",
        "report",
        "test",
        "lab",
        "sync",
        "rooms",
        "lock",
        "lint",
        "bench",
        "fuzz",
        "attack",
        "kaggle",
        "clean",
    ]
    assert listed == steps


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "CONTRIBUTING.md",
        "CLUSTER.md",
        "CHANGELOG.md",
        "LICENSE",
        "data/README.md",
        "reports/README.md",
    ],
)
def test_documents_are_there(name):
    assert len((places.ROOT / name).read_text(encoding="utf-8")) > 200


def test_the_picture_of_the_rooms_is_that_of_the_code(tmp_path):
    """But for the numbers of modules and lines, which change every day."""
    subprocess.run(
        [sys.executable, places.ROOT / ".github" / "draw_rooms.py", tmp_path / "rooms.svg"], check=True
    )
    pictures = (places.ROOT / ".github" / "rooms.svg", tmp_path / "rooms.svg")
    shipped, drawn = (
        re.sub(r"(\d+ modules, )?[\d,]+ lines", "", path.read_text(encoding="utf-8")) for path in pictures
    )
    assert shipped == drawn, "run: make rooms"


def test_every_module_is_named_in_the_contributors_table_or_the_readme():
    text = "".join(
        (places.ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md")
    )
    for path in sorted(places.PACKAGE.rglob("*.py")):
        named = path.stem.startswith("__") or path.parent.name == "plots" or path.stem.endswith("_texts")
        assert named or re.search(rf"\b{path.stem}\b", text), path


def blocks(name, language):
    text = (places.ROOT / name).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@needs("bash")
def test_the_examples_for_clusters_parse_and_call_options_that_exist():
    [script] = blocks("CLUSTER.md", "bash")
    assert subprocess.run(["bash", "-n"], input=script, text=True).returncode == 0
    [manifest] = blocks("CLUSTER.md", "yaml")
    kinds = [document["kind"] for document in yaml.safe_load_all(manifest)]
    assert kinds == ["Deployment", "Service", "Deployment", "Job"]
    options = {
        option
        for parameter in typer.main.get_command(app).commands["predict"].params
        for option in parameter.opts
    }
    assert {"--recursive", "--out", "--skip-bad", "--scheduler", "--workers"} <= options


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", "CLUSTER.md", "data/README.md", "reports/README.md"]
)
def test_links_and_pictures_of_documents_lead_somewhere(name):
    path = places.ROOT / name
    for target in re.findall(r"\]\(([^)\s#]+)\)", path.read_text(encoding="utf-8")):
        assert "://" in target or (path.parent / target).exists(), target


def test_files_that_the_contributors_table_names_are_there():
    text = (places.ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for name in re.findall(r"`(?!notebooks/NN)((?:\w+/)+\w+\.(?:py|txt|j2))`", text):
        assert (places.PACKAGE / name).exists() or (places.ROOT / name).exists(), name


def test_every_module_has_a_test_file_of_its_own():
    for path in sorted(places.PACKAGE.rglob("*.py")):
        inside = path.relative_to(places.PACKAGE)
        if not path.stem.startswith("__"):
            mirror = places.ROOT / "tests" / inside.parent / f"test_{path.stem}.py"
            assert mirror.is_file(), mirror


WORKFLOWS = sorted((places.ROOT / ".github" / "workflows").glob("*.yml"))


def test_workflows_call_options_that_exist():
    text = "".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
    options = {
        option for word in re.findall(r"cellseg_utils \w+ .*", text) for option in re.findall(r"--\w+", word)
    }
    commands = typer.main.get_command(app).commands
    assert options <= {name for parameter in commands["report"].params for name in parameter.opts}
    assert {"report", "list"} <= set(commands)


def test_files_of_tests_have_names_of_their_own():
    names = [path.name for path in (places.ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
