"""Commands for a user's own pictures and label images."""

import contextlib
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from cellseg_utils.cli.app import app
from cellseg_utils.run.language import say


@app.command(
    help=say(
        "分割自己的图像：每张一个标签 TIFF、一张叠加图，另有每个核与每张图的表、一个网页、Kaggle 提交文件。"
    )
)
def predict(
    images: Annotated[
        list[str],
        typer.Argument(help=say("图像：文件、文件夹、通配符、zip，可以有几个。"), show_default=False),
    ],
    out: Annotated[str, typer.Option(help=say("结果放在这个文件夹。"), show_default=False)],
    bundle: Annotated[str, typer.Option(help=say("模型包所在的文件夹；默认用随软件附带的。"))] = "",
    sha256: Annotated[
        str,
        typer.Option(
            help=say("只用这个模型包：它的 bundle.json（或只是权重文件）的 SHA-256，从别处得知，不符就拒绝。")
        ),
    ] = "",
    skip_bad: Annotated[bool, typer.Option(help=say("有坏图也以 0 退出，只要有一张好图。"))] = False,
    speed: Annotated[
        str,
        typer.Option(
            help=say("fast 最快；balanced 看一遍（染色图三遍）；best 看四遍取平均，更慢，稍好一点。")
        ),
    ] = "balanced",
    also: Annotated[
        list[str],
        typer.Option(
            help=say(
                "另外写出：png（16 位标签图）、qupath（GeoJSON）、imagej（RoiSet.zip）、"
                "coco（COCO JSON）、probability（概率图），可多次使用。"
            )
        ),
    ] = (),
    channel: Annotated[
        str, typer.Option(help=say("细胞核（DNA）是哪个通道：名称，或从 1 数起的号码；默认按名称与外观选。"))
    ] = "",
    plane: Annotated[int, typer.Option(help=say("多层的图取第几层，从 1 数起。"))] = 0,
    each_plane: Annotated[
        bool, typer.Option(help=say("多层的图每层各算一张，结果叫 名称_z01、名称_z02……"))
    ] = False,
    min_area: Annotated[float, typer.Option(help=say("丢掉更小的核（像素）。"))] = 0,
    drop_border: Annotated[bool, typer.Option(help=say("丢掉碰到图边的核。"))] = False,
    recursive: Annotated[bool, typer.Option(help=say("文件夹里的子文件夹也读。"))] = False,
    project: Annotated[str, typer.Option(help=say("多层的图合成一层：max 或 mean。"))] = "",
    pixel_size: Annotated[float, typer.Option(help=say("一个像素的边长（微米），代替文件里写的。"))] = 0,
    diameter: Annotated[float, typer.Option(help=say("核的直径（像素）；默认自己看出来。"))] = 0,
    workers: Annotated[
        int, typer.Option(help=say("本机用几个进程；多于 1 个要装 cellseg-utils[cluster]。"))
    ] = 1,
    scheduler: Annotated[str, typer.Option(help=say("Dask scheduler 的地址，在它的 worker 上做。"))] = "",
):
    """Segment a user's pictures and write what is found."""
    from cellseg_utils.data import image_paths, selection
    from cellseg_utils.prediction import batch, filters
    from cellseg_utils.prediction import workers as processes
    from cellseg_utils.report.results import gallery

    settings = batch.Settings(
        bundle=Path(bundle).expanduser().absolute() if bundle else None,
        speed=speed,
        also=tuple(also),
        chosen=selection.Selection(channel, plane, project, pixel_size, each_plane),
        diameter=diameter,
        wanted=filters.Filter(min_area, drop_border),
        skip_bad=skip_bad,
        sha256=sha256,
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
        tell(say("{page}：用浏览器打开，一页看完全部结果", page=page))


@app.command(help=say("给任何软件的标签图打分：按名称对应真值，逐张与平均（附 95% 区间）。"))
def evaluate(
    predictions: Annotated[
        str, typer.Argument(help=say("任何软件的标签图：文件夹或一个文件。"), show_default=False)
    ],
    truth: Annotated[
        str,
        typer.Argument(help=say("真值：标签图的文件夹、标注过的文件夹，或一个文件。"), show_default=False),
    ],
    out: Annotated[str, typer.Option(help=say("把表与网页写进这个文件夹。"))] = "",
):
    """Score the label images of any software against the truth."""
    from cellseg_utils.evaluation import evaluate, evaluate_texts, label_pairs
    from cellseg_utils.report.results import evaluation_page

    if out:
        evaluation_page.prepare(out)
    pairs = label_pairs.find(predictions, truth)
    scored = evaluate.score(pairs, partial(print, flush=True))
    print(evaluate_texts.printed(scored.rows))
    if out:
        evaluation_page.write(out, scored, pairs)
    evaluate.check(scored)
