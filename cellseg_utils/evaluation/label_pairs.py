"""Predicted and true labels of the same pictures, found by their names and read one pair at a time."""

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cellseg_utils.data import imagefile, label_images, layout, sources
from cellseg_utils.data.sources import DataError, Source
from cellseg_utils.run.language import later, say

GREY = 90  # of nuclei where there is no picture, 0..255
NO_TRUTH = later("{file}：没有同名的真值，没有打分")
NO_PREDICTION = later("{file}：没有同名的预测，没有打分")


@dataclass(frozen=True)
class Pairs:
    """Labels of two sides.

    Attributes
    ----------
    predicted, true : sources.Source
        From `layout.open_labels`.
    keys : dict of str to str
        Names of the predictions that have a truth, and what that is called.
    """

    predicted: Source
    true: Source
    keys: dict

    @property
    def problems(self):
        """One line for each label image without a partner, or that the names leave unclear."""
        return [
            *_alone(self.predicted, set(self.keys), NO_TRUTH),
            *_alone(self.true, set(self.keys.values()), NO_PREDICTION),
        ]

    @contextmanager
    def reading(self):
        """Open both sides.

        Yields
        ------
        read : callable
            From the name of a prediction to `(prediction, truth)`, each a `label_images.Truth` of the same
            size; raises `DataError` or `imagefile.ImageFileError`.
        """
        with sources.reader(self.predicted) as read_predicted, sources.reader(self.true) as read_true:

            def read(name):
                own = (self.predicted, read_predicted, name), (self.true, read_true, self.keys[name])
                prediction, truth = _both(*own)
                if prediction.labels.shape != truth.labels.shape:
                    sizes = {"predicted": prediction.labels.shape, "true": truth.labels.shape}
                    text = say(
                        "{name}：预测的尺寸 {predicted} 与真值的 {true} 不同，没有打分", name=name, **sizes
                    )
                    raise DataError(text)
                return prediction, truth

            yield read

    def picture(self, name, truth):
        """The picture that labels belong to, to draw on.

        Parameters
        ----------
        name : str
            Of the prediction.
        truth : (H, W) ndarray of int
            Its true labels (no unit).

        Returns
        -------
        image : (H, W, 3) ndarray of uint8
            RGB (no unit); grey nuclei on black where no picture is known or it can't be read.
        """
        for source, key in ((self.true, self.keys[name]), (self.predicted, name)):
            try:
                with sources.reader(source) as read:
                    image = imagefile.decode(*read([source.images[key]]), source.images[key]).rgb
            except (KeyError, DataError, imagefile.ImageFileError):
                continue
            if image.shape[:2] == truth.shape:
                return image
        return np.where(truth[..., None] > 0, np.uint8(GREY), np.uint8(0)).repeat(3, axis=2)


def find(predictions, truth):
    """Pair labels by their names.

    Parameters
    ----------
    predictions, truth : path-like
        As `layout.open_labels` takes them. Of two single files the names need not agree.

    Returns
    -------
    pairs : Pairs

    Raises
    ------
    DataError
        If one of the two has no labels.
    """
    paths = Path(predictions).expanduser(), Path(truth).expanduser()
    predicted, true = (layout.open_labels(path) for path in paths)
    keys = {name: name for name in predicted.masks if name in true.masks}
    if all(path.is_file() for path in paths) and len(predicted.masks) == len(true.masks) == 1:
        keys = dict(zip(predicted.masks, true.masks, strict=True))
    return Pairs(predicted, true, keys)


def _alone(source, keys, text):
    lost = [line for key, line in source.lacking.items() if key not in source.masks]
    alone = [(own or [key])[0] for key, own in source.masks.items() if key not in keys]
    return [*lost, *(say(text, file=f"{source.path.name}/{name}") for name in alone)]


def _both(predicted, true):
    """Labels of both sides; outlines are drawn at the size of the label image on the other side."""
    try:
        prediction = _labels(*predicted)
    except label_images.SizeUnknown:
        truth = _labels(*true)
        return _labels(*predicted, truth.labels.shape), truth
    return prediction, _labels(*true, prediction.labels.shape)


def _labels(source, read, key, shape=None):
    """Labels of one side; a shape is used only where the labels themselves have no size."""
    files, draw = source.masks[key], source.draw or label_images.from_masks
    named = list(zip(files, read(files), strict=True))
    try:
        return draw(key, named, None)
    except label_images.SizeUnknown:
        if shape is None and key not in source.images:
            raise
        size = shape or imagefile.decode(*read([source.images[key]]), source.images[key]).rgb.shape[:2]
        return draw(key, named, size)
