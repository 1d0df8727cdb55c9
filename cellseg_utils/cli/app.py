"""What the commands hang on."""

import typer

app = typer.Typer(
    help="细胞图像分割报告。",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # its tables cut Chinese text off
)


@app.callback()
def _root():
    """细胞图像分割报告。"""
