"""Commands that fetch data and list what a report can be told."""

from typing import Annotated

import typer

from cellseg_utils.cli.app import app
from cellseg_utils.run.language import say


@app.command(help=say("下载 BBBC038 的两个压缩包，并核对 sha256。"))
def download(
    folder: Annotated[str, typer.Option(help=say("放在哪里；默认是项目的 data/。"))] = "",
    base_url: Annotated[str, typer.Option(help=say("从哪里下载；默认是 BBBC038。"))] = "",
    accept_sha256: Annotated[
        list[str], typer.Option(help=say("自己核对过、愿意接受的 sha256，可多次使用。"))
    ] = (),
):
    """Download the two archives of BBBC038 and check their SHA-256."""
    from cellseg_utils.data import download
    from cellseg_utils.run import places

    for path in download.fetch(folder or places.DATA, base_url or download.BASE_URL, tuple(accept_sha256)):
        print(path)


@app.command(help=say("列出笔记本声明的全部参数。"))
def parameters(
    update: Annotated[str, typer.Option(help=say("把表写进这个 Markdown 文件的标记之间。"))] = "",
):
    """List all parameters that the notebooks declare."""
    from cellseg_utils.report import sections
    from cellseg_utils.run import parameter_table, parameters

    declared = parameters.declared([section.path for section in sections.sections()])
    if update:
        parameter_table.update(update, declared)
    else:
        print(parameter_table.table(declared), end="")
