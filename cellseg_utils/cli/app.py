"""What the commands hang on."""

import importlib.metadata
from typing import Annotated

import typer

from cellseg_utils.run.language import say

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # its tables cut Chinese text off
)


def _show_version(wanted):
    if wanted:
        print(importlib.metadata.version("cellseg-utils"))
        raise typer.Exit


@app.callback(help=say("细胞图像分割报告。--lang zh 或 --lang en 选说明、报告与网页的语言，放在哪里都行。"))
def _root(
    version: Annotated[
        bool, typer.Option("--version", help=say("显示版本。"), is_eager=True, callback=_show_version)
    ] = False,
):
    """Reports on the segmentation of cell images."""
