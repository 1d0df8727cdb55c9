"""Training throughput of the U-Net in its fastest precision against float32; prints the ratio of one run.

python tests/benchmarks/bench_training.py [--images N] [--rounds N]
"""

import argparse
import statistics
import time

import keras
import numpy as np

from cellseg_utils.models import architectures, losses, precision
from cellseg_utils.training import feeding

ARGUMENTS = {"image_size": 256, "filters": 16, "depth": 4}
BATCH = 16


def throughput(precision, batches):
    """Images that train per second, after a first epoch that does not count."""
    keras.config.set_dtype_policy(precision)
    model = architectures.build("unet", ARGUMENTS)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy", losses.dice_coef])
    model.fit(feeding.Stored(batches[:1]), verbose=0)
    started = time.perf_counter()
    model.fit(feeding.Stored(batches), verbose=0)
    return BATCH * len(batches) / (time.perf_counter() - started)


def main():
    """Measure both precisions in turn, several rounds, and print the median ratio."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument(
        "--images", type=int, default=608, help="608: whole batches of an epoch of the seed recipe"
    )
    ask.add_argument("--rounds", type=int, default=3)
    options = ask.parse_args()
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (options.images // BATCH, BATCH, 256, 256, 3), np.uint8)
    batches = [(batch, (batch[..., :1] > 127).astype(np.float32)) for batch in images]
    fast = precision.resolve("auto")
    ratios = []
    for _ in range(options.rounds):
        plain, quick = throughput("float32", batches), throughput(fast, batches)
        ratios.append(quick / plain)
        print(f"float32 {plain:.1f} images/s, {fast} {quick:.1f} images/s, ratio {quick / plain:.2f}")
    print(f"{fast} trains {statistics.median(ratios):.2f} times as fast as float32 (median of {len(ratios)})")


if __name__ == "__main__":
    main()
