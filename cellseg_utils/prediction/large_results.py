"""Write what is found in a picture that is segmented block by block."""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import numpy as np
import pandas as pd
from tqdm import tqdm

from cellseg_utils.prediction import (
    doubts,
    exports,
    in_blocks,
    interchange,
    label_file,
    results,
    run_lengths,
    streamed,
    survey,
)
from cellseg_utils.prediction.exports import LABELS, OBJECTS, SUBMISSION, SUMMARY
from cellseg_utils.prediction.filters import EVERY
from cellseg_utils.prediction.segmentation import Segmentation
from cellseg_utils.run import files
from cellseg_utils.run.language import listing, say


def write(folder, formats, name, source, bundle, speed, wanted=EVERY, diameter=0):
    """Segment a picture block by block; write its label image and its other files.

    Parameters
    ----------
    folder : Path
    formats : dict of str to (str, callable)
        From `interchange.chosen`; those of `interchange.ALWAYS` are made smaller, of the others those that
        are `streamed.possible` are written.
    name : str
        Of the picture among the results.
    source : large_tiff.LargeTiff or in_blocks.Whole
    bundle : bundle.Bundle
    speed : str
        A key of `views.SPEEDS`.
    wanted : filters.Filter
        Which of the nuclei are written.
    diameter : float
        Of nuclei (pixels); 0 to find it out.

    Returns
    -------
    written : results.Written

    Raises
    ------
    results.LargeError
        If the network is for pictures of one size.
    imagefile.ImageFileError
        If the picture can't be read; nothing is written then.
    OSError
        If the disk is full.
    """
    if not bundle.any_size:
        raise results.LargeError(
            say("这个模型包把整张图缩到一个固定的大小，不适合这么大的图，请换一个模型包或切小")
        )
    glance = survey.surveyed(source)
    plan = survey.planned(bundle, source, glance, speed, diameter)
    network, asked = in_blocks.Sparing(bundle), set(formats) - set(interchange.ALWAYS)
    paths = {own: folder / own / f"{name}{formats[own][0]}" for own in formats}
    with ExitStack() as stack:
        drawn = label_file.LabelFile(
            stack.enter_context(tempfile.TemporaryFile(dir=folder, buffering=0)), source.shape
        )
        streams = [
            stack.enter_context(opened(stack.enter_context(files.replacing(paths[own]))))
            for own, opened in streamed.possible(asked, source.shape).items()
        ]
        blocks = in_blocks.segmented(bundle, network, source, plan, drawn, wanted)
        count = len(in_blocks.cores(source.shape, plan.side))
        lists = _Lists(name, source.shape, streams)
        for block in tqdm(_ahead(blocks), name, count, leave=False, unit=say("块")):
            lists.add(block)
        labels = folder / LABELS / f"{name}.tif"
        with files.replacing(labels) as temporary:
            drawn.save(temporary, source.about.pixel_size)
        found = Segmentation(drawn.thinned(glance.factor), None)
        for own, (_, encode) in interchange.ALWAYS.items():
            files.write_bytes(paths[own], encode(glance.small, found))
    left_out = asked - set(streamed.possible(asked, source.shape))
    made = [labels, *(path for own, path in paths.items() if own not in left_out)]
    note = _note(source, glance, network, lists.cut, left_out)
    own = lists.rows(source.about), lists.columns, source.about.remarks, lists.doubt(source.about)
    return results.Written(made, *own, note)


def _ahead(blocks):
    """The same blocks; while one is written, the next one is segmented."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, blocks, None)
        while block := coming.result():
            coming = thread.submit(next, blocks, None)
            yield block


class _Lists:
    """Lines of all nuclei by table, and what they tell of the picture."""

    def __init__(self, name, shape, streams):
        self._name, self._shape, self._streams = name, shape, streams
        self._lines, self._areas, self._features = {OBJECTS: [], SUBMISSION: []}, [], []
        self.columns, self.cut = list(exports.OBJECT_COLUMNS), 0

    def add(self, block):
        corner = block.rows.start, block.columns.start
        table = exports.objects(self._name, block.image, block.found, block.others)
        table = _moved(table, corner, block.before)
        texts = run_lengths.encode_part(block.found.labels, corner, self._shape[0])
        self._lines[OBJECTS].append(results.lines(table))
        self._lines[SUBMISSION].append(results.lines(pd.DataFrame({"image": self._name, "runs": texts})))
        for stream in self._streams:
            stream(block.found, corner, block.before)
        self._areas.append(table["area"].to_numpy())
        self._features += [block.features] if block.features is not None else []
        self.columns, self.cut = list(table.columns), self.cut + block.cut

    def doubt(self, image):
        """Why the picture can't be trusted; empty where nothing speaks against it."""
        found = doubts.of_picture(np.concatenate(self._features)) if self._features else ""
        return say("；").join(filter(None, (found, image.doubt)))

    def rows(self, image):
        """Lines by table."""
        rows = {table: "".join(own) for table, own in self._lines.items()}
        rows[SUBMISSION] = rows[SUBMISSION] or results.lines(pd.DataFrame([(self._name, "")]))
        areas = np.concatenate(self._areas)
        summary = exports.summary(self._name, image, self._shape, areas, self.doubt(image))
        return rows | {SUMMARY: results.lines(summary)}


def _moved(table, corner, before):
    """The table of a part of a picture as one of the picture."""
    for columns, shift in ((("y", "top", "bottom"), corner[0]), (("x", "left", "right"), corner[1])):
        table[list(columns)] += shift
    return table.assign(label=table["label"] + before)


def _note(source, glance, network, cut, others):
    height, width = source.shape
    blank = 1 - np.mean(network.asked)
    parts = [
        say("{width}×{height} 像素，逐块分割", width=width, height=height),
        say("{share:.0%} 是空白，没有算", share=blank),
        glance.factor > 1 and say("叠加图缩小到 1/{factor}", factor=glance.factor),
        others and say("这么大的图不写 {formats}，请用 labels/ 里的 TIFF", formats=listing(sorted(others))),
        cut and say("{n} 个核太大，可能在块的边上被切开", n=cut),
    ]
    return say("；").join(filter(None, parts))
