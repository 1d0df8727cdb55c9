import json

import pytest

from cellseg_utils.prediction import bundle_files
from cellseg_utils.prediction.bundle_files import BundleError
from cellseg_utils.run import places

ARGUMENTS = {"image_size": 16, "filters": 2, "depth": 1}
ABOUT = {"architecture": "unet", "arguments": ARGUMENTS, "scores": {"dice": 0.5}}
SCORES = {"dice": 0.9}


def card(about):
    return f"# {about['architecture']}"


def about_of(folder):
    return json.loads((folder / bundle_files.ABOUT).read_text(encoding="utf-8"))


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "best.weights.h5"
    path.write_bytes(b"weights")
    return path


@pytest.fixture
def folder(weights, tmp_path):
    bundle_files.save(tmp_path / "bundle", weights, ABOUT, card)
    return tmp_path / "bundle"


def test_saving_replaces_the_whole_bundle(folder, weights, tmp_path):
    (folder / "stale.txt").write_text("")
    bundle_files.save(folder, weights, {**ABOUT, "scores": SCORES}, card)
    assert not (folder / "stale.txt").exists()
    assert about_of(folder)["scores"] == SCORES
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best.weights.h5", "bundle"]


def test_a_full_disk_leaves_the_earlier_bundle(folder, weights, monkeypatch):
    def full(path, text, encoding=None):
        raise OSError(28, "No space left on device", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(bundle_files.Path, "write_text", full)
        with pytest.raises(OSError, match="No space left"):
            bundle_files.save(folder, weights, {**ABOUT, "scores": SCORES}, card)
    assert about_of(folder)["scores"] == ABOUT["scores"]


def test_a_training_can_begin_with_the_weights_of_a_bundle_of_the_same_network(folder, monkeypatch):
    expected = folder / bundle_files.WEIGHTS
    assert bundle_files.starting_weights(str(folder), "unet", ARGUMENTS) == expected
    monkeypatch.setattr(bundle_files, "SHIPPED", folder)
    assert bundle_files.starting_weights("shipped", "unet", ARGUMENTS) == expected
    monkeypatch.setattr(places, "ROOT", folder.parent)
    assert bundle_files.starting_weights(folder.name, "unet", ARGUMENTS) == expected


@pytest.mark.parametrize(
    ("architecture", "arguments", "named"),
    [("unet", {**ARGUMENTS, "filters": 4}, "arguments"), ("attention_unet", ARGUMENTS, "architecture")],
)
def test_weights_of_another_network_are_refused_with_what_differs(folder, architecture, arguments, named):
    with pytest.raises(BundleError, match=f"模型包的 {named} 是") as caught:
        bundle_files.starting_weights(str(folder), architecture, arguments)
    assert str(folder) in str(caught.value)


def test_damaged_weights_and_missing_bundles_are_no_start(folder):
    (folder / bundle_files.WEIGHTS).write_bytes(b"damaged")
    with pytest.raises(BundleError, match="sha256"):
        bundle_files.starting_weights(str(folder), "unet", ARGUMENTS)
    with pytest.raises(BundleError, match="不是完整的模型包"):
        bundle_files.starting_weights(str(folder / "none"), "unet", ARGUMENTS)


def test_a_scored_bundle_calls_pixels_nucleus_above_the_threshold_of_its_scores(folder, weights, tmp_path):
    bundle_files.save(folder, weights, {**ABOUT, "instances": {"threshold": 0.5, "blur": 4.0}}, card)
    bundle_files.save_scored(tmp_path / "scored", folder, {**SCORES, "threshold": 0.45}, card)
    assert about_of(tmp_path / "scored")["instances"] == {"threshold": 0.45, "blur": 4.0}
