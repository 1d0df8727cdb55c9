"""The model bundle: a folder that is all that prediction needs, and that can't run anybody's code.

`bundle.json` says how to build the network and how to feed it; `model.weights.h5` holds weights only, and is
opened only if its SHA-256 is the recorded one; `README.md` is the model card.
"""

import json
import platform
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np

from cellseg_utils.models import architectures, blocks, precision, randomness
from cellseg_utils.prediction import instances, views
from cellseg_utils.run import files, fingerprint, places

WEIGHTS, ABOUT, CARD = "model.weights.h5", "bundle.json", "README.md"
SHIPPED = Path(__file__).parent / "shipped"  # the bundle inside the package
MAX_SIDE = 4096  # pixels


class BundleError(ValueError):
    """A bundle that can't be used; the message is one Chinese line with the file and the fix."""


@dataclass(frozen=True)
class Bundle:
    """A network ready to predict, and what is known about it.

    Attributes
    ----------
    model : keras.Model
        With the trained weights.
    about : dict
        Contents of `bundle.json`.
    """

    model: keras.Model
    about: dict

    @property
    def separates(self):
        """Whether the network makes the maps that tell touching nuclei apart."""
        return self.about["arguments"].get("maps") == "separating"

    @property
    def rule(self):
        """How votes become nuclei, an `instances.Rule`."""
        return instances.Rule(**self.about.get("instances", {}))

    @property
    def any_size(self):
        """Whether the network takes pictures of any size, with nuclei of the common size."""
        return self.about["arguments"]["image_size"] is None

    def with_threshold(self, threshold):
        """The same network, which calls a pixel nucleus above another probability.

        Parameters
        ----------
        threshold : float
            0..1 (no unit).

        Returns
        -------
        bundle : Bundle
        """
        rule = {**self.about.get("instances", {}), "threshold": threshold}
        return replace(self, about={**self.about, "instances": rule})

    def predict(self, images):
        """What the network makes of pictures.

        Parameters
        ----------
        images : (N, H, W, 3) ndarray of uint8
            RGB, any height and width: what the network needs more of is added for it (no unit).

        Returns
        -------
        maps : (N, H, W, C) ndarray of float32
        """
        self.model.jit_compile = False  # or every size of picture would be compiled on its own
        height, width = images.shape[1:3]
        multiple = architectures.side_multiple(self.about["arguments"])
        padded = np.pad(images, ((0, 0), (0, -height % multiple), (0, -width % multiple), (0, 0)))
        maps = self.model.predict_on_batch(padded)  # a call would run layer by layer
        channels = blocks.channels(self.about["arguments"].get("maps", "probability"))
        return maps[:, :height, :width, :channels]


def save(folder, weights, about, card, command=None):
    """Write a bundle.

    Parameters
    ----------
    folder : path-like
        Replaced as a whole.
    weights : path-like
        A `.weights.h5` file without optimizer.
    about : dict
        `architecture`, `title`, `arguments`, `data` (what it was trained on), `training`, `scores` and what
        else prediction needs; versions and the hash of the weights are added.
    card : callable
        From the contents of `bundle.json` to the text of the model card, Markdown.
    command : str, optional
        What makes the run; people who run a notebook by hand have none.

    Raises
    ------
    OSError
        If the disk is full; an earlier bundle stays.
    """
    versions = {"python": platform.python_version(), "keras": keras.__version__, "numpy": np.__version__}
    about = {**about, "versions": versions, "weights_sha256": fingerprint.of_file(weights)}
    if command:
        about["command"] = command
    with files.replacing(folder) as temporary:
        temporary.mkdir()
        (temporary / WEIGHTS).write_bytes(Path(weights).read_bytes())
        (temporary / ABOUT).write_text(json.dumps(about, ensure_ascii=False, indent=1), encoding="utf-8")
        (temporary / CARD).write_text(card(about), encoding="utf-8")


def save_scored(folder, source, scores, card, command=None):
    """Write a bundle again, with scores, the threshold that gave them, and a model card that shows them.

    Parameters
    ----------
    folder : path-like
        Replaced as a whole.
    source : path-like
        The bundle as it was saved after training.
    scores : dict
        As notebook 07 leaves them in `scores.json`.
    card, command
        As for `save`.

    Raises
    ------
    OSError
        If the bundle can't be read or the disk is full.
    """
    about = json.loads((Path(source) / ABOUT).read_text(encoding="utf-8"))
    if "threshold" in scores:
        about["instances"] = {**about.get("instances", {}), "threshold": scores["threshold"]}
    save(folder, Path(source) / WEIGHTS, {**about, "scores": scores}, card, command)


