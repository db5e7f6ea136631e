"""Every page has a twin in Markdown, llms.txt lists them, and what they say of a document is what it says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sleeptalk_contract.reference.body_schemas import bodies
from sleeptalk_contract.reference.fields import schemas
from sleeptalk_contract.reference.prose import table
from sleeptalk_contract.reference.twins import LIST, twin
from tests.node_tools import needs_node

if TYPE_CHECKING:
    from pathlib import Path

    from sleeptalk_contract.reference.published import Published

pytestmark = needs_node

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
            assert all(f"| `{each.name}` | {each.place} |" in text for each in operation.parameters)
            assert all(f"| {status} | " in text for status in operation.responses)
            assert part.service.snippets.get(operation.id, "").rstrip() in text
        for schema in schemas(part):
            assert all(f"| `{field.name}`" in texts[f"fields-{part.name}.md"] for field in schema.fields)
        for body in bodies(part):
            assert f"]({body.file})" in texts["machines.md"]


def test_a_cell_of_a_table_holds_what_would_end_it() -> None:
    assert table(["a"], [["x|y\nz"]]) == "| a |\n| --- |\n| x\\|y z |"
