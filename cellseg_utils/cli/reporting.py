"""Commands that make reports and look at them."""

import glob
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from cellseg_utils.cli.app import app
from cellseg_utils.run import language
from cellseg_utils.run.language import say


@app.command(help=say("运行十个笔记本，生成 reports/<名称>/index.html。"))
def report(
    profile: Annotated[str, typer.Option(help=say("配置：demo、smoke、seed、full。"))] = "demo",
    data: Annotated[
        str,
        typer.Option(help=say("训练数据的文件夹（含 stage1_train，或自己标注的图像），或 auto、synthetic。")),
    ] = "",
    test: Annotated[str, typer.Option(help=say("自己的测试图像：文件、文件夹或通配符。"))] = "",
    settings: Annotated[
        list[str], typer.Option("--set", help=say("覆盖一个参数：名称=值，可多次使用。"))
    ] = (),
    run: Annotated[
        str, typer.Option(help=say("结果放在 reports/<名称>/；默认与配置同名，英文的加上 -en。"))
    ] = "",
    force: Annotated[bool, typer.Option(help=say("没有变化的笔记本也重新运行。"))] = False,
    skip_bad: Annotated[bool, typer.Option(help=say("跳过坏图，并在报告里说明。"))] = False,
    pdf: Annotated[
        bool, typer.Option(help=say("另外打印成 index.pdf；要有 Chromium、Chrome 或 Edge。"))
    ] = False,
):
    """Run the ten notebooks and render `reports/<run>/index.html`."""
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
    spoken = language.asked()
    name = run or (profile if spoken == language.CHINESE else f"{profile}-{spoken}")
    if spoken != language.current():
        print(say("这份报告与它的笔记本说中文；加上 --lang en 就说英文"), flush=True)
    page = runner.make(name, profile, values, force, tell=partial(print, flush=True), spoken=spoken)
    if pdf:
        print(runner.print_page(page))


@app.command(help=say("不运行笔记本，把跑完的报告重新排成网页（软件的网页改了样子之后）。"))
def render(
    run: Annotated[
        str, typer.Argument(help=say("reports/ 里的名称，或文件夹的完整路径。"), show_default=False)
    ],
    notebooks: Annotated[
        str, typer.Option(help=say("在 JupyterLab 或用 papermill 运行过的笔记本所在的文件夹。"))
    ] = "",
    pdf: Annotated[
        bool, typer.Option(help=say("另外打印成 index.pdf；要有 Chromium、Chrome 或 Edge。"))
    ] = False,
):
    """Render a report again without running a notebook."""
    from cellseg_utils.report import adoption, runner

    page = adoption.render(run, notebooks) if notebooks or adoption.is_needed(run) else runner.render(run)
    print(page)
    if pdf:
        print(runner.print_page(page))


@app.command("list", help=say("列出 reports/ 里的全部报告，并写成一页 reports/index.html。"))
def list_runs():
    """List all reports, also as a page."""
    import pandas as pd

    from cellseg_utils.report.many import overview
    from cellseg_utils.run import places
    from cellseg_utils.run.plain_error import printable

    runs = overview.table(places.REPORTS)
    if runs.empty:
        print(say("{folder}：还没有报告；先运行 cellseg report", folder=places.REPORTS))
        return
    with pd.option_context("display.unicode.east_asian_width", True):
        print("\n".join(map(printable, runs.to_string(index=False).split("\n"))))
    print(overview.write(places.REPORTS))


@app.command(help=say("在 JupyterLab 里打开笔记本（reports/lab 里的副本，怎样改都不影响项目）。"))
def lab(
    copy_only: Annotated[bool, typer.Option(help=say("只放好副本，不打开。"))] = False,
):
    """Open copies of the notebooks in JupyterLab."""
    from cellseg_utils.report import lab as laboratory

    start = laboratory.prepare(partial(print, flush=True))
    print(start)
    if not copy_only:
        laboratory.open_in_browser(start)


def _absolute_pattern(pattern):
    """The same files from any folder: only the part that the user typed may hold wildcards."""
    typed = Path(pattern).expanduser()
    return str(typed) if typed.is_absolute() else str(Path(glob.escape(str(Path.cwd())), typed))
