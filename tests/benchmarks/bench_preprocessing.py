"""Preprocessing, cold and from the cache, against the way most kernels do it; prints the ratios of one run.

python tests/benchmarks/bench_preprocessing.py [--images N]

The rival extracts the zip and goes through the masks one by one with scikit-image: read, resize, join.
Real images where CELLSEG_DATA says so, synthetic ones otherwise.
"""

import argparse
import os
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
from skimage.io import imread
from skimage.transform import resize

from cellseg_utils.data import layout, synthetic
from cellseg_utils.preprocessing import preparation
from cellseg_utils.run import places

SIZE = 256


def data(folder):
    """Zip file of the training images: the real ones if they are there."""
    place = os.environ.get("CELLSEG_DATA")
    if place:
        return layout.find("auto", place, places.ROOT)[0]
    return synthetic.dataset_zips(folder, 60, 1, 2018)[0]


def mask_by_mask(path, ids, folder):
    """The rival: arrays of pictures and masks, made the usual way."""
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder, [name for name in archive.namelist() if name.split("/")[0] in ids])
    images = np.zeros((len(ids), SIZE, SIZE, 3), np.uint8)
    masks = np.zeros((len(ids), SIZE, SIZE), bool)
    for row, name in enumerate(ids):
        home = folder / name
        image = imread(home / "images" / f"{name}.png")[..., :3]
        images[row] = resize(image, (SIZE, SIZE), mode="constant", preserve_range=True)
        for file in (home / "masks").iterdir():
            one = resize(imread(file), (SIZE, SIZE), mode="constant", preserve_range=True)
            masks[row] |= one.astype(bool)
    return images, masks


def seconds(function, *arguments):
    """How long a call takes (seconds)."""
    started = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - started


def main():
    """Time the rival, a cold pass and a cached one on the same images, and print the ratios."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--images", type=int, help="only the first N images")
    count = ask.parse_args().images
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole = layout.open_source(data(folder / "synthetic"))
        images = dict(list(whole.images.items())[:count])
        source = layout.Source(whole.path, images, whole.masks)
        rival = seconds(mask_by_mask, source.path, list(images), folder / "extracted")
        cold = seconds(preparation.prepare_once, source, SIZE, False, folder / "cache")
        cached = seconds(preparation.prepare_once, source, SIZE, False, folder / "cache")
    print(f"{len(images)} images: rival {rival:.1f} s, cold {cold:.2f} s, cached {cached:.3f} s")
    print(f"cold {rival / cold:.1f} times as fast, cached {rival / cached:.0f} times as fast as the rival")


if __name__ == "__main__":
    main()
