"""What a training is fed with: batches that depend on seed and epoch only."""

import keras
import numpy as np

from cellseg_utils.preprocessing import augmentation


class Feed(keras.utils.PyDataset):
    """Batches that threads of Keras fetch.

    With one worker Keras leaves the fetching to tf.data, whose tuning thread can miss that an epoch has ended
    (it asks `CancellationManager::IsCancelled`, which still says no while the thread is being woken) and then
    sleeps on: after about half of all epochs, everything waited for up to as long as the epoch had taken.

    Source: https://github.com/tensorflow/tensorflow/blob/v2.21.0/tensorflow/core/framework/model.cc
    """

    def __init__(self):
        super().__init__(workers=2)


class Shuffled(Feed):
    """Every picture once an epoch, in a new order.

    Parameters
    ----------
    images : (N, H, W, 3) ndarray of uint8
        RGB (no unit).
    masks : (N, H, W, 1) ndarray of uint8
        1 is nucleus (no unit).
    settings : fit.Settings
    epoch : int
        To begin with, counted from 0.
    """

    def __init__(self, images, masks, settings, epoch):
        super().__init__()
        self._images, self._masks, self._settings = images, masks, settings
        self._start(epoch)

    def __len__(self):
        return -(-len(self._images) // self._settings.batch_size)

    def __getitem__(self, index):
        size = self._settings.batch_size
        picks = self._order[index * size : (index + 1) * size]
        images, masks = self._images[picks], self._masks[picks].astype(np.float32)
        if self._settings.symmetries:
            rng = np.random.default_rng([self._settings.seed, self._epoch, index])
            images, masks = augmentation.symmetries(images, masks, rng)
        return images, masks

    def on_epoch_end(self):
        self._start(self._epoch + 1)

    def _start(self, epoch):
        self._epoch = epoch
        self._order = np.random.default_rng([self._settings.seed, epoch]).permutation(len(self._images))


class Stored(Feed):
    """The same batches in every epoch.

    Parameters
    ----------
    batches : sequence of (images, masks)
    """

    def __init__(self, batches):
        super().__init__()
        self._batches = batches

    def __len__(self):
        return len(self._batches)

    def __getitem__(self, index):
        return self._batches[index]
