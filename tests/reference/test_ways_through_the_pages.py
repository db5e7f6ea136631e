"""How readers find their way: crumbs, neighbours, sections, versions, and links and pages that are copied."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.reference.conftest import needs_chromium

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reference.conftest import Browser

pytestmark = needs_chromium

COPIED = "navigator.clipboard.writeText = async (text) => { window.copied = text; }"


def copied(browser: Browser) -> str:
    return browser.wait(lambda: browser.run("return window.copied"))


def said(browser: Browser) -> str:
    return browser.wait(lambda: browser.run("return document.getElementById('said').textContent"))


def test_the_pages_can_be_read_one_after_another_from_the_first_to_the_last(browser: Browser, site: Path) -> None:
    browser.visit("index.html")
    listed = browser.run("return [...document.querySelectorAll('#pages a:not(.within a)')].map((a) => a.pathname)")
    met = []
    page: str | None = "index.html"
    while page:
        met.append(page)
        found = re.search(r'<a href="([^"]+)" rel="next"', (site / page).read_text(encoding="utf-8"))
        page = found[1] if found else None
    assert met == [path.rpartition("/")[2] for path in listed]
    assert set(met) == {each.name for each in site.glob("*.html")}


def test_a_crumb_leads_from_an_operation_to_its_document(browser: Browser) -> None:
    browser.visit("asleep-v3-getUser.html")
    crumbs = browser.driver.find_element(By.CSS_SELECTOR, "nav[aria-label=Breadcrumb]")
    assert " ".join(crumbs.text.split()) == "Asleep sleep API, data v3 Get a user"
    crumbs.find_element(By.TAG_NAME, "a").click()
    browser.wait(lambda: browser.driver.current_url.endswith("asleep-v3.html"))


def test_the_versions_of_an_operation_lead_to_each_other(browser: Browser) -> None:
    browser.visit("asleep-receiveCallback.html")
    for page in ("asleep-v3-receiveCallbackV2.html", "asleep-v3-receiveCallbackV3.html", "asleep-receiveCallback.html"):
        browser.driver.find_element(By.CSS_SELECTOR, f".versions a[href='{page}']").click()
        browser.wait(lambda page=page: browser.driver.current_url.endswith(page))
        current = browser.driver.find_element(By.CSS_SELECTOR, ".versions [aria-current=page]")
        assert current.get_attribute("href").endswith(page)


def test_the_section_that_is_read_is_marked_at_the_side(browser: Browser) -> None:
    browser.visit("asleep-v3-getSession.html")
    marked = "return [...document.querySelectorAll('.within [aria-current=location]')].map((a) => a.textContent)"
    for section in ("null", "errors", "parameters"):
        link = browser.driver.find_element(By.CSS_SELECTOR, f".within a[href='#{section}']")
        link.click()
        browser.wait(lambda link=link: browser.run(marked) == [link.text])


def test_the_page_that_is_open_is_in_sight_in_the_list_of_pages(browser: Browser) -> None:
    inside = """
      const [link, list] = ['#pages [aria-current=page]', '#pages']
        .map((each) => document.querySelector(each).getBoundingClientRect());
      return link.top >= list.top && link.bottom <= list.bottom;
    """
    for page in ("changelog.html", "phonexia-getTimeAnalysis.html", "fields-asleep-v3.html"):
        browser.visit(page)
        assert browser.run(inside), page


def test_a_page_is_copied_as_markdown(browser: Browser, site: Path) -> None:
    for page in ("asleep-getSession.html", "errors.html", "rules.html"):
        browser.visit(page)
        browser.run(COPIED)
        browser.driver.find_element(By.CSS_SELECTOR, ".as-text button").click()
        assert copied(browser) == (site / page.replace(".html", ".md")).read_text(encoding="utf-8")
        assert said(browser) == "This page is copied as Markdown"


def test_the_link_of_a_heading_and_of_a_field_is_copied_when_it_is_followed(browser: Browser) -> None:
    for page, link in (
        ("fuzzing.html", "#the-verdict"),
        ("asleep-getSession.html", "#answer.result.stat"),
        ("rules.html", "#session.shape"),
    ):
        browser.visit(page)
        browser.run(COPIED)
        browser.driver.find_element(By.CSS_SELECTOR, f"main [href='{link}']").click()
        assert copied(browser) == browser.driver.current_url == f"{browser.site.as_uri()}/{page}{link}"
        assert said(browser) == "The link is copied"


def test_a_field_that_is_folded_away_is_shown_to_who_follows_a_link_to_it(browser: Browser) -> None:
    browser.visit("asleep-getSession.html")
    place = browser.driver.find_element(By.ID, "answer.result.stat.rem_ratio")
    close = browser.driver.find_element(By.CSS_SELECTOR, "#answer-200 .tool")
    assert close.text == "Close all fields"
    close.click()
    assert not place.is_displayed()
    assert close.text == "Open all fields"
    browser.run("location.hash = 'answer.result.stat.rem_ratio'")
    assert browser.wait(place.is_displayed)
    browser.run("arguments[0].click()", close)
    assert browser.driver.find_element(By.ID, "answer.result.session.state").is_displayed()


def test_the_chosen_language_is_that_of_the_next_page_too(browser: Browser) -> None:
    browser.visit("asleep-getSession.html")
    browser.driver.find_element(By.CSS_SELECTOR, "[data-language=curl]").send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    browser.visit("phonexia-getTimeAnalysis.html")
    browser.wait(lambda: browser.run("return document.querySelector('[data-language=JavaScript]').checked"))
    browser.driver.find_element(By.CSS_SELECTOR, "[data-language=JavaScript]").send_keys(
        Keys.ARROW_LEFT, Keys.ARROW_LEFT
    )
    assert browser.run("return document.querySelector('[data-language=curl]').checked")


def test_the_names_of_columns_stand_at_the_cells_where_the_page_is_narrow(browser: Browser) -> None:
    label = """
      const cell = document.querySelector('.wide td:nth-child(2)');
      return [getComputedStyle(cell, '::before').content, getComputedStyle(cell).display];
    """
    browser.visit("errors.html")
    assert browser.run(label) == ["none", "table-cell"]
    browser.resize(390)
    assert browser.run(label) == ['"Meaning"', "block"]


def test_a_page_can_be_read_and_left_without_a_program(browser: Browser) -> None:
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.resize(390)
        browser.visit("asleep-getSession.html")
        for dead in (".search", ".theme", ".as-text button", "form.try"):
            assert not browser.driver.find_element(By.CSS_SELECTOR, dead).is_displayed(), dead
        assert browser.driver.find_element(By.CSS_SELECTOR, ".tab pre").is_displayed()
        browser.driver.find_element(By.CSS_SELECTOR, "label[for=samples-2]").click()
        assert "from sleeptalk" in browser.driver.find_elements(By.CSS_SELECTOR, ".tab")[1].text
        browser.driver.find_element(By.CSS_SELECTOR, "header .menu").click()
        assert browser.wait(browser.driver.find_element(By.ID, "pages").is_displayed)
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_what_is_printed_is_light_and_holds_what_is_folded_away(browser: Browser) -> None:
    browser.resize(800, dark=True)
    browser.visit("asleep-getSession.html")
    browser.run("document.documentElement.dataset.theme = 'dark'; document.querySelector('#answer-200 .tool').click()")
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert browser.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        for hidden in ("header", "#pages", ".copy", "form.try"):
            assert not browser.driver.find_element(By.CSS_SELECTOR, hidden).is_displayed(), hidden
        field = browser.driver.find_element(By.ID, "answer.result.stat.rem_ratio")
        assert browser.run("return arguments[0].checkVisibility({contentVisibilityAuto: true})", field)
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
