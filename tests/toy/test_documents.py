"""What a maintainer does with documents, done with the toy's: lint, generate, compare, publish."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from sleeptalk_contract.commands.diff import changes_of
from sleeptalk_contract.commands.lint import problems_of
from sleeptalk_contract.contract.document import Document, current_folder
from sleeptalk_contract.diffing.change import Impact, worst
from sleeptalk_contract.diffing.sources import Pair
from sleeptalk_contract.generation.rendering import render
from sleeptalk_contract.reference.site import files
from tests.node_tools import needs_node

if TYPE_CHECKING:
    from pathlib import Path

    from sleeptalk_contract.contract.service import Service


@needs_node
def test_the_document_is_linted_by_its_own_catalogue(service: Service, tmp_path: Path) -> None:
    assert list(problems_of([service.document])) == []
    text = service.document.read_text(encoding="utf-8")
    (tmp_path / "rules").mkdir()
    rules = service.document.parent / "rules" / "kettle.yaml"
    (tmp_path / "rules" / "kettle.yaml").write_text(rules.read_text(encoding="utf-8"), encoding="utf-8")
    wrong = tmp_path / "kettle.yaml"
    wrong.write_text(text.replace("x-rule: kettle.shape", "x-rule: session.shape"), encoding="utf-8")
    assert [problem.rule for problem in problems_of([wrong])] == ["house/rule-id-known"]


def test_both_clients_have_a_method_for_each_operation(service: Service) -> None:
    templates = current_folder().parent / "overrides" / "templates"
    made = render([Document.read(service.document)], templates)
    clients = [node for node in ast.parse(made["kettle/client.py"]).body if isinstance(node, ast.ClassDef)]
    methods = [
        {node.name for node in client.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        for client in clients
    ]
    assert len(methods) == 2
    assert all({"create_kettle", "get_kettle"} <= found for found in methods)


@needs_node
@pytest.mark.parametrize(
    ("before", "after", "impact", "subject"),
    [
        ("required: [celsius]\n", "required: [celsius, litres]\n", Impact.MAJOR, "Water"),
        ("required: [id, celsius]", "required: [id]", Impact.MAJOR, "Kettle.celsius"),
        ("  /kettles:\n    post:", "  /pots:\n    post:", Impact.MAJOR, "/kettles"),
        ("x-rule: kettle.celsius-values, ", "", Impact.MAJOR, "kettle.celsius-values"),
        ("summary: Create a kettle", "summary: Create kettles", Impact.PATCH, "POST /kettles"),
    ],
)
def test_a_change_of_any_operation_is_rated(
    service: Service, before: str, after: str, impact: Impact, subject: str
) -> None:
    text = service.document.read_text(encoding="utf-8")
    assert before in text
    versions = (Document.parse(each, "kettle.yaml", "kettle") for each in (text, text.replace(before, after)))
    catalogue = Document.read(service.document.parent / "rules" / "kettle.yaml")
    changes = list(changes_of(Pair("kettle", *versions, catalogue)))
    assert worst(changes) is impact
    assert (impact, subject) in [(change.impact, change.subject) for change in changes]


def test_the_reference_has_its_operations_rules_and_fields(service: Service) -> None:
    made = files([service])
    for expected in ("Create a kettle", "Get a kettle", "Receive a whistle", "<code>POST /kettles</code>"):
        assert expected in made["index.html"]
    for rule in service.targets[0].rules:
        assert f'<tr id="{rule}">' in made["rules.html"]
        assert any(f"rules.html#{rule}" in text for name, text in made.items() if name.startswith("kettle-"))
    assert 'id="Kettle.celsius"' in made["fields-kettle.html"]
    assert made["kettle.yaml"] == service.document.read_text(encoding="utf-8")
