"""Feed all readers, or those that are named, with many inputs: `make fuzz N=10000 TARGETS="zip coco"`.

Each reader has a process of its own, whose memory is bounded; one that dies is told with the input that it
died of. Exit status 1 if anything is found; `--show` prints the bytes of one input.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1])]

MEMORY = 6 << 30  # bytes of address space of a process
SLOWEST = 60  # seconds after which a process that has gone no further is killed


def main():
    """Run what the command line asks for."""
    asked = _asked()
    if asked.show is not None:
        from fuzz.feeding_bytes import made

        sys.stdout.buffer.write(made(asked.targets[0], asked.show, asked.seed))
        return 0
    if asked.at:
        return _feed_one(asked)
    from fuzz.fuzz_targets import TARGETS

    unknown = set(asked.targets) - set(TARGETS)
    if unknown:
        sys.exit(f"no such target: {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    return max([_in_process(name, asked.number, asked.seed) for name in asked.targets or TARGETS])


def _asked():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--number", type=int, default=1000, help="inputs for each target")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, help="print the bytes of the input of this number")
    parser.add_argument("--at", help=argparse.SUPPRESS)  # file that says how far a process has come
    parser.add_argument("--first", type=int, default=0, help=argparse.SUPPRESS)
    return parser.parse_args()


def _in_process(name, number, seed):
    """Feed a target in processes, one after another dies."""
    first, found, start = 0, 0, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder) / "at"
        while first < number:
            at.write_text(str(first))
            words = [sys.executable, __file__, name, "--at", at, "--first", str(first)]
            words += ["--number", str(number - first), "--seed", str(seed)]
            status = _waited_for(subprocess.Popen(words), at)
            if status in (0, 1):
                found |= status
                break
            first, found = int(at.read_text()) + 1, 1
            print(f"{name} {first - 1}: the process died ({status})", flush=True)
    print(f"{name}: {number} inputs, {time.monotonic() - start:.0f} s", flush=True)
    return found


def _waited_for(process, at):
    last, since = "", time.monotonic()
    while True:
        try:
            return process.wait(1)
        except subprocess.TimeoutExpired:
            if at.read_text() != last:
                last, since = at.read_text(), time.monotonic()
            elif time.monotonic() - since > SLOWEST:
                process.kill()


def _feed_one(asked):
    from fuzz import feeding_bytes

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())  # where libraries in C complain
    [name], found = asked.targets, 0
    for place, wrong in feeding_bytes.feed(
        name, asked.number, asked.seed, asked.first, Path(asked.at).write_text
    ):
        print(f"{name} {place}: {wrong}", flush=True)
        found = 1
    return found


if __name__ == "__main__":
    sys.exit(main())
