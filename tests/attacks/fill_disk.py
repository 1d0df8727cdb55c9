"""Let the disk fill at one writing step after another: `make attack ATTACK=fill_disk ARGS=report`.

Linux, as root: a file system in memory is a little larger after each attempt that failed, until one succeeds.
Every failure must be a line that names the full disk, and leave no half file; what comes out
in the end must be what comes out where there is room. Exit status 1 if anything is otherwise.
"""

import argparse
import contextlib
import functools
import http.server
import random
import re
import subprocess
import sys
import threading

from attacks import trials

from cellseg_utils.run import places

ROOM = 1 << 30  # bytes, more than anything here needs
PAGE = 4096  # bytes, the least by which it grows
SAID = re.compile("磁盘|空间")
HALF = re.compile(r"(^|/)\.[^/]*(tmp|part)[^/]*$|(^|/)tmp[^/]*$")


def main():
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["report", "predict", "sweep", "download"])
    parser.add_argument("given", nargs="?", help="pictures, YAML file of a sweep, folder with the zips")
    parser.add_argument("--step", type=int, default=400_000, help="bytes by which it grows at most")
    parser.add_argument("--seed", type=int, default=0)
    asked, more = parser.parse_known_args()  # more words of the command
    place = trials.Place(trials.work())
    with _words(asked, more, place) as (words, target):
        with _disk(target, ROOM):
            status = place.start(*words).wait()
            if status:
                sys.exit(place.output())
            undisturbed = trials.content(target)
        needed = sum(map(len, undisturbed.values()))
        print(f"{len(undisturbed)} files, {needed} bytes without times", flush=True)
        wrong = _attack(asked, place, words, target, undisturbed)
    print(f"{asked.command}: {wrong} faults; left: {place.left()}")
    return int(wrong > 0)


def _attack(asked, place, words, target, undisturbed):
    dice, size, attempts, wrong = random.Random(asked.seed), PAGE, 0, 0
    with _disk(target, size) as grow:
        while place.start(*words).wait():
            if size > ROOM:
                sys.exit(place.output())
            attempts += 1
            last = place.output().strip().splitlines()[-3:]
            faults = list(_faults(place, target, undisturbed))
            wrong += len(faults)
            print(f"{attempts}. {size} bytes: {' / '.join(last)}", *faults, sep="\n   ", flush=True)
            size += dice.randrange(PAGE, asked.step)
            grow(size)
        differing = trials.differences(undisturbed, trials.content(target))
    print(
        f"after {attempts} attempts with a full disk",
        *[f"differs: {name}" for name in differing],
        sep="\n   ",
    )
    return wrong + len(differing)


def _faults(place, target, undisturbed):
    said = place.output()
    if "Traceback" in said or not SAID.search(said):
        yield f"does not name the full disk: {said[-1500:]}"
    if not place.is_empty_within(20):
        yield "processes live on"
    names = [str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()]
    yield from (f"half a file: {name}" for name in names if HALF.search(name) and name not in undisturbed)


@contextlib.contextmanager
def _words(asked, more, place):
    """The command, and the folder that it fills."""
    target = place.folder / "disk"
    if asked.command in ("report", "sweep"):
        given = ("--profile", "smoke", "--run", "filled") if asked.command == "report" else (asked.given,)
        yield (asked.command, *given), places.REPORTS
    elif asked.command == "predict":
        yield ("predict", asked.given, "--out", target / "out", *more), target
    else:
        handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=asked.given)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.handle_error = lambda *_: None  # of who hung up
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        yield ("download", "--base-url", address, "--folder", target / "data"), target
        server.shutdown()


@contextlib.contextmanager
def _disk(folder, size):
    """A file system of some bytes; what makes it larger."""
    folder.mkdir(parents=True, exist_ok=True)
    _system("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder)
    try:
        yield lambda larger: _system("mount", "-o", f"remount,size={larger}", folder)
    finally:
        _system("umount", "--lazy", folder)


def _system(*words):
    subprocess.run([*map(str, words)], check=True)


if __name__ == "__main__":
    sys.exit(main())
