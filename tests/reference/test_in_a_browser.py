"""The reference as people meet it: from a disk, without a network, by click, by link, by search and by keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.reference.conftest import needs_chromium

if TYPE_CHECKING:
    from tests.reference.conftest import Browser

pytestmark = needs_chromium

PAGES = (
    "index.html",
    "asleep.html",
    "phonexia.html",
    "fields-asleep.html",
    "fields-phonexia.html",
    "rules.html",
    "languages.html",
    "changelog.html",
)
REDOC = ("asleep.html", "phonexia.html")
SCREENSHOTS = Path(__file__).resolve().parents[2] / "reports" / "reference"


def ready(browser: Browser, page: str) -> None:
    """Wait until the page is laid out; Redoc says so in its search field, where a wide window shows one."""
    search = "return document.querySelector('[data-testid=search-trigger]')?.textContent ?? 'Search'"
    browser.wait(lambda: browser.run("return document.readyState") == "complete")
    if page in REDOC:
        browser.wait(lambda: "Search" in browser.run(search))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_nothing_of_the_network_and_has_no_complaint(browser: Browser, page: str) -> None:
    browser.visit(page)
    ready(browser, page)
    assert browser.driver.find_elements(By.TAG_NAME, "h1")
    assert browser.requests() == []
    assert browser.errors() == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 820, 1400])
@pytest.mark.parametrize("page", ["index.html", "fields-asleep.html", "rules.html", "asleep.html"])
def test_a_page_fits_every_width_in_light_and_dark(browser: Browser, page: str, width: int, *, dark: bool) -> None:
    browser.resize(width, dark=dark)
    browser.visit(page)
    ready(browser, page)
    assert browser.run("return document.documentElement.scrollWidth") <= width
    ground = browser.run(
        "return getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).slice(0, 3).map(Number)"
    )
    if page not in REDOC:
        assert (sum(ground) < 200) is dark
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    name = f"{page.removesuffix('.html')}-{width}-{'dark' if dark else 'light'}.png"
    assert browser.driver.save_screenshot(str(SCREENSHOTS / name))


def test_words_stand_out_from_the_ground_in_light_and_dark(browser: Browser) -> None:
    contrast = """
      const light = (colour) => colour.match(/[0-9.]+/g).slice(0, 3).map(Number).map((part) => part / 255)
        .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
      const ground = light(getComputedStyle(document.body).backgroundColor);
      return ['body', 'a[href]', '.quiet', '.must', '.should', 'td a code'].map((selector) => {
        const word = light(getComputedStyle(document.querySelector(`main ${selector}, ${selector}`)).color);
        return (Math.max(word, ground) + 0.05) / (Math.min(word, ground) + 0.05);
      });
    """
    for dark in (False, True):
        browser.resize(1400, dark=dark)
        browser.visit("rules.html")
        assert min(browser.run(contrast)) >= 4.5


def test_the_first_stop_of_the_tab_key_skips_to_the_content(browser: Browser) -> None:
    browser.visit("rules.html")
    browser.driver.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    skip = browser.driver.switch_to.active_element
    assert skip.text == "Skip to the content"
    skip.send_keys(Keys.ENTER)
    assert browser.driver.switch_to.active_element.get_attribute("id") == "content"


def test_redocs_search_finds_rem_ratio(browser: Browser) -> None:
    found = (
        "return [...document.querySelectorAll('[role=dialog], [data-testid*=search]')]"
        ".some((hit) => hit.textContent.includes('/data/v2/sessions/{session_id}'))"
    )
    browser.visit("asleep.html")
    ready(browser, "asleep.html")
    browser.driver.find_element(By.CSS_SELECTOR, "[data-testid=search-trigger]").click()
    browser.wait(lambda: browser.driver.switch_to.active_element.tag_name == "input")
    assert not browser.run(found)
    browser.driver.switch_to.active_element.send_keys("rem_ratio")
    assert browser.wait(lambda: browser.run(found))


def test_the_callback_is_reached_by_click_and_by_link(browser: Browser) -> None:
    browser.visit("index.html")
    browser.driver.find_element(By.LINK_TEXT, "Receive a callback").click()
    shown = (
        "return [...document.querySelectorAll('h1, h2')].filter((h) => h.textContent.startsWith('Receive a callback'))"
    )
    heading = browser.wait(lambda: browser.run(shown))
    top = "return arguments[0].getBoundingClientRect().top"
    browser.wait(lambda: 0 <= browser.run(top, heading[0]) < 500)
    browser.visit("asleep.html#/callbacks/receivecallback")
    heading = browser.wait(lambda: browser.run(shown))
    browser.wait(lambda: 0 <= browser.run(top, heading[0]) < 500)


def test_a_rule_is_reached_from_the_callback_and_leads_to_its_fields_and_back(browser: Browser) -> None:
    browser.visit("asleep.html#/callbacks/receivecallback")
    ready(browser, "asleep.html")
    rule = "callback.ratio-values"
    link = browser.wait(
        lambda: browser.run(
            "const found = document.querySelector(`details a[href='rules.html#${arguments[0]}']`);"
            "if (found) found.closest('details').open = true; return found",
            rule,
        )
    )
    browser.run("arguments[0].click()", link)
    browser.wait(lambda: browser.driver.current_url.endswith(f"rules.html#{rule}"))
    row = browser.driver.find_element(By.ID, rule)
    row.find_element(By.LINK_TEXT, "SleepData.rem_ratio").click()
    browser.wait(lambda: browser.driver.current_url.endswith("fields-asleep.html#SleepData.rem_ratio"))
    place = browser.driver.find_element(By.ID, "SleepData.rem_ratio")
    place.find_element(By.LINK_TEXT, rule).click()
    browser.wait(lambda: browser.driver.current_url.endswith(f"rules.html#{rule}"))


def test_the_two_pictures_tell_in_words_what_they_show(browser: Browser) -> None:
    browser.visit("index.html")
    names = [picture.accessible_name for picture in browser.driver.find_elements(By.TAG_NAME, "svg")]
    assert [name.split(" ")[0] for name in names] == ["Hypnogram", "Conversation"]
    assert [words in name for words, name in zip(("REM 92.5 min", "Channel 1 speaks"), names, strict=True)] == [
        True
    ] * 2
