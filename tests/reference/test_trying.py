"""The form that tries an operation: it reaches a sandbox that lets the page, and shows what is answered."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
from click.testing import CliRunner
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from sleeptalk_contract.commands.program import program
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.sandbox.web import let_pages_read, sandbox_app
from sleeptalk_contract.services.registered import SERVICES
from tests.reference.conftest import needs_chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.reference.conftest import Browser


@contextmanager
def sandbox(*origins: str) -> Iterator[str]:
    """Serve the sandbox to pages of some origins, and yield its address."""
    app = sandbox_app(SERVICES)
    if origins:
        let_pages_read(app, origins)
    with running(app) as server:
        yield server.url


def send(browser: Browser, address: str) -> str:
    """Send the form to a sandbox, and return the line that says what came of it."""
    server = browser.driver.find_element(By.NAME, "server")
    server.clear()
    server.send_keys(address)
    browser.driver.find_element(By.CSS_SELECTOR, ".try .send").click()
    output = browser.driver.find_element(By.CSS_SELECTOR, ".try output")
    browser.wait(lambda: output.text not in {"", "Waiting ..."})
    return output.text


@needs_chromium
def test_a_page_from_the_disk_shows_what_a_sandbox_answers_that_lets_it(browser: Browser) -> None:
    browser.visit("asleep-getSession.html")
    assert browser.driver.find_element(By.CSS_SELECTOR, ".origin code").text == "sleeptalk sandbox --allow-origin null"
    with sandbox("null") as address:
        assert send(browser, address).startswith("200 OK")
        shown = browser.driver.find_element(By.CSS_SELECTOR, ".try .answer").text
        assert '"id": "20220821093117_hz82a"' in shown
        assert "content-type: application/json" in shown
        scenario = Select(browser.driver.find_element(By.NAME, "scenario"))
        scenario.select_by_visible_text(next(one.text for one in scenario.options if one.text.startswith("two-stages")))
        assert send(browser, address).startswith("200 OK")
        assert '"rem_ratio": null' in browser.driver.find_element(By.CSS_SELECTOR, ".try .answer").text
        key = browser.driver.find_element(By.CSS_SELECTOR, "[data-name=x-api-key]")
        key.clear()
        assert send(browser, address).startswith("401")
    assert [entry for entry in browser.errors() if "401" not in entry] == []


@needs_chromium
def test_a_sandbox_that_was_not_asked_to_answers_no_page(browser: Browser) -> None:
    browser.visit("asleep-getSession.html")
    with sandbox() as address:
        assert send(browser, address).startswith("No answer that this page may read")
    browser.errors()  # the browser complains of what it did not let the page read


@needs_chromium
def test_a_page_connects_to_this_machine_alone(browser: Browser) -> None:
    browser.visit("asleep-getSession.html")
    assert "No answer" in send(browser, "http://192.0.2.1")
    assert any("Content Security Policy" in complaint for complaint in browser.errors())
    assert not [address for address in browser.requests() if "192.0.2.1" in address]


@pytest.mark.parametrize("origin", ["null", "http://localhost:8000"])
def test_the_sandbox_answers_a_page_of_an_allowed_origin_and_no_other(origin: str) -> None:
    with sandbox(origin) as address, httpx.Client(base_url=address) as client:
        path = "/data/v2/sessions/20220821093117_hz82a"
        asked = {"access-control-request-method": "GET", "access-control-request-headers": "x-api-key"}
        allowed = client.options(path, headers={"origin": origin, **asked})
        assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, origin)
        assert "x-api-key" in allowed.headers["access-control-allow-headers"]
        assert client.get(path, headers={"origin": origin}).headers["access-control-allow-origin"] == origin
        assert client.options(path, headers={"origin": "http://elsewhere.test", **asked}).status_code == 400
        other = client.get(path, headers={"origin": "http://elsewhere.test"})
        assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize("origin", ["http://localhost:8000/", "localhost", "", "http://user@host", "http://a b"])
def test_what_is_not_an_origin_is_refused_with_a_sentence(origin: str) -> None:
    done = CliRunner().invoke(program(SERVICES), ["sandbox", "--allow-origin", origin])
    assert done.exit_code == 2
    assert "is not an origin: write http://localhost:8000" in done.stderr
