"""All reports of a folder side by side: what was run, how it differs, how good it is."""

import datetime
from pathlib import Path

import markupsafe
import pandas as pd

from cellseg_utils.evaluation import number_texts
from cellseg_utils.report import manifest
from cellseg_utils.report.many import run_cards, sweep_record
from cellseg_utils.report.rendering import inline, section_html
from cellseg_utils.report.sections import ReportError
from cellseg_utils.run import artifacts, files, language, parameters
from cellseg_utils.run.language import later, say

PAGE = "index.html"
MAKER = "cellseg list"  # noted in the page: what lacks it is not ours to replace
SCORES = {"kaggle": later("Kaggle 得分"), "dice": "Dice", "ap50": "AP@.5"}
COLUMNS = {
    "name": later("名称"),
    "state": later("状态"),
    "profile": later("配置"),
    "changed": later("改动的参数"),
    **SCORES,
    "images": later("验证图像"),
    "minutes": later("分钟"),
    "when": later("时间"),
}
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
        and time, with headings for a reader; a dash for what is not known.
    """
    folder, outcomes = Path(folder), sweep_record.read(folder)
    directories = {path.parent for path in folder.glob(f"*/{manifest.NAME}")}
    directories |= {folder / run for run in outcomes}
    rows = [_row(directory, outcomes.get(directory.name)) for directory in directories]
    runs = pd.DataFrame(rows, columns=list(COLUMNS)).sort_values(["when", "name"], ascending=[False, True])
    shown = runs.rename(columns={name: say(title) for name, title in COLUMNS.items()})
    return shown.astype(object).fillna("—").reset_index(drop=True)


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
        raise ReportError(
            say("{path}：不是 {maker} 写的网页，没有覆盖它；请移走它再试", path=out, maker=MAKER)
        )
    environment = inline.environment()
    cards = run_cards.cards(folder, runs)
    with_page = {name for name in runs[say(COLUMNS["name"])] if (folder / name / PAGE).is_file()}
    scores = [say(title) for title in SCORES.values()]
    body = environment.get_template("runs.html.j2").render(
        runs=runs, with_page=with_page, scores=scores, cards=cards
    )
    section = section_html.PageSection("runs", say("全部报告"), (), markupsafe.Markup(body))
    page = environment.get_template("page.html.j2").render(
        title=say("全部报告"),
        subtitle=say("{n} 份，最新的在前", n=len(runs)),
        sections=[section],
        facts=run_cards.facts(cards),
        maker=MAKER,
    )
    files.write_bytes(out, page.encode(errors="replace"))
    return out


def _row(directory, outcome):
    name, state = {"name": directory.name}, sweep_record.state_text(directory, outcome)
    if state and not (directory / manifest.NAME).is_file():
        told = language.clauses(parameters.shown(outcome.overrides))
        return name | {"state": state, "profile": outcome.profile, "changed": told, "when": ""}
    try:
        made = manifest.whole(directory)
    except ReportError:
        return name | {"state": say("记录已损坏"), "when": ""}
    noted = [entry for entry in made.notebooks.values() if entry]
    done = len(noted) == len(made.notebooks)
    about = {
        "state": state or (say("完成") if done else say("跑完了 {n} 节", n=len(noted))),
        "profile": made.profile,
        "changed": language.clauses(parameters.shown(made.overrides)) or "—",
        "minutes": f"{sum(entry['seconds'] for entry in noted) / 60:.1f}",
        "when": max((_moment(entry) for entry in noted), default=""),
    }
    return name | about | _scores(directory / "artifacts" / "scores.json")


def _moment(entry):
    return f"{datetime.datetime.fromisoformat(entry['provenance']['when']):%Y-%m-%d %H:%M}"


def _scores(path):
    try:
        scores = artifacts.read_json(path)
        told = {name: number_texts.with_interval(scores, name) for name in SCORES}
        return told | {"images": str(scores["images"])}
    except (OSError, ValueError, KeyError):
        return {}
