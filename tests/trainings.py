"""Small trainings for tests: two settings, a few pictures."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest
from discs import discs

from cellseg_utils.training import crops, fit, recipes, training_data

ARGUMENTS = recipes.arguments("best", 64, filters=2, depth=1)
SETTINGS = fit.Settings(
    epochs=2,
    batch_size=2,
    learning_rate=0.5,
    patience=5,
    precision="float32",
    symmetries=False,
    seed=1,
    recipe="best",
    crop_side=32,
    steps=2,
)


def field(seed, nuclei=True):
    rng = np.random.default_rng(seed)
    labels = discs((60, 50), [(*rng.uniform(10, 40, 2), 8), (*rng.uniform(10, 40, 2), 6)])
    labels *= nuclei
    image = (rng.integers(0, 60, (60, 50, 3)) + 150 * (labels[..., None] > 0)).astype(np.uint8)
    return crops.Field(image, labels, 1.3)


def cuts(**changes):
    values = {
        "fields": tuple(field(seed) for seed in range(4)),
        "groups": ("a", "a", "b", "b"),
        "validation": np.array([False, False, True, False]),
    }
    return training_data.Cuts(**{**values, **changes})


def squares():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (5, 16, 16, 3), np.uint8)
    return training_data.Squares(images, (images[..., :1] > 128).astype(np.uint8), np.arange(5) == 2)


def train(cache):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_data, "HELD_OUT", 4)
        patch.setattr(recipes, "AVERAGED", 1)  # or so few steps would leave nothing to average
        return fit.train("unet", ARGUMENTS, cuts(), SETTINGS, cache)
