"""Kill a `smoke` report at random moments: `make attack ATTACK=kill_reports`.

Each report is killed again and again until an attempt reaches the end; its page, artifacts and notebooks must
be those of a report that nobody disturbed. Exit status 1 if anything differs or lives on.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

from attacks import trials

from cellseg_utils.run import places

WORDS = ("report", "--profile", "smoke", "--set", "epochs=3")
SIGNALS = {"kill": signal.SIGKILL, "term": signal.SIGTERM, "int": signal.SIGINT}


def main():
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--how", choices=[*SIGNALS, "kernel"], default="kill")
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # which shells ignore for what runs behind them
    dice, place = random.Random(asked.seed), trials.Place(trials.work())
    run = places.REPORTS / f"attacked-{asked.how}"
    undisturbed, seconds = _undisturbed(place, run)
    print(f"a report takes {seconds:.0f} s", flush=True)
    wrong = killed = reports = 0
    while killed < asked.times:
        _forget(run)
        kills, faults = _one_report(asked.how, place, run, dice, seconds)
        faults += [f"differs: {name}" for name in trials.differences(undisturbed, trials.content(run))]
        killed, reports, wrong = killed + kills, reports + 1, wrong + len(faults)
        print(f"report {reports}: killed {kills} times ({killed})", *faults, sep="\n  ", flush=True)
    print(f"{asked.how}: {killed} kills, {reports} reports, {wrong} faults; left: {place.left()}")
    return int(wrong > 0)


def _forget(run):
    shutil.rmtree(run, ignore_errors=True)
    shutil.rmtree(places.REPORTS / ".cellseg-cache", ignore_errors=True)


def _undisturbed(place, run):
    _forget(run)
    start = time.monotonic()
    status = place.start(*WORDS, "--run", run.name).wait()
    if status:
        sys.exit(place.output())
    return trials.content(run), time.monotonic() - start


def _one_report(how, place, run, dice, seconds):
    """How often it was killed, and what was wrong on the way."""
    kills, faults = 0, []
    while True:
        process = place.start(*WORDS, "--run", run.name)
        moment = time.monotonic() + dice.uniform(0.5, seconds * 0.4)
        while process.poll() is None and time.monotonic() < moment:
            time.sleep(0.02)
        if process.poll() is not None:
            ended = process.returncode
            return kills, faults + ([f"ended with {ended}: {place.output()[-300:]}"] if ended else [])
        if not _killed(how, place, process):
            continue
        kills += 1
        faults += _after_the_kill(how, place, process)


def _killed(how, place, process):
    if how != "kernel":
        process.send_signal(SIGNALS[how])
        return True
    kernels = [number for number in place.processes() if b"ipykernel" in _command(number)]
    for number in kernels:
        os.kill(number, signal.SIGKILL)
    if not kernels:  # between two notebooks
        process.kill()
        process.wait()
    return bool(kernels)


def _command(number):
    try:
        return Path("/proc", str(number), "cmdline").read_bytes()
    except OSError:
        return b""


def _after_the_kill(how, place, process):
    status, said = process.wait(60), place.output()
    faults = [] if status else ["ended with 0"]
    if "Traceback" in said:
        faults.append(f"a traceback: {said[-2000:]}")
    if how == "kernel" and status != 1:
        faults.append(f"status {status}: {said[-300:]}")
    if not place.is_empty_within(20):
        faults.append(f"processes live on: {[_command(number) for number in place.processes()]}")
    return faults


if __name__ == "__main__":
    sys.exit(main())
