"""Segment every picture that a user names, one at a time, and write what was found."""

import math
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from cellseg_utils.data import image_paths, imagefile, large_tiff, layout, own_images
from cellseg_utils.data.selection import ALL
from cellseg_utils.prediction import (
    filters,
    in_blocks,
    interchange,
    large_results,
    results,
    segmentation,
    views,
)
from cellseg_utils.prediction.exports import LABELS


class BatchError(ValueError):
    """Pictures that could not all be segmented; the message is one Chinese line with the fix."""


def predict_folder(
    sources,
    out,
    bundle_folder=None,
    skip_bad=False,
    tell=print,
    speed="balanced",
    also=(),
    chosen=ALL,
    wanted=filters.EVERY,
):
    """Segment pictures; write a label image of each, and tables of all.

    Pictures are read, segmented, written and forgotten one by one. What is written stays, whatever happens
    afterwards; the tables then hold the pictures that were finished.

    Parameters
    ----------
    sources : sequence of str
        Each a file, a folder, a wildcard, or a zip file or folder in the competition's layout, as
        `image_paths.matched` takes them.
    out : path-like
        Gets `labels/<name>.tif`, `overlays/<name>.jpg`, and the tables `submission.csv`, `objects.csv`,
        `summary.csv`, `names.csv` (which result belongs to which file) and `failures.csv` (which files have
        none, and why), from `results.Results`; files of the same names are replaced.
    bundle_folder : path-like, optional
        The model bundle; the one inside the package when left out.
    skip_bad : bool
        Whether bad pictures are no error, as long as one is good.
    tell : callable
        Takes lines for the user: one for each bad picture and for each that can't be trusted, as soon as it
        is met, and one at the end.
    speed : str
        A key of `views.SPEEDS`.
    also : sequence of str
        Keys of `interchange.FORMATS`: files that are written besides, each in a folder of that name.
    chosen : selection.Selection
        Which plane and channel of every picture that has several.
    wanted : filters.Filter
        Which of the nuclei are written.

    Raises
    ------
    layout.DataError
        If nothing matches, or pictures lie where results go (`own_images.opened`).
    BatchError
        At the start if there is no such bundle or `out` can't be written; at the end, when all good pictures
        are written, if any is bad.
    bundle_files.BundleError
        If the bundle is damaged.
    OSError
        If the disk is full.
    """
    out = Path(out).expanduser()
    formats = interchange.chosen(also)
    places = [out / name for name in (LABELS, *formats)]
    with own_images.opened(sources, Path.cwd(), places, chosen) as pictures:
        segment = _segmenter(bundle_folder, out, speed, wanted)
        written = _write_all(pictures, segment, out, formats, tell)
        _tell_others(sources, places, written, tell)
    bad = len(pictures) - len(written)
    if bad and not (skip_bad and written):
        fix = "请修好它们再跑，或加 --skip-bad" if written else "没有一张好图，请换一份数据"
        raise BatchError(f"{'、'.join(sources)}：{bad} 张坏图没有结果（上面逐张列出）；{fix}")


def _tell_others(sources, places, written, tell):
    """Say what was not read, and which results are of an earlier call."""
    for source in sources:
        below, archives = image_paths.left_out(source, places)
        if below:
            tell(f"{source}：没有读子文件夹里的 {below} 张图像，要读请加 --recursive")
        if archives:
            tell(f"{source}：没有读里面的 {archives} 个 zip，请单独给出")
    older = sorted(path.name for path in places[0].glob("*.tif") if path.stem not in written)
    if older:
        tell(f"{places[0]}：{len(older)} 张是以前的结果，这次没有重写（如 {older[0]}）")


def _segmenter(bundle_folder, out, speed, wanted):
    """A function from a picture to what is found in it; what can be wrong is found before the slow import."""
    views.of_speed(speed)
    folder = None if bundle_folder is None else Path(bundle_folder).expanduser()
    if folder is not None and not folder.is_dir():
        raise BatchError(f"{folder}：没有这个模型包文件夹，请检查路径")
    try:
        for place in (out / LABELS, out):
            place.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=place).close()
    except OSError as error:
        raise BatchError(f"{out}：不能写入（{error.strerror}），请换一个文件夹，或检查权限和空间") from error

    from cellseg_utils.prediction import bundle, bundle_files  # takes seconds

    return _Segmenter(bundle.load(folder or bundle_files.SHIPPED), speed, wanted)


@dataclass(frozen=True)
class _Segmenter:
    """From a picture to its files."""

    model: object
    speed: str
    wanted: filters.Filter

    def __call__(self, name, picture, into):
        """Write what is found in a picture; what makes it doubtful, and how a large one was segmented."""
        with picture.in_pieces() as source:
            image = None if source else picture.read()
            if source is None and math.prod(image.shape[:2]) > large_tiff.LARGE:
                source = in_blocks.Whole(image)
            if source:
                own = self.model, self.speed, self.wanted
                written = large_results.write(into.folder, into.formats, name, source, *own)
                into.add(name, picture.shown, written.rows)
                return written.doubt, written.note
        found = self.wanted.of(segmentation.segment(self.model, image, self.speed))
        into.write(name, picture.shown, image, found)
        return found.doubt, ""


def _write_all(pictures, segment, out, formats, tell):
    """Names of the pictures that were written."""
    written, doubtful = set(), 0
    try:
        with results.opened(out, formats) as into, tqdm(pictures.items(), desc="分割", unit="张") as bar:
            for name, picture in bar:
                doubt, note, problem = _attempt(segment, name, picture, into)
                if problem is None:
                    written.add(name)
                doubtful += bool(doubt)
                for line in filter(None, (problem, doubt and f"{name}：{doubt}", note and f"{name}：{note}")):
                    with tqdm.external_write_mode():
                        tell(line)
    finally:
        folders = "、".join(f"{folder}/" for folder in (LABELS, *formats))
        doubt = f"；其中 {doubtful} 张请留意，上面逐张列出" if doubtful else ""
        done = f"{len(pictures)} 张图像，写好 {len(written)} 张（{folders} 与 {'、'.join(results.TABLES)}）"
        tell(f"{out}：{done}{doubt}")
    return written


def _attempt(segment, name, picture, into):
    """Write what is found in a picture; its doubt, its note, and what is wrong with it if anything is."""
    try:
        return *segment(name, picture, into), None
    except (imagefile.ImageFileError, layout.DataError) as error:
        problem = str(error)
    except (interchange.FormatError, large_results.LargeError) as error:
        problem = f"{name}：{error}"
    except Exception as error:
        if not imagefile.lacks_memory(error):
            raise
        problem = f"{name}：内存不够，请把这张图切小或缩小后再试"
    into.fail(picture.shown, problem)
    return "", "", problem
