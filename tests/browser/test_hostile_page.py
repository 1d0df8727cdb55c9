"""What foreign HTML can do in a real browser once it stands on a page of ours: nothing."""

import sys
from pathlib import Path

import hostile_html
import pages
import pytest

from cellseg_utils.report.rendering import safe_html

sys.path.insert(0, str(Path(__file__).parent))
import chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium.command() is None, reason="no Chromium on PATH"),
]
VARIATIONS = 1500
LEAVING = "Page.frameRequestedNavigation"
FOUND = """(async () => {
  await new Promise((told) => setTimeout(told, 1000));  // a refresh after 0 s, an animation
  const own = [...document.querySelectorAll("#foreign *, main *")];
  for (const tag of own) for (const kind of ["mouseover", "focus", "toggle", "load", "error"])
    tag.dispatchEvent(new Event(kind));
  const links = own.filter((tag) => tag.localName === "a");
  for (const link of links) {
    if (/^(https?:|mailto:|file:|:)$/.test(link.protocol) || link.download) continue;
    link.click();
    await new Promise((told) => setTimeout(told, 100));
  }
  const names = new Set(own.flatMap((tag) => tag.getAttributeNames()));
  const styles = own.map((tag) => tag.getAttribute("style") ?? "");
  return {
    ran: window.ran ?? [],
    tags: [...new Set(own.map((tag) => tag.localName))],
    attributes: [...names].filter((name) => !/^(data|aria)-/.test(name)),
    schemes: [...new Set(links.map((link) => link.protocol))],
    styles: styles.filter((style) => /url|[(]["']|fixed|absolute|@|\\\\/i.test(style)),
    place: location.href,
  };
})()"""
TAGS = {*f"{safe_html.TEXT} {safe_html.MARKS} {safe_html.BLOCKS} {safe_html.TABLES}".split()}
TAGS |= {*safe_html.FORMULAS.split(), "style"}
ATTRIBUTES = set().union(*safe_html.ATTRIBUTES.values()) | {"id"}


def numbered(payloads):
    return [hostile_html.of(payload, number) for number, payload in enumerate(payloads)]


def looked_at(path):
    """What a browser made of a page, and what the page asked for."""
    with chromium.opened(path) as tab:
        found = tab.evaluate(FOUND)
        requests, errors = chromium.requests_and_errors(tab.events, path.as_uri())
        found["led away"] = [own["params"]["url"] for own in tab.events if own["method"] == LEAVING]
    return found, requests, errors


def bare(folder, fragments):
    """A page without any policy."""
    path = folder / "bare.html"
    body = "".join(f"<div>{own}</div>" for own in fragments)
    page = f"<!doctype html><meta charset=utf-8><title>x</title><div id=foreign>{body}</div>"
    path.write_text(page, encoding="utf-8", errors="replace")
    return path


def assert_inert(path):
    found, requests, _ = looked_at(path)
    assert (found["ran"], requests, found["led away"]) == ([], (), [])
    assert found["place"] == path.as_uri()
    assert found["styles"] == []
    assert set(found["schemes"]) <= {"http:", "https:", "mailto:", "file:", ":"}
    assert set(found["attributes"]) <= ATTRIBUTES
    assert set(found["tags"]) <= TAGS


def test_payloads_run_and_load_where_nothing_stops_them(tmp_path):
    kinds = ("<a href='javascript", "<b onclick", "<image")
    payloads = [own for own in hostile_html.PAYLOADS if own.startswith(kinds)]
    found, requests, _ = looked_at(bare(tmp_path, numbered(payloads)))
    assert set(found["ran"]) == set(range(len(kinds)))
    assert requests


def test_a_payload_leads_away_where_nothing_stops_it(tmp_path):
    with chromium.opened(bare(tmp_path, numbered(hostile_html.PAYLOADS)[:1])) as tab:
        tab.wait_for(LEAVING)


@pytest.mark.parametrize("seed", [None, 0, 1, 2])
def test_what_was_cleaned_needs_no_policy(tmp_path, seed):
    payloads = hostile_html.PAYLOADS if seed is None else hostile_html.varied(seed, VARIATIONS)
    assert_inert(bare(tmp_path, map(safe_html.clean, numbered(payloads))))


@pytest.mark.parametrize("place", ["text/html", "text/markdown", "text cell"])
def test_a_page_of_hostile_notebooks_leaves_nothing_for_the_policy_to_stop(tmp_path, place):
    payloads = numbered([*hostile_html.PAYLOADS, *hostile_html.varied(9, 300)])
    payloads = [own for own in payloads if "\ud800" not in own]  # which no notebook can hold
    if place == "text cell":
        cells = [own.replace("src=", "longdesc=") for own in payloads]  # a picture outside is refused there
    else:
        cells = [pages.code("1", *(pages.shown({place: own}) for own in payloads))]
    pages.opened(tmp_path, ["# 1. 题", *cells])
    found, requests, errors = looked_at(tmp_path / "index.html")
    assert (found["ran"], requests, errors, found["led away"]) == ([], (), (), [])
    assert found["place"] == (tmp_path / "index.html").as_uri()
