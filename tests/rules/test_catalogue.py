"""The catalogues, the documents and the registry name the same rules, and each rule holds its facts."""

import copy
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from sleeptalk_contract.contract.catalogue import Rule, catalogue_of, parse_catalogue
from sleeptalk_contract.contract.document import Document, document, document_paths, folder
from sleeptalk_contract.contract.pointer import follow
from sleeptalk_contract.contract.service import RuleGroup, Service, Target
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.judging.case import Checks
from sleeptalk_contract.services.registered import SERVICES
from tests.architecture.source import ROOT
from tests.catalogues import catalogue, rules_of

DOCUMENTS = [path.stem for path in document_paths()]
EVERY_RULE = pytest.mark.parametrize("entry", catalogue().values(), ids=catalogue())


def rules_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "x-rule" in value:
            yield value["x-rule"]
        for inner in value.values():
            yield from rules_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from rules_in(inner)


def test_the_readme_counts_the_rules() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    count = sum(len(target.rules) for service in SERVICES for target in service.targets)
    assert set(re.findall(r"(\d+) (?:rules|kept)", readme)) == {str(count)}
    assert re.findall(r"^asleep +\d+ +(\d+) ", readme, re.MULTILINE) == [str(len(rules_of("session")))]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_holds_exactly_the_rules_of_kind_schema_of_its_catalogue(name: str) -> None:
    stated = set(rules_in(document(name).value))
    of_kind_schema = {entry.id for entry in catalogue_of(name).rules.values() if entry.where == "schema"}
    assert {each for each in of_kind_schema if not {each, each.partition(".")[2]} & stated} == set()
    ids = of_kind_schema | {each.partition(".")[2] for each in of_kind_schema}
    assert stated <= ids


def rules_reached(root: Any, schema: Any, met: set[str]) -> Iterator[str]:
    """The `x-rule`s that the judge of a body can meet, through every `$ref`."""
    if isinstance(schema, list):
        for inner in schema:
            yield from rules_reached(root, inner, met)
    if not isinstance(schema, dict):
        return
    if "x-rule" in schema:
        yield schema["x-rule"]
    if isinstance(schema.get("$ref"), str) and schema["$ref"] not in met:
        met.add(schema["$ref"])
        yield from rules_reached(root, follow(root, schema["$ref"]), met)
    for key, inner in schema.items():
        if key != "components":
            yield from rules_reached(root, inner, met)


@pytest.mark.parametrize(
    ("target", "group"),
    [(target, group) for service in SERVICES for target in service.targets for group in target.groups],
    ids=lambda each: each.name,
)
def test_every_rule_that_a_judge_can_meet_is_of_the_group_that_is_judged(target: Target, group: RuleGroup) -> None:
    rules = catalogue_of(target.operations[0].document.name).rules
    for operation in map(target.operation, group.operations):
        statuses = (int(response.status) for response in operation.responses.values() if response.status.isdigit())
        schemas = {
            "provider": [operation.response_schema(status) for status in statuses],
            "sender": [operation.request_schema()],
            "receiver": [],
        }
        for schema in filter(None, schemas[target.role_of(group.name)]):
            for name in rules_reached(schema, schema, set()):
                identity = name if "." in name else f"{group.name}.{name}"
                assert identity in rules
                assert rules[identity].group == group.name


def checks_of(service: Service) -> Checks:
    checks = Checks()
    for group in (group for target in service.targets for group in target.groups):
        checks.update(group.checks)
    return checks


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_service_holds_exactly_the_other_rules(service: Service) -> None:
    rules = catalogue_of(service.document.stem).rules
    assert set(checks_of(service)) == {entry.id for entry in rules.values() if entry.where != "schema"}


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_function_says_its_rule(service: Service) -> None:
    assert [name for name, check in checks_of(service).items() if not check.__doc__] == []


def test_a_rule_has_one_function() -> None:
    checks = Checks()
    checks.rule("session.id-echoed")(lambda _case: None)
    with pytest.raises(ValueError, match=r"session\.id-echoed has two functions"):
        checks.rule("session.id-echoed")(lambda _case: None)


