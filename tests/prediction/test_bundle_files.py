import hashlib
import json
import shutil

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


def test_the_hash_of_the_shipped_bundle_is_the_one_in_the_code():
    about = (bundle_files.SHIPPED / bundle_files.ABOUT).read_bytes()
    assert hashlib.sha256(about).hexdigest() == bundle_files.SHIPPED_SHA256, "pin the hash of the new bundle"


def test_a_bundle_is_the_one_whose_hash_was_told(tmp_path, monkeypatch):
    copied = shutil.copytree(bundle_files.SHIPPED, tmp_path / "copied")
    about = bundle_files.read(copied)
    for sha256 in (
        bundle_files.SHIPPED_SHA256,
        about["weights_sha256"].upper(),
        f" {about['weights_sha256']} ",
    ):
        assert bundle_files.read(copied, sha256) == about
    with pytest.raises(bundle_files.BundleError, match="不是所要的模型包，拒绝打开"):
        bundle_files.read(copied, "0" * 64)
    (copied / bundle_files.ABOUT).write_text(json.dumps({**about, "title": "another"}), encoding="utf-8")
    assert bundle_files.read(copied, about["weights_sha256"])["title"] == "another"
    monkeypatch.setenv("CELLSEG_LANG", "en")
    with pytest.raises(bundle_files.BundleError, match="this is not the model bundle asked for"):
        bundle_files.read(copied, bundle_files.SHIPPED_SHA256)


def test_the_shipped_bundle_is_refused_once_it_is_changed(tmp_path, monkeypatch):
    copied = shutil.copytree(bundle_files.SHIPPED, tmp_path / "copied")
    monkeypatch.setattr(bundle_files, "_INSIDE", copied)
    bundle_files.read(copied)
    text = (copied / bundle_files.ABOUT).read_text(encoding="utf-8")
    (copied / bundle_files.ABOUT).write_text(
        text.replace('"threshold": 0.45', '"threshold": 0.95'), encoding="utf-8"
    )
    with pytest.raises(bundle_files.BundleError, match="不是所要的模型包"):
        bundle_files.read(copied)
