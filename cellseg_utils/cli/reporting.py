"""Commands that make reports and look at them."""

import glob
from pathlib import Path
from typing import Annotated

import typer

from cellseg_utils.cli.app import app
from cellseg_utils.run.language import say


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
        print(runner.print_page(page))


@app.command()
def render(
    run: Annotated[str, typer.Argument(help="reports/ 里的名称，或文件夹的完整路径。", show_default=False)],
    notebooks: Annotated[
        str, typer.Option(help=say("在 JupyterLab 或用 papermill 运行过的笔记本所在的文件夹。"))
    ] = "",
    pdf: Annotated[bool, typer.Option(help="另外打印成 index.pdf；要有 Chromium、Chrome 或 Edge。")] = False,
):
    """不运行笔记本，把跑完的报告重新排成网页（软件的网页改了样子之后）。"""
    from cellseg_utils.report import adoption, runner

    page = adoption.render(run, notebooks) if notebooks or adoption.is_needed(run) else runner.render(run)
    print(page)
    if pdf:
        print(runner.print_page(page))


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
