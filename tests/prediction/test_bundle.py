import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import hashlib
import json
import shutil

import h5py
import keras
import numpy as np
import pandas as pd
import pytest

from cellseg_utils.evaluation import model_card
from cellseg_utils.models import architectures, precision
from cellseg_utils.prediction import bundle, bundle_files
from cellseg_utils.prediction.bundle_files import BundleError
from cellseg_utils.training import fit, recipes

ARGUMENTS = {"image_size": 16, "filters": 2, "depth": 1}
SCORES = {"val_dice_coef": 0.75, "val_accuracy": 0.9}
CARD = model_card.text
ABOUT = {
    "architecture": "unet",
    "title": "U-Net",
    "arguments": ARGUMENTS,
    "data": "合成数据",
    "training": {"epochs": 18, "best_epoch": 13, "settings": {"batch_size": 16}},
    "scores": {"val_dice_coef": 0.8834, "val_accuracy": 0.9707},
}


@pytest.fixture(scope="module")
def model():
    keras.config.set_dtype_policy("float32")
    keras.utils.set_random_seed(0)
    return architectures.build("unet", ARGUMENTS)


@pytest.fixture(scope="module")
def saved(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundle")
    model.save_weights(folder / "best.weights.h5")
    bundle_files.save(folder / "bundle", folder / "best.weights.h5", ABOUT, CARD)
    return folder / "bundle"


@pytest.fixture
def folder(saved, tmp_path):
    return shutil.copytree(saved, tmp_path / "bundle")


@pytest.fixture
def unopened(monkeypatch):
    """Fail as soon as a network is built or any HDF5 file is opened."""

    def refuse(*arguments, **options):
        raise AssertionError("opened")

    monkeypatch.setattr(h5py, "File", refuse)
    monkeypatch.setattr(architectures, "build", refuse)


def change(folder, **changes):
    about = json.loads((folder / bundle_files.ABOUT).read_text(encoding="utf-8"))
    (folder / bundle_files.ABOUT).write_text(json.dumps({**about, **changes}), encoding="utf-8")


def put_weights(folder, data):
    """Other weights with the hash that belongs to them: what a malicious author would ship."""
    (folder / bundle_files.WEIGHTS).write_bytes(data)
    change(folder, weights_sha256=hashlib.sha256(data).hexdigest())


def refusal(folder):
    with pytest.raises(BundleError) as caught:
        bundle.load(folder)
    message = str(caught.value)
    assert str(folder) in message
    assert "\n" not in message
    assert "请" in message
    return message


def test_a_loaded_bundle_predicts_what_the_saved_model_predicts(model, folder):
    images = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), np.uint8)
    loaded = bundle.load(folder, "float32")
    np.testing.assert_array_equal(loaded.model.predict(images, verbose=0), model.predict(images, verbose=0))


@pytest.mark.parametrize("architecture", architectures.ARCHITECTURES)
def test_every_architecture_comes_back_with_the_same_weights(architecture, tmp_path):
    model = architectures.build(architecture, ARGUMENTS)
    model.save_weights(tmp_path / "x.weights.h5")
    bundle_files.save(
        tmp_path / "b", tmp_path / "x.weights.h5", {**ABOUT, "architecture": architecture}, CARD
    )
    loaded = bundle.load(tmp_path / "b")
    assert loaded.model.name == architecture
    for saved_weight, weight in zip(model.get_weights(), loaded.model.get_weights(), strict=True):
        np.testing.assert_array_equal(saved_weight, weight)


def test_a_bundle_is_three_files_and_says_all_that_was_given(folder):
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", "bundle.json", "model.weights.h5"]
    about = bundle.load(folder).about
    assert about.items() >= ABOUT.items()
    assert about["weights_sha256"] == hashlib.sha256((folder / bundle_files.WEIGHTS).read_bytes()).hexdigest()
    assert about["versions"].keys() == {"python", "keras", "numpy"}
    assert (folder / bundle_files.CARD).read_text(encoding="utf-8") == model_card.text(about)


def test_a_bundle_names_the_command_that_makes_the_run_where_there_is_one(folder):
    assert "command" not in bundle.load(folder).about
    bundle_files.save_scored(
        folder.parent / "scored", folder, ABOUT["scores"], CARD, "cellseg report --profile full"
    )
    assert bundle.load(folder.parent / "scored").about["command"] == "cellseg report --profile full"


@pytest.mark.parametrize(
    ("computing", "expected"), [("float32", "float32"), ("mixed_bfloat16", "bfloat16"), ("auto", None)]
)
def test_a_bundle_computes_as_asked_and_by_default_as_fast_as_the_processor_can(folder, computing, expected):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        loaded = bundle.load(folder, computing)
    finally:
        keras.config.set_dtype_policy("float32")
    expected = expected or precision.resolve("auto").removeprefix("mixed_")
    assert loaded.model.get_layer("encoder0_conv1").compute_dtype == expected
    assert loaded.model.outputs[0].dtype == "float32"


