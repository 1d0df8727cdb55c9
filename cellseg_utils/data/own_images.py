"""Pictures without truth: the competition's test images, a user's own, and two that scikit-image carries."""

import numpy as np

from cellseg_utils.data import dataset, image_paths, imagefile, layout, picture_files
from cellseg_utils.run.language import say
from cellseg_utils.run.plain_error import ArgumentError


def skimage_pictures():
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

    pictures = {"skimage-immunohistochemistry": data.immunohistochemistry(), "skimage-cell": data.cell()}
    return {name: imagefile.to_rgb(image, name) for name, image in pictures.items()}


def from_layout(path, skip_bad=False):
    """Read the pictures of a zip file, or of a folder in the competition's layout.

    Parameters
    ----------
    path : path-like
        `stage1_test.zip`, the folder that it extracts to, or a zip file of one's own.
    skip_bad : bool
        Leave bad pictures out instead of raising.

    Returns
    -------
    pictures : dict of str to (H, W, 3) ndarray of uint8
        RGB (no unit), keyed by ImageId or by the member's name, made `picture_names.distinct`.
    problems : list of str
        One Chinese line for each bad picture; empty unless `skip_bad`.

    Raises
    ------
    layout.DataError
        If pictures are bad and `skip_bad` is false (all of them are named), or none is good.
    """
    source = layout.open_pictures(path, imagefile.SUFFIXES)
    samples, problems = dataset.map_samples(
        source, lambda sample: sample, skip_bad=skip_bad, description=say("读取测试图像"), with_masks=False
    )
    names = picture_files.names_in(source)
    return {names[sample.id]: sample.image for sample in samples}, problems


def from_pattern(pattern, root, skip_bad=False):
    """Read the pictures that a user names.

    Parameters
    ----------
    pattern, root : str, path-like
        As `image_paths.matched` takes them.
    skip_bad : bool
        Leave bad pictures out instead of raising.

    Returns
    -------
    pictures : dict of str to (H, W, 3) ndarray of uint8
        RGB (no unit), keyed by ImageId, or as `picture_names.of_files` does.
    problems : list of str
        One Chinese line for each bad picture; empty unless `skip_bad`.

    Raises
    ------
    layout.DataError
        If nothing matches, a zip file is one of several matches, a folder in the competition's layout also
        holds pictures directly, or pictures are bad as in `from_layout`.
    """
    paths = picture_files.found([pattern], root)
    if image_paths.is_layout(paths[0]):
        return from_layout(paths[0], skip_bad)
    pictures, problems = {}, []
    for name, picture in picture_files.readers(paths).items():
        try:
            pictures[name] = picture.read().rgb
        except imagefile.ImageFileError as error:
            problems.append(str(error))
    dataset.check_problems(pattern, problems, len(paths), skip_bad)
    return pictures, problems


def spread(count, shown, last=0):
    """Choose which pictures to show, evenly over all of them.

    Parameters
    ----------
    count : int
        Number of pictures.
    shown : int
        How many to show at most.
    last : int
        How many at the end to show in any case, as long as they are no more than half of what is shown.

    Returns
    -------
    picks : list of int
        Positions, ascending.

    Raises
    ------
    ValueError
        If `shown` is less than one.
    """
    if shown < 1:
        raise ArgumentError(say("shown_images 至少应为 1"))
    last = min(last, shown // 2, count)
    rest = count - last
    evenly = np.linspace(0, rest - 1, min(rest, shown - last)).astype(int)
    return [*evenly.tolist(), *range(rest, count)]
