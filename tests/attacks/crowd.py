"""Many processes in one folder of reports: `make attack ATTACK=crowd`.

Eight reports at once, two commands for the same one, two sweeps over one plan, readers while one writes:
what comes out must be what comes out alone, and nobody may see a traceback. Exit status 1 otherwise.
"""

import argparse
import shutil
import sys

from attacks import trials

from cellseg_utils.run import places

SMOKE = ("report", "--profile", "smoke", "--run")
PLAN = "profile: smoke\ngrid:\n  epochs: [1, 2]\n"


def main():
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=8)
    asked, folder = parser.parse_args(), trials.work()
    alone = trials.Place(folder / "alone")
    if alone.start(*SMOKE, "crowd-0").wait():
        sys.exit(alone.output())
    expected = _artifacts("crowd-0")
    faults = [
        *_at_once(folder, expected, asked.reports),
        *_two_in_one(folder, expected),
        *_two_sweeps(folder),
        *_readers(folder, expected),
    ]
    print("crowd:", *(faults or ["no faults"]), sep="\n  ")
    return int(bool(faults))


def _forget(*runs):
    for name in (*runs, ".cellseg-cache"):
        shutil.rmtree(places.REPORTS / name, ignore_errors=True)


def _started(folder, names, words):
    own = [trials.Place(folder / name) for name in names]
    return [(place, place.start(*words(name))) for place, name in zip(own, names, strict=True)]


def _at_once(folder, expected, count):
    names = [f"crowd-{number}" for number in range(count)]
    _forget(*names)
    for place, process in _started(folder, names, lambda name: (*SMOKE, name)):
        if process.wait():
            yield f"{place.folder.name}: {place.output()[-500:]}"
    for name in names:
        yield from _other_than(expected, name)
    print(f"{count} reports at once are made", flush=True)


def _artifacts(name):
    """What was computed; the rest also says which trainings others had finished."""
    return trials.content(places.REPORTS / name / "artifacts")


def _other_than(expected, name):
    """Differences, but for the report's name."""
    renamed = {path: data.replace(name.encode(), b"crowd-0") for path, data in _artifacts(name).items()}
    yield from (f"{name}: {line}" for line in trials.differences(expected, renamed))


def _two_in_one(folder, expected):
    _forget("crowd-0")
    both = _started(folder, ["first", "second"], lambda name: (*SMOKE, "crowd-0"))
    ended = {process.wait(): place for place, process in both}
    print(
        "two in one:",
        {status: place.output().splitlines()[-1] for status, place in ended.items()},
        flush=True,
    )
    if set(ended) != {0, 1} or "另一个进程" not in ended[1].output():
        yield f"two in one: {[place.output()[-500:] for place in ended.values()]}"
    yield from _other_than(expected, "crowd-0")


def _two_sweeps(folder):
    runs = [path.name for path in places.REPORTS.glob("crowded-*")]
    _forget(*runs)
    plan = folder / "crowded.yaml"
    plan.write_text(PLAN)
    both = _started(folder, ["one-sweep", "other-sweep"], lambda name: ("sweep", plan))
    ended = [(process.wait(), place.output()) for place, process in both]
    print(
        "two sweeps:",
        *[f"{status}: {said.splitlines()[-1]}" for status, said in ended],
        sep="\n  ",
        flush=True,
    )
    yield from (f"sweep: {said[-500:]}" for _, said in ended if "Traceback" in said)
    again = trials.Place(folder / "sweep-again")
    if again.start("sweep", plan).wait():
        yield f"the sweep can't be gone on with: {again.output()[-500:]}"
    pages = sorted(path.parent.name for path in places.REPORTS.glob("crowded-*/index.html"))
    if len(pages) != 2:
        yield f"sweep: {pages}"


def _readers(folder, expected):
    _forget("crowd-0")
    [(writer, process)] = _started(folder, ["writer"], lambda name: (*SMOKE, "crowd-0"))
    reader, looks = trials.Place(folder / "reader"), 0
    commands = [
        ("list",),
        ("verify", "crowd-0"),
        ("compare", "crowd-1", "crowd-0"),
        ("render", "crowd-0"),
    ]
    while process.poll() is None:
        reader.start(*commands[looks % len(commands)]).wait()
        if "Traceback" in reader.output():
            yield f"{commands[looks % len(commands)]}: {reader.output()[-800:]}"
        looks += 1
    print(f"{looks} looks while a report was written", flush=True)
    if process.returncode:
        yield f"writer: {writer.output()[-500:]}"
    yield from _other_than(expected, "crowd-0")


if __name__ == "__main__":
    sys.exit(main())
