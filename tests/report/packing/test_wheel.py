"""The wheel holds all that a report needs, and only that."""

import re
import zipfile

import pytest

from cellseg_utils.report import sections
from cellseg_utils.report.packing import wheel
from cellseg_utils.run import places


@pytest.fixture(scope="module")
def members(tmp_path_factory):
    with zipfile.ZipFile(wheel.build(places.ROOT, tmp_path_factory.mktemp("wheel"))) as archive:
        return set(archive.namelist())


def test_a_wheel_carries_modules_notebooks_profiles_templates_and_the_model(members):
    there = [
        *places.PACKAGE.rglob("*.py"),
        *places.PACKAGE.rglob("english/*.json"),
        *(path for part in ("template", "fonts", "shipped") for path in places.PACKAGE.rglob(f"{part}/*")),
        places.PACKAGE / "plots" / "matplotlibrc",
        places.PACKAGE / "data" / "registry.txt",
    ]
    wanted = {path.relative_to(places.ROOT).as_posix() for path in there if path.is_file()}
    wanted |= {f"cellseg_utils/notebooks/{section.path.name}" for section in sections.sections()}
    wanted |= {f"cellseg_utils/notebooks/profiles/{path.name}" for path in places.PROFILES.glob("*.yaml")}
    assert wanted - members == set()


def test_a_wheel_has_no_folder_beside_the_package_and_nothing_of_tests(members):
    assert {re.split(r"/|-", name)[0] for name in members} == {"cellseg_utils"}
    assert not [name for name in members if "/tests/" in name or "__pycache__" in name]


def test_the_packages_that_are_installed_are_all_folders_with_code(members):
    rooms = {path.parent.name for path in places.PACKAGE.glob("*/__init__.py")}
    assert rooms == {
        name.split("/")[1] for name in members if name.count("/") == 2 and name.endswith("__init__.py")
    }


def test_a_folder_that_is_no_clone_is_refused(tmp_path):
    with pytest.raises(sections.ReportError, match=r"pyproject\.toml：不存在；请在项目文件夹"):
        wheel.build(tmp_path, tmp_path)


def test_what_pip_says_last_is_the_reason():
    with pytest.raises(sections.ReportError, match=r"^pip install 没有成功：.*no-such-option"):
        wheel.pip("install", "--no-such-option")
