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

WIDTHS = (320, 390, 768, 1280, 1600)
SCREENSHOTS = Path(__file__).resolve().parents[2] / "reports" / "reference"


def pages_of(site: Path) -> list[str]:
    return sorted(page.name for page in site.glob("*.html"))


def test_no_page_asks_anything_of_the_network_or_has_a_complaint(browser: Browser, site: Path) -> None:
    for page in pages_of(site):
        browser.visit(page)
        assert browser.driver.find_elements(By.CSS_SELECTOR, "main h1"), page
        assert browser.driver.find_elements(By.CSS_SELECTOR, "header .search input"), page
        assert browser.requests() == [], page
        assert browser.errors() == [], page


def test_every_page_fits_every_width_in_light_and_dark(browser: Browser, site: Path) -> None:
    ground = "return getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).slice(0, 3).map(Number)"
    for page in pages_of(site):
        browser.visit(page)
        for width in WIDTHS:
            for dark in (False, True):
                browser.resize(width, dark=dark)
                assert browser.run("return document.documentElement.scrollWidth") <= width, (page, width)
                assert (sum(browser.run(ground)) < 200) is dark, (page, width)
        assert browser.errors() == [], page


@pytest.mark.parametrize("page", ["index.html", "asleep-getSession.html", "asleep-receiveCallback.html", "rules.html"])
def test_screenshots_are_left_for_people(browser: Browser, page: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    browser.visit(page)
    for width in WIDTHS:
        for dark in (False, True):
            browser.resize(width, dark=dark)
            name = f"{page.removesuffix('.html')}-{width}-{'dark' if dark else 'light'}.png"
            assert browser.driver.save_screenshot(str(SCREENSHOTS / name))


@pytest.mark.parametrize("page", ["asleep-getSession.html", "asleep-receiveCallback.html", "errors.html"])
def test_no_button_covers_code_where_there_is_little_room(browser: Browser, page: str) -> None:
    covered = """
      const shown = [...document.querySelectorAll('.code:has(.copy)')].filter((block) => block.checkVisibility());
      return shown.filter((block) => {
        const [button, pre] = ['.copy', 'pre'].map((each) => block.querySelector(each).getBoundingClientRect());
        const words = document.createRange();
        words.selectNodeContents(block.querySelector('code'));
        return [...words.getClientRects()].some((line) => line.top < button.bottom && line.bottom > button.top
          && Math.min(line.right, pre.right) > button.left && line.width > 0);
      }).map((block) => block.textContent.slice(0, 60));
    """
    browser.visit(page)
    assert browser.run("return document.querySelectorAll('.code .copy').length") >= 1
    browser.resize(390)
    assert browser.run(covered) == []


def test_no_page_shows_markdown_as_it_is_written(browser: Browser, site: Path) -> None:
    text = """
      const copy = document.querySelector('main').cloneNode(true);
      copy.querySelectorAll('pre, code').forEach((code) => code.remove());
      return copy.textContent;
    """
    for page in pages_of(site):
        browser.visit(page)
        shown = browser.run(text)
        assert "`" not in shown, page
        assert "**" not in shown, page


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


def test_a_rule_is_reached_from_the_callback_and_leads_to_its_fields_and_back(browser: Browser) -> None:
    browser.visit("index.html")
    browser.driver.find_element(By.LINK_TEXT, "Receive a callback").click()
    browser.wait(lambda: browser.driver.current_url.endswith("asleep-receiveCallback.html"))
    rule = "callback.ratio-values"
    link = browser.run(
        "const found = document.querySelector(`main a[href='rules.html#${arguments[0]}']`);"
        "for (let at = found; at; at = at.parentElement?.closest('details')) at.open = true; return found",
        rule,
    )
    browser.run("arguments[0].click()", link)
    browser.wait(lambda: browser.driver.current_url.endswith(f"rules.html#{rule}"))
    row = browser.driver.find_element(By.ID, rule)
    row.find_element(By.LINK_TEXT, "SleepData.rem_ratio").click()
    browser.wait(lambda: browser.driver.current_url.endswith("fields-asleep.html#SleepData.rem_ratio"))
    place = browser.driver.find_element(By.ID, "SleepData.rem_ratio")
    place.find_element(By.CSS_SELECTOR, "summary").click()
    place.find_element(By.LINK_TEXT, rule).click()
    browser.wait(lambda: browser.driver.current_url.endswith(f"rules.html#{rule}"))


def test_the_reader_chooses_a_language_and_copies_the_sample_by_keyboard(browser: Browser) -> None:
    browser.driver.execute_cdp_cmd(
        "Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    )
    browser.visit("asleep-getSession.html")
    first = browser.driver.find_element(By.CSS_SELECTOR, ".tabs input")
    first.send_keys(Keys.ARROW_RIGHT)
    shown = [tab for tab in browser.driver.find_elements(By.CSS_SELECTOR, ".tab") if tab.is_displayed()]
    assert len(shown) == 1
    assert "from sleeptalk.asleep import Asleep" in shown[0].text
    button = shown[0].find_element(By.CSS_SELECTOR, ".copy")
    button.send_keys(Keys.ENTER)
    browser.wait(lambda: button.text == "Copied")
    copied = browser.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    assert copied == shown[0].find_element(By.TAG_NAME, "pre").text


def keeps_what_is_stored(browser: Browser) -> bool:
    """Return whether the next page has what one stores: a new profile of Chromium may lose the first things."""
    browser.visit("index.html")
    browser.run("localStorage.setItem('tried', 'yes')")
    browser.visit("rules.html")
    return bool(browser.run("return localStorage.getItem('tried') === 'yes'"))


def test_the_chosen_theme_is_kept_from_page_to_page(browser: Browser) -> None:
    ground = "return getComputedStyle(document.body).backgroundColor"
    browser.wait(lambda: keeps_what_is_stored(browser))
    browser.visit("index.html")
    light = browser.run(ground)
    button = browser.driver.find_element(By.CSS_SELECTOR, "header .theme")
    button.click()
    button.click()
    assert button.get_attribute("aria-label") == "Theme: dark"
    dark = browser.run(ground)
    assert dark != light
    browser.visit("rules.html")
    assert browser.run(ground) == dark
    browser.driver.find_element(By.CSS_SELECTOR, "header .theme").click()
    assert browser.run(ground) == light


def test_the_pages_are_listed_behind_a_button_where_the_window_is_narrow(browser: Browser) -> None:
    browser.resize(390)
    browser.visit("asleep-getSession.html")
    pages = browser.driver.find_element(By.ID, "pages")
    assert not pages.is_displayed()
    browser.driver.find_element(By.CSS_SELECTOR, "header .menu").send_keys(Keys.ENTER)
    assert browser.wait(pages.is_displayed)
    assert pages.find_element(By.CSS_SELECTOR, "[aria-current=page]").is_displayed()
    browser.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert browser.wait(lambda: not pages.is_displayed())


def test_the_two_pictures_tell_in_words_what_they_show(browser: Browser) -> None:
    browser.visit("index.html")
    names = [picture.accessible_name for picture in browser.driver.find_elements(By.TAG_NAME, "svg")]
    assert [name.split(" ")[0] for name in names] == ["Hypnogram", "Conversation"]
    assert [words in name for words, name in zip(("REM 92.5 min", "Channel 1 speaks"), names, strict=True)] == [
        True
    ] * 2
