"""The catalogue, the documents and the registry name the same rules."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sleeptalk_contract.contract.catalogue import catalogue, rules_for, rules_of
from sleeptalk_contract.contract.documents import DOCUMENTS, document, folder
from sleeptalk_contract.judging.attribution import SHAPE_RULES
from sleeptalk_contract.judging.judge import RULE_MODULES
from sleeptalk_contract.judging.registry import CHECKS, rule

SHARED = Path(__file__).parents[3] / "shared" / "contract-rules.yaml"


def rules_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("x-rule"), str):
            yield value["x-rule"]
        for inner in value.values():
            yield from rules_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from rules_in(inner)


def test_there_are_104_rules() -> None:
    assert len(catalogue()) == 104


def test_the_documents_hold_exactly_the_rules_of_kind_schema() -> None:
    in_documents = {found for name in DOCUMENTS for found in rules_in(document(name))}
    assert in_documents == {entry.id for entry in catalogue().values() if entry.where == "schema"}


def test_the_registry_holds_exactly_the_other_rules() -> None:
    assert RULE_MODULES
    assert set(CHECKS) == {entry.id for entry in catalogue().values() if entry.where != "schema"}


def test_every_function_of_the_registry_says_its_rule() -> None:
    assert [name for name, check in CHECKS.items() if not check.__doc__] == []


def test_a_rule_cannot_be_registered_twice() -> None:
    with pytest.raises(ValueError, match=r"session\.id-echoed is registered twice"):
        rule("session.id-echoed")(lambda _case: None)


def test_the_shape_rules_are_in_the_catalogue() -> None:
    assert set(catalogue()) >= SHAPE_RULES


def test_each_target_is_judged_by_its_groups() -> None:
    assert {entry.group for entry in rules_for("asleep")} == {"session"}
    assert {entry.group for entry in rules_for("phonexia")} == {"analysis"}
    assert {entry.group for entry in rules_for("callback")} == {"receiver", "callback"}
    assert len(rules_of("session", "analysis", "receiver", "callback")) == 104


def test_the_catalogue_keeps_its_order() -> None:
    assert next(iter(catalogue())) == "session.shape"
    assert rules_for("callback")[0].group == "callback"


@pytest.mark.skipif(not SHARED.is_file(), reason="the catalogue's origin is not beside this checkout")
def test_the_catalogue_is_the_one_that_was_agreed() -> None:
    agreed = yaml.safe_load(SHARED.read_text(encoding="utf-8"))
    assert yaml.safe_load((folder() / "rules.yaml").read_text(encoding="utf-8")) == agreed
