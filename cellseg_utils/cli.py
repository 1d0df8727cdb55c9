"""The `cellseg` command: thin, no logic."""

import contextlib
import errno
import glob
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

INTERRUPTED = 130  # the exit status that typer gives to Ctrl-C

app = typer.Typer(
    help="细胞图像分割报告。",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # its tables cut Chinese text off
)


@app.callback()
def _root():
    """细胞图像分割报告。"""


@app.command()
def report(
    profile: Annotated[str, typer.Option(help="配置：demo、smoke、seed、full。")] = "demo",
    data: Annotated[
        str, typer.Option(help="训练数据的文件夹（含 stage1_train，或自己标注的图像），或 auto、synthetic。")
    ] = "",
    test: Annotated[str, typer.Option(help="自己的测试图像：文件、文件夹或通配符。")] = "",
    settings: Annotated[list[str], typer.Option("--set", help="覆盖一个参数：名称=值，可多次使用。")] = (),
    run: Annotated[str, typer.Option(help="结果放在 reports/<名称>/；默认与配置同名。")] = "",
    force: Annotated[bool, typer.Option(help="没有变化的笔记本也重新运行。")] = False,
    skip_bad: Annotated[bool, typer.Option(help="跳过坏图，并在报告里说明。")] = False,
    pdf: Annotated[bool, typer.Option(help="另外打印成 index.pdf；要有 Chromium、Chrome 或 Edge。")] = False,
):
    """运行十个笔记本，生成 reports/<名称>/index.html。"""
    from cellseg_utils.report import pdf as printing
    from cellseg_utils.report import runner
    from cellseg_utils.run import parameters

    values = parameters.parse_settings(settings)
    if data:
        values["data"] = data if data in ("auto", "synthetic") else str(Path(data).expanduser().absolute())
    if test:
        values["test_images"] = _absolute_pattern(test)
    if skip_bad:
        values["skip_bad"] = True
    listed = Path(values.get("exclude", "")).expanduser()
    if listed.is_file():  # named from the folder that the user is in, which no notebook knows
        values["exclude"] = str(listed.absolute())
    page = runner.make(run or profile, profile, values, force, tell=lambda line: print(line, flush=True))
    if pdf:
        print(printing.write(page))


@app.command()
def render(
    run: Annotated[str, typer.Argument(help="reports/ 里的名称，或文件夹的完整路径。", show_default=False)],
    pdf: Annotated[bool, typer.Option(help="另外打印成 index.pdf；要有 Chromium、Chrome 或 Edge。")] = False,
):
    """不运行笔记本，把跑完的报告重新排成网页（软件的网页改了样子之后）。"""
    from cellseg_utils.report import pdf as printing
    from cellseg_utils.report import runner

    page = runner.render(run)
    print(page)
    if pdf:
        print(printing.write(page))


@app.command("list")
def list_runs():
    """列出 reports/ 里的全部报告，并写成一页 reports/index.html。"""
    import pandas as pd

    from cellseg_utils.report import overview
    from cellseg_utils.run import places

    runs = overview.table(places.REPORTS)
    if runs.empty:
        print(f"{places.REPORTS}：还没有报告；先运行 cellseg report")
        return
    with pd.option_context("display.unicode.east_asian_width", True):
        print(runs.to_string(index=False))
    print(overview.write(places.REPORTS))


def _absolute_pattern(pattern):
    """The same files from any folder: only the part that the user typed may hold wildcards."""
    typed = Path(pattern).expanduser()
    return str(typed) if typed.is_absolute() else str(Path(glob.escape(str(Path.cwd())), typed))


