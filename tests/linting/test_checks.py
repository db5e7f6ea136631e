"""What `sleeptalk lint` checks itself: the specification, YAML that readers agree on, examples, scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sleeptalk_contract.contract.document import Document, folder
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.linting.checks import (
    ambiguous_scalars,
    broken_examples,
    catalogue_problems,
    own_problems,
    refuse_ambiguous,
    refuse_unsound,
    specification_errors,
)
from sleeptalk_contract.linting.redocly import Score, as_markdown, fallen
from tests.linting.documents import ABSENT, CATALOGUE, SOUND, edited

if TYPE_CHECKING:
    from typing import Any

EXAMPLE = "/paths/~1naps~1{id}/get/responses/200/content/application~1json/examples/short/value"
HOOK_EXAMPLE = "/webhooks/napEnded/post/requestBody/content/application~1json/examples/short/value"


@pytest.mark.parametrize(
    "written", ["18:00", "off", "yes", "2024-01-01", "010", "~", "1_000", "0x10", "1e5", "0o7", "-1.e3"]
)
def test_a_scalar_that_yaml_readers_disagree_on_is_named_with_its_line(written: str) -> None:
    problems = list(ambiguous_scalars(Document(f"a: 1\nb: {written}\n", "naps.yaml")))
    assert [(problem.line, problem.column) for problem in problems] == [(2, 4)]
    assert f'"{written}" in quotes' in problems[0].message


@pytest.mark.parametrize("written", ["1", "-1", "0.5", "true", "null", "text", '"18:00"', "'off'", "1.0e+300"])
def test_scalars_that_every_reader_reads_alike_pass(written: str) -> None:
    assert list(ambiguous_scalars(Document(f"a: {written}\n", "naps.yaml"))) == []


@pytest.mark.parametrize("pointer", [EXAMPLE, HOOK_EXAMPLE])
@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("dream", 1, "dream"),
        ("time_in_nap", -1, "minimum"),
        ("end_time", "yesterday", "date-time"),
        ("stages", [0, 7], "7"),
        ("id", ABSENT, "id"),
    ],
)
def test_an_example_that_breaks_its_schema_is_found(pointer: str, key: str, value: Any, says: str) -> None:
    problems = list(broken_examples(edited(f"{pointer}/{key}", value)))
    assert len(problems) == 1
    path, message = problems[0]
    assert path[-2:] == ("examples", "short")
    assert says in message


def with_a_part() -> dict[str, Any]:
    """The naps with all that `Nap` has but its stages moved into a schema that is a part of it."""
    document = edited("/components/schemas/Nap/properties/dreams", {"type": "integer"})
    schemas = document["components"]["schemas"]
    part, nap = schemas["Nap"], {key: schemas["Nap"].pop(key) for key in ("allOf",)}
    nap |= {"type": "object", "properties": {"stages": part["properties"].pop("stages")}}
    nap["allOf"] = [{"$ref": "#/components/schemas/Part"}, *nap["allOf"]]
    return {**document, "components": {**document["components"], "schemas": {**schemas, "Nap": nap, "Part": part}}}


def test_the_fields_of_a_part_are_documented_and_no_other_ones() -> None:
    assert list(broken_examples(with_a_part())) == []
    document = edited(f"{EXAMPLE}/dream", 1) | {"components": with_a_part()["components"]}
    ((_, message),) = broken_examples(document)
    assert "'dream' was unexpected" in message


def test_a_condition_is_part_of_what_an_example_must_keep() -> None:
    document = edited(f"{EXAMPLE}/end_time", "2024-01-01T00:00:00Z")
    assert list(broken_examples(document)) == []
    del document["paths"]["/naps/{id}"]["get"]["responses"]["200"]["content"]["application/json"]["examples"]["short"][
        "value"
    ]["stages"]
    assert len(list(broken_examples(document))) == 2  # the schema and the condition both call for it


def test_unknown_fields_stay_allowed_outside_examples() -> None:
    assert "unevaluatedProperties" not in SOUND
    assert list(broken_examples(edited(f"{EXAMPLE}/id", "b"))) == []


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/info/title", ABSENT),
        ("/paths/~1naps~1{id}/get/responses/200/description", ABSENT),
        ("/components/schemas/Nap/properties/id/maxLength", "long"),
        ("/components/responses/NapNotFound/content/application~1json/schema/$ref", "#/components/schemas/Nope"),
    ],
)
def test_a_document_that_is_not_openapi_is_refused(pointer: str, value: Any) -> None:
    assert list(specification_errors(edited(pointer, value)))


@pytest.mark.parametrize(
    ("before", "after", "line", "rule", "says"),
    [
        ("level: must", "level: may", 9, "catalogue", '"may" is not one of "must"'),
        ("role: provider", "role: cook", 5, "catalogue", '"cook" is not one of'),
        ("{page: page}}", "{page: book}}", 9, "catalogue", "sources has no page book."),
        ("sources:", "404: {}\nsources:", 2, "yaml", "The key 404 is not a string"),
        ("groups:", "groups: [", 5, "yaml", "This is not YAML: "),
    ],
)
def test_a_flaw_of_a_catalogue_is_a_problem(before: str, after: str, line: int, rule: str, says: str) -> None:
    assert list(catalogue_problems(Document(CATALOGUE, "rules/naps.yaml"))) == []
    problem, *_ = catalogue_problems(Document(CATALOGUE.replace(before, after, 1), "rules/naps.yaml"))
    assert (problem.file, problem.line, problem.rule) == ("rules/naps.yaml", line, rule)
    assert says in problem.message


def test_a_score_that_falls_is_a_problem_and_one_that_rises_is_not() -> None:
    floor = Score(70.0, 100.0)
    assert list(fallen(Score(70.0, 100.0), floor)) == []
    assert list(fallen(Score(71.5, 100.0), floor)) == []
    [message] = fallen(Score(69.9, 100.0), floor)
    assert "from 70 to 69.9" in message


def test_the_scores_are_a_table_in_the_build_summary() -> None:
    assert "| asleep | 67.9 | 100 |" in as_markdown({"asleep": Score(67.9, 100.0)})


def test_the_one_example_of_a_body_counts_too_whatever_the_method() -> None:
    operation = {
        "operationId": "replaceNap",
        "requestBody": {"content": {"application/json": {"schema": {"type": "string"}, "example": 7}}},
        "responses": {"200": {"description": "Fine."}},
    }
    problems = list(broken_examples(edited("/paths/~1naps~1{id}/put", operation)))
    assert [path for path, _ in problems] == [
        ("paths", "/naps/{id}", "put", "requestBody", "content", "application/json", "example")
    ]
    assert problems[0][1].startswith("At /: 7 is not of type")


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("type: string", "type: null", "None is not valid under any of the given schemas."),
        ("pattern: ", "pattern: 12 #", "12 is not of type 'string'. Right: the same in quotes."),
    ],
)
def test_what_is_not_openapi_inside_a_schema_has_its_line(before: str, after: str, says: str) -> None:
    text = (folder() / "phonexia.yaml").read_text("utf-8")
    document = Document(text.replace(before, after, 1), "phonexia.yaml")
    line = text.partition(before)[0].count("\n") + 1
    assert [(problem.line, problem.message) for problem in own_problems(document)] == [(line, says)]
    with pytest.raises(UsageError, match=f"^phonexia.yaml line {line}: "):
        refuse_unsound(document)


@pytest.mark.parametrize("written", ["2024-01-01", "12:30:00", "on", "012", "1_000", "="])
def test_a_value_that_may_become_another_one_is_refused_with_its_line(written: str) -> None:
    with pytest.raises(
        UsageError, match=f'^x line 2: YAML readers disagree on {written}. Right: "{written}" in quotes.'
    ):
        refuse_ambiguous(Document(f"openapi: 3.1.0\ninfo: {written}\n", "x"))


@pytest.mark.parametrize("written", ["-1e+300", "~", "1.5", "true", '"012"', "text"])
def test_a_value_that_means_the_same_to_all_is_not_refused(written: str) -> None:
    refuse_ambiguous(Document(f"openapi: 3.1.0\ninfo: {written}\n", "x"))
