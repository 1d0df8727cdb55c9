"""Fail on dead links of built pages: anchors, files beside them and, on request, addresses of others.

    python .github/check_links.py SITE [--external]

Addresses are asked with HEAD, or GET where HEAD is not allowed, several times before they count as dead. Dead
is what is not there (404, 410) or has no server; what a server refuses to programs (403, 429) or can't answer
just now (5xx) is listed, but not an error.
"""

import argparse
import html.parser
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

AGENT = "Mozilla/5.0 (compatible; link check)"
TRIES, PAUSE, PATIENCE = 3, 5, 30  # times; seconds, longer after each try; seconds for an answer
GONE = (404, 410)
NO_HEAD = (403, 405, 501)
ELSEWHERE = ("http", "https")
INSIDE = ("data", "mailto", "blob", "javascript")


class Page(html.parser.HTMLParser):
    """Anchors and links of a page.

    Attributes
    ----------
    anchors : set of str
    links : list of str
        As they stand there, in order.
    """

    def __init__(self, text):
        super().__init__()
        self.anchors, self.links = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id" or (name == "name" and tag == "a"):
                self.anchors.add(value)
            elif name in ("href", "src") and value is not None and tag != "base":
                self.links.append(value)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """That an address leads on is an answer: where to is the affair of its owner (a DOI, say)."""

    def redirect_request(self, *_):
        return None


def read(site):
    """The pages of a folder.

    Parameters
    ----------
    site : Path

    Returns
    -------
    pages : dict of Path to Page
    """
    return {path.resolve(): Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}


def dead_inside(site, pages):
    """Links to anchors and files that are not there.

    Parameters
    ----------
    site : Path
        Nothing outside of it is published.
    pages : dict of Path to Page

    Returns
    -------
    dead : list of str
        One line each.
    """
    dead = []
    for path, page in pages.items():
        for link in dict.fromkeys(page.links):
            parts = urllib.parse.urlsplit(link)
            if parts.scheme in ELSEWHERE + INSIDE or parts.netloc:
                continue
            target = (path.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            anchor = urllib.parse.unquote(parts.fragment)
            if not target.is_file() or not target.is_relative_to(site.resolve()):
                dead.append(f"{path.relative_to(site.resolve())}: no file for {link}")
            elif anchor and anchor not in ("top", *(pages[target].anchors if target in pages else [anchor])):
                dead.append(f"{path.relative_to(site.resolve())}: no anchor for {link}")
    return dead


def external(pages):
    """Addresses of others, sorted, without their anchors.

    Parameters
    ----------
    pages : dict of Path to Page

    Returns
    -------
    addresses : list of str
    """
    links = (urllib.parse.urlsplit(link) for page in pages.values() for link in page.links)
    return sorted({parts._replace(fragment="").geturl() for parts in links if parts.scheme in ELSEWHERE})


def status(address):
    """What a server answers.

    Parameters
    ----------
    address : str

    Returns
    -------
    status : int or str
        Of HTTP; text where no server answers.
    """
    opener = urllib.request.build_opener(_NoRedirect)
    for method in ("HEAD", "GET"):
        request = urllib.request.Request(address, method=method, headers={"User-Agent": AGENT})
        try:
            with opener.open(request, timeout=PATIENCE) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            if method == "GET" or error.code not in NO_HEAD + GONE:
                return error.code
        except (OSError, ValueError) as error:
            return str(getattr(error, "reason", error))
    raise AssertionError("unreachable")


def asked(address, pause=PAUSE):
    """What a server answers, asked again where this may help.

    Parameters
    ----------
    address : str
    pause : float
        Before the second try, growing with each (s).

    Returns
    -------
    status : int or str
        As `status`.
    """
    answer = status(address)
    for trial in range(1, TRIES):
        if isinstance(answer, int) and answer < 400:
            break
        time.sleep(pause * trial)
        answer = status(address)
    return answer


def main(arguments=None):
    """Check a site; exit status 1 on a dead link."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("site", type=Path)
    parser.add_argument("--external", action="store_true", help="ask the servers of others too")
    options = parser.parse_args(arguments)
    pages = read(options.site)
    if not pages:
        sys.exit(f"{options.site}: no page")
    dead = dead_inside(options.site, pages)
    addresses = external(pages) if options.external else []
    with ThreadPoolExecutor(8) as pool:
        for address, answer in zip(addresses, pool.map(asked, addresses), strict=True):
            if not isinstance(answer, int) or answer in GONE:
                dead.append(f"{address}: {answer}")
            elif answer >= 400:
                print(f"not checked, {answer}: {address}")
    print(*dead, f"{len(pages)} pages, {len(addresses)} addresses, {len(dead)} dead", sep="\n")
    sys.exit(bool(dead))


if __name__ == "__main__":
    main()
