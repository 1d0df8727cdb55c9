"""The libraries that numbers depend on."""

import importlib.metadata

NAMES = ("tensorflow", "tensorflow-cpu", "keras", "numpy", "scikit-image", "opencv-python-headless")


def versions():
    """Name and version of each of them that is installed.

    Returns
    -------
    versions : list of str
    """
    installed = []
    for name in NAMES:
        try:
            installed.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return installed
