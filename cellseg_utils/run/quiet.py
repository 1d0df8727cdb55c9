"""TensorFlow is imported without the lines about itself, which `TF_CPP_MIN_LOG_LEVEL` does not stop."""

import importlib.abc
import importlib.util
import os
import re
import sys
import tempfile
from contextlib import contextmanager

LIBRARY = "tensorflow"
ABOUT_ITSELF = re.compile(
    rb"^(I\d{4} .*|WARNING: All log messages before absl::InitializeLog.*)\n?", re.MULTILINE
)


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the library once, as everybody else would, and has it loaded quietly."""

    def find_spec(self, name, path=None, target=None):
        if name != LIBRARY:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(importlib.abc.Loader):
    def __init__(self, usual):
        self._usual = usual

    def create_module(self, spec):
        return self._usual.create_module(spec)

    def exec_module(self, module):
        module.__loader__ = module.__spec__.loader = self._usual
        with without_words_about_itself():
            self._usual.exec_module(module)


def install():
    """Import TensorFlow quietly from here on, whoever asks for it first."""
    if LIBRARY not in sys.modules and not any(isinstance(own, _Finder) for own in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


@contextmanager
def without_words_about_itself():
    """Hold back what is written to stderr, by C++ too; afterwards only what warns is written there.

    Yields
    ------
    None
    """
    _flush()
    saved = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            _flush()
            os.dup2(saved, 2)
            os.close(saved)
            held.seek(0)
            if rest := ABOUT_ITSELF.sub(b"", held.read()):
                os.write(2, rest)


def _flush():
    if sys.stderr:  # None where there is no console
        sys.stderr.flush()
