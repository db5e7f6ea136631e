"""The guides as people meet them: names of files above code, commands that are copied without prompts, whole words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sleeptalk_contract.commands.guides import PAGES
from tests.reference.conftest import needs_chromium
from tests.reference.guides import PAGES as SOURCES
from tests.reference.guides import blocks

if TYPE_CHECKING:
    from tests.reference.conftest import Browser

pytestmark = needs_chromium


def test_commands_are_copied_without_their_prompts(browser: Browser) -> None:
    browser.visit("ci.html")
    browser.run("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    browser.run(
        "const blocks = [...document.querySelectorAll('.code')];"
        "const block = blocks.find((each) => each.textContent.includes('report merge'));"
        "block.querySelector('.copy').click()"
    )
    copied = browser.wait(lambda: browser.run("return window.copied"))
    assert copied.splitlines()[-1] == "sleeptalk report merge reports part2 --report-dir whole"
    assert "$ " not in copied


def test_each_file_of_a_guide_has_its_name_above_it(browser: Browser) -> None:
    for name in PAGES:
        browser.visit(f"{name}.html")
        shown = browser.run("return [...document.querySelectorAll('.file')].map((each) => each.textContent)")
        page = (SOURCES / f"{name}.md").read_text(encoding="utf-8")
        assert shown == [block.file for block in blocks(page) if block.file], name
        assert browser.errors() == [], name


def test_no_name_in_a_table_is_broken_within_a_word(browser: Browser) -> None:
    broken = """
      return [...document.querySelectorAll('.wide td:nth-child(-n+2) code')]
        .filter((code) => code.getClientRects().length > 1).map((code) => code.textContent);
    """
    for name in ("errors", "fuzzing", "versions-asleep-v3"):
        for width in (390, 1600):
            browser.resize(width)
            browser.visit(f"{name}.html")
            assert browser.run(broken) == [], (name, width)
            assert browser.run("return document.documentElement.scrollWidth") <= width, (name, width)
