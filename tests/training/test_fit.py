import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import dataclasses
import shutil
import signal
import subprocess
import sys

import keras
import numpy as np
import pandas as pd
import pytest

from cellseg_utils.models import architectures
from cellseg_utils.run import places
from cellseg_utils.training import checkpoint, fit, training_data
from cellseg_utils.training.history import best_epoch

ARGUMENTS = {"image_size": 16, "filters": 2, "depth": 1}
SETTINGS = fit.Settings(
    epochs=12, batch_size=4, learning_rate=0.05, patience=3, precision="float32", symmetries=True, seed=1
)


def pictures():
    """Bright discs on noise; three of the twelve pictures validate, and their masks are noise."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:16, :16]
    centres = rng.integers(4, 12, (12, 2, 1, 1))
    masks = ((y - centres[:, 0]) ** 2 + (x - centres[:, 1]) ** 2 < 16)[..., None]
    images = (rng.integers(0, 100, (12, 16, 16, 3)) + 120 * masks).astype(np.uint8)
    validation = np.isin(np.arange(12), [2, 5, 11])
    masks[validation] ^= rng.random((3, 16, 16, 1)) < 0.2
    return images, masks.astype(np.uint8), validation


def train(cache, settings=SETTINGS, data=None, tell=print):
    return fit.train("unet", ARGUMENTS, training_data.Squares(*(data or pictures())), settings, cache, tell)


def scores(trained):
    return trained.history.drop(columns="seconds")


def best_model(trained):
    keras.config.set_dtype_policy("float32")
    model = architectures.build("unet", ARGUMENTS)
    model.load_weights(trained.weights)
    return model


def assert_same(one, other):
    pd.testing.assert_frame_equal(scores(one), scores(other), check_exact=True)
    assert one.weights.read_bytes() == other.weights.read_bytes()
    for a, b in zip(best_model(one).get_weights(), best_model(other).get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@dataclasses.dataclass(frozen=True)
class Uninterrupted:
    """A training, and copies of its folder as a SIGKILL after each of its writes would have left it."""

    trained: fit.Training
    killed: list


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    cache = tmp_path_factory.mktemp("uninterrupted")
    copies = tmp_path_factory.mktemp("killed")
    killed, replace = [], os.replace

    def replace_and_copy(source, target):
        replace(source, target)
        killed.append(copies / str(len(killed)))
        shutil.copytree(cache, killed[-1])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "replace", replace_and_copy)
        trained = train(cache)
    return Uninterrupted(trained, killed)


def test_the_history_has_one_row_an_epoch_and_all_scores(uninterrupted):
    history = uninterrupted.trained.history
    names = {"loss", "accuracy", "dice_coef"}
    assert set(history.columns) == {"epoch", "seconds"} | names | {f"val_{name}" for name in names}
    assert history["epoch"].tolist() == list(range(1, len(history) + 1))
    assert (history["seconds"] > 0).all()


def test_it_learns_and_stops_when_patience_is_over(uninterrupted):
    history = uninterrupted.trained.history
    assert history["loss"].iloc[-1] < history["loss"].iloc[0]
    assert 1 < best_epoch(history) < len(history) < SETTINGS.epochs
    assert len(history) == best_epoch(history) + SETTINGS.patience


def test_the_weights_are_those_of_the_epoch_with_the_lowest_validation_loss(uninterrupted):
    images, masks, validation = pictures()
    truth = masks[validation].astype(float)
    probability = best_model(uninterrupted.trained).predict(images[validation], verbose=0).astype(float)
    loss = -np.mean(truth * np.log(probability) + (1 - truth) * np.log(1 - probability))
    history = uninterrupted.trained.history
    assert loss == pytest.approx(history["val_loss"].min(), rel=1e-5)
    best = history.iloc[best_epoch(history) - 1]
    assert ((probability > 0.5) == truth).mean() == pytest.approx(best["val_accuracy"], abs=1e-6)
    dice = (2 * (truth * probability).sum() + 1) / (truth.sum() + probability.sum() + 1)
    assert dice == pytest.approx(best["val_dice_coef"], rel=1e-5)


def kept_of(trained):
    return sorted([trained.weights.name, checkpoint.RECORD])


def files_in(folder):
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def test_a_finished_training_keeps_best_weights_and_history_only(uninterrupted):
    folder = uninterrupted.trained.weights.parent
    assert files_in(folder) == kept_of(uninterrupted.trained)


def test_the_kept_weights_come_without_the_optimizer(uninterrupted):
    import h5py

    with h5py.File(uninterrupted.trained.weights) as file:
        assert "optimizer" not in file


def test_a_finished_training_is_found_again_without_training(uninterrupted, monkeypatch):
    monkeypatch.setattr(fit, "_run_epochs", None)
    again = train(uninterrupted.trained.weights.parent.parent)
    assert again.reused
    assert not uninterrupted.trained.reused
    assert again.weights == uninterrupted.trained.weights
    pd.testing.assert_frame_equal(again.history, uninterrupted.trained.history)


def recorded(folder):
    """How many epochs its record holds."""
    return len(checkpoint.read(folder, pytest.fail).history)


def killed_after(uninterrupted, rows, files):
    """The copy with so many rows of history and these files of state beside it."""
    for cache in uninterrupted.killed:
        folder = next(cache.iterdir())
        states = {path.name for path in folder.glob("state-*")}
        if recorded(folder) == rows and states == {checkpoint.state_name(n) for n in files}:
            return cache
    raise LookupError


def test_a_training_killed_between_its_state_and_its_history_goes_on_to_the_same_history_and_weights(
    uninterrupted,
):
    resumed = train(killed_after(uninterrupted, 1, [1, 2]))
    assert not resumed.reused
    assert_same(resumed, uninterrupted.trained)


def test_a_training_killed_before_it_was_marked_finished_trains_no_more(uninterrupted, monkeypatch):
    monkeypatch.setattr(keras.Model, "fit", None)
    last = len(uninterrupted.trained.history)
    assert_same(train(killed_after(uninterrupted, last, [last])), uninterrupted.trained)


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import test_fit as t
from cellseg_utils.training.epochs import Recorder
steps = []
def count_or_die(recorder, batch, logs=None):
    steps.append(batch)
    if steps == [0, 1, 2] * 2 + [0, 1]:
        os.kill(os.getpid(), signal.SIGKILL)
Recorder.on_train_batch_end = count_or_die
t.train(Path(sys.argv[2]))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_training_killed_by_sigkill_within_an_epoch_goes_on_to_the_same_history_and_weights(
    uninterrupted, tmp_path
):
    tests = os.path.dirname(__file__)
    died = subprocess.run(
        [sys.executable, "-c", KILLED, tests, str(tmp_path)], capture_output=True, text=True
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    folder = next(tmp_path.iterdir())
    assert recorded(folder) == 2
    assert not checkpoint.read(folder, pytest.fail).finished
    assert_same(train(tmp_path), uninterrupted.trained)


def flipped(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x80
    path.write_bytes(data)


def truncated(path):
    path.write_bytes(path.read_bytes()[:-7])


DAMAGES = {"flipped": flipped, "truncated": truncated, "deleted": lambda path: path.unlink()}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("file", ["weights", "record"])
def test_a_finished_training_that_is_damaged_is_trained_again_and_one_line_says_so(
    uninterrupted, tmp_path, damage, file
):
    cache = shutil.copytree(uninterrupted.trained.weights.parent.parent, tmp_path / "cache")
    folder = next(cache.iterdir())
    path = folder / (uninterrupted.trained.weights.name if file == "weights" else checkpoint.RECORD)
    damage(path)
    told = []
    again = train(cache, tell=told.append)
    assert again.earlier_epochs == 0
    assert_same(again, uninterrupted.trained)
    if (damage, file) != (DAMAGES["deleted"], "record"):  # then nothing says that there was a training
        assert told == [f"{path}：训练留下的文件已损坏，从头训练"]


@pytest.mark.parametrize("file", [checkpoint.RECORD, "state", "best"])
def test_a_damaged_checkpoint_begins_the_training_anew(uninterrupted, tmp_path, file):
    cache = shutil.copytree(killed_after(uninterrupted, 2, [1, 2]), tmp_path / "cache")
    folder = next(cache.iterdir())
    kept = checkpoint.read(folder, pytest.fail)
    path = {"state": kept.state, "best": kept.best}.get(file, folder / file)
    truncated(path)
    told = []
    again = train(cache, tell=told.append)
    assert [line.split("：")[0] for line in told] == [str(path)]
    assert again.earlier_epochs == 0
    assert_same(again, uninterrupted.trained)


def test_the_epochs_of_an_earlier_call_are_counted(uninterrupted, tmp_path):
    assert uninterrupted.trained.earlier_epochs == 0
    cache = shutil.copytree(killed_after(uninterrupted, 2, [1, 2]), tmp_path / "cache")
    assert train(cache).earlier_epochs == 2
    again = train(cache)
    assert again.earlier_epochs == len(again.history)


def test_minutes_are_the_sum_of_all_epochs(uninterrupted):
    history = uninterrupted.trained.history
    facts = fit.facts(uninterrupted.trained, SETTINGS, images=9)
    assert facts["seconds"] == pytest.approx(history["seconds"].sum())
    assert facts["images_per_second"] == pytest.approx(9 * len(history) / history["seconds"].sum())


def test_a_training_leaves_the_switches_of_the_process_as_they_were(tmp_path):
    import random

    random.seed(5), np.random.seed(5)  # noqa: NPY002
    expected = random.random(), np.random.random()  # noqa: NPY002
    random.seed(5), np.random.seed(5)  # noqa: NPY002
    policy = keras.config.dtype_policy().name
    train(tmp_path, dataclasses.replace(SETTINGS, epochs=1, precision="mixed_bfloat16"))
    assert (random.random(), np.random.random()) == expected  # noqa: NPY002
    assert keras.config.dtype_policy().name == policy


def test_another_seed_trains_otherwise(uninterrupted, tmp_path):
    other = train(tmp_path, dataclasses.replace(SETTINGS, seed=2, epochs=1))
    assert len(other.history) == 1
    assert other.history["loss"][0] != uninterrupted.trained.history["loss"][0]


def test_pictures_that_validate_never_train(uninterrupted, tmp_path):
    images, masks, validation = pictures()
    images[validation], masks[validation] = 0, 1
    other = train(tmp_path, dataclasses.replace(SETTINGS, epochs=3), (images, masks, validation))
    ours, theirs = uninterrupted.trained.history[:3], other.history
    for name in ("loss", "accuracy", "dice_coef"):
        assert ours[name].tolist() == theirs[name].tolist()
    assert (ours["val_loss"] != theirs["val_loss"]).all()


def test_a_full_disk_leaves_what_earlier_epochs_wrote_and_the_training_goes_on_from_there(
    uninterrupted, tmp_path, monkeypatch
):
    save_weights, saved = keras.Model.save_weights, []

    def save_until_full(model, path):
        saved.append(path.name)
        if path.name == checkpoint.state_name(2):
            path.write_bytes(b"half")
            raise OSError(28, "No space left on device")
        save_weights(model, path)

    with monkeypatch.context() as patch:
        patch.setattr(keras.Model, "save_weights", save_until_full)
        with pytest.raises(OSError, match="No space left"):
            train(tmp_path)
    assert files_in(next(tmp_path.iterdir())) == [
        "best-0001.weights.h5",
        checkpoint.RECORD,
        "state-0001.weights.h5",
    ]
    assert_same(train(tmp_path), uninterrupted.trained)


def test_an_unknown_architecture_raises_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match="resnet"):
        fit.train("resnet", ARGUMENTS, training_data.Squares(*pictures()), SETTINGS, tmp_path / "cache")
    assert all(files_in(folder) == [] for folder in (tmp_path / "cache").iterdir())


def test_what_killed_processes_left_is_gone_at_the_end(uninterrupted, tmp_path):
    folder = (
        shutil.copytree(uninterrupted.killed[-2], tmp_path / "cache")
        / uninterrupted.trained.weights.parent.name
    )
    assert files_in(folder) != kept_of(uninterrupted.trained)
    (folder / ".writing-abc").mkdir()
    (folder / checkpoint.state_name(1)).write_bytes(b"older")
    train(tmp_path / "cache")
    assert files_in(folder) == kept_of(uninterrupted.trained)


def key(**changes):
    pictures_changed = {
        name: changes.pop(name) for name in ("images", "masks", "validation") if name in changes
    }
    data = dataclasses.replace(training_data.Squares(*pictures()), **pictures_changed)
    return fit.key(
        **{"architecture": "unet", "arguments": ARGUMENTS, "data": data, "settings": SETTINGS, **changes}
    )


OTHER_SETTINGS = {
    "epochs": 13,
    "batch_size": 5,
    "learning_rate": 0.051,
    "patience": 4,
    "precision": "mixed_bfloat16",
    "symmetries": False,
    "seed": 2,
    "recipe": "best",
    "crop_side": 64,
    "steps": 7,
}


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(fit.Settings)])
def test_the_key_changes_with_every_setting(name):
    assert key(settings=dataclasses.replace(SETTINGS, **{name: OTHER_SETTINGS[name]})) != key()


def test_the_key_changes_with_architecture_arguments_and_data():
    images, masks, validation = pictures()
    images[0, 0, 0, 0] ^= 1
    masks[0, 0, 0, 0] ^= 1
    keys = [
        key(),
        key(architecture="attention_unet"),
        key(arguments={**ARGUMENTS, "filters": 3}),
        key(images=images),
        key(masks=masks),
        key(validation=~validation),
    ]
    assert len(set(keys)) == len(keys)
    assert key(arguments=dict(reversed(ARGUMENTS.items()))) == key()


@pytest.fixture
def copied_package(tmp_path, monkeypatch):
    shutil.copytree(places.PACKAGE, tmp_path / "cellseg_utils", ignore=shutil.ignore_patterns("fonts"))
    monkeypatch.setattr(places, "PACKAGE", tmp_path / "cellseg_utils")
    return tmp_path / "cellseg_utils"


@pytest.mark.parametrize(
    "module",
    [
        "training/fit",
        "training/recipes",
        "models/losses",
        "training/epochs",
        "training/feeding",
        "models/architectures",
        "models/blocks",
        "training/crops",
        "preprocessing/augmentation",
    ],
)
def test_the_key_changes_with_the_code_that_trains_but_not_with_docstrings(copied_package, module):
    before = key()
    path = copied_package / f"{module}.py"
    source = path.read_text(encoding="utf-8")
    path.write_text(source.replace('"""', '"""Reworded. ', 1) + "\n# a comment\n", encoding="utf-8")
    assert key() == before
    path.write_text(source + "\nCHANGED = 1\n", encoding="utf-8")
    assert key() != before


@pytest.mark.parametrize(
    "module", ["evaluation/pixel_metrics", "report/page", "run/runs", "report/runner", "prediction/tiling"]
)
def test_the_key_does_not_change_with_code_that_scores_or_draws(copied_package, module):
    before = key()
    with (copied_package / f"{module}.py").open("a", encoding="utf-8") as file:
        file.write("\nCHANGED = 1\n")
    assert key() == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("batch_size", 0),
        ("patience", 0),
        ("learning_rate", 0.0),
        ("learning_rate", float("nan")),
        ("seed", -1),
        ("precision", "float8"),
        ("recipe", "worst"),
        ("crop_side", 0),
        ("steps", 0),
    ],
)
def test_settings_that_can_not_train_are_refused_in_one_line(name, value):
    with pytest.raises(ValueError, match=f"^{name}=") as refusal:
        dataclasses.replace(SETTINGS, **{name: value})
    assert "\n" not in str(refusal.value)


def test_a_training_begins_with_the_weights_it_is_given(uninterrupted, tmp_path):
    start = uninterrupted.trained.weights
    still = dataclasses.replace(SETTINGS, epochs=1, learning_rate=1e-12)
    data = training_data.Squares(*pictures())
    trained = fit.train("unet", ARGUMENTS, data, still, tmp_path, start=start)
    for own, given in zip(
        best_model(trained).get_weights(), best_model(uninterrupted.trained).get_weights(), strict=True
    ):
        np.testing.assert_allclose(own, given, atol=1e-9)
    random = fit.train("unet", ARGUMENTS, data, still, tmp_path)
    assert random.weights.parent != trained.weights.parent


def test_the_key_changes_with_the_weights_that_a_training_begins_with(tmp_path):
    weights = [tmp_path / name for name in "ab"]
    for path in weights:
        path.write_text(path.name)
    data = training_data.Squares(*pictures())
    keys = {fit.key("unet", ARGUMENTS, data, SETTINGS, start) for start in (None, *weights)}
    assert len(keys) == 3


def test_a_resumed_training_goes_on_and_does_not_begin_with_the_weights_again(tmp_path, uninterrupted):
    start, data = uninterrupted.trained.weights, training_data.Squares(*pictures())
    settings = dataclasses.replace(SETTINGS, epochs=3)
    whole = fit.train("unet", ARGUMENTS, data, settings, tmp_path / "whole", start=start)
    killed = tmp_path / "killed"
    begin = fit.epochs.Recorder.on_epoch_begin

    def begin_or_die(recorder, epoch, logs=None):
        if epoch == 2:
            raise KeyboardInterrupt
        begin(recorder, epoch, logs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit.epochs.Recorder, "on_epoch_begin", begin_or_die)
        with pytest.raises(KeyboardInterrupt):
            fit.train("unet", ARGUMENTS, data, settings, killed, start=start)
    resumed = fit.train("unet", ARGUMENTS, data, settings, killed, start=start)
    assert resumed.earlier_epochs == 2
    assert_same(whole, resumed)
