"""A library is imported the way it is to be, whoever asks for it first."""

import importlib.abc
import importlib.util
import sys


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the library once, as everybody else would, and has it loaded inside a context."""

    def __init__(self, library, context):
        self.wanted, self._context = library, context

    def find_spec(self, name, path=None, target=None):
        if name != self.wanted:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None:
            spec.loader = _Loader(spec.loader, self._context)
        return spec


class _Loader(importlib.abc.Loader):
    def __init__(self, usual, context):
        self._usual, self._context = usual, context

    def create_module(self, spec):
        return self._usual.create_module(spec)

    def exec_module(self, module):
        module.__loader__ = module.__spec__.loader = self._usual
        with self._context():
            self._usual.exec_module(module)


def within(library, context):
    """Import a library inside a context, unless it has been imported.

    Parameters
    ----------
    library : str
    context : callable
        Gives a context manager.
    """
    known = {own.wanted for own in sys.meta_path if isinstance(own, _Finder)}
    if library not in sys.modules and library not in known:
        sys.meta_path.insert(0, _Finder(library, context))
