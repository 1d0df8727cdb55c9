"""Commands for many reports: run a sweep of them, compare two, check one."""

import functools
from pathlib import Path
from typing import Annotated

import typer

from cellseg_utils.cli.app import app
from cellseg_utils.run.language import say

NAMED = say("reports/ 里的名称，或文件夹的完整路径。")


@app.command(help=say("按一个 YAML 文件跑许多份报告；没有变化的跳过，用同样的命令接着跑。"))
def sweep(
    grid: Annotated[
        Path, typer.Argument(help=say("YAML 文件：profile、set、grid、runs。"), show_default=False)
    ],
    jobs: Annotated[int, typer.Option(help=say("同时跑几份报告，平分处理器的核。"))] = 1,
    scheduler: Annotated[str, typer.Option(help=say("Dask scheduler 的地址，代替 --jobs。"))] = "",
):
    """Run the reports of a grid of parameters."""
    from cellseg_utils.report.many import sweep as sweeping
    from cellseg_utils.report.many import sweep_plan

    print(sweeping.run(sweep_plan.read(grid), jobs, scheduler, tell=functools.partial(print, flush=True)))


@app.command(
    help=say("比较两份报告：参数、数据、代码、版本、得分与成对的差；写成 reports/compare-甲-乙.html。")
)
def compare(
    first: Annotated[str, typer.Argument(help=NAMED, show_default=False)],
    second: Annotated[str, typer.Argument(help=NAMED, show_default=False)],
):
    """Compare two reports."""
    from cellseg_utils.report import runner
    from cellseg_utils.report.many import compare_page, compare_runs, side_by_side_texts
    from cellseg_utils.run import places

    pair = compare_runs.read(runner.directory_of(first), runner.directory_of(second))
    for line in side_by_side_texts.lines(pair):
        print(line)
    print(compare_page.write(pair, places.REPORTS))


@app.command(help=say("检查一份报告做好之后，数据、结果、代码、参数与版本有没有变；每处变化一行，退出码 1。"))
def verify(run: Annotated[str, typer.Argument(help=NAMED, show_default=False)]):
    """Tell what has changed since a report was made."""
    from cellseg_utils.report import runner, verification

    directory = runner.directory_of(run)
    changes = verification.verify(directory)
    for change in changes:
        print(change.line)
    if changes:
        raise typer.Exit(1)
    print(say("{directory}：与做好时一样", directory=directory))
