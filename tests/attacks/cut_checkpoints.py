"""Cut a file of a stopped training at a random byte: `make attack ATTACK=cut_checkpoints`.

The training must begin anew, say so, and come to the same scores and the same weights.
"""

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "training"))
import test_fit

SETTINGS = test_fit.dataclasses.replace(test_fit.SETTINGS, epochs=6, patience=6)


def main():
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    dice, place, told = random.Random(asked.seed), Path(tempfile.mkdtemp()), []
    whole = test_fit.train(place / "whole", SETTINGS, tell=told.append)
    stopped = [_stopped_after(place / f"{epochs}", epochs) for epochs in range(1, SETTINGS.epochs)]
    for number in range(asked.times):
        cache = place / "cut"
        shutil.rmtree(cache, ignore_errors=True)
        shutil.copytree(dice.choice(stopped), cache)
        path = dice.choice(
            sorted(path for path in cache.rglob("*") if path.name != ".lock" and path.is_file())
        )
        size = path.stat().st_size
        cut = dice.randrange(size)
        path.write_bytes(path.read_bytes()[:cut])
        lines = []
        test_fit.assert_same(whole, test_fit.train(cache, SETTINGS, tell=lines.append))
        print(f"{number + 1}. {path.name} cut at {cut} of {size}: {lines or 'went on'}", flush=True)
        if not lines:
            sys.exit("a damaged file was not noticed")
    shutil.rmtree(place)


def _stopped_after(cache, epochs):
    """A training that was killed after so many epochs."""

    class Killed(BaseException):
        pass

    advance, left = test_fit.checkpoint.advance, [epochs]

    def advance_and_die(*arguments):
        left[0] -= 1
        reached = advance(*arguments)
        if left[0] == 0:
            raise Killed
        return reached

    test_fit.checkpoint.advance = advance_and_die
    try:
        test_fit.train(cache, SETTINGS)
    except Killed:
        pass
    finally:
        test_fit.checkpoint.advance = advance
    return cache


if __name__ == "__main__":
    main()
