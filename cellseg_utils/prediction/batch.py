"""Segment every picture that a user names, and write what was found; what is finished is not done again."""

import tempfile
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import joblib
from tqdm import tqdm

from cellseg_utils.data import image_paths, picture_files, picture_size, unread
from cellseg_utils.models import precision
from cellseg_utils.prediction import bundle_files, jobs, origin, ownership, records, results, stacks
from cellseg_utils.prediction.exports import FAILURES, LABELS, NAMES, TABLES
from cellseg_utils.prediction.jobs import Settings
from cellseg_utils.run import system_errors
from cellseg_utils.run.language import later, listing, say
from cellseg_utils.run.plain_error import PlainError

DONE, DOUBTFUL, SKIPPED, BAD = "done", "doubtful", "skipped", "bad"  # what became of a picture
BAR = later("{desc}：{percentage:3.0f}%|{bar}| 还剩 {left} 张，{rate_noinv_fmt}，约 {remaining}")
AT_ONCE = 2  # pictures: one is read, measured or written while the network sees another
STEADY = 0.05  # weight of the newest picture in the rate (no unit): pictures differ in size


class BatchError(PlainError, ValueError):
    """Pictures that could not all be segmented; the message is one line with the fix."""


def here(job, pictures):
    """Do pictures in this process, each begun in its turn.

    Parameters
    ----------
    job : jobs.Job
    pictures : dict of str to picture_files.Picture
        Keyed by their names among the results.

    Yields
    ------
    outcome : jobs.Outcome
        In the order of the pictures.
    """
    segmenter, begun = job.settings.segmenter(job.computing), deque()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        try:
            for name, picture in pictures.items():
                begun.append(threads.submit(job.do, name, picture, segmenter))
                if len(begun) > AT_ONCE:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            for outcome in begun:
                outcome.cancel()


def predict_folder(sources, out, settings=None, tell=print, spread=here):
    """Segment pictures; write a label image of each, and tables of all.

    Pictures are read, segmented, written and forgotten. What is written stays, whatever happens
    afterwards; a later call with the same settings skips it, unless the picture has changed or a file is not
    as it was written. The tables hold the pictures that are finished, in the order of their names, and are
    the same however often the work was interrupted and by whichever processes it was done.

    Parameters
    ----------
    sources : sequence of str
        Each a file, a folder, a wildcard, or a zip file or folder in the competition's layout, as
        `image_paths.matched` takes them.
    out : path-like
        Gets `labels/<name>.tif`, `overlays/<name>.jpg`, and the tables `submission.csv`, `objects.csv`,
        `summary.csv`, `names.csv` (which result belongs to which file) and `failures.csv` (which files have
        none, and why), from `results.write_tables`, and `stacks/` where every plane is asked for; earlier
        results of the same names are replaced. What is remembered of every picture lies in its folder
        `.cellseg`.
    settings : Settings, optional
        The usual ones when left out.
    tell : callable
        Takes lines for the user: one for each bad picture and for each that can't be trusted, as soon as it
        is met, and one at the end.
    spread : callable
        As `here`: does pictures wherever it wants, in any order.

    Raises
    ------
    layout.DataError
        If nothing matches, or pictures lie where results go (`picture_files.opened`).
    jobs.JobError
        If there is no such bundle.
    parameter_values.ParameterError
        If the environment's limit of the size of pictures is none (`picture_size.most`).
    ownership.ResultsError
        If `out` holds files of somebody else's that results would replace, or another process writes there.
    BatchError
        At the start if `out` can't be written; at the end, when all good pictures are written, if any is bad.
    bundle_files.BundleError
        If the bundle is damaged.
    OSError
        If the disk is full.
    """
    settings = settings or Settings()
    picture_size.most()  # a limit that is none is refused before anything is written
    out = Path(out).expanduser()
    places = [out / name for name in (LABELS, *settings.formats)]
    earlier = (out / records.FOLDER).is_dir()
    with picture_files.opened(sources, Path.cwd(), places, settings.chosen, earlier) as pictures:
        good = _predict(sources, pictures, out, settings, tell, spread)
        _tell_others(sources, places, good, tell)
    bad = len(pictures) - len(good)
    if bad and not (settings.skip_bad and good):
        raise BatchError(_without_results(listing(sources), bad, good))


def _without_results(sources, bad, good):
    mended, all_bad = say("请修好它们再跑，或加 --skip-bad"), say("没有一张有结果，请照上面各行的办法改")
    return say(
        "{path}：{n} 张坏图没有结果（上面逐张列出）；{fix}",
        path=sources,
        n=bad,
        fix=mended if good else all_bad,
    )