def load(folder=SHIPPED, computing="auto"):
    """Check a bundle and build its network.

    Parameters
    ----------
    folder : path-like
        The bundle inside the package when left out.
    computing : str
        A Keras dtype policy; `"auto"` is the fastest that this processor computes natively. Scores in
        bfloat16 differ from those in float32 by a thousandth or two.

    Returns
    -------
    bundle : Bundle

    Raises
    ------
    BundleError
        If a file is missing or no JSON, the weights are not the recorded ones, the network is unknown or
        larger than its weights, or it was trained on other channels than those that it would be fed with.
    """
    folder = Path(folder)
    about = _checked(folder)
    try:
        _check_arguments(about["arguments"], (folder / WEIGHTS).stat().st_size)
        _check_channels(about, folder)
        instances.Rule(**about.get("instances", {}))
        model = network(about["architecture"], about["arguments"], folder / WEIGHTS, computing)
    except BundleError:
        raise
    except (KeyError, TypeError, ValueError, OSError, RuntimeError, AttributeError) as error:
        raise BundleError(
            f"{folder / ABOUT}：按其中的描述无法建出模型（{_one_line(error)}），请重新训练或重新下载"
        ) from error
    return Bundle(model, about)


def starting_weights(init_bundle, architecture, arguments):
    """Weights of a bundle, for a training of the same network to begin with, whatever it was fed with.

    Parameters
    ----------
    init_bundle : str
        The bundle's folder, from the project's folder; `"shipped"` is the one inside the package.
    architecture, arguments
        Of the network that is trained, as for `architectures.build`.

    Returns
    -------
    weights : Path
        The bundle's file; its hash is the recorded one.

    Raises
    ------
    BundleError
        If there is no such bundle, it is damaged, or its network is another.
    """
    folder = SHIPPED if init_bundle == "shipped" else places.ROOT / Path(init_bundle).expanduser()
    about = _checked(folder)
    for name, wanted, found in (
        ("architecture", architecture, about.get("architecture")),
        ("arguments", arguments, about.get("arguments")),
    ):
        if found != wanted:
            raise BundleError(
                f"init_bundle={init_bundle}：模型包的 {name} 是 {found}，要训练的是 {wanted}，请改成一样的"
            )
    return folder / WEIGHTS


def network(architecture, arguments, weights, computing="auto"):
    """Build a network that predicts, and give it its weights.

    Parameters
    ----------
    architecture, arguments
        As for `architectures.build`.
    weights : Path
        A `.weights.h5` file whose origin has been checked.
    computing : str
        As for `load`.

    Returns
    -------
    model : keras.Model

    Raises
    ------
    ValueError
        If the network is unknown, or the weights are those of another.
    OSError
        If the file can't be read.
    """
    with precision.computing_in(precision.resolve(computing)), randomness.kept():
        model = architectures.build(architecture, arguments)
    model.load_weights(weights)
    return model


def _checked(folder):
    """Contents of `bundle.json`, once the weights are known to be the recorded ones."""
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        digest = fingerprint.of_file(folder / WEIGHTS)
    except (OSError, ValueError, RecursionError) as error:
        raise BundleError(
            f"{folder}：不是完整的模型包（{_one_line(error)}），请重新训练或重新下载"
        ) from error
    if not isinstance(about, dict) or digest != about.get("weights_sha256"):
        raise BundleError(f"{folder / WEIGHTS}：内容与 {ABOUT} 记录的 sha256 不符，拒绝打开，请重新下载")
    return about


def _check_arguments(arguments, weights_bytes):
    """Refuse a network that could not be the one of these weights, before it fills the memory."""
    side, filters, depth = (arguments[name] for name in ("image_size", "filters", "depth"))
    side = MAX_SIDE if side is None else side  # any size
    if not all(type(value) is int and value > 0 for value in (side, filters, depth)):
        raise ValueError(f"image_size、filters、depth 应是正整数，得到的是 {side!r}、{filters!r}、{depth!r}")
    if side > MAX_SIDE or depth >= side.bit_length():
        raise ValueError(f"image_size={side} 应在 {MAX_SIDE} 以内，且能减半 depth={depth} 次")
    if 4 * 9 * (filters << depth) ** 2 > weights_bytes:  # float32 kernel of the bottom's second convolution
        raise ValueError(f"filters={filters}、depth={depth} 的模型比权重文件还大")


def _check_channels(about, folder):
    """Refuse a network that would see something else than in its training, and be wrong without a word."""
    fed = views.fed_with(about["arguments"])["channels"]
    trained = about.get("input", {}).get("channels", fed)
    if trained != fed:
        raise BundleError(f"{folder}：这个模型是用别的输入训练的（{trained}；现在是 {fed}），请重新训练")


def _one_line(error):
    return " ".join(str(error).split())[:200]
