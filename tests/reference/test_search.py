"""The search finds everything that has a name, by that and by what people call it, with the keyboard alone."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode
from typing import TYPE_CHECKING, Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from sleeptalk_contract.reference.fields import schemas
from sleeptalk_contract.reference.search import Entry, Synonyms, grouped, index, packed, synonyms
from sleeptalk_contract.reference.site import Article
from tests.reference.conftest import needs_chromium

if TYPE_CHECKING:
    from sleeptalk_contract.reference.published import Published
    from tests.reference.conftest import Browser

GLOSSARY = Article(
    "glossary.html",
    "Glossary",
    "Glossary",
    "# Glossary\n\n## Sleep\n\n### Nap\nAlso: siesta, short sleep.\n\nIt has a `nap_id`; see `naps.shape`.\n\n## End\n",
)


def found(browser: Browser, words: str) -> list[str]:
    """Return what the search of the page that is open finds for some words, best first, each as "name (kind)"."""
    field = browser.driver.find_element(By.CSS_SELECTOR, ".search input")
    field.clear()
    browser.run("window.shown = document.querySelector('.search ul').firstChild")
    field.send_keys(words)
    browser.wait(lambda: browser.run("return document.querySelector('.search ul').firstChild !== window.shown"))
    return browser.run(
        "return [...document.querySelectorAll('.search li a')]"
        ".map((hit) => `${hit.querySelector('b').textContent} (${hit.querySelector('i').textContent})`)"
    )


def unpacked(text: str) -> Any:
    """Return what a page holds for its search."""
    return json.loads(zlib.decompress(b64decode(text), wbits=-15))


@needs_chromium
def test_everything_of_a_document_is_found_first_by_its_own_name(browser: Browser, parts: list[Published]) -> None:
    browser.visit("glossary.html")
    for part in parts:
        rule = next(iter(part.catalogue.rules))
        operation = next(iter(part.document.operations.values()))
        schema = next(each for each in schemas(part) if each.fields)
        header = next(each.name for one in part.document.operations.values() for each in one.parameters)
        for name, expected in (
            (rule, f"{rule} (rule of {part.title})"),
            (operation.title, f"{operation.title} (operation of {part.title})"),
            (schema.name, f"{schema.name} (schema of {part.title})"),
            (
                f"{schema.name}.{schema.fields[0].name}",
                f"{schema.name}.{schema.fields[0].name} (field of {part.title})",
            ),
        ):
            hits = found(browser, name)
            assert expected in [hit for hit in hits if hit.startswith(f"{name} ")], (name, hits[:5])
            assert hits[0].lower().startswith(name.lower()), (name, hits[:5])
        assert found(browser, header)[0].startswith(f"{header} (")
    assert browser.errors() == []


@needs_chromium
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("webhook", "Receive a callback (webhook of Asleep sleep API)"),
        ("webhook", "Callbacks and the inbox (page)"),
        ("AHI", "Stat.estimated_ahi (field of Asleep sleep API)"),
        ("apnea", "AHI (term)"),
        ("token", "x-api-key (header of Asleep sleep API)"),
        ("sleep efficiency", "Stat.sleep_efficiency (field of Asleep sleep API)"),
        ("404", "404 (status of Get a single session)"),
        ("COMPLETE", "COMPLETE (value of SessionState)"),
        ("judge", "Judging traffic (page)"),
        ("--require", "--require all|must|ID (Fuzzing your implementation)"),
        ("exit code", "Exit codes of every command (In CI)"),
        ("ContractViolation", "ContractViolation (Errors)"),
        ("getSession", "Get a single session (operation of Asleep sleep API)"),
        ("ratio rem", "Stat.rem_ratio (field of Asleep sleep API)"),
    ],
)
def test_what_people_call_a_thing_finds_it_among_the_first(browser: Browser, words: str, expected: str) -> None:
    if not browser.driver.current_url.endswith("errors.html"):
        browser.visit("errors.html")
    hits = found(browser, words)
    assert expected in hits[:12], hits[:12]


FIRST = {
    "Callback": "webhook, webhooks, WEBHOOK, callback, callbak, push",
    "Callbacks and the inbox": "callbacks, callbacks and inbox",
    "AHI": "AHI, ahi, apnea, apnoea, apnea hypopnea index, breathing index",
    "API key": "token, apikey, api key, bearer, secret",
    "x-api-key": "x-api-key, X-API-KEY",
    "x-user-id": "x-user-id, user id",
    "timezone": "timezone",
    "Time zone": "time zone, utc offset",
    "retry-after": "retry-after",
    "x-ratelimit-reset": "x-ratelimit-reset",
    "401": "401",
    "404": "404",
    "507": "507",
    "Throttling": "too many requests, rate limit, rate limits",
    "Unauthorized": "unauthorized, unauthorised",
    "SessionNotFound": "SessionNotFound, session not found",
    "StorageFull": "storage full",
    "Hypnogram": "hypnogram, hypnogramm, sleep chart",
    "REM latency": "REM latency, time to REM",
    "Stat.rem_latency": "rem_latency",
    "Sleep latency": "SOL, sol, sleep onset latency, time to fall asleep",
    "WASO": "WASO, wake after sleep onset",
    "Time asleep": "TST, total sleep time",
    "Time in bed": "TIB, time in bed",
    "Sleep efficiency": "SE, efficiency, efficency, sleep efficency, Sleep Efficiency",
    "Get a single session": "getSession, get session, get a session",
    "Delete a user": "deleteUser, delete user, delete a user",
    "List the sessions of a user": "list sessions",
    "Get the average statistics of a user": "average statistics",
    "Start a time analysis": "start analysis, upload, upload a recording, upload audio",
    "NEVER_SLEPT": "NEVER_SLEPT",
    "COMPLETE": "COMPLETE, complete",
    "session.shape": "session.shape",
    "Session": "sesion, session",
    "Null": "when is it null?, why null, null",
    "Fuzzing": "schemathesis, fuzzing",
    "Fuzzing your implementation": "fuzz",
    "Document": "openapi, swagger, llms.txt",
    "Pipeline": "docker, github actions",
    "Page of a list": "pagination",
    "Version": "what changed, v2 to v3, migration",
    "Exchange": "vcr",
    "Inbox": "inbox, exactly once, idempotency",
    "Sandbox": "mock server, sandbox",
    "Task": "job, polling",
    "--shard I/N": "--shard, shard",
    "--require all|must|ID": "--require, require",
    "sleeptalk fuzz": "sleeptalk fuzz",
    "sleeptalk judge": "judge",
    "Exit codes": "exit codes, exit code",
    "Crosstalk": "crosstalk, talking over",
}


@needs_chromium
def test_what_people_look_for_is_the_first_that_is_found(browser: Browser) -> None:
    browser.visit("errors.html")
    asked = [(words, name) for name, queries in FIRST.items() for words in queries.split(", ")]
    wrong = {}
    for words, name in asked:
        first = next(iter(found(browser, words)), "nothing")
        if first.rpartition(" (")[0] != name:
            wrong[words] = f"{first}, not {name}"
    assert not wrong
    assert len(asked) >= 60


@needs_chromium
def test_other_names_of_a_term_do_not_stand_for_each_other(browser: Browser) -> None:
    browser.visit("errors.html")
    assert not [hit for hit in found(browser, "rem ratio") if "wake_ratio" in hit]


@needs_chromium
@pytest.mark.parametrize("keys", ["/", Keys.CONTROL + "k"], ids=["slash", "control and k"])
def test_a_field_is_found_and_reached_by_keyboard_alone(browser: Browser, keys: str) -> None:
    browser.visit("index.html")
    browser.driver.find_element(By.TAG_NAME, "body").send_keys(keys)
    field = browser.driver.switch_to.active_element
    assert field.get_attribute("role") == "combobox"
    field.send_keys("rem_ratio")
    chosen = "return document.getElementById(document.activeElement.getAttribute('aria-activedescendant')).textContent"
    browser.wait(lambda: field.get_attribute("aria-activedescendant"))
    first = browser.run(chosen)
    assert first.startswith("Stat.rem_ratio field of Asleep sleep API")
    field.send_keys(Keys.ARROW_DOWN)
    assert browser.run(chosen) != first
    field.send_keys(Keys.ARROW_UP)
    assert browser.run(chosen) == first
    field.send_keys(Keys.ENTER)
    browser.wait(lambda: browser.driver.current_url.endswith("fields-asleep.html#Stat.rem_ratio"))
    place = browser.driver.find_element(By.ID, "Stat.rem_ratio")
    assert browser.wait(place.is_displayed)
    assert "REM sleep" in place.text


@needs_chromium
def test_escape_closes_the_search_and_then_empties_it(browser: Browser) -> None:
    browser.visit("rules.html")
    field = browser.driver.find_element(By.CSS_SELECTOR, ".search input")
    field.send_keys("never-slept")
    browser.wait(lambda: field.get_attribute("aria-expanded") == "true")
    field.send_keys(Keys.ARROW_DOWN, Keys.ESCAPE)
    assert browser.driver.switch_to.active_element == field
    assert field.get_attribute("aria-expanded") == "false"
    assert not browser.driver.find_elements(By.CSS_SELECTOR, ".search ul:not([hidden])")
    field.send_keys(Keys.ESCAPE)
    assert field.get_property("value") == ""


@needs_chromium
def test_who_leaves_the_search_is_where_they_came_from(browser: Browser) -> None:
    browser.visit("rules.html")
    link = browser.driver.find_element(By.CSS_SELECTOR, "main [href='#session.shape']")
    browser.run("arguments[0].focus({ preventScroll: true })", link)
    link.send_keys("/")
    field = browser.driver.switch_to.active_element
    assert field.get_attribute("role") == "combobox"
    field.send_keys(Keys.ESCAPE)
    assert browser.driver.switch_to.active_element == link
    link.send_keys("/")
    assert found(browser, "sleep")
    field.send_keys(Keys.TAB)
    assert not browser.driver.find_element(By.ID, "hits").is_displayed()


@needs_chromium
def test_what_was_asked_for_is_marked_in_what_is_found(browser: Browser) -> None:
    browser.visit("rules.html")
    found(browser, "REM ratio")
    marks = "return [...document.querySelectorAll('#hits li:first-child mark')].map((mark) => mark.textContent)"
    assert browser.run(marks) == ["rem", "ratio"]


@needs_chromium
def test_it_says_how_much_was_found_and_that_nothing_was(browser: Browser) -> None:
    browser.visit("rules.html")
    status = "return document.querySelector('.search [role=status]').textContent"
    hits = found(browser, "estimated_ahi")
    assert browser.run(status) == f"{len(hits)} found"
    assert found(browser, "zzzz") == []
    none = browser.driver.find_element(By.CSS_SELECTOR, ".search .none").text
    assert none.startswith("Nothing is called “zzzz”. The names of operations, fields, headers")
    assert browser.run(status) == "0 found"


@needs_chromium
def test_every_address_that_it_finds_is_there(browser: Browser) -> None:
    browser.visit("index.html")
    data = unpacked(browser.run("return document.getElementById('index').textContent"))
    pages: dict[str, set[str]] = {}
    for _, page, *rows in data["entries"]:
        text = (browser.site / page).read_text(encoding="utf-8")
        ids = pages.setdefault(page, {part.partition('"')[0] for part in text.split(' id="')[1:]})
        for row in rows:
            name, anchor = (row, 0) if isinstance(row, str) else (row[0], row[1] if len(row) > 1 else "")
            assert not anchor or anchor in ids or anchor.startswith("/"), (page, name, anchor)
            assert anchor != 0 or name in ids, (page, name)


def test_the_glossary_gives_terms_with_their_other_names_and_the_fields_in_their_text() -> None:
    assert synonyms([GLOSSARY]) == [("Nap", ["siesta", "short sleep"], ["nap_id"])]
    assert [tuple(entry) for entry in index([], {}, [GLOSSARY])][1:] == [
        ("Glossary", "page", "glossary.html", "", ""),
        ("Sleep", "Glossary", "glossary.html", "sleep", ""),
        ("Nap", "term", "glossary.html", "nap", "siesta, short sleep"),
        ("End", "Glossary", "glossary.html", "end", ""),
    ]


def test_entries_are_packed_without_what_follows_from_them() -> None:
    entries = [
        Entry("nap.shape", "rule", "rules.html", "nap.shape", "A nap has an id."),
        Entry("Nap.id", "field", "fields.html", "Nap.id"),
        Entry("Naps", "page", "naps.html"),
        Entry("Nap.time", "field", "fields.html", "time"),
    ]
    assert grouped(entries) == [
        ["rule", "rules.html", ["nap.shape", 0, "A nap has an id."]],
        ["field", "fields.html", "Nap.id", ["Nap.time", "time"]],
        ["page", "naps.html", ["Naps"]],
    ]
    assert unpacked(packed(entries[2:3], [Synonyms("Nap", ["siesta"], ["nap_id"])])) == {
        "entries": [["page", "naps.html", ["Naps"]]],
        "synonyms": [["Nap", ["siesta"], ["nap_id"]]],
    }


def test_a_page_holds_it_in_little_room(parts: list[Published]) -> None:
    text = packed(index(parts, {part.name: schemas(part) for part in parts}), [])
    assert len(text) < 60_000
