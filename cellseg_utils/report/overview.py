"""All reports of a folder side by side: what was run, how it differs, how good it is."""

import datetime
from pathlib import Path

import markupsafe
import pandas as pd

from cellseg_utils.evaluation import number_texts
from cellseg_utils.report import inline, manifest, run_cards, section_html, sweep_record
from cellseg_utils.report.sections import ReportError
from cellseg_utils.run import artifacts, files, parameters
from cellseg_utils.run.language import say

PAGE = "index.html"
MAKER = "cellseg list"  # noted in the page: what lacks it is not ours to replace
SCORES = {"kaggle": "Kaggle 得分", "dice": "Dice", "ap50": "AP@.5"}
HEAD = 2000  # characters of a page in which its maker stands


def table(folder):
    """Every run of a folder.

    Parameters
    ----------
    folder : path-like
        Such as `reports`.

    Returns
    -------
    runs : DataFrame of str
        The newest first: name, state, profile, parameters that differ, `SCORES`, validation pictures, minutes
        and time, with Chinese headings; a dash for what is not known.
    """
    folder, outcomes = Path(folder), sweep_record.read(folder)
    directories = {path.parent for path in folder.glob(f"*/{manifest.NAME}")} | {
        folder / run for run in outcomes
    }
    rows = [_row(directory, outcomes.get(directory.name)) for directory in directories]
    columns = ["名称", "状态", "配置", "改动的参数", *SCORES.values(), "验证图像", "分钟", "时间"]
    runs = pd.DataFrame(rows, columns=columns).sort_values(["时间", "名称"], ascending=[False, True])
    return runs.astype(object).fillna("—").reset_index(drop=True)


def write(folder):
    """Write a page of all runs into their folder.

    Parameters
    ----------
    folder : path-like

    Returns
    -------
    page : Path

    Raises
    ------
    ReportError
        If there is an `index.html` of somebody else's.
    OSError
        If the page can't be written.
    """
    folder = Path(folder)
    run_cards.compare_sweeps(folder)
    out, runs = folder / PAGE, table(folder)
    if out.is_file() and f'content="{MAKER}"' not in out.read_text(encoding="utf-8", errors="replace")[:HEAD]:
        raise ReportError(f"{out}：不是 {MAKER} 写的网页，没有覆盖它；请移走它再试")
    environment = inline.environment()
    environment.globals["say"] = say
    cards = run_cards.cards(folder, runs)
    with_page = {name for name in runs["名称"] if (folder / name / PAGE).is_file()}
    body = environment.get_template("runs.html.j2").render(
        runs=runs, with_page=with_page, scores=SCORES.values(), cards=cards
    )
    section = section_html.PageSection("runs", "全部报告", (), markupsafe.Markup(body))
    page = environment.get_template("page.html.j2").render(
        title="全部报告",
        subtitle=f"{len(runs)} 份，最新的在前",
        sections=[section],
        facts=run_cards.facts(cards),
        maker=MAKER,
    )
    files.write_bytes(out, page.encode(errors="replace"))
    return out


def _row(directory, outcome):
    name, state = {"名称": directory.name}, sweep_record.state_text(directory, outcome)
    if state and not (directory / manifest.NAME).is_file():
        told = parameters.shown(outcome.overrides)
        return name | {"状态": state, "配置": outcome.profile, "改动的参数": "，".join(told), "时间": ""}
    try:
        made = manifest.whole(directory)
    except ReportError:
        return name | {"状态": "记录已损坏", "时间": ""}
    noted = [entry for entry in made.notebooks.values() if entry]
    done = len(noted) == len(made.notebooks)
    about = {
        "状态": state or ("完成" if done else f"跑完了 {len(noted)} 节"),
        "配置": made.profile,
        "改动的参数": "，".join(parameters.shown(made.overrides)) or "—",
        "分钟": f"{sum(entry['seconds'] for entry in noted) / 60:.1f}",
        "时间": max((_moment(entry) for entry in noted), default=""),
    }
    return name | about | _scores(directory / "artifacts" / "scores.json")


def _moment(entry):
    return f"{datetime.datetime.fromisoformat(entry['provenance']['when']):%Y-%m-%d %H:%M}"


def _scores(path):
    try:
        scores = artifacts.read_json(path)
        told = {title: number_texts.with_interval(scores, name) for name, title in SCORES.items()}
        return told | {"验证图像": str(scores["images"])}
    except (OSError, ValueError, KeyError):
        return {}
