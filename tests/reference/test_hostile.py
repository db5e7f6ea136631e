"""A document brings text into a page, and nothing else: no markup of it is obeyed, and no script of it runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sleeptalk_contract.commands.reference import MARK, write
from sleeptalk_contract.contract.service import RuleGroup, Scenario, Service, Target
from sleeptalk_contract.reference.site import Article, files
from tests.reference.conftest import Browser, needs_chromium

if TYPE_CHECKING:
    from pathlib import Path

    from selenium.webdriver import Chrome

RUN = "window.hacked = true"
HOSTILE = (
    f'<script>{RUN}</script></script></style><iframe srcdoc="<script>parent.hacked = true</script>"></iframe>'
    f'<img src=x onerror="{RUN}"><svg onload="{RUN}"></svg> [go](javascript:{RUN}) [go](data:text/html,x) '
    f"<a href='javascript:{RUN}'>go</a> ![x](x\" onerror=\"{RUN}) {{{{ 7 * 7 }}}} ]]> --> <!-- \"'><b>"
)


def hostile_document() -> dict[str, Any]:
    field = {
        "description": HOSTILE,
        "type": "string",
        "pattern": "<script>x</script>",
        "default": HOSTILE,
        "enum": [HOSTILE, "b"],
        "x-enumDescriptions": {HOSTILE: HOSTILE, "b": HOSTILE},
    }
    content = {
        "application/json": {
            "schema": {"$ref": "#/components/schemas/Nap"},
            "examples": {HOSTILE: {"summary": HOSTILE, "description": HOSTILE, "value": {HOSTILE: HOSTILE}}},
        }
    }
    parameter = {"name": "nap_id", "in": "path", "required": True, "description": HOSTILE, "schema": field}
    operation = {
        "summary": HOSTILE,
        "description": "\n\n".join(
            (
                HOSTILE,
                f"    {HOSTILE}",
                f"```{HOSTILE}\n{HOSTILE}\n```",
                f"# {HOSTILE}",
                f"| a |\n| --- |\n| {HOSTILE} |",
            )
        ),
        "tags": [HOSTILE],
        "requestBody": {"description": HOSTILE, "content": content},
    }
    answers = {
        "200": {
            "description": HOSTILE,
            "content": content,
            "headers": {"x-a": {"description": HOSTILE, "schema": field}},
        },
        "404": {"description": HOSTILE, "x-remedy": HOSTILE, "content": content},
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": HOSTILE,
            "version": HOSTILE,
            "summary": HOSTILE,
            "description": HOSTILE,
            "contact": {"name": HOSTILE, "url": f"javascript:{RUN}"},
        },
        "servers": [{"url": "https://naps.test/'\"><script>", "description": HOSTILE}],
        "tags": [{"name": HOSTILE, "description": HOSTILE}],
        "paths": {
            "/naps/{nap_id}": {
                "parameters": [parameter],
                "post": {**operation, "operationId": "../../post<script>", "responses": answers},
            }
        },
        "webhooks": {HOSTILE: {"post": {**operation, "operationId": "hook", "responses": answers}}},
        "components": {
            "schemas": {
                "Nap": {
                    "description": HOSTILE,
                    "type": "object",
                    "x-rule": "nap.shape",
                    "properties": {HOSTILE: field, "a": {"$ref": "#/components/schemas/Nap"}},
                    "allOf": [
                        {
                            "x-rule": "nap.shape",
                            "description": HOSTILE,
                            "if": {"required": ["a"]},
                            "then": {"properties": {"a": {"type": "null"}}},
                        }
                    ],
                }
            }
        },
    }


def hostile_catalogue() -> dict[str, Any]:
    sentence = f"A {HOSTILE}."
    rule = {"id": "nap.shape", "level": "must", "where": "schema", "sentence": sentence, "source": {"page": "page"}}
    return {
        "sources": {"page": {"title": HOSTILE, "url": "https://naps.test/"}},
        "groups": {"nap": {"role": "provider", "title": sentence, "summary": sentence, "rules": [rule]}},
    }


@pytest.fixture(scope="module")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference of a document, a catalogue and an article that are all hostile."""
    folder = tmp_path_factory.mktemp("hostile")
    document = folder / "naps.yaml"
    document.write_text(json.dumps(hostile_document()), encoding="utf-8")
    (folder / "rules").mkdir()
    (folder / "rules" / "naps.yaml").write_text(json.dumps(hostile_catalogue()), encoding="utf-8")
    group = RuleGroup("nap", ("../../post<script>",), schemas=("Nap",))
    scenario = Scenario(HOSTILE, HOSTILE, "../../post<script>", {"nap_id": HOSTILE})
    target = Target("naps", HOSTILE, document, (group,), scenarios=(scenario,))
    service = Service("naps", __name__, document, (target,), snippets={"hook": HOSTILE})
    site = folder / "site"
    write(site, {MARK: "", **files([service], [Article("news.html", HOSTILE, HOSTILE, HOSTILE)])})
    return site


def test_no_file_is_written_beside_the_site(hostile_site: Path) -> None:
    assert {path.name for path in hostile_site.parent.iterdir()} == {"naps.yaml", "rules", "site"}
    assert (hostile_site / "naps-..-..-post-script-.html").is_file()


@needs_chromium
def test_nothing_that_a_document_brings_is_more_than_text(chromium: Chrome, hostile_site: Path) -> None:
    browser = Browser(chromium, hostile_site)
    browser.resize(1280)
    pages = sorted(hostile_site.glob("*.html"))
    assert len(pages) >= 6
    for page in pages:
        browser.visit(page.name)
        for details in ("details", "dialog"):
            browser.run("document.querySelectorAll(arguments[0]).forEach((each) => { each.open = true; })", details)
        assert browser.run("return window.hacked") is None, page.name
        foreign = "iframe, object, embed, base, link:not([rel=icon]), main img, main svg, main script, main style"
        assert browser.run("return document.querySelectorAll(arguments[0]).length", foreign) == 0, page.name
        assert browser.run("return document.scripts.length") == 4, page.name
        handlers = """
          return [...document.querySelectorAll('*')].flatMap((each) => [...each.attributes])
            .filter((one) => one.name.startsWith('on')
              || one.name === 'href' && /^\\s*(javascript|data:text)/i.test(one.value))
            .map((one) => one.name + '=' + one.value);
        """
        assert browser.run(handlers) == [], page.name
        assert browser.errors() == [], page.name


@needs_chromium
def test_a_script_that_got_into_a_page_would_not_run(browser: Browser) -> None:
    browser.visit("index.html")
    browser.run(
        "document.querySelector('main').innerHTML = arguments[0];"
        "const made = document.createElement('script'); made.textContent = arguments[1]; document.body.append(made);",
        HOSTILE,
        RUN,
    )
    browser.wait(lambda: any("Content Security Policy" in complaint for complaint in browser.errors()))
    assert browser.run("return window.hacked") is None
