"""`cellseg_utils.segment` at its default speed against StarDist on the same cores, in turn.

python tests/benchmarks/bench_stardist.py [--stardist PYTHON] [--minutes N] [--rounds N] [--megapixels N]

PYTHON is that of an environment with `pip install stardist tensorflow-cpu`; without it, StarDist's own
dependencies are missing here and nothing is measured. Takes the images of the folder that CELLSEG_DATA names,
or synthetic ones; StarDist is trained on them for some minutes, as its speed depends on what it finds.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from bench_prediction import mosaic, pictures

from cellseg_utils.data import dataset, layout, synthetic
from cellseg_utils.prediction import bundle, segmentation

RIVAL = Path(__file__).parent / "stardist_rival.py"


def training_samples():
    """Labelled pictures for StarDist."""
    folder = os.environ.get("CELLSEG_DATA")
    if not folder:
        return list(synthetic.make_samples(60, seed=2))
    source = layout.open_source(Path(folder) / f"{layout.TRAIN}.zip")
    return dataset.read_samples(source, list(source.images)[::2])


class StarDist:
    """The rival's process, trained and waiting."""

    def __init__(self, python, folder, minutes):
        command = [python, str(RIVAL), str(folder), str(minutes)]
        pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE, "stdout": subprocess.DEVNULL}
        self._process = subprocess.Popen(command, text=True, **pipes)
        said = []
        for line in self._process.stderr:
            said.append(line)
            if line == "ready\n":
                return
        sys.exit("".join(said[-20:]))

    def predict(self, name):
        """Seconds, peak memory (GB) and nuclei of the small pictures or of the large one."""
        self._process.stdin.write(f"{name}\n")
        self._process.stdin.flush()
        for line in self._process.stderr:
            words = line.split()
            if len(words) == 3 and words[0].replace(".", "").isdigit():
                return [float(word) for word in words]
        sys.exit("StarDist stopped")


def own(network, images):
    """The same three of this package."""
    started = time.perf_counter()
    found = sum(int(segmentation.segment(network, image).labels.max()) for image in images)
    seconds = time.perf_counter() - started
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, found


def main():
    """Measure small pictures and a large one, in turn, several rounds."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--stardist", default="")
    ask.add_argument("--minutes", type=float, default=4)
    ask.add_argument("--rounds", type=int, default=3)
    ask.add_argument("--megapixels", type=float, default=24)
    options = ask.parse_args()
    if not options.stardist:
        return print("bench_stardist: name the python of an environment with StarDist: --stardist PYTHON")
    small = pictures()
    work = {"small": small, "large": [mosaic(small, options.megapixels)]}
    with tempfile.TemporaryDirectory() as name:
        folder, samples = Path(name), training_samples()
        images = {f"images_{n}": sample.image for n, sample in enumerate(samples)}
        np.savez(folder / "train.npz", **images, **{f"labels_{n}": s.labels for n, s in enumerate(samples)})
        for title, own_images in work.items():
            np.savez(folder / f"{title}.npz", *own_images)
        rival, network = StarDist(options.stardist, folder, options.minutes), bundle.load()
        own(network, small[:3])  # the first pictures pay for the tracing of the network
        for title, rounds in (("small", options.rounds), ("large", 1)):
            compare(title, work[title], network, rival, rounds)
    return None


def compare(title, images, network, rival, rounds):
    """Print time, memory and nuclei of both, and the median ratio."""
    ratios = []
    for _ in range(rounds):
        ours, theirs = own(network, images), rival.predict(title)
        ratios.append(theirs[0] / ours[0])
    for name, (seconds, memory, found) in (("cellseg", ours), ("StarDist", theirs)):
        each = seconds / len(images)
        print(f"{title}: {name} {each:.2f} s a picture, peak {memory:.1f} GB, {found:.0f} nuclei")
    print(f"{title}: cellseg is {statistics.median(ratios):.2f} times as fast as StarDist")


if __name__ == "__main__":
    main()
