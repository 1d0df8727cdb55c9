import importlib.metadata

from cellseg_utils.run import libraries


def test_installed_libraries_have_their_version_and_others_are_left_out(monkeypatch):
    monkeypatch.setattr(libraries, "NAMES", ("numpy", "no-such-library"))
    assert libraries.versions() == [f"numpy {importlib.metadata.version('numpy')}"]
