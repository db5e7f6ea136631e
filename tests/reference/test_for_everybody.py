"""The pages for people with a screen reader, a keyboard or a small device: judged by axe-core, and by their size."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from sleeptalk_contract.contract.document import folder
from tests.reference.conftest import needs_chromium

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reference.conftest import Browser

pytestmark = needs_chromium

AXE = folder() / "node_modules" / "axe-core" / "axe.min.js"
WIDE, NARROW = (1280, False), (390, True)  # the width, and whether it is dark
ONE_OF_EACH_KIND = {
    "index.html": (WIDE, NARROW),
    "asleep-v3.html": (WIDE, NARROW),
    "asleep-v3-createUser.html": (WIDE, NARROW),
    "asleep-getSession.html": (NARROW,),
    "asleep-receiveCallback.html": (WIDE,),
    "fields-phonexia.html": (WIDE, NARROW),
    "rules.html": ((1280, True),),
    "errors.html": (WIDE, NARROW),
    "fuzzing.html": (WIDE, NARROW),
    "versions-asleep-v3.html": (NARROW,),
}
BREACHES = """
  const done = arguments[arguments.length - 1];
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  axe.run(document, { runOnly: tags, resultTypes: ['violations'] }).then(({ violations }) => done(
    violations.map(({ id, nodes }) => `${id}: ${nodes.length}, first ${nodes[0].html.slice(0, 120)}`)));
"""
MOST_BYTES, MOST_ELEMENTS = 500_000, 12_000


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: scripts/setup-node")
    return AXE.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", ONE_OF_EACH_KIND)
def test_axe_finds_nothing_to_mend(browser: Browser, axe: str, page: str) -> None:
    browser.visit(page)
    browser.run(axe)
    browser.run("document.querySelectorAll('details:not(.example)').forEach((each) => { each.open = true; })")
    for width, dark in ONE_OF_EACH_KIND[page]:
        browser.resize(width, dark=dark)
        assert browser.driver.execute_async_script(BREACHES) == [], (width, dark)


def test_axe_finds_nothing_to_mend_in_the_search(browser: Browser, axe: str) -> None:
    browser.visit("glossary.html")
    browser.run(axe)
    for words, expected in (("rem", "#hits a"), ("zzzz", "li.none")):
        browser.run(
            "const field = document.querySelector('.search input'); field.focus();"
            "field.value = arguments[0]; field.dispatchEvent(new Event('input'))",
            words,
        )
        browser.wait(lambda expected=expected: browser.run("return document.querySelector(arguments[0])", expected))
        assert browser.driver.execute_async_script(BREACHES) == [], words


def test_the_headings_of_a_page_begin_at_the_first_level_and_leave_none_out(site: Path) -> None:
    for page in sorted(site.glob("*.html")):
        found = [int(level) for level in re.findall(r"<h([1-6])[ >]", page.read_text(encoding="utf-8"))]
        assert found[0] == 1, page.name
        assert found.count(1) == 1, page.name
        assert all(after <= before + 1 for before, after in pairwise(found)), page.name


def test_the_largest_page_stays_small(browser: Browser, site: Path) -> None:
    for page in site.glob("*.html"):
        assert page.stat().st_size < MOST_BYTES, page.name
    largest = sorted(site.glob("*.html"), key=lambda page: page.stat().st_size)[-4:]
    for page in largest:
        browser.visit(page.name)
        assert browser.run("return document.querySelectorAll('*').length") < MOST_ELEMENTS, page.name
        assert browser.run("return performance.getEntriesByType('resource').length") == 0, page.name


def test_nothing_moves_while_a_page_loads(browser: Browser, site: Path) -> None:
    shifts = """
      const done = arguments[arguments.length - 1];
      new PerformanceObserver((list) => done(list.getEntries().map((each) => each.value)))
        .observe({ type: 'layout-shift', buffered: true });
      setTimeout(() => done([]), 300);
    """
    largest = sorted(site.glob("*.html"), key=lambda page: page.stat().st_size)[-3:]
    for page in (*largest, site / "asleep-getSession.html"):
        browser.visit(page.name)
        assert sum(browser.driver.execute_async_script(shifts)) < 0.05, page.name


def test_every_copy_button_says_what_it_copies(browser: Browser) -> None:
    names = "return [...document.querySelectorAll('.copy')].map((each) => each.getAttribute('aria-label'))"
    for page in ("asleep-getSession.html", "callbacks.html"):
        browser.visit(page)
        found = browser.run(names)
        assert found
        assert all(name.startswith("Copy: ") and len(name) > len("Copy: ") for name in found)
    browser.visit("asleep-getSession.html")
    found = browser.run(names)
    assert found[:4] == ["Copy: curl", "Copy: Python", "Copy: JavaScript", "Copy: Go"]
    assert len(found) == len(set(found))