def test_the_shape_rules_are_about_schemas() -> None:
    shapes = [entry for entry in catalogue().values() if entry.shape]
    assert {entry.where for entry in shapes} == {"schema"}
    about_bodies = {
        group.name
        for name in DOCUMENTS
        for group in catalogue_of(name).groups.values()
        if group.role in {"provider", "sender"}
    }
    assert {entry.group for entry in shapes} == about_bodies


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_each_rule_of_a_service_is_of_a_target(service: Service) -> None:
    rules = catalogue_of(service.document.stem).rules
    for target in service.targets:
        groups = {group.name for group in target.groups}
        assert {rule.group for rule in target.rules.values()} == groups
    assert {rule for target in service.targets for rule in target.rules} == set(rules)


def test_the_targets_have_the_rules_of_their_groups() -> None:
    groups = {
        target.name: {rule.group for rule in target.rules.values()} for each in SERVICES for target in each.targets
    }
    expected = {"asleep": {"session"}, "phonexia": {"analysis"}, "callback": {"receiver", "callback"}}
    assert {name: groups[name] for name in expected} == expected


def test_the_catalogue_keeps_its_order() -> None:
    assert next(iter(catalogue_of("asleep").rules)) == "session.shape"
    assert rules_of("receiver", "callback")[0].group == "callback"


@EVERY_RULE
def test_a_sentence_stands_on_its_own(entry: Rule) -> None:
    assert re.fullmatch(r"[A-Z].*\.", entry.sentence)
    assert not re.search(
        r"as (the|in the) session rule|(session|callback)\.[a-z]|\bseed|\b00[012]\b|vendor\.md", entry.sentence
    )


@EVERY_RULE
def test_a_source_is_a_page_that_can_be_opened(entry: Rule) -> None:
    assert entry.source.url.startswith("https://")
    assert not re.search(r"\b00[012]\b|vendor", f"{entry.source}")


def test_every_rule_about_what_is_sent_says_which_delivery_exercises_it() -> None:
    assert [entry.id for entry in rules_of("callback") if not entry.hint] == []


def test_a_hint_ends_a_sentence_that_the_engine_begins() -> None:
    assert catalogue()["session.never-slept-nulls"].hint == "a COMPLETE and VALID session in which nobody slept"
    assert "INVALID" in catalogue()["callback.invalid-session-nulls"].hint
    assert "silent channel" in catalogue()["analysis.silence-has-no-rate"].hint


def test_a_source_is_written_as_page_and_section() -> None:
    assert str(catalogue()["session.sleep-stage-values"].source) == "Get Single Session, 2.1.3"
    assert str(catalogue()["session.no-server-error"].source) == "Get Single Session"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_rule_is_found_at_its_place_in_the_file(name: str) -> None:
    file = Document.read(folder() / "rules" / f"{name}.yaml")
    for identity in catalogue_of(name).rules:
        assert file.follow(catalogue_of(name).place(identity))["id"] == identity


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"level": "may"}, '"may" is not one of'),
        ({"sentence": "starts small."}, "does not match"),
        ({"sentence": "Has no full stop"}, "does not match"),
        ({"says": "It is so."}, "'says' was unexpected"),
        ({"hint": "A task."}, "does not match"),
        ({"source": {"page": "nowhere"}}, "sources has no page nowhere"),
        ({"source": {}}, '"page" is a required property'),
        ({"gives_way_to": "analysis.nothing"}, "there is no rule analysis.nothing"),
        ({"id": "analysis.state-values"}, "analysis.state-values is given twice"),
        ({"id": "session.shape"}, "session.shape is in the group analysis"),
        ({"refusal": 200}, "200 is less than the minimum of 400"),
        ({"sent_after": "another"}, "is not one of"),
    ],
)
def test_a_file_that_is_not_a_catalogue_is_refused_with_the_place(change: dict[str, Any], problem: str) -> None:
    value = copy.deepcopy(Document.read(folder() / "rules" / "phonexia.yaml").value)
    value["groups"]["analysis"]["rules"][0].update(change)
    with pytest.raises(
        UsageError, match=r"^changed\.yaml line \d+ \(#/groups/analysis/rules/.*\): this is not a catalogue of rules: "
    ) as caught:
        parse_catalogue(Document.parse(yaml.safe_dump(value), "changed.yaml"))
    assert problem in str(caught.value)


@pytest.mark.parametrize("value", [None, [], "text", {}, {"sources": {}, "groups": {}}])
def test_other_values_are_not_catalogues(value: object) -> None:
    with pytest.raises(UsageError, match="is not a catalogue of rules"):
        parse_catalogue(Document.parse(yaml.safe_dump(value), "changed.yaml"))
