"""Keras with the settings that the networks are written for, whatever stands in a user's `keras.json`.

https://keras.io/getting_started/#configuring-your-backend
"""

import importlib.machinery
import os
from contextlib import contextmanager

from cellseg_utils.run import imports
from cellseg_utils.run.plain_error import PlainError

LIBRARY = "keras"
BACKEND, HOME = "KERAS_BACKEND", "KERAS_HOME"  # environment variables of Keras
BACKENDS = ("tensorflow", "jax", "torch")  # the first one is the usual
LIMITS = ("KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH")  # of every training, which parameters decide here
OWN = "cellseg-utils"  # folder inside Keras's: with the settings that Keras writes where there are none


class KerasError(PlainError, RuntimeError):
    """A backend of Keras that can't be had; the message is one line with the fix."""


def install():
    """Import Keras with its usual settings from here on, whoever asks for it first."""
    imports.within(LIBRARY, usual)


@contextmanager
def usual():
    """Keras, imported meanwhile, takes nothing but its backend from the user's settings.

    Yields
    ------
    None

    Raises
    ------
    KerasError
        As `check_backend`.
    """
    check_backend()
    before = {name: os.environ.pop(name, None) for name in (HOME, *LIMITS)}
    os.environ[HOME] = os.path.join(before[HOME] or os.path.join(os.path.expanduser("~"), ".keras"), OWN)
    try:
        yield
    finally:
        del os.environ[HOME]
        os.environ.update({name: value for name, value in before.items() if value is not None})


def check_backend():
    """Refuse a backend that Keras can't import, before anything is made with it.

    Raises
    ------
    KerasError
        If the environment variable names none that the networks run on, or one that is not installed.
    """
    from cellseg_utils.run.language import listing, say

    name = os.environ.get(BACKEND) or BACKENDS[0]
    if name not in BACKENDS:
        fix = {"variable": BACKEND, "name": name, "known": listing(BACKENDS)}
        raise KerasError(say("{variable}={name}：没有这个后端，可用的是 {known}", **fix))
    if importlib.machinery.PathFinder.find_spec(name) is None:
        fix = {"variable": BACKEND, "name": name, "usual": BACKENDS[0]}
        raise KerasError(say("{variable}={name}：没有安装 {name}，请安装它，或设为 {usual}", **fix))
