"""Feed a reader with many inputs and hold what must hold for each of them."""

import contextlib
import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

from fuzz import mutation
from fuzz.fuzz_targets import TARGETS

from cellseg_utils.report.sections import ReportError
from cellseg_utils.run.plain_error import PlainError

SECONDS = 2  # of the processor, for one input
GROWTH = 3 << 29  # bytes by which the process may grow
KNOWN = (PlainError, ReportError, OSError)  # the command says all of them in one line
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_watched = []


def feed(name, count, seed=0, first=0, tell=str):
    """Feed a reader.

    Parameters
    ----------
    name : str
        A key of `TARGETS`.
    count, first : int
        How many inputs, and the number of the first.
    seed : int
        Another one gives other inputs.
    tell : callable
        Gets the number of each input, as text, before it is read.

    Yields
    ------
    problem : (int, str)
        Number of the input and what is wrong: an error that is none of `KNOWN` or more than one line, time,
        memory, a file written outside the folder that was given.
    """
    target = TARGETS[name]
    _watch()
    with tempfile.TemporaryDirectory() as place:
        _problem(target.read, target.seeds[0], Path(place))  # which imports what it needs
        before = _memory()
        for number in range(first, first + count):
            folder = Path(place) / "inside"
            folder.mkdir()
            tell(str(number))
            data = made(name, number, seed)
            _watched[:] = [str(Path(place).resolve())]
            start = time.process_time()
            wrong = _problem(target.read, data, folder)
            taken = time.process_time() - start
            outside, _watched[:] = _watched[1:], []
            wrong = wrong or (f"wrote {outside[:3]}" if outside else "")
            wrong = wrong or (f"took {taken:.1f} s" if taken > SECONDS else "")
            if not wrong and _memory() - before > GROWTH:
                wrong, before = f"grew by {(_memory() - before) >> 20} MiB", _memory()
            if wrong:
                yield number, wrong
            shutil.rmtree(folder)


def made(name, number, seed=0):
    """The bytes of one input."""
    chance = mutation.chance_of(name, number, seed)
    target = TARGETS[name]
    return target.mutate(chance.choice(target.seeds), chance)


def _problem(read, data, folder):
    try:
        with open(os.devnull, "w") as nothing, contextlib.redirect_stderr(nothing):
            read(data, folder)
    except KNOWN as error:
        lines = str(error).splitlines()
        return "" if len(lines) == 1 else f"{type(error).__name__} of {len(lines)} lines: {lines[:3]}"
    except Exception as error:
        trace = error.__traceback__
        while trace.tb_next:
            trace = trace.tb_next
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        return f"{type(error).__name__} at {place}: {str(error)[:200]}"
    return ""


def _memory():
    """The most that this process has held (bytes)."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _watch():
    if not getattr(_watch, "on", False):
        sys.addaudithook(_noticed)
        _watch.on = True


def _noticed(event, arguments):
    if not _watched or event not in ("open", "os.rename", "os.remove", "os.mkdir", "os.symlink", "os.link"):
        return
    if event == "open":
        path, _, flags = arguments
        if isinstance(path, int) or not (isinstance(flags, int) and flags & _WRITING):
            return
        paths = [path]
    elif any(isinstance(own, int) and own > 0 for own in arguments[1:]) and event == "os.remove":
        return  # within an open folder (`dir_fd`), as `shutil.rmtree` empties one
    else:
        paths = arguments[:2] if event in ("os.rename", "os.symlink", "os.link") else arguments[:1]
    for path in paths:
        full = os.path.realpath(os.fsdecode(path)) if isinstance(path, str | bytes | os.PathLike) else ""
        if full and full != os.devnull and not full.startswith(_watched[0]) and "__pycache__" not in full:
            _watched.append(full)
