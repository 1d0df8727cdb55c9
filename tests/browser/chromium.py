"""What headless Chromium says about a page: requests, errors, time, fonts, overflow and a screenshot."""

import base64
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SWITCHES = (
    "headless=new no-sandbox disable-gpu disable-quic disable-dev-shm-usage no-first-run disable-extensions "
    "disable-default-apps disable-sync disable-background-networking disable-component-update hide-scrollbars"
)
KEYS = {"Enter": 13, "ArrowRight": 39, "ArrowLeft": 37, "Escape": 27}  # their virtual key codes
NO_NETWORK = "--host-resolver-rules=MAP * ~NOTFOUND"
OPTIONS = [*(f"--{switch}" for switch in SWITCHES.split()), NO_NETWORK, "--remote-debugging-port=0"]
PATIENCE = 60  # seconds to wait for Chromium, on a busy machine
BOXES = Path(__file__).with_name("boxes.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Facts:
    """A page as Chromium found it.

    Attributes
    ----------
    requests : tuple of str
        Addresses asked for beside the page's own and `data:`.
    errors : tuple of str
        Exceptions, failed loads and whatever the console holds at level error or warning.
    load_seconds : float
        From the start of the navigation to the end of the load event (s).
    scroll_width : int
        Width that the page needs (CSS pixels); wider than the window means sideways scrolling.
    fonts : dict of str to int
        Glyphs drawn with each font family; a web font's name ends in " (web)".
    boxes : str
        Characters that show as an empty box.
    screenshot : bytes
        PNG of the whole page, at most 16,000 CSS pixels high.
    """

    requests: tuple[str, ...]
    errors: tuple[str, ...]
    load_seconds: float
    scroll_width: int
    fonts: dict[str, int]
    boxes: str
    screenshot: bytes


def command():
    """Path of the Chromium on this machine, or None."""
    return next(filter(None, map(shutil.which, COMMANDS)), None)


def open_page(path, width=1280, height=800, font_folder=None):
    """Open a page in a new Chromium that can reach no network.

    Parameters
    ----------
    path : path-like
        An HTML file.
    width, height : int
        Window (CSS pixels).
    font_folder : path-like, optional
        The only folder whose fonts Chromium sees; all of the machine's fonts if left out.

    Returns
    -------
    facts : Facts
    """
    address = Path(path).resolve().as_uri()
    with _tab(font_folder) as tab:
        for domain in ("Page", "Network", "Runtime", "Log"):
            tab.call(f"{domain}.enable")
        tab.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        tab.call("Page.navigate", url=address)
        tab.wait_for("Page.loadEventFired")
        boxes = tab.evaluate(BOXES)
        fonts = _fonts(tab)
        load = tab.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd / 1000")
        needed, page_height = tab.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        )
        screenshot = _screenshot(tab, width, page_height)
    requests, errors = requests_and_errors(tab.events, address)
    return Facts(requests, errors, load, needed, fonts, boxes, screenshot)


def print_pdf(path):
    """Print a page on A4 paper.

    Parameters
    ----------
    path : path-like
        An HTML file.

    Returns
    -------
    data : bytes
        PDF file.
    """
    with _tab(None) as tab:
        tab.call("Page.enable")
        tab.call("Page.navigate", url=Path(path).resolve().as_uri())
        tab.wait_for("Page.loadEventFired")
        return base64.b64decode(tab.call("Page.printToPDF", preferCSSPageSize=True)["data"])


@contextlib.contextmanager
def opened(path, scripts=True):
    """Open a page to work with it.

    Parameters
    ----------
    path : path-like
        An HTML file.
    scripts : bool
        Whether those of the page run.

    Yields
    ------
    tab : Tab
    """
    with _tab(None) as tab:
        for domain in ("Page", "Network", "Runtime", "Log"):
            tab.call(f"{domain}.enable")
        tab.call("Emulation.setScriptExecutionDisabled", value=not scripts)
        tab.call("Page.navigate", url=Path(path).resolve().as_uri())
        tab.wait_for("Page.loadEventFired")
        yield tab


