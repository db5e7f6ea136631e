"""A document brings text into a page, and nothing else: no markup of it is obeyed, and no script of it runs."""

from __future__ import annotations

import json
import re
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from sleeptalk_contract.commands.reference import MARK, write
from sleeptalk_contract.contract.service import RuleGroup, Scenario, Service, Target
from sleeptalk_contract.reference.frame import web
from sleeptalk_contract.reference.markdown import markdown
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


@pytest.mark.parametrize(
    "text",
    [
        "[a](javascript:x)",
        "[a][1]\n\n[1]: javascript:x",
        "[a](&#106;avascript:x)",
        "[a](javascript&colon;x)",
        "[a](JaVaScRiPt:x)",
        "[a](java\tscript:x)",
        "<javascript:x>",
        "[a](vbscript:x)",
        "[a](data:text/html,<script>x</script>)",
        "![a](data:image/svg+xml,<svg onload=x>)",
        "![a](https://naps.test/x.png)",
        "![a][1]\n\n[1]: https://naps.test/x.png",
        '[a](https://naps.test/"onclick="x)',
        '[a](https://naps.test/ "t\\"onclick=\\"x")',
        '<https://naps.test/"onclick="x>',
        "&lt;script&gt;x&lt;/script&gt;",
        '```"><script>\nx\n```',
        "# <img src=x onerror=x>",
        "| a |\n| --- |\n| <b onclick=x style=x> |",
        "\u2028<svg onload=x>",
        "<!--><script>x</script>-->",
        "<style>@import url(https://naps.test/x)</style>",
    ],
)
def test_markdown_brings_neither_markup_nor_a_script_nor_anything_to_fetch(text: str) -> None:
    found = Markup()
    found.feed(markdown(text))
    assert found.tags <= {"a", "p", "h1", "div", "pre", "code", "table", "thead", "tbody", "tr", "th", "td"}
    assert not [name for name, _ in found.attributes if name.startswith("on") or name in {"src", "style", "srcdoc"}]
    assert all(re.match(r"https://naps\.test/|#", value) for name, value in found.attributes if name == "href")


class Markup(HTMLParser):
    """The tags and the attributes of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def test_every_page_allows_only_its_own_programs_and_at_most_this_machine(site: Path) -> None:
    for page in site.glob("*.html"):
        (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page.read_text("utf-8"))
        directives = dict(each.strip().partition(" ")[::2] for each in unescape(policy).split(";"))
        assert directives["default-src"] == "'none'", page.name
        assert "unsafe" not in policy, page.name
        assert "*" not in directives["script-src"] + directives["style-src"], page.name
        connects = directives.get("connect-src", "").split()
        assert set(connects) <= {"http://127.0.0.1:*", "http://localhost:*"}, page.name


def test_an_address_that_is_not_of_the_web_leads_nowhere() -> None:
    assert [web(each) for each in ("javascript:x", " javascript:x", "data:x", "https://naps.test/")] == [
        "#",
        "#",
        "#",
        "https://naps.test/",
    ]