def test_maps_in_bfloat16_are_those_in_float32_but_for_rounding(folder):
    images = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), np.uint8)
    maps = [bundle.load(folder, computing).predict(images) for computing in ("float32", "mixed_bfloat16")]
    np.testing.assert_allclose(*maps, atol=0.03)


@pytest.mark.parametrize("where", [0, 1000, -1])
def test_one_changed_byte_of_the_weights_is_refused_before_the_file_is_opened(folder, where, unopened):
    data = bytearray((folder / bundle_files.WEIGHTS).read_bytes())
    data[where] ^= 1
    (folder / bundle_files.WEIGHTS).write_bytes(data)
    assert f"{folder / bundle_files.WEIGHTS}：" in refusal(folder)


@pytest.mark.parametrize("digest", [None, "", "0" * 64, 0, [], {}])
def test_weights_without_their_hash_are_refused_before_the_file_is_opened(folder, digest, unopened):
    change(folder, weights_sha256=digest)
    assert f"{folder / bundle_files.WEIGHTS}：" in refusal(folder)


@pytest.mark.parametrize("name", [bundle_files.ABOUT, bundle_files.WEIGHTS])
def test_a_missing_file_is_named(folder, name, unopened):
    (folder / name).unlink()
    assert name in refusal(folder)


def test_a_bundle_without_its_card_predicts_all_the_same(folder):
    (folder / bundle_files.CARD).unlink()
    bundle.load(folder)


def test_a_folder_that_is_not_there_is_named(tmp_path, unopened):
    refusal(tmp_path / "none")


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"1", b"null", b'"unet"', b"\xff\xfe", b"[" * 100_000],
    ids=["empty", "cut off", "list", "number", "null", "text", "not UTF-8", "nested too deeply"],
)
def test_a_description_that_is_no_json_object_is_refused(folder, data, unopened):
    (folder / bundle_files.ABOUT).write_bytes(data)
    refusal(folder)


@pytest.mark.parametrize(
    "architecture",
    [None, 1, "", "resnet", ["unet"], {"class_name": "Lambda"}, "../../evil", "os.system", "__import__"],
)
def test_an_architecture_that_is_not_ours_is_refused(folder, architecture):
    change(folder, architecture=architecture)
    assert bundle_files.ABOUT in refusal(folder)


@pytest.mark.filterwarnings("ignore:Skipping nested container")
@pytest.mark.parametrize(
    "arguments",
    [
        None,
        [16, 2, 1],
        "image_size",
        {},
        {"image_size": 16, "filters": 2},
        {**ARGUMENTS, "custom_objects": {}},
        {**ARGUMENTS, "image_size": "16"},
        {**ARGUMENTS, "image_size": 16.0},
        {**ARGUMENTS, "image_size": 0},
        {**ARGUMENTS, "image_size": -16},
        {**ARGUMENTS, "image_size": 17},
        {**ARGUMENTS, "image_size": [16]},
        {**ARGUMENTS, "filters": True},
        {**ARGUMENTS, "filters": -2},
        {**ARGUMENTS, "filters": 3},
        {**ARGUMENTS, "depth": 0},
        {**ARGUMENTS, "depth": 2},
        {**ARGUMENTS, "depth": -1},
        {**ARGUMENTS, "depth": 1e3},
    ],
    ids=json.dumps,
)
def test_arguments_that_do_not_fit_the_weights_are_refused(folder, arguments):
    change(folder, arguments=arguments)
    assert bundle_files.ABOUT in refusal(folder)


@pytest.mark.parametrize(
    "arguments",
    [
        {**ARGUMENTS, "filters": 10**5},
        {**ARGUMENTS, "filters": 10**18},
        {**ARGUMENTS, "depth": 10**9},
        {"image_size": 1 << 40, "filters": 2, "depth": 39},
        {**ARGUMENTS, "image_size": 1 << 40},
        {"image_size": 4096, "filters": 2, "depth": 12},
    ],
    ids=json.dumps,
)
def test_arguments_that_ask_for_all_the_memory_are_refused_before_a_network_is_built(
    folder, arguments, monkeypatch
):
    monkeypatch.setattr(architectures, "build", None)
    change(folder, arguments=arguments)
    assert bundle_files.ABOUT in refusal(folder)


def test_names_in_the_description_lead_to_no_other_file(folder, tmp_path):
    (tmp_path / "evil.weights.h5").write_bytes(b"evil")
    change(folder, weights="../evil.weights.h5", path="/etc/passwd", model="../evil.weights.h5")
    assert bundle.load(folder).about["weights"] == "../evil.weights.h5"
    put_weights(folder, b"evil")
    refusal(folder)


