"""Prediction at every speed against four views in float32, and against the original report's loop.

python tests/benchmarks/bench_prediction.py [--rounds N] [--megapixels N]

Takes the test images from the folder that CELLSEG_DATA names, or synthetic ones.
"""

import argparse
import os
import statistics
import time
from pathlib import Path

import numpy as np

from cellseg_utils.data import layout, own_images, synthetic
from cellseg_utils.models import architectures
from cellseg_utils.prediction import bundle, segmentation, views
from cellseg_utils.preprocessing import resizing
from cellseg_utils.training import recipes

SEED_SIDE = 256  # pixels: every picture of the original report is squashed to this square


def pictures():
    """Test images of the competition where they are, else synthetic pictures."""
    folder = os.environ.get("CELLSEG_DATA")
    if folder:
        return list(own_images.from_layout(Path(folder) / f"{layout.TEST}.zip")[0].values())
    return [sample.image for sample in synthetic.make_samples(40, seed=1)]


def mosaic(images, megapixels):
    """A large picture out of small ones of one size."""
    sizes = [image.shape for image in images]
    common = [image for image in images if image.shape == max(set(sizes), key=sizes.count)]
    across = max(1, round(np.sqrt(1e6 * megapixels / common[0][..., 0].size)))
    rows = [
        np.hstack([common[(row * across + n) % len(common)] for n in range(across)]) for row in range(across)
    ]
    return np.vstack(rows)


def seconds(network, images, speed):
    """Time to segment all pictures, one after another."""
    started = time.perf_counter()
    for image in images:
        segmentation.segment(network, image, speed)
    return time.perf_counter() - started


def compare(title, networks, images, rounds):
    """Print the time of each way and the median ratio of its rounds to the rival's."""
    ratios = {way: [] for way in networks}
    for _ in range(rounds):
        taken = {way: seconds(network, images, way[1]) for way, network in networks.items()}
        rival = taken["float32", "best"]
        for way, own in taken.items():
            ratios[way].append(rival / own)
    for (name, speed), own in ratios.items():
        each = taken[name, speed] / len(images)
        print(f"{title}: {speed}, {name}: {each:.2f} s a picture, {statistics.median(own):.1f} times as fast")


def compare_with_seed(network, images):
    """Print the time a megapixel of the original's loop, which squashes pictures, and of the default."""
    seed = architectures.build("unet", recipes.arguments("seed", SEED_SIDE, filters=16, depth=4))
    squares = [
        resizing.resize_image(image, (SEED_SIDE, SEED_SIDE))[None] / np.float32(255) for image in images
    ]
    seed.predict(squares[0], verbose=0)
    started = time.perf_counter()
    for square in squares:
        seed.predict(square, verbose=0)
    theirs = (time.perf_counter() - started) / (len(squares) * SEED_SIDE**2)
    ours = seconds(network, images, segmentation.SPEED) / sum(image[..., 0].size for image in images)
    print(
        f"original's loop: {1e6 * theirs:.2f} s a megapixel, default {1e6 * ours:.2f} s: "
        f"{theirs / ours:.1f} times as fast"
    )


def main():
    """Measure every speed on the small pictures and on one large one."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--rounds", type=int, default=3)
    ask.add_argument("--megapixels", type=float, default=24)
    options = ask.parse_args()
    plain, quick = bundle.load(computing="float32"), bundle.load()
    networks = {("float32", "best"): plain} | {("auto", speed): quick for speed in views.SPEEDS}
    small = pictures()
    for (_, speed), network in networks.items():  # the first pictures pay for the tracing of the network
        seconds(network, small[:3], speed)
    compare(f"{len(small)} pictures", networks, small, options.rounds)
    compare_with_seed(quick, small)
    large = mosaic(small, options.megapixels)
    compare(f"{large[..., 0].size / 1e6:.0f} megapixels", networks, [large], 1)


if __name__ == "__main__":
    main()
