"""Write what is found in a picture that is segmented block by block."""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
import pandas as pd
from tqdm import tqdm

from cellseg_utils.prediction import doubts, exports, in_blocks, interchange, label_file, streamed, survey
from cellseg_utils.prediction.exports import LABELS, OBJECTS, SUBMISSION, SUMMARY
from cellseg_utils.prediction.filters import EVERY
from cellseg_utils.prediction.segmentation import Segmentation
from cellseg_utils.run import files


class LargeError(ValueError):
    """A picture that can't be segmented block by block; the message is Chinese, without its name."""


@dataclass(frozen=True)
class Written:
    """What was written of a picture.

    Attributes
    ----------
    paths : list of Path
    rows : dict of str to str
        Its lines of CSV by the name of the table.
    doubt : str
        Why it can't be trusted, in Chinese; empty where nothing speaks against it.
    note : str
        How it was segmented, in Chinese.
    """

    paths: list
    rows: dict
    doubt: str
    note: str


def write(folder, formats, name, source, bundle, speed, wanted=EVERY):
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

    Returns
    -------
    written : Written

    Raises
    ------
    LargeError
        If the network is for pictures of one size.
    imagefile.ImageFileError
        If the picture can't be read; nothing is written then.
    OSError
        If the disk is full.
    """
    if not bundle.any_size:
        raise LargeError("这个模型包把整张图缩到一个固定的大小，不适合这么大的图，请换一个模型包或切小")
    glance = survey.surveyed(source)
    plan = survey.planned(bundle, source, glance, speed)
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
        bar = tqdm(_ahead(blocks), name, count, leave=False, unit="块")
        lines, doubt, cut = _listed(name, bar, source.shape, streams)
        labels = folder / LABELS / f"{name}.tif"
        with files.replacing(labels) as temporary:
            drawn.save(temporary)
        found = Segmentation(drawn.thinned(glance.factor), None)
        for own, (_, encode) in interchange.ALWAYS.items():
            files.write_bytes(paths[own], encode(glance.small, found))
    rows = _rows(name, drawn.count, doubt, lines)
    left_out = asked - set(streamed.possible(asked, source.shape))
    made = [labels, *(path for own, path in paths.items() if own not in left_out)]
    return Written(made, rows, doubt, _note(source, glance, network, cut, left_out))


def _ahead(blocks):
    """The same blocks; while one is written, the next one is segmented."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, blocks, None)
        while block := coming.result():
            coming = thread.submit(next, blocks, None)
            yield block


def _listed(name, blocks, shape, streams):
    """Lines of all nuclei by table; why they can't be trusted, and how many may be cut."""
    lines, features, cut = {OBJECTS: [], SUBMISSION: []}, [], 0
    for block in blocks:
        corner = block.rows.start, block.columns.start
        table = _moved(exports.objects(name, block.found), corner, block.before)
        texts = exports.encode_part(block.found.labels, corner, shape[0])
        lines[OBJECTS].append(_text(table))
        lines[SUBMISSION].append(_text(pd.DataFrame({"image": name, "runs": texts})))
        for add in streams:
            add(block.found, corner, block.before)
        features, cut = [*features, block.features], cut + block.cut
    known = [own for own in features if own is not None]
    return lines, doubts.of_picture(np.concatenate(known)) if known else "", cut


def _rows(name, nuclei, doubt, lines):
    rows = {table: "".join(own) for table, own in lines.items()}
    rows[SUBMISSION] = rows[SUBMISSION] or _text(pd.DataFrame([(name, "")]))
    return rows | {SUMMARY: _text(exports.summary(name, nuclei, doubt))}


def _text(table):
    return table.to_csv(index=False, header=False, lineterminator="\n")


def _moved(table, corner, before):
    """The table of a part of a picture as one of the picture."""
    for columns, shift in ((("y", "top", "bottom"), corner[0]), (("x", "left", "right"), corner[1])):
        table[list(columns)] += shift
    return table.assign(label=table["label"] + before)


def _note(source, glance, network, cut, others):
    height, width = source.shape
    blank = 1 - np.mean(network.asked)
    parts = [f"{width}×{height} 像素，逐块分割", f"{blank:.0%} 是空白，没有算"]
    parts += [f"叠加图缩小到 1/{glance.factor}"] if glance.factor > 1 else []
    parts += [f"这么大的图不写 {'、'.join(sorted(others))}，请用 labels/ 里的 TIFF"] if others else []
    parts += [f"{cut} 个核太大，可能在块的边上被切开"] if cut else []
    return "；".join(parts)
