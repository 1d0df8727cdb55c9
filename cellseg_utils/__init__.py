"""Cell segmentation report: the helpers of the notebooks, and a library to segment pictures with.

>>> import cellseg_utils
>>> bundle = cellseg_utils.load()  # the bundle inside the package, or a folder's
>>> image = cellseg_utils.open_image("a.tif")  # doctest: +SKIP
>>> labels = cellseg_utils.segment(bundle, image.rgb).labels  # doctest: +SKIP
>>> table = cellseg_utils.measure(labels, image.channels, image.names, image.pixel_size)  # doctest: +SKIP

Each folder has one job and says in its own first lines what it may import.
"""

import os
import sys

if sys.argv[:1] == ["-m"] and not getattr(sys.flags, "safe_path", False):
    del sys.path[0]  # the folder that somebody works in may hold a numpy.py, or a file named as Python's own
    if os.path.dirname(__path__[0]) not in sys.path:  # a clone that is not installed is where that folder was
        sys.path.append(os.path.dirname(__path__[0]))

import importlib

from cellseg_utils.run import keras_settings, quiet

LAZY = {  # loaded when they are asked for
    "load": "prediction.bundle",
    "open_image": "data.imagefile",
    "segment": "prediction.segmentation",
    "measure": "prediction.measuring",
}

# TensorFlow's start-up messages would stand in the notebooks' outputs; only errors shall.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
quiet.install()
keras_settings.install()


def __getattr__(name):
    if name not in LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{LAZY[name]}"), name)


def __dir__():
    return [*globals(), *LAZY]
