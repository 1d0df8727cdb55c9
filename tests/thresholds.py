"""Settings whose network is a threshold, so that nuclei are known, in any process and without TensorFlow."""

import os
import signal
from pathlib import Path

import cv2
import numpy as np

from cellseg_utils.prediction import interchange, results
from cellseg_utils.prediction.jobs import Settings
from cellseg_utils.run.language import say

DEATHS = "CELLSEG_TEST_DEATHS"


class Found:
    """As `segmentation.Segmentation`, whose module imports TensorFlow."""

    def __init__(self, image):
        self.labels = cv2.connectedComponents((image[..., 0] > 128).astype(np.uint8))[1]
        self.certainty = None
        self.doubt = "" if self.labels.any() else say("没有找到细胞核")


class Finder:
    """As `segmenter.Segmenter`, with any function from colours to what is found."""

    def __init__(self, find=Found, formats=None):
        self._find, self._formats = find, interchange.ALWAYS if formats is None else formats

    def write(self, out, name, picture):
        image = picture.read()
        return results.write(out, self._formats, name, image, self._find(image.rgb))


class Threshold(Settings):
    """A nucleus is a piece brighter than 128."""

    def segmenter(self, computing):
        return Finder(formats=self.formats)


class Deadly(Threshold):
    """Kills the process at a picture of 13 columns, until the folder DEATHS holds a file for each life."""

    lives = 1

    def segmenter(self, computing):
        def segment(image):
            folder = Path(os.environ[DEATHS])
            deaths = len(list(folder.iterdir()))
            if image.shape[1] == 13 and deaths < self.lives:
                (folder / str(deaths)).touch()
                os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
            return Found(image)

        return Finder(segment, self.formats)


class Poisonous(Deadly):
    """Kills whichever process looks at a picture of 13 columns."""

    lives = 1000


def put(folder, name, nuclei=2, shape=(9, 12)):
    """Write a picture with nuclei of 3 by 1 pixels side by side."""
    image = np.zeros(shape, np.uint8)
    image[2:5, 1 : 1 + 3 * nuclei : 3] = 255
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(cv2.imencode(f".{name.rsplit('.')[-1]}", image)[1].tobytes())


def contents(folder):
    """Bytes of all files below a folder but what is remembered for the next call, by their paths."""
    below = (path for path in folder.rglob("*") if path.is_file())
    inside = {path.relative_to(folder).as_posix(): path.read_bytes() for path in below}
    return {name: data for name, data in inside.items() if not name.startswith(".cellseg/")}
