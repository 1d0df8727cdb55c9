"""The same network and the same weights on every backend of Keras that is installed."""

import importlib.util
import os
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest

from cellseg_utils.models import architectures
from cellseg_utils.training import recipes

ARGUMENTS = recipes.arguments("best", 64, filters=3, depth=2)
RUN = """
import sys
from pathlib import Path
import keras, numpy as np
import trainings as t
from cellseg_utils.models import architectures
from cellseg_utils.prediction import bundle

ARGUMENTS = t.recipes.arguments("best", 64, filters=3, depth=2)
folder = Path(sys.argv[1])
model = architectures.build("unet", ARGUMENTS)
model.load_weights(folder / "model.weights.h5")
found = bundle.Bundle(model, {"arguments": ARGUMENTS}).predict(np.load(folder / "images.npy"))
np.save(folder / "found.npy", found)
t.recipes.prepare(model, t.SETTINGS, 10)
print(keras.backend.backend())
deep = architectures.build("unet_plus_plus", ARGUMENTS)
t.recipes.prepare(deep, t.SETTINGS, 10)
print(float(deep.train_on_batch(*t.cuts().batches(t.SETTINGS, 0)[0])[0]))
print(float(model.train_on_batch(*t.cuts().batches(t.SETTINGS, 0)[0])[0]), flush=True)
trained = t.train(folder / "cache")
print(*trained.history["val_loss"])
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Weights, and pictures."""
    keras.config.set_dtype_policy("float32")
    keras.utils.set_random_seed(0)
    folder = tmp_path_factory.mktemp("original")
    architectures.build("unet", ARGUMENTS).save_weights(folder / "model.weights.h5")
    np.save(folder / "images.npy", np.random.default_rng(0).integers(0, 256, (2, 48, 64, 3), np.uint8))
    return folder


@pytest.fixture(scope="module", params=["tensorflow", "jax", "torch"])
def ran(request, folder):
    """What a process with that backend printed: its name, a loss, and the losses of two epochs."""
    if importlib.util.find_spec(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    path = os.pathsep.join([os.path.dirname(__file__), *sys.path])
    environment = {**os.environ, "KERAS_BACKEND": request.param, "PYTHONPATH": path}
    command = [sys.executable, "-c", RUN, str(folder)]
    return request.param, subprocess.run(command, capture_output=True, text=True, env=environment)


def test_the_same_weights_make_the_same_maps_and_a_step_has_a_finite_loss(ran, folder):
    backend, process = ran
    name, *losses = process.stdout.split()[:3]
    assert name == backend
    assert np.isfinite([float(loss) for loss in losses]).all()
    model = architectures.build("unet", ARGUMENTS)
    model.load_weights(folder / "model.weights.h5")
    maps = keras.ops.convert_to_numpy(model(np.load(folder / "images.npy"), training=False))
    np.testing.assert_allclose(np.load(folder / "found.npy"), maps, atol=1e-4)


def test_two_epochs_of_the_best_recipe_run_to_their_end(ran):
    _, process = ran
    assert process.returncode == 0, process.stderr
    losses = [float(loss) for loss in process.stdout.split()[3:]]
    assert len(losses) == 2
    assert np.isfinite(losses).all()
