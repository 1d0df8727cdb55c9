"""A network ready to predict, from the folder of a model bundle."""

from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np

from cellseg_utils.models import architectures, blocks, precision, randomness
from cellseg_utils.prediction import bundle_files, instances, views, weights_file
from cellseg_utils.run.language import listing, say
from cellseg_utils.run.plain_error import ArgumentError, one_line

MAX_SIDE = 4096  # pixels


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

    @property
    def channels(self):
        """How many maps the network makes."""
        return blocks.channels(self.about["arguments"].get("maps", "probability"))

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
        return maps[:, :height, :width, : self.channels]


def load(folder=bundle_files.SHIPPED, computing="auto", sha256=""):
    """Check a bundle and build its network.

    Parameters
    ----------
    folder : path-like
        The bundle inside the package when left out.
    computing : str
        A Keras dtype policy; `"auto"` is the fastest that this processor computes natively. Scores in
        bfloat16 differ from those in float32 by a thousandth or two.
    sha256 : str
        As for `bundle_files.read`.

    Returns
    -------
    bundle : Bundle

    Raises
    ------
    bundle_files.BundleError
        If a file is missing or no JSON, the weights are not the recorded ones, the network is unknown or
        larger than its weights, or it was trained on other channels than those that it would be fed with.
    """
    folder = Path(folder)
    about = bundle_files.read(folder, sha256)
    try:
        _check_arguments(about["arguments"], (folder / bundle_files.WEIGHTS).stat().st_size)
        _check_channels(about)
        instances.Rule(**about.get("instances", {})).check()
        model = network(about["architecture"], about["arguments"], folder / bundle_files.WEIGHTS, computing)
    except MemoryError:
        raise
    except Exception as error:  # whatever a value of another type leads to
        why = one_line(error)
        raise bundle_files.BundleError(
            say(
                "{path}：按其中的描述无法建出模型（{error}），请重新训练或重新下载",
                path=folder / bundle_files.ABOUT,
                error=why,
            )
        ) from error
    return Bundle(model, about)


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
    weights_file.check(weights)
    try:
        model.load_weights(weights)
    except (KeyError, TypeError, ValueError, IndexError) as error:  # Keras's own words fill a page
        raise weights_file.shapes_differ(model) from error
    return model


def _check_arguments(arguments, weights_bytes):
    """Refuse a network that could not be the one of these weights, before it fills the memory."""
    side, filters, depth = (arguments[name] for name in ("image_size", "filters", "depth"))
    side = MAX_SIDE if side is None else side  # any size
    if not all(type(value) is int and value > 0 for value in (side, filters, depth)):
        found = listing(map(repr, (side, filters, depth)))
        raise ArgumentError(say("image_size、filters、depth 应是正整数，得到的是 {found}", found=found))
    if side > MAX_SIDE or depth >= side.bit_length():
        raise ArgumentError(
            say(
                "image_size={side} 应在 {most} 以内，且能减半 depth={depth} 次",
                side=side,
                most=MAX_SIDE,
                depth=depth,
            )
        )
    if 4 * 9 * (filters << depth) ** 2 > weights_bytes:  # float32 kernel of the bottom's second convolution
        raise ArgumentError(
            say("filters={filters}、depth={depth} 的模型比权重文件还大", filters=filters, depth=depth)
        )


def _check_channels(about):
    """Refuse a network that would see something else than in its training, and be wrong without a word."""
    fed = views.fed_with(about["arguments"])["channels"]
    trained = about.get("input", {}).get("channels", fed)
    if trained != fed:
        raise ArgumentError(say("它是用别的输入训练的：{trained}；现在是 {fed}", trained=trained, fed=fed))