@pytest.mark.parametrize("cut", [0, 5, 2000, -1])
def test_weights_that_are_no_whole_hdf5_file_are_refused_in_spite_of_their_hash(folder, cut):
    put_weights(folder, (folder / bundle_files.WEIGHTS).read_bytes()[:cut])
    refusal(folder)


def first_dataset(file):
    names = []
    file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
    return names[0], file[names[0]].shape


def external_storage(file, name, shape, outside):
    file.create_dataset(name, shape=shape, dtype="f4", external=[(str(outside), 0, h5py.h5f.UNLIMITED)])


def external_link(file, name, shape, outside):
    file[name] = h5py.ExternalLink(str(outside), "/secret")


def virtual(file, name, shape, outside):
    layout = h5py.VirtualLayout(shape=shape, dtype="f4")
    layout[...] = h5py.VirtualSource(str(outside), "secret", shape=shape)
    file.create_virtual_dataset(name, layout)


def missing(file, name, shape, outside):
    pass


def test_weights_that_are_exchanged_together_with_their_hash_are_loaded(folder):
    with h5py.File(folder / bundle_files.WEIGHTS, "r+") as file:
        name, shape = first_dataset(file)
        del file[name]
        file[name] = np.ones(shape, np.float32)
    put_weights(folder, (folder / bundle_files.WEIGHTS).read_bytes())
    assert np.all(bundle.load(folder).model.get_weights()[0] == 1)


@pytest.mark.filterwarnings("ignore:Skipping nested container")
@pytest.mark.parametrize("put", [external_storage, external_link, virtual, missing])
def test_weights_that_point_to_another_file_are_refused(folder, tmp_path, put):
    with h5py.File(folder / bundle_files.WEIGHTS, "r+") as file:
        name, shape = first_dataset(file)
        with h5py.File(tmp_path / "outside.h5", "w") as outside:
            outside["secret"] = np.ones(shape, np.float32)
        del file[name]
        put(file, name, shape, tmp_path / "outside.h5")
    put_weights(folder, (folder / bundle_files.WEIGHTS).read_bytes())
    refusal(folder)


def test_training_facts_are_those_of_history_and_settings():
    settings = fit.Settings(30, 16, 1e-3, 5, "float32", False, 2018)
    history = pd.DataFrame({"epoch": [1, 2, 3], "seconds": [9.0, 4.0, 5.0], "val_loss": [0.5, 0.2, 0.3]})
    facts = fit.facts(fit.Training(history, None, {}, 3), settings, images=90)
    assert facts["epochs"] == 3
    assert facts["best_epoch"] == 2
    assert facts["seconds"] == 18
    assert facts["images_per_second"] == 15
    assert facts["precision"] == "float32"
    assert facts["settings"]["seed"] == 2018
    assert json.loads(json.dumps(facts)) == facts


def test_scores_are_added_and_the_rest_stays(folder, tmp_path):
    interval = {f"{name}_interval": [0.4, 0.6] for name in model_card.SCORES}
    own = {"images": 7, "families": 5, **dict.fromkeys(model_card.SCORES, 0.5), **interval}
    bundle_files.save_scored(tmp_path / "scored", folder, {**own, "kinds": {"grey_tissue": own}}, CARD)
    before, after = bundle.load(folder).about, bundle.load(tmp_path / "scored").about
    assert after.pop("scores")["images"] == 7
    before.pop("scores")
    assert after == before
    card = (tmp_path / "scored" / bundle_files.CARD).read_text(encoding="utf-8")
    assert "| 亮底灰度 | 7 | 5 | 0.500（0.400–0.600） |" in card


ANY_SIZE = {
    "image_size": None,
    "filters": 2,
    "depth": 1,
    "stride": 2,
    "standardised": True,
    "maps": "separating",
}


@pytest.fixture(scope="module")
def separating(tmp_path_factory):
    """A model that separates, and the folder of its bundle."""
    keras.config.set_dtype_policy("float32")
    model = architectures.build("unet", ANY_SIZE)
    folder = tmp_path_factory.mktemp("separating")
    model.save_weights(folder / "best.weights.h5")
    bundle_files.save(folder / "bundle", folder / "best.weights.h5", {**ABOUT, "arguments": ANY_SIZE}, CARD)
    return model, folder / "bundle"


def test_a_network_for_any_size_comes_back_and_makes_the_same_maps(separating):
    model, folder = separating
    loaded = bundle.load(folder, "float32")
    for size in ((8, 8), (12, 32)):
        images = np.random.default_rng(0).integers(0, 256, (2, *size, 3), np.uint8)
        maps = loaded.predict(images)
        assert isinstance(maps, np.ndarray)
        assert maps.shape == (2, *size, 5)
        assert maps.dtype == np.float32
        np.testing.assert_allclose(maps, np.asarray(model(images)), atol=1e-6)


