"""Write what is found in a picture that is segmented block by block."""

import tempfile
from contextlib import ExitStack

import numpy as np
import pandas as pd
from tqdm import tqdm

from cellseg_utils.prediction import doubts, exports, in_blocks, interchange, label_file, survey
from cellseg_utils.prediction.exports import LABELS, OBJECTS, SUBMISSION
from cellseg_utils.prediction.filters import EVERY
from cellseg_utils.prediction.segmentation import Segmentation
from cellseg_utils.run import files


class LargeError(ValueError):
    """A picture that can't be segmented block by block; the message is Chinese, without its name."""


def write(into, name, shown, source, bundle, speed, wanted=EVERY):
    """Segment a picture block by block; write its label image, its overlay and its lines in the tables.

    Parameters
    ----------
    into : results.Results
        Of its formats only those of `interchange.ALWAYS` are written, made smaller.
    name : str
        Of the picture among the results.
    shown : str
        Where the picture lies.
    source : large_tiff.LargeTiff or in_blocks.Whole
    bundle : bundle.Bundle
    speed : str
        A key of `views.SPEEDS`.
    wanted : filters.Filter
        Which of the nuclei are written.

    Returns
    -------
    doubt : str
        Why the picture can't be trusted, in Chinese; empty where nothing speaks against it.
    note : str
        How it was segmented, in Chinese.

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
    at_a_glance = survey.surveyed(source)
    plan = survey.planned(bundle, source, at_a_glance, speed)
    network = in_blocks.Sparing(bundle)
    with ExitStack() as stack:
        lines = {table: stack.enter_context(_text(into.folder)) for table in (SUBMISSION, OBJECTS)}
        file = stack.enter_context(tempfile.TemporaryFile(dir=into.folder, buffering=0))
        drawn = label_file.LabelFile(file, source.shape)
        blocks = in_blocks.segmented(bundle, network, source, plan, drawn, wanted)
        count = len(in_blocks.cores(source.shape, plan.side))
        doubt, cut = _write_lines(name, blocks, count, source.shape[0], lines)
        found = Segmentation(drawn.thinned(at_a_glance.factor), None, None, doubt)
        made = {own: encode(at_a_glance.small, found) for own, (_, encode) in interchange.ALWAYS.items()}
        with files.replacing(into.folder / LABELS / f"{name}.tif") as temporary:
            drawn.save(temporary)
        for own, data in made.items():
            files.write_bytes(into.folder / own / f"{name}{interchange.ALWAYS[own][0]}", data)
        into.add(name, shown, drawn.count, doubt, lines)
    return doubt, _note(source, at_a_glance, network, cut, set(into.formats) - set(interchange.ALWAYS))


def _text(folder):
    return tempfile.TemporaryFile("w+", dir=folder, encoding="utf-8", errors="replace", newline="")


def _write_lines(name, blocks, count, height, lines):
    """Write the lines of all nuclei; why they can't be trusted, and how many may be cut."""
    features, cut = [], 0
    for block in tqdm(blocks, desc=name, unit="块", total=count, leave=False):
        corner = block.rows.start, block.columns.start
        table = _moved(exports.objects(name, block.found), corner, block.before)
        texts = exports.encode_part(block.found.labels, corner, height)
        for kind, own in ((OBJECTS, table), (SUBMISSION, pd.DataFrame({"image": name, "runs": texts}))):
            own.to_csv(lines[kind], index=False, header=False, lineterminator="\n")
        features, cut = [*features, block.features], cut + block.cut
    known = [own for own in features if own is not None]
    return doubts.of_picture(np.concatenate(known)) if known else "", cut


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
