import contextlib
import subprocess
import sys

from cellseg_utils.run import imports


def test_a_library_is_imported_inside_its_context_once_and_is_the_usual_module(tmp_path, monkeypatch):
    (tmp_path / "own_library.py").write_text("import events\nevents.seen.append('imported')")
    (tmp_path / "events.py").write_text("seen = []")
    monkeypatch.syspath_prepend(tmp_path)
    events = __import__("events")

    @contextlib.contextmanager
    def context():
        events.seen.append("before")
        yield
        events.seen.append("after")

    imports.within("own_library", context)
    imports.within("own_library", context)
    own = __import__("own_library")
    assert events.seen == ["before", "imported", "after"]
    assert type(own.__loader__).__name__ == "SourceFileLoader"
    imports.within("own_library", context)
    assert not any(
        isinstance(finder, imports._Finder) and finder.wanted == "own_library" for finder in sys.meta_path
    )
    del sys.modules["own_library"], sys.modules["events"]


def test_a_missing_library_is_still_missing():
    code = "from cellseg_utils.run import imports; imports.within('no_such_library', None)"
    code += "; import no_such_library"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "ModuleNotFoundError: No module named 'no_such_library'" in done.stderr