@app.command()
def predict(
    images: Annotated[
        list[str], typer.Argument(help="图像：文件、文件夹、通配符、zip，可以有几个。", show_default=False)
    ],
    out: Annotated[str, typer.Option(help="结果放在这个文件夹。", show_default=False)],
    bundle: Annotated[str, typer.Option(help="模型包所在的文件夹；默认用随软件附带的。")] = "",
    skip_bad: Annotated[bool, typer.Option(help="有坏图也以 0 退出，只要有一张好图。")] = False,
    speed: Annotated[
        str,
        typer.Option(help="fast 最快；balanced 看一遍（染色图三遍）；best 看四遍取平均，更慢，稍好一点。"),
    ] = "balanced",
    also: Annotated[
        list[str],
        typer.Option(
            help="另外写出：png（16 位标签图）、qupath（GeoJSON）、imagej（RoiSet.zip）、"
            "coco（COCO JSON）、probability（概率图），可多次使用。"
        ),
    ] = (),
    channel: Annotated[
        str, typer.Option(help="细胞核（DNA）是哪个通道：名称，或从 1 数起的号码；默认按名称与外观选。")
    ] = "",
    plane: Annotated[int, typer.Option(help="多层的图取第几层，从 1 数起。")] = 0,
    each_plane: Annotated[
        bool, typer.Option(help="多层的图每层各算一张，结果叫 名称_z01、名称_z02……")
    ] = False,
    min_area: Annotated[float, typer.Option(help="丢掉更小的核（像素）。")] = 0,
    drop_border: Annotated[bool, typer.Option(help="丢掉碰到图边的核。")] = False,
    recursive: Annotated[bool, typer.Option(help="文件夹里的子文件夹也读。")] = False,
    project: Annotated[str, typer.Option(help="多层的图合成一层：max 或 mean。")] = "",
    pixel_size: Annotated[float, typer.Option(help="一个像素的边长（微米），代替文件里写的。")] = 0,
    diameter: Annotated[float, typer.Option(help="核的直径（像素）；默认自己看出来。")] = 0,
    workers: Annotated[int, typer.Option(help="本机用几个进程；多于 1 个要装 cellseg-utils[cluster]。")] = 1,
    scheduler: Annotated[str, typer.Option(help="Dask scheduler 的地址，在它的 worker 上做。")] = "",
):
    """分割自己的图像：每张一个标签 TIFF、一张叠加图，另有每个核与每张图的表、一个网页、Kaggle 提交文件。"""
    from cellseg_utils.data import image_paths, selection
    from cellseg_utils.prediction import batch, filters
    from cellseg_utils.prediction import workers as processes
    from cellseg_utils.report import gallery

    settings = batch.Settings(
        bundle=Path(bundle).expanduser().absolute() if bundle else None,
        speed=speed,
        also=tuple(also),
        chosen=selection.Selection(channel, plane, project, pixel_size, each_plane),
        diameter=diameter,
        wanted=filters.Filter(min_area, drop_border),
        skip_bad=skip_bad,
    )
    if recursive:
        images = [image_paths.with_folders_below(pattern) for pattern in images]
    tell = partial(print, flush=True)
    gallery.check(out)
    try:
        batch.predict_folder(images, out, settings, tell, processes.spread(workers, scheduler))
    except BaseException:  # bad pictures are an error at the end, and the page shows them and the good ones
        with contextlib.suppress(gallery.GalleryError):
            _tell_page(gallery.write(out), tell)
        raise
    _tell_page(gallery.write(out), tell)


def _tell_page(page, tell):
    if page:
        tell(f"{page}：用浏览器打开，一页看完全部结果")


@app.command()
def evaluate(
    predictions: Annotated[
        str, typer.Argument(help="任何软件的标签图：文件夹或一个文件。", show_default=False)
    ],
    truth: Annotated[
        str, typer.Argument(help="真值：标签图的文件夹、标注过的文件夹，或一个文件。", show_default=False)
    ],
    out: Annotated[str, typer.Option(help="把表与网页写进这个文件夹。")] = "",
):
    """给任何软件的标签图打分：按名称对应真值，逐张与平均（附 95% 区间）。"""
    from cellseg_utils.evaluation import evaluate, evaluate_texts, label_pairs
    from cellseg_utils.report import evaluation_page

    if out:
        evaluation_page.prepare(out)
    pairs = label_pairs.find(predictions, truth)
    scored = evaluate.score(pairs, partial(print, flush=True))
    print(evaluate_texts.printed(scored.rows))
    if out:
        evaluation_page.write(out, scored, pairs)
    evaluate.check(scored)


@app.command()
def download(
    folder: Annotated[str, typer.Option(help="放在哪里；默认是项目的 data/。")] = "",
    base_url: Annotated[str, typer.Option(help="从哪里下载；默认是 BBBC038。")] = "",
    accept_sha256: Annotated[
        list[str], typer.Option(help="自己核对过、愿意接受的 sha256，可多次使用。")
    ] = (),
):
    """下载 BBBC038 的两个压缩包，并核对 sha256。"""
    from cellseg_utils.data import download
    from cellseg_utils.run import places

    for path in download.fetch(folder or places.DATA, base_url or download.BASE_URL, tuple(accept_sha256)):
        print(path)


@app.command()
def parameters(
    update: Annotated[str, typer.Option(help="把表写进这个 Markdown 文件的标记之间。")] = "",
):
    """列出笔记本声明的全部参数。"""
    from cellseg_utils.report import sections
    from cellseg_utils.run import parameter_table, parameters

    declared = parameters.declared([section.path for section in sections.sections()])
    if update:
        parameter_table.update(update, declared)
    else:
        print(parameter_table.table(declared), end="")


def main():
    """Run the command; an expected error is one Chinese line and exit status 1, Ctrl-C 130."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(
            stream, "reconfigure"
        ):  # a console that is not UTF-8 shall not stop on a Chinese character
            stream.reconfigure(errors="replace")
    try:
        app(prog_name="cellseg")
    except SystemExit as end:
        if end.code == INTERRUPTED:
            print(
                "已中断；写完的结果都还在，用同样的命令可以再跑（report 从停下的地方接着）", file=sys.stderr
            )
        raise
    except OSError as error:
        full = error.errno == errno.ENOSPC
        in_the_way = isinstance(error, FileExistsError | IsADirectoryError | NotADirectoryError)
        other = "那里有一个同名的文件夹或文件，请移走它" if in_the_way else "请检查路径和权限"
        fix = "请腾出空间后用同样的命令接着跑" if full else other
        print(f"错误：{'磁盘已满' if full else error}，{fix}", file=sys.stderr)
        sys.exit(1)
    except (ValueError, RuntimeError) as error:
        print(f"错误：{error}", file=sys.stderr)
        sys.exit(1)