def _predict(sources, pictures, out, settings, tell, spread):
    """Names of the pictures that have results."""
    computing = precision.resolve("auto")
    digest = settings.digest(computing)
    ownership.check(out, {*pictures, *stacks.names(pictures)}, settings.formats)
    _check_writable(out)
    states, remarks = {}, Counter()
    with ownership.held(out, settings.formats) as call:
        origin.write(out, sources, settings.options, bundle_files.read(settings.bundle_folder))
        job = jobs.Job(out.absolute(), settings, digest, computing, call)
        finished = _finished(job, pictures)
        todo = {name: picture for name, picture in pictures.items() if name not in finished}
        try:
            if todo:
                _do(job, todo, spread, tell)
        finally:
            written = ()
            try:
                results.write_tables(out, lambda: _listed(job, pictures, finished, states, remarks))
                written = TABLES
            finally:  # a full disk has no room for them
                for remark, count in remarks.most_common():
                    tell(say("{path}：{n} 张{remark}", path=out, n=count, remark=remark))
                what = _closing(pictures, states, settings.formats, written)
                tell(say("{path}：{what}", path=out, what=what))
        good = {name for name, state in states.items() if state != BAD}
        for line in stacks.write(out, pictures, good):
            tell(line)
    if lost := len(pictures) - len(states):
        raise BatchError(
            say(
                "{path}：{n} 张图的记录（{folder}/）不见了或被改动，请用同样的命令再跑一次",
                path=out,
                n=lost,
                folder=records.FOLDER,
            )
        )
    return good


def _finished(job, pictures):
    """Names of the pictures that need not be done again."""
    known = records.known(job.out)
    names = [name for name in pictures if name in known]
    threads = joblib.Parallel(joblib.cpu_count(), require="sharedmem", return_as="generator")
    holds = threads(joblib.delayed(_holds)(job, name, pictures[name]) for name in names)
    form = {
        "desc": say("核对以前的结果"),
        "unit": say("张"),
        "leave": False,
        "delay": 1,
        "disable": not names,
    }
    return {name for name, held in zip(names, tqdm(holds, total=len(names), **form), strict=True) if held}


def _holds(job, name, picture):
    return job.finished(name, picture) is not None


def _do(job, todo, spread, tell):
    form = {"desc": say("分割"), "unit": say("张"), "bar_format": say(BAR), "smoothing": STEADY}
    form["disable"] = not todo
    with _Bar(total=len(todo), **form) as bar, closing(spread(job, todo)) as outcomes:
        for outcome in outcomes:
            bar.update()
            for line in outcome.told:
                with tqdm.external_write_mode():
                    tell(line)


class _Bar(tqdm):
    """Also says how many are left; https://tqdm.github.io/docs/tqdm/#tqdm-objects (`format_dict`)."""

    @property
    def format_dict(self):
        values = super().format_dict
        return {**values, "left": values["total"] - values["n"]}


def _listed(job, pictures, finished, states, remarks):
    """What the tables are made from; says of every picture in `states` what became of it, and its remarks."""
    remarks.clear()
    for name, picture in pictures.items():
        record = records.read(job.out, name)
        if record is None or not (name in finished or record.call == job.call):
            continue  # the work was interrupted before it
        fresh = DOUBTFUL if record.doubt else DONE
        states[name] = BAD if record.problem else SKIPPED if name in finished else fresh
        remarks.update(record.remarks)
        yield name, picture.shown, record


def _closing(pictures, states, formats, tables):
    """What became of the pictures of a call, in one line."""
    count = Counter(states.values())
    good = [name for name, state in states.items() if state != BAD]
    renamed = sum(name != pictures[name].called for name in good)
    parts = [
        say("{n} 张图像", n=len(pictures)),
        say("写好 {n} 张", n=count[DONE] + count[DOUBTFUL]),
        count[SKIPPED] and say("跳过以前做完的 {n} 张", n=count[SKIPPED]),
        count[BAD] and say("{n} 张坏图没有结果（见 {table}）", n=count[BAD], table=FAILURES),
        renamed and say("{n} 张的结果改了名（见 {table}）", n=renamed, table=NAMES),
    ]
    stacked = [stacks.FOLDER] if stacks.names(pictures) else []
    folders = listing(f"{folder}/" for folder in (LABELS, *stacked, *formats))
    what = say("，").join(filter(None, parts))
    if not tables:
        return say("{what}（{folders}）；各表没有写成", what=what, folders=folders)
    where = say("{what}（{folders} 与 {tables}）", what=what, folders=folders, tables=listing(tables))
    if not count[DOUBTFUL]:
        return where
    return say("{where}；其中 {n} 张请留意，上面逐张列出", where=where, n=count[DOUBTFUL])


def _check_writable(out):
    try:
        for place in (out / LABELS, out):
            place.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=place).close()
    except OSError as error:
        why = say("不能写入（{error}），请换一个文件夹，或检查权限和空间", error=system_errors.reason(error))
        raise BatchError(say("{path}：{what}", path=out, what=why)) from error


def _tell_others(sources, places, good, tell):
    """Say what was not read, and which results are of an earlier call."""
    for source in sources:
        for phrase in unread.kinds(source, places):
            tell(say("{path}：没有读{phrase}", path=source, phrase=phrase))
    met = {path for source in sources for path in image_paths.matched(source, Path.cwd())}
    if labels := sorted(image_paths.labels_beside(met)):
        about = {"path": labels[0].parent, "n": len(labels), "first": labels[0].name}
        tell(say("{path}：没有读 {n} 张标签图（如 {first}，旁边有它的图像）", **about))
    older = sorted(path.name for path in places[0].glob("*.tif") if path.stem not in good)
    if older:
        about = {"path": places[0], "n": len(older), "first": older[0]}
        tell(say("{path}：{n} 张是以前的结果，这次没有重写（如 {first}）", **about))
