"""The command that packs the report for Kaggle."""

from typing import Annotated

import typer

from cellseg_utils.cli.app import app
from cellseg_utils.run.language import say


@app.command(help=say("打包成 Kaggle 的数据集与一个笔记本，供 kaggle 命令上传。"))
def kaggle(
    out: Annotated[str, typer.Option(help=say("放在哪里。"))] = "build/kaggle",
    profile: Annotated[str, typer.Option(help=say("配置：参数取它的值。"))] = "full",
    settings: Annotated[
        list[str], typer.Option("--set", help=say("覆盖一个参数：名称=值，可多次使用。"))
    ] = (),
    owner: Annotated[
        str,
        typer.Option(envvar="KAGGLE_USERNAME", help=say("Kaggle 的用户名；不写就留空位，上传之前自己填。")),
    ] = "",
    gpu: Annotated[bool, typer.Option(help=say("在 Kaggle 上用 GPU。"))] = True,
):
    """Make the folders that Kaggle's own command uploads."""
    from cellseg_utils.report.packing import kaggle_folder
    from cellseg_utils.run import parameters

    for folder in kaggle_folder.write(out, profile, parameters.parse_settings(settings), owner, gpu):
        print(folder)