@pytest.mark.parametrize("architecture", architectures.ARCHITECTURES)
def test_pictures_of_several_sizes_pass_through_every_network(architecture):
    arguments = recipes.arguments("best", 64, filters=2, depth=2)
    keras.config.set_dtype_policy("float32")
    network = bundle.Bundle(architectures.build(architecture, arguments), {"arguments": arguments})
    for size in ((32, 64), (64, 32), (32, 32)):
        images = np.random.default_rng(0).integers(0, 256, (1, *size, 3), np.uint8)
        maps = network.predict(images)
        assert maps.shape == (1, *size, 5)
        eager = keras.ops.convert_to_numpy(network.model(images))[..., :5]
        np.testing.assert_allclose(maps, eager, atol=1e-5)


def test_a_bundle_separates_if_its_network_makes_the_maps_for_it(separating, folder):
    assert bundle.load(separating[1]).separates is True
    assert bundle.load(folder).separates is False
    assert bundle.Bundle(None, {"arguments": {**ARGUMENTS, "maps": "probability"}}).separates is False


def test_maps_of_a_network_of_one_size_are_its_probabilities(model, folder):
    images = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), np.uint8)
    maps = bundle.load(folder, "float32").predict(images)
    np.testing.assert_allclose(maps, np.asarray(model(images)), atol=1e-6)


@pytest.mark.filterwarnings("ignore:Skipping nested container")
@pytest.mark.parametrize(
    "changes",
    [
        {"stride": 1},
        {"stride": 3},
        {"stride": None},
        {"standardised": False},
        {"maps": "probability"},
        {"maps": "borders"},
        {"maps": ["separating"]},
        {"image_size": 18},
        {"depth": 2},
        {"depth": 12},
        {"filters": 10**6},
    ],
    ids=json.dumps,
)
def test_arguments_that_do_not_fit_weights_for_any_size_are_refused(separating, tmp_path, changes):
    folder = shutil.copytree(separating[1], tmp_path / "bundle")
    change(folder, arguments={**ANY_SIZE, **changes})
    assert bundle_files.ABOUT in refusal(folder)


@pytest.mark.parametrize(
    "rule", [None, [], 1, {"minimum": 3}, {"threshold": "0.5"}, {"reach": None}, {"blur": True}]
)
def test_a_rule_for_nuclei_that_is_not_ours_is_refused(separating, tmp_path, rule):
    folder = shutil.copytree(separating[1], tmp_path / "bundle")
    change(folder, instances=rule)
    assert bundle_files.ABOUT in refusal(folder)


def test_any_size_gets_maps_of_its_own_size(separating):
    network = bundle.load(separating[1])
    assert network.predict(np.zeros((1, 21, 34, 3), np.uint8)).shape[:3] == (1, 21, 34)


def test_a_network_that_was_trained_on_other_channels_is_refused(folder, unopened):
    change(folder, input={"channels": "RGB, stretched"})
    message = refusal(folder)
    assert "RGB, stretched" in message
    assert "请重新训练" in message


@pytest.mark.parametrize("fed", [{}, {"input": {}}, {"input": {"channels": "RGB"}}])
def test_a_network_that_was_trained_on_the_channels_of_today_is_loaded(folder, fed):
    change(folder, **fed)
    assert bundle.load(folder).about["title"] == "U-Net"


def test_a_damaged_description_of_the_input_is_refused(folder):
    change(folder, input=["RGB"])
    assert "无法建出模型" in refusal(folder)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("threshold", (0, 1, -1, 2, 1e9, float("nan"), float("inf"))),
        ("blur", (0, -1, 1e9, float("nan"), 10**400)),
        ("reach", (0, 2.5, 20_000, float("nan"), float("inf"))),
        ("votes", (-1, 1e9, float("nan"))),
        ("smallest", (-1, 1e12, float("nan"))),
    ],
)
def test_values_of_the_rule_that_make_no_nuclei_are_refused(folder, name, values, unopened):
    for value in values:
        change(folder, instances={name: value})
        assert name in refusal(folder)


def test_weights_that_are_not_finite_or_do_not_fit_have_words_of_their_own(model, folder, tmp_path):
    other = architectures.build("unet", {**ARGUMENTS, "filters": 3})
    other.save_weights(tmp_path / "other.weights.h5")
    put_weights(folder, (tmp_path / "other.weights.h5").read_bytes())
    assert "权重的形状与描述的网络（unet，" in refusal(folder)
    other = architectures.build("unet", ARGUMENTS)
    other.set_weights([np.full_like(weight, np.nan) for weight in other.get_weights()])
    other.save_weights(tmp_path / "nan.weights.h5")
    put_weights(folder, (tmp_path / "nan.weights.h5").read_bytes())
    assert "NaN、无穷或大得不可能" in refusal(folder)