class Tab:
    """A Chromium tab, spoken to in the DevTools protocol (https://chromedevtools.github.io/devtools-protocol/)."""

    def __init__(self, connection):
        self.connection = connection
        self.events = []
        self.number = 0

    def call(self, method, **parameters):
        """Send a command and return its result; events that arrive meanwhile are kept."""
        self.number += 1
        self.connection.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while (message := json.loads(self.connection.recv())).get("id") != self.number:
            self.events.append(message)
        if "error" in message:
            raise RuntimeError(f"{method}: {message['error']}")
        return message["result"]

    def wait_for(self, method):
        """Return when an event has arrived."""
        while all(event["method"] != method for event in self.events):
            self.events.append(json.loads(self.connection.recv()))

    def evaluate(self, expression):
        """Value of a JavaScript expression in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")


@contextlib.contextmanager
def _tab(font_folder):
    import websocket  # of the lock file, by way of JupyterLab

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        environment = (
            os.environ | {"HOME": folder} | (_only_fonts(folder, font_folder) if font_folder else {})
        )
        process = subprocess.Popen(
            [command(), *OPTIONS, f"--user-data-dir={folder}/profile", "about:blank"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            address = _tab_address(Path(folder, "profile", "DevToolsActivePort"), process)
            connection = websocket.create_connection(address, timeout=PATIENCE, suppress_origin=True)
            with contextlib.closing(connection):
                yield Tab(connection)
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _only_fonts(folder, font_folder):
    configuration = Path(folder, "fonts.conf")
    configuration.write_text(
        f'<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{Path(font_folder).resolve()}</dir><cachedir>{folder}/cache</cachedir></fontconfig>"
    )
    return {"FONTCONFIG_FILE": str(configuration)}


def _tab_address(port_file, process):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        if port_file.exists() and "\n" in port_file.read_text():
            port = port_file.read_text().split()[0]
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(f"http://127.0.0.1:{port}/json/list", timeout=PATIENCE) as answer:
                tabs = [tab for tab in json.load(answer) if tab["type"] == "page"]
            if tabs:
                return tabs[0]["webSocketDebuggerUrl"]
        time.sleep(0.05)
    raise RuntimeError(f"Chromium did not start (exit status {process.poll()})")


def _fonts(tab):
    for domain in ("DOM", "CSS"):
        tab.call(f"{domain}.enable")
    root = tab.call("DOM.getDocument", depth=0)["root"]["nodeId"]
    found = {}
    for selector in (
        "h1",
        "h2",
        "h3",
        "p",
        "li",
        "dt",
        "dd",
        "td",
        "th",
        "figcaption",
        "summary",
        "pre",
        "math *",
    ):
        for node in tab.call("DOM.querySelectorAll", nodeId=root, selector=selector)["nodeIds"][:300]:
            for font in tab.call("CSS.getPlatformFontsForNode", nodeId=node)["fonts"]:
                name = font["familyName"] + (" (web)" if font["isCustomFont"] else "")
                found[name] = found.get(name, 0) + int(font["glyphCount"])
    return found


def _screenshot(tab, width, page_height):
    clip = {"x": 0, "y": 0, "width": width, "height": min(page_height, 16_000), "scale": 1}
    answer = tab.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
    return base64.b64decode(answer["data"])


def press(tab, key):
    """Press a key of `KEYS` where the focus is."""
    typed = {"text": "\r"} if key == "Enter" else {}
    code = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
    tab.call("Input.dispatchKeyEvent", type="keyDown", **code, **typed)
    tab.call("Input.dispatchKeyEvent", type="keyUp", **code)


def requests_and_errors(events, address):
    """What a page asked for and what went wrong.

    Chromium 150 asks for any file a second time, and refuses it: that is none of either.

    Parameters
    ----------
    events : list of dict
        `Tab.events`.
    address : str
        Of the page.

    Returns
    -------
    requests, errors : tuple of str
        As `Facts` has them.
    """
    again = f"Unsafe attempt to load URL {address} from frame with URL {address}."
    requests, errors = {}, []
    for event in events:
        method, values = event["method"], event["params"]
        if method == "Network.requestWillBeSent":
            requests[values["requestId"]] = values["request"]["url"]
        elif method == "Network.loadingFailed":
            if requests.get(values["requestId"], "").split("#")[0] != address:
                errors.append(values["errorText"])
        elif method == "Runtime.exceptionThrown":
            errors.append(values["exceptionDetails"]["text"])
        elif method == "Runtime.consoleAPICalled" and values["type"] in ("error", "warning"):
            errors.append(str([argument.get("value") for argument in values["args"]]))
        elif method == "Log.entryAdded" and values["entry"]["level"] in ("error", "warning"):
            errors.append(values["entry"]["text"])
    errors = [error for error in errors if not error.startswith(again)]
    urls = requests.values()
    outside = (url for url in urls if not url.startswith("data:") and url.split("#")[0] != address)
    return tuple(outside), tuple(errors)
