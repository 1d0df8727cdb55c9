"""Pictures without truth: the competition's test images, a user's own, and two that scikit-image carries."""

import glob
from pathlib import Path

import cv2
import numpy as np

from cellseg_utils import dataset, files, imagefile, layout


def library_pictures():
    """Two real pictures inside scikit-image, which need no download: stained tissue and an unstained cell.

    Returns
    -------
    pictures : dict of str to (H, W, 3) ndarray of uint8
        RGB (no unit), keyed by name.

    References
    ----------
    https://scikit-image.org/docs/stable/api/skimage.data.html
    """
    from skimage import data  # takes half a second to import

    found = {"skimage-immunohistochemistry": data.immunohistochemistry(), "skimage-cell": data.cell()}
    return {name: imagefile.to_rgb(image, name) for name, image in found.items()}


def from_layout(path):
    """Read the pictures of a zip file or folder in the competition's layout.

    Parameters
    ----------
    path : path-like
        `stage1_test.zip`, or the folder that it extracts to.

    Returns
    -------
    pictures : dict of str to (H, W, 3) ndarray of uint8
        RGB (no unit), keyed by ImageId.

    Raises
    ------
    layout.DataError
        If a picture is bad; all bad ones are named.
    """
    return {sample.id: sample.image for sample in dataset.read_samples(layout.open_source(path))}


def from_pattern(pattern, root):
    """Read the pictures that a user names.

    Parameters
    ----------
    pattern : str
        A file, a folder, a wildcard such as `slides/*.tif`, or a zip file in the competition's layout.
    root : path-like
        Where relative patterns start if they match nothing from here.

    Returns
    -------
    pictures : dict of str to (H, W, 3) ndarray of uint8
        RGB (no unit), keyed by file name without its ending.

    Raises
    ------
    layout.DataError
        If nothing matches, or pictures are bad; all bad ones are named.
    """
    paths = _matches(pattern) or _matches(str(Path(root) / pattern))
    if not paths:
        kinds = "、".join(imagefile.SUFFIXES)
        raise layout.DataError(f"{pattern}：没有找到图像（{kinds}），请检查路径或通配符")
    if paths[0].suffix.lower() == ".zip":
        return from_layout(paths[0])
    pictures, problems = {}, []
    for path in paths:
        try:
            pictures[_free_name(path, pictures)] = imagefile.read_image(path)
        except imagefile.ImageFileError as error:
            problems.append(str(error))
    if problems:
        raise layout.DataError("\n".join(problems))
    return pictures


def save_masks(masks, folder):
    """Write masks as PNG files, 255 for nucleus.

    Parameters
    ----------
    masks : dict of str to (H, W) ndarray of bool
        Keyed by name (no unit).
    folder : Path
        Replaced as a whole.

    Raises
    ------
    OSError
        If the disk is full; the earlier folder stays.
    """
    with files.replacing(folder) as temporary:
        temporary.mkdir()
        for name, mask in masks.items():
            encoded = cv2.imencode(".png", mask.astype(np.uint8) * 255)[1]
            (temporary / f"{name}.png").write_bytes(encoded.tobytes())


def _matches(pattern):
    path = Path(pattern)
    if path.is_dir():
        return sorted(file for file in path.iterdir() if file.suffix.lower() in imagefile.SUFFIXES)
    if path.is_file():
        return [path]
    return sorted(Path(name) for name in glob.glob(pattern, recursive=True) if Path(name).is_file())


def _free_name(path, taken):
    return path.stem if path.stem not in taken else path.name
