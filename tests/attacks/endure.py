"""Let `cellseg predict` work for an hour: `make attack ATTACK=endure ARGS="PICTURES --minutes 60"`.

One process gets the pictures of a folder again and again under other names, with damaged ones among them.
Memory and open files must stay as they are, and the same picture must give the same labels every time.
"""

import argparse
import hashlib
import shutil
import signal
import statistics
import sys
import time
from pathlib import Path

import cv2
import numpy as np
from attacks import trials

COPIES = 500  # of each picture
SPREAD = 0.05  # by which memory may grow from the first half to the second


def main():
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--every", type=float, default=20, help="seconds between two looks")
    asked = parser.parse_args()
    place = trials.Place(trials.work())
    inputs, out = place.folder / "pictures", place.folder / "out"
    good = _fill(inputs, sorted(path for path in asked.pictures.iterdir() if path.is_file()))
    process = place.start("predict", inputs, "--out", out)
    looks = _watch(process, asked.minutes * 60, asked.every, out)
    died = process.poll()
    process.send_signal(signal.SIGTERM)
    process.wait(60)
    steady = looks[len(looks) // 10 :]
    faults = [
        *_growth(steady),
        *_other_labels(out, good),
        *([f"it died: {died}"] if died and died < 0 else []),
        *(["a traceback"] if "Traceback" in place.output() else []),
    ]
    print(
        f"{len(list((out / 'labels').iterdir()))} pictures with results, {len(looks)} looks",
        *faults,
        sep="\n  ",
    )
    shutil.rmtree(place.folder)
    return int(bool(faults))


def _fill(folder, pictures):
    """Links to sound pictures and damaged ones by turns; which link is which picture."""
    folder.mkdir()
    damaged = list(_damaged(folder.parent / "damaged", pictures))
    good = {}
    for number in range(COPIES):
        for place, path in enumerate(pictures):
            link = folder / f"{number:05d}-{place:04d}-{path.name}"
            link.symlink_to(path.resolve())
            good[link.stem] = path.name
        for path in damaged:
            (folder / f"{number:05d}-{path.name}").symlink_to(path)
    return good


def _damaged(folder, pictures):
    folder.mkdir()
    whole = pictures[0].read_bytes()
    huge = bytearray(cv2.imencode(".png", np.zeros((4, 4), np.uint8))[1].tobytes())
    huge[16:24] = b"\x7f\xff\xff\xff" * 2
    contents = {
        "cut": whole[: len(whole) // 2],
        "empty": b"",
        "words": b"no picture\n" * 100,
        "huge": bytes(huge),
    }
    contents["noise"] = np.random.default_rng(0).bytes(10_000)
    for name, data in contents.items():
        path = folder / f"bad-{name}.png"
        path.write_bytes(data)
        yield path


def _watch(process, seconds, every, out):
    """Memory (MiB) and open files at each look."""
    looks, end = [], time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < end:
        time.sleep(every)
        status = Path("/proc", str(process.pid), "status").read_text()
        if "VmRSS:" not in status:  # it has ended meanwhile
            break
        memory = int(status.split("VmRSS:")[1].split()[0]) / 1024
        files = len(list(Path("/proc", str(process.pid), "fd").iterdir()))
        looks.append((memory, files))
        done = len(list((out / "labels").glob("*.tif"))) if (out / "labels").is_dir() else 0
        print(
            f"{len(looks) * every:.0f} s: {memory:.0f} MiB, {files} files open, {done} pictures", flush=True
        )
    return looks


def _growth(looks):
    memory, files = zip(*looks, strict=True)
    middle = statistics.median(memory)
    print(f"memory {min(memory):.0f} to {max(memory):.0f} MiB, median {middle:.0f}")
    print(f"open files {min(files)} to {max(files)}")
    halves = memory[: len(memory) // 2], memory[len(memory) // 2 :]
    first, last = map(statistics.median, halves)
    print(f"medians of its halves {first:.0f} and {last:.0f} MiB")
    if last > first * (1 + SPREAD):
        yield "memory grows"
    if min(files[-len(files) // 2 :]) > min(files[: len(files) // 2]):
        yield "files stay open"


def _other_labels(out, good):
    first = {}
    for path in sorted((out / "labels").glob("*.tif")):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if first.setdefault(good[path.stem], digest) != digest:
            yield f"other labels of {good[path.stem]}: {path.name}"


if __name__ == "__main__":
    sys.exit(main())
