"""The folder of a model bundle: all that prediction needs, and nothing that can run anybody's code.

`bundle.json` says how to build the network and how to feed it; `model.weights.h5` holds weights only, and is
opened only if its SHA-256 is the recorded one; `README.md` is the model card.
"""

import hashlib
import importlib.metadata
import json
import platform
from pathlib import Path

import numpy as np

from cellseg_utils.run import files, fingerprint, places, reading
from cellseg_utils.run.language import say
from cellseg_utils.run.plain_error import PlainError, one_line

WEIGHTS, ABOUT, CARD = "model.weights.h5", "bundle.json", "README.md"
SHIPPED = _INSIDE = Path(__file__).parent / "shipped"  # the bundle inside the package
SHIPPED_SHA256 = "023fc48e7f500fb00a41fb7c2088bc93574606f33895713d41a103c440256d17"  # of its bundle.json


class BundleError(PlainError, ValueError):
    """A bundle that can't be used; the message is one line with the file and the fix."""


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
    keras = importlib.metadata.version("keras")  # to import it takes seconds
    versions = {"python": platform.python_version(), "keras": keras, "numpy": np.__version__}
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


def read(folder, sha256=""):
    """What a bundle says of itself, once its weights are known to be the recorded ones.

    That shows damage only: who makes a bundle records what he likes. Where a bundle comes from is shown by a
    hash that was told some other way, as the package tells that of its own.

    Parameters
    ----------
    folder : Path
    sha256 : str
        What the SHA-256 of `bundle.json` must be, which covers the weights, or that of the weights alone;
        anything when empty. That of the bundle inside the package is known.

    Returns
    -------
    about : dict
        Contents of `bundle.json`.

    Raises
    ------
    BundleError
        If a file is missing or no JSON, the weights are not the recorded ones, or the hash is another.
    """
    try:
        text = reading.whole(folder / ABOUT, reading.LARGEST_TEXT)
        about, own = json.loads(text), hashlib.sha256(text).hexdigest()
        digest = fingerprint.of_file(folder / WEIGHTS)
    except (OSError, ValueError, RecursionError) as error:
        raise BundleError(
            say(
                "{path}：不是完整的模型包（{error}），请重新训练或重新下载",
                path=folder,
                error=one_line(error),
            )
        ) from error
    if not isinstance(about, dict) or digest != about.get("weights_sha256"):
        raise BundleError(
            say(
                "{path}：内容与 {about} 记录的 sha256 不符，拒绝打开，请重新下载",
                path=folder / WEIGHTS,
                about=ABOUT,
            )
        )
    for wanted in filter(None, (SHIPPED_SHA256 if folder == _INSIDE else "", sha256.strip().lower())):
        if wanted in (own, digest):
            continue
        raise BundleError(
            say(
                "{path}：sha256 是 {own}，应为 {wanted}，不是所要的模型包，拒绝打开，请重新下载",
                path=folder / ABOUT,
                own=own,
                wanted=wanted,
            )
        )
    return about


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
    about = read(folder)
    for name, wanted, found in (
        ("architecture", architecture, about.get("architecture")),
        ("arguments", arguments, about.get("arguments")),
    ):
        if found != wanted:
            raise BundleError(
                say(
                    "init_bundle={bundle}：模型包的 {name} 是 {found}，要训练的是 {wanted}，请改成一样的",
                    bundle=init_bundle,
                    name=name,
                    found=found,
                    wanted=wanted,
                )
            )
    return folder / WEIGHTS
