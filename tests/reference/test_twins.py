"""Every page has a twin in Markdown, llms.txt lists them, and what they say of a document is what it says."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from sleeptalk_contract.reference.body_schemas import bodies
from sleeptalk_contract.reference.fields import schemas
from sleeptalk_contract.reference.prose import table
from sleeptalk_contract.reference.twins import LIST, twin

if TYPE_CHECKING:
    from pathlib import Path

    from sleeptalk_contract.reference.published import Published

LINK = re.compile(r"\]\(((?!https?:)[^)\s#]+)(?:#[^)]*)?\)")


@pytest.fixture(scope="module")
def texts(site: Path) -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in [*site.glob("*.md"), site / LIST]}


def test_every_page_has_a_twin(site: Path, texts: dict[str, str]) -> None:
    assert {twin(file.name) for file in site.glob("*.html")} == texts.keys() - {LIST}


def test_every_link_of_a_twin_leads_to_a_file(site: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        prose = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
        assert [link for link in LINK.findall(prose) if not (site / link).is_file()] == [], name


def test_the_list_leads_to_every_document_operation_and_guide(texts: dict[str, str], parts: list[Published]) -> None:
    assert texts[LIST].startswith("# Sleeptalk reference\n\n> ")
    listed = set(LINK.findall(texts[LIST]))
    assert texts.keys() - {LIST, "index.md"} <= listed
    for part in parts:
        assert f"{part.name}-plain.json" in listed
        for operation in part.document.operations.values():
            assert f"[{part.title}: {operation.title}]" in texts[LIST]


def test_what_a_document_says_is_in_the_twins(texts: dict[str, str], parts: list[Published]) -> None:
    for part in parts:
        for rule in part.catalogue.rules.values():
            assert f"| `{rule.id}` | {rule.level} | " in texts["rules.md"]
        for operation in part.document.operations.values():
            text = texts[twin(part.address(operation))]
            assert f"# {operation.title}\n" in text
            assert all(f"| `{each.name}` | " in text for each in operation.parameters)
            for status, response in operation.responses.items():
                answer = f"## Answer {status}\n" if response.is_success else f"| {status} | "
                assert answer in text or operation.is_webhook, (operation.id, status)
            assert part.service.snippets[operation.id].rstrip() in text
            assert "\n## curl\n\n```bash\n" in text
        for schema in schemas(part):
            assert all(f"| `{field.name}`" in texts[f"fields-{part.name}.md"] for field in schema.fields)
        for body in bodies(part):
            assert f"]({body.file})" in texts["machines.md"]


def test_a_cell_of_a_table_holds_what_would_end_it() -> None:
    assert table(["a"], [["x|y\nz"]]) == "| a |\n| --- |\n| x\\|y z |"


def test_the_twin_of_an_operation_has_its_fields_its_nulls_and_an_example_that_keeps_the_rules(
    texts: dict[str, str], parts: list[Published]
) -> None:
    text = texts["asleep-getSession.md"]
    assert "| `x-api-key` | Headers | string | The API key." in text
    assert "| `result.stat.rem_ratio` | number or null | The share of the sleep period spent in REM sleep." in text
    assert "`session.stat-null-unless-complete`: null: `result.stat`" in text
    assert "Values: `OPEN` Audio may still be uploaded; `CLOSED` " in text
    value = json.loads(text.partition("```json\n")[2].partition("```")[0])
    (part,) = [part for part in parts if part.name == "asleep"]
    assert value == part.document.root["components"]["examples"]["SessionComplete"]["value"]
