"""The form that tries an operation: it reaches a sandbox that lets the page, and shows what is answered."""

from __future__ import annotations

import socket
from contextlib import contextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING

import httpx
import pytest
from click.testing import CliRunner
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
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


@contextmanager
def listener(answer: bytes = b"") -> Iterator[str]:
    """Yield the address of a server that gives every request the same answer, or never one where that is empty."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    waiting.append(connection)
                    if answer:
                        connection.recv(65536)
                        connection.sendall(answer)
                        connection.close()

        waiting: list[socket.socket] = []
        thread = Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in waiting:
                connection.close()


@needs_chromium
def test_a_request_that_is_not_answered_can_be_cancelled(browser: Browser) -> None:
    browser.visit("asleep-getSession.html")
    cancel = browser.driver.find_element(By.CSS_SELECTOR, ".try .cancel")
    sends = browser.driver.find_element(By.CSS_SELECTOR, ".try .send")
    assert not cancel.is_displayed()
    with listener() as address:
        browser.run("document.querySelector('[name=server]').value = arguments[0]", address)
        sends.click()
        assert browser.wait(cancel.is_displayed)
        assert not sends.is_enabled()
        cancel.send_keys(Keys.ENTER)
        output = browser.driver.find_element(By.CSS_SELECTOR, ".try output")
        browser.wait(lambda: output.text == "Cancelled.")
    assert not cancel.is_displayed()
    assert browser.driver.switch_to.active_element == sends


@needs_chromium
def test_of_a_long_answer_only_the_beginning_is_shown(browser: Browser) -> None:
    head = (
        "HTTP/1.1 200 OK\r\naccess-control-allow-origin: null\r\naccess-control-allow-headers: *\r\n"
        "connection: close\r\ncontent-length: 3000000\r\n\r\n"
    )
    browser.visit("asleep-getSession.html")
    with listener(head.encode() + b"x" * 3_000_000) as address:
        assert send(browser, address).startswith("200 OK")
    shown = browser.run("return document.querySelector('.try .answer code').textContent")
    assert shown.endswith("x\n... the first 200000 of 3000000 characters")
    assert len(shown) < 201_000


@needs_chromium
@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("[name=server]", "sandbox", "sandbox is not the address of a sandbox: write http://127.0.0.1:8787."),
        ("[name=server]", "", "Nothing is not the address of a sandbox"),
        ("[data-name=x-api-key]", "schlüssel ✓", "A header cannot carry what is in x-api-key."),
    ],
)
def test_what_cannot_be_sent_is_said_in_a_sentence(browser: Browser, field: str, value: str, said: str) -> None:
    browser.visit("asleep-getSession.html")
    browser.run("document.querySelector(arguments[0]).value = arguments[1]", field, value)
    browser.driver.find_element(By.CSS_SELECTOR, ".try .send").click()
    assert browser.driver.find_element(By.CSS_SELECTOR, ".try output").text.startswith(said)
    assert browser.requests() == []


@needs_chromium
def test_a_key_is_neither_kept_nor_in_an_address(browser: Browser) -> None:
    browser.visit("asleep-getSession.html")
    key = browser.driver.find_element(By.CSS_SELECTOR, "[data-name=x-api-key]")
    key.clear()
    key.send_keys("a-secret")
    with sandbox("null") as address:
        assert send(browser, address).startswith("401")
        browser.driver.find_element(By.LINK_TEXT, "What to do").click()
    assert browser.driver.current_url.endswith("#error-401")
    assert not [each for each in browser.requests() if "a-secret" in each]
    assert "a-secret" not in browser.run("return JSON.stringify({ ...localStorage, ...sessionStorage }) + location")
    browser.driver.refresh()
    kept = "return [...document.querySelectorAll('input')].map((each) => each.value)"
    assert "a-secret" not in browser.run(kept)
    browser.errors()  # the browser notes the 401


@needs_chromium
def test_a_page_connects_to_this_machine_alone(browser: Browser) -> None:
    browser.visit("asleep-getSession.html")
    assert "this page may reach no other machine" in send(browser, "http://192.0.2.1")
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
