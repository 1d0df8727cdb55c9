import ast

import pytest

from cellseg_utils.run import code_fingerprint, places


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of three modules: `top` imports `middle`, which imports `bottom`; `other` stands alone."""
    monkeypatch.setattr(places, "PACKAGE", tmp_path / "cellseg_utils")
    (tmp_path / "cellseg_utils").mkdir()
    sources = {
        "__init__": "",
        "top": "from cellseg_utils import middle\n\n\ndef f(x):\n    return middle.g(x)\n",
        "middle": "def g(x):\n    from cellseg_utils import bottom\n\n    return bottom.h(x)\n",
        "bottom": "def h(x):\n    return x + 1\n",
        "other": "A = 1\n",
    }
    for name, source in sources.items():
        (places.PACKAGE / f"{name}.py").write_text(source, encoding="utf-8")
    return places.PACKAGE


def rewrite(package, name, old, new):
    source = (package / f"{name}.py").read_text(encoding="utf-8")
    assert old in source
    (package / f"{name}.py").write_text(source.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("top", "def f(x):\n", 'def f(x):\n    """Say what it does."""\n'),
        ("top", "from cellseg_utils", '"""The module."""\n\nfrom cellseg_utils'),
        ("top", "return middle.g(x)", "return middle.g(  x  )  # why"),
        ("middle", "\n\n    return", "\n\n    # a comment\n\n    return"),
        ("bottom", "def h(x):", 'def h(\n    x,\n):\n    """Multi\n\n    line."""'),
        ("other", "A = 1", "A = 2"),
    ],
)
def test_of_code_ignores_comments_docstrings_formatting_and_modules_not_imported(package, name, old, new):
    before = code_fingerprint.of_modules(["top"])
    rewrite(package, name, old, new)
    assert code_fingerprint.of_modules(["top"]) == before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("top", "middle.g(x)", "middle.g(x + 1)"),
        ("middle", "bottom.h(x)", "bottom.h(-x)"),
        ("bottom", "x + 1", "x + 2"),
        ("bottom", "def h(x)", "def h(x, y=1)"),
        ("bottom", "x + 1", "'x + 1'"),
    ],
)
def test_of_code_sees_changed_code_in_imported_modules_too(package, name, old, new):
    before = code_fingerprint.of_modules(["top"])
    rewrite(package, name, old, new)
    assert code_fingerprint.of_modules(["top"]) != before


def test_of_code_sees_imports_written_the_other_way(package):
    rewrite(package, "top", "from cellseg_utils import middle", "from cellseg_utils.middle import g")
    before = code_fingerprint.of_modules(["top"])
    rewrite(package, "bottom", "x + 1", "x + 2")
    assert code_fingerprint.of_modules(["top"]) != before


def test_of_code_ends_where_modules_import_each_other(package):
    rewrite(package, "bottom", "def h(x):", "def h(x):\n    from cellseg_utils import top")
    assert code_fingerprint.of_modules(["top"]) == code_fingerprint.of_modules(["bottom"])


def test_of_code_of_a_module_that_is_not_there_raises(package):
    with pytest.raises(ValueError, match="missing"):
        code_fingerprint.of_modules(["missing"])


def test_a_module_without_influence_can_be_left_out(package):
    before = code_fingerprint.of_modules(["top"], without=("bottom",))
    rewrite(package, "bottom", "x + 1", "x + 2")
    assert code_fingerprint.of_modules(["top"], without=("bottom",)) == before
    assert code_fingerprint.of_modules(["top"]) != before


FORMS = [
    "from cellseg_utils import middle",
    "from cellseg_utils.middle import g",
    "from cellseg_utils.middle import *",
    "import cellseg_utils.middle",
    "import cellseg_utils.middle as m",
    "from . import middle",
    "from .middle import g",
    'import importlib\nm = importlib.import_module("cellseg_utils.middle")',
    'import importlib\nm = importlib.import_module(".middle", "cellseg_utils")',
    'import importlib\nm = importlib.import_module(f"cellseg_utils.{NAME}")',
    'm = __import__("cellseg_utils.middle")',
    'm = __import__("cellseg_utils", fromlist=["middle"])',
    "from cellseg_utils import *",
]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_an_import_is_followed(package, form):
    rewrite(package, "top", "from cellseg_utils import middle", form)
    before = code_fingerprint.of_modules(["top"])
    rewrite(package, "bottom", "x + 1", "x + 2")
    assert code_fingerprint.of_modules(["top"]) != before


@pytest.mark.parametrize(
    "form",
    [
        "from cellseg_utils.room import inner",
        "from cellseg_utils.room.inner import A",
        "import cellseg_utils.room.inner",
    ],
)
def test_modules_in_folders_are_followed_and_the_folders_own_code_too(package, form):
    (package / "room").mkdir()
    (package / "room" / "__init__.py").write_text("B = 1\n")
    (package / "room" / "inner.py").write_text("from .. import bottom\nfrom . import beside\nA = 1\n")
    (package / "room" / "beside.py").write_text("C = 1\n")
    rewrite(package, "top", "from cellseg_utils import middle", form)
    behind = code_fingerprint.modules_behind(["top"])
    assert set(behind) == {"", "top", "room", "room.inner", "room.beside", "bottom"}


def test_a_module_that_is_left_out_must_exist(package):
    with pytest.raises(ValueError, match="botom"):
        code_fingerprint.of_modules(["top"], without=("botom",))


def test_names_that_the_package_loads_when_asked_for_are_followed():
    for code in ("from cellseg_utils import segment", "import cellseg_utils\ncellseg_utils.segment"):
        assert "prediction.segmentation" in code_fingerprint.imported_modules(ast.parse(code))
    no_more = code_fingerprint.imported_modules(ast.parse("from cellseg_utils.run import files"))
    assert no_more == ["", "run", "run.files"]


def test_files_that_are_no_code_count_where_a_module_of_their_folder_is_used(package):
    (package / "room").mkdir()
    (package / "room" / "__init__.py").write_text("")
    (package / "room" / "style").write_text("red")
    used, unused = (code_fingerprint.of_files_beside([name]) for name in ("room", "top"))
    (package / "room" / "style").write_text("blue")
    assert code_fingerprint.of_files_beside(["room"]) != used
    assert code_fingerprint.of_files_beside(["top"]) == unused


def test_imported_modules_are_those_of_this_package(package):
    tree = ast.parse("import numpy\nfrom os import path\nfrom cellseg_utils import top, middle\n")
    assert code_fingerprint.imported_modules(tree) == ["", "middle", "top"]
