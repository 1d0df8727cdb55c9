"""StarDist as the rival of `bench_stardist.py`, in its own environment; answers each line with seconds.

python stardist_rival.py FOLDER MINUTES

FOLDER holds `train.npz` (images_n, labels_n), `small.npz` and `large.npz` (images_n), as the benchmark writes
them. Trains for MINUTES, says "ready"; on "small" or "large" it predicts those pictures and prints seconds,
peak memory (GB) and how many nuclei it found.
"""

import os
import resource
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
from csbdeep.utils import normalize
from stardist.models import Config2D, StarDist2D

SIDE = 256  # pixels of a training patch
RANDOM = np.random.default_rng(0)


class Clock(keras.callbacks.Callback):
    """Stops the training when its time is over."""

    def __init__(self, minutes):
        super().__init__()
        self._end = time.time() + 60 * minutes

    def on_train_batch_end(self, batch, logs=None):
        """Look at the clock."""
        if time.time() > self._end:
            self.model.stop_training = True


def normalised(image):
    """As StarDist's examples do it."""
    return normalize(image.astype(np.float32), 1, 99.8, axis=(0, 1, 2))


def padded(array):
    """At least as large as a training patch."""
    sides = [(0, max(SIDE - length, 0)) for length in array.shape[:2]]
    return np.pad(array, sides + [(0, 0)] * (array.ndim - 2), mode="reflect")


def turned(image, labels):
    """Random turns and brightness."""
    turns = RANDOM.integers(4)
    image, labels = np.rot90(image, turns), np.rot90(labels, turns)
    return image * RANDOM.uniform(0.6, 2) + RANDOM.uniform(-0.2, 0.2), labels


def trained(folder, minutes):
    """A StarDist model after some minutes of training."""
    with np.load(folder / "train.npz") as file:
        count = len(file.files) // 2
        pairs = [(padded(normalised(file[f"images_{n}"])), padded(file[f"labels_{n}"])) for n in range(count)]
    held = max(2, count // 10)
    settings = {"train_patch_size": (SIDE, SIDE), "train_batch_size": 4, "train_steps_per_epoch": 100}
    config = Config2D(n_rays=32, grid=(2, 2), n_channel_in=3, train_tensorboard=False, **settings)
    model = StarDist2D(config, name="rival", basedir=str(folder / "stardist"))
    model.prepare_for_training()
    model.callbacks.append(Clock(minutes))
    images, labels = (list(own) for own in zip(*pairs[held:], strict=True))
    validation = tuple(list(own) for own in zip(*pairs[:held], strict=True))
    model.train(images, labels, validation_data=validation, augmenter=turned, epochs=10_000)
    model.optimize_thresholds(*(own[:20] for own in validation))
    return model


def main():
    """Train, then answer."""
    folder, minutes = Path(sys.argv[1]), float(sys.argv[2])
    model = trained(folder, minutes)
    work = {}
    for name in ("small", "large"):
        with np.load(folder / f"{name}.npz") as file:
            work[name] = [file[key] for key in file.files]
    model.predict_instances(normalised(work["small"][0]))
    print("ready", file=sys.stderr, flush=True)
    for line in sys.stdin:
        name = line.strip()
        tiles = {"n_tiles": (5, 5, 1)} if name == "large" else {}
        started, found = time.perf_counter(), 0
        for image in work[name]:
            found += model.predict_instances(normalised(image), **tiles)[0].max()
        seconds = time.perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(seconds, peak, found, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
