"""Training steps per second of the best recipe, fed with fresh crops against crops from memory.

python tests/benchmarks/bench_feeding.py [--steps N] [--rounds N]
"""

import argparse
import dataclasses
import statistics
import tempfile
import time
from pathlib import Path

import keras
import numpy as np

from cellseg_utils.data import dataset, layout, synthetic
from cellseg_utils.models import architectures, precision
from cellseg_utils.training import crops, feeding, fit, recipes, training_data

SETTINGS = fit.Settings(
    epochs=1,
    batch_size=16,
    learning_rate=2e-3,
    patience=1,
    precision=precision.resolve("auto"),
    symmetries=False,
    seed=2018,
    recipe="best",
)


def crops_data():
    """Synthetic pictures to cut from."""
    with tempfile.TemporaryDirectory() as folder:
        source = layout.open_source(synthetic.dataset_zips(Path(folder), 30, 1, 2018)[0])
        fields, _ = dataset.map_samples(source, crops.field)
    return training_data.Cuts(tuple(fields), ("all",) * len(fields), np.zeros(len(fields), bool))


def rate(model, batches):
    """Steps that train per second."""
    started = time.perf_counter()
    model.fit(batches, epochs=1, shuffle=False, verbose=0)
    return len(batches) / (time.perf_counter() - started)


def main():
    """Measure both in turn, several rounds, and print the median ratio."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--steps", type=int, default=60)
    ask.add_argument("--rounds", type=int, default=3)
    options = ask.parse_args()
    data, settings = crops_data(), dataclasses.replace(SETTINGS, steps=options.steps)
    keras.config.set_dtype_policy(SETTINGS.precision)
    model = architectures.build("unet", recipes.arguments("best", 256, filters=32, depth=3))
    recipes.prepare(model, settings, options.steps)
    fresh = data.batches(settings, 0)
    stored = feeding.Stored([fresh[index] for index in range(len(fresh))])
    rate(model, data.batches(dataclasses.replace(settings, steps=3), 0))  # compiles; does not count
    ratios = []
    for _ in range(options.rounds):
        cut, kept = rate(model, fresh), rate(model, stored)
        ratios.append(cut / kept)
        print(f"fresh crops {cut:.2f} steps/s, from memory {kept:.2f} steps/s, ratio {cut / kept:.2f}")
    print(f"fresh crops train {statistics.median(ratios):.0%} as fast as crops from memory")


if __name__ == "__main__":
    main()
