"""The page as PDF, printed by a browser of the machine that can reach no network meanwhile."""

import os
import shutil
import subprocess
from pathlib import Path

from cellseg_utils.run import files, temporary
from cellseg_utils.run.language import say

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "msedge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
OPTIONS = (
    "--headless=new",
    "--disable-gpu",
    "--no-first-run",
    "--no-pdf-header-footer",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
PATIENCE = 180  # seconds


class PdfError(RuntimeError):
    """A page that was not printed; the message is one line with the fix."""


def browser():
    """Path of a browser that can print, str, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def write(page):
    """Print a page beside itself; https://developer.chrome.com/docs/automation-and-testing/headless.

    Parameters
    ----------
    page : Path
        `index.html`.

    Returns
    -------
    pdf : Path
        `index.pdf`.

    Raises
    ------
    PdfError
        If there is no such browser, or it does not print; an earlier PDF stays.
    OSError
        If the disk is full.
    """
    program = browser()
    if program is None:
        raise PdfError(
            say(
                "{page}：没有找到 Chromium、Chrome 或 Edge，不能自动转成 PDF；请用浏览器打开网页，打印成 PDF",
                page=page,
            )
        )
    out = Path(page).with_suffix(".pdf")
    with temporary.folder() as folder:
        printed = folder / "page.pdf"
        own = [f"--user-data-dir={folder}", f"--print-to-pdf={printed}", Path(page).resolve().as_uri()]
        root = (
            ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
        )  # it refuses root otherwise
        try:
            subprocess.run(
                [program, *OPTIONS, *root, *own], capture_output=True, timeout=PATIENCE, check=True
            )
            data = printed.read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise PdfError(
                say(
                    "{page}：{browser} 没有打印成 PDF；请用浏览器打开网页来打印",
                    page=page,
                    browser=Path(program).name,
                )
            ) from error
    files.write_bytes(out, data)
    return out
