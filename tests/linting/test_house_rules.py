"""Each house rule finds the mistake that it is there for, on paths and webhooks alike, and says what would be right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sleeptalk_contract.commands.lint import problems_of
from tests.linting.documents import ABSENT, CATALOGUE, SOUND, edited, write
from tests.node_tools import needs_node

if TYPE_CHECKING:
    from pathlib import Path

    from sleeptalk_contract.linting.checks import Problem

pytestmark = needs_node

GET = "/paths/~1naps~1{id}/get"
HOOK = "/webhooks/napEnded/post"
OPERATION = {"responses": {"200": {"description": "Fine."}}}
NAP = "/components/schemas/Nap"

WRONG: list[tuple[str, str, Any]] = [
    ("house/operation-key-order", f"{GET}/security", []),
    ("house/operation-key-order", HOOK, {**OPERATION, "operationId": "receiveNap", "summary": "Receive a nap"}),
    ("house/operation-verb", f"{GET}/operationId", "fetchNap"),
    ("house/operation-verb", f"{GET}/operationId", "get"),
    ("house/operation-verb", f"{GET}/summary", "Read a nap"),
    ("house/operation-verb", f"{HOOK}/operationId", "getNapEnded"),
    ("house/summary-sentence-case", f"{GET}/summary", "Get A Nap"),
    ("house/summary-sentence-case", f"{GET}/summary", "Get a nap."),
    ("house/summary-sentence-case", f"{HOOK}/summary", "receive a nap"),
    ("house/field-description", f"{NAP}/properties/id/description", ABSENT),
    ("house/field-description", f"{NAP}/description", ABSENT),
    ("house/field-description", f"{GET}/parameters/0/description", ABSENT),
    ("house/time-unit", f"{NAP}/properties/time_in_nap/description", "How long the nap was."),
    ("house/nullable-says-when", f"{NAP}/properties/end_time/description", "When it ended, or null."),
    ("house/bounds", f"{NAP}/properties/id/maxLength", ABSENT),
    ("house/bounds", f"{NAP}/properties/stages/maxItems", ABSENT),
    ("house/bounds", f"{NAP}/properties/time_in_nap/maximum", ABSENT),
    ("house/bounds", f"{NAP}/properties/time_in_nap/minimum", ABSENT),
    ("house/error-shared", f"{GET}/responses/404", {"description": "There is no such nap."}),
    ("house/error-shared", f"{HOOK}/responses/4XX", {"description": "Refused."}),
    ("house/error-named-by-meaning", "/components/responses/Error404", {"description": "There is no such nap."}),
    ("house/error-remedy", "/components/responses/NapNotFound/x-remedy", ABSENT),
    ("house/enum-meaning", f"{NAP}/properties/stages/items/x-enumDescriptions", ABSENT),
    ("house/enum-meaning", f"{NAP}/properties/stages/items/x-enumDescriptions", {"0": "Awake."}),
    ("house/rule-id-known", f"{NAP}/properties/stages/items/x-rule", "session.sleep-stage-valves"),
    ("house/rule-id-known", f"{NAP}/properties/stages/items/x-rule", ["session.sleep-stage-values"]),
    (
        "house/rule-id-known",
        "/components/schemas/Nulls",
        {"description": "Nulls.", "x-null-rule": "nobody-slept", "properties": {"end_time": {"type": "null"}}},
    ),
    ("house/condition-has-rule", f"{NAP}/allOf/0/x-rule", ABSENT),
    ("house/condition-has-rule", f"{NAP}/allOf/0/description", ABSENT),
    ("no-unused-components", "/components/schemas/Dream", {"description": "A dream.", "type": "object"}),
    ("operation-description", f"{HOOK}/description", ABSENT),
]


def test_the_name_that_the_title_begins_with_keeps_its_capital(tmp_path: Path) -> None:
    path = write(tmp_path / "named.yaml", edited(f"{GET}/summary", "Get a nap of Naps as JSON"))
    assert [problem for problem in problems_of([path]) if problem.rule == "house/summary-sentence-case"] == []


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[list[Problem]]:
    """What lint finds in each wrong document; all are linted in one run, because Node takes a while to start."""
    folder = tmp_path_factory.mktemp("wrong")
    files = [write(folder / f"{n}.yaml", edited(pointer, value)) for n, (_, pointer, value) in enumerate(WRONG)]
    problems = list(problems_of(files))
    return [[problem for problem in problems if problem.file == str(file)] for file in files]


@pytest.mark.parametrize("number", range(len(WRONG)), ids=[f"{rule} {pointer}" for rule, pointer, _ in WRONG])
def test_a_wrong_case_is_found_by_its_rule(found: list[list[Problem]], number: int) -> None:
    rule = WRONG[number][0]
    hits = [problem for problem in found[number] if problem.rule == rule]
    assert hits, found[number]
    if rule.startswith("house/"):
        assert all("Right" in hit.message for hit in hits)
        assert all(hit.line > 1 for hit in hits)


def test_every_house_rule_has_a_wrong_case(found: list[list[Problem]]) -> None:
    from sleeptalk_contract.contract.document import Document, folder

    rules = {
        rule for rule in Document.read(folder() / "style" / "redocly.yaml").value["rules"] if rule.startswith("house/")
    }
    assert rules == {rule for rule, _, _ in WRONG if rule.startswith("house/")}
    assert (folder() / "style" / "plugin.js").is_file()


def test_a_document_is_held_to_the_catalogue_beside_it(tmp_path: Any) -> None:
    (tmp_path / "rules").mkdir()
    rules = CATALOGUE.replace("session:", "nap:").replace("session.naps", "nap.sleep-stage-values")
    (tmp_path / "rules" / "sound.yaml").write_text(rules, encoding="utf-8")
    named = edited(f"{NAP}/properties/stages/items/x-rule", "sleep-stage-values")
    problems = list(problems_of([write(tmp_path / "sound.yaml", named)]))
    assert [problem.rule for problem in problems] == ["house/rule-id-known"]
    assert "session.sleep-stages-set-once-closed" in problems[0].message


def test_a_sound_document_has_no_problem(tmp_path: Any) -> None:
    file = tmp_path / "sound.yaml"
    file.write_text(SOUND, encoding="utf-8")
    assert list(problems_of([file])) == []
