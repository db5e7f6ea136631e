"""The samples that the vendors print break the should rules that the catalogue says they break, and no other."""

import json
from typing import Any

import pytest

from sleeptalk_contract.contract.document import document
from sleeptalk_contract.contract.exchange import Knowledge
from tests.catalogues import catalogue
from tests.rules.exchanges import exchange, rules_broken

SAMPLE_ID = "20220821093117_hz82a"
TASK_OF_SAMPLES = "123e4567-e89b-12d3-a456-426614174000"


def example(name: str, key: str) -> Any:
    return document(name).root["components"]["examples"][key]["value"]


def broken_by_the_sample(rule_prefix: str) -> set[str]:
    return {rule.id for rule in catalogue().values() if rule.group == rule_prefix and rule.broken_by_sample}


def test_the_session_sample_breaks_what_the_catalogue_says() -> None:
    answered = exchange(body=example("asleep", "SessionPrintedSample"), identifier=SAMPLE_ID)
    assert rules_broken("asleep", answered, knowledge=Knowledge()) == broken_by_the_sample("session")


def test_the_analysis_sample_breaks_what_the_catalogue_says() -> None:
    answered = exchange("phonexia", body=example("phonexia", "TimeAnalysisPrintedDone"), identifier=TASK_OF_SAMPLES)
    assert rules_broken("phonexia", answered) == broken_by_the_sample("analysis")


@pytest.mark.parametrize(
    "key", ["TimeAnalysisPrintedRejected", "TimeAnalysisPrintedFailed", "TimeAnalysisPrintedSchemaSample"]
)
def test_the_other_task_samples_break_nothing(key: str) -> None:
    body = example("phonexia", key)
    answered = exchange("phonexia", body=body, identifier=body["task"]["task_id"])
    assert rules_broken("phonexia", answered) == set()


@pytest.mark.parametrize(
    "key", [key for key in document("asleep").root["components"]["examples"] if key.startswith("Session")]
)
def test_the_session_examples_keep_the_must_rules(key: str) -> None:
    body = example("asleep", key)
    asked = body["result"]["session"]["id"]
    headers = {"x-api-key": "k", "x-user-id": "u", "timezone": body["result"]["timezone"]}
    broken = rules_broken("asleep", exchange(body=body, identifier=asked, headers=headers), knowledge=Knowledge())
    assert {rule for rule in broken if catalogue()[rule].level == "must"} == set()
    assert broken == set() or key == "SessionPrintedSample"


@pytest.mark.parametrize(
    "key", [key for key in document("asleep").root["components"]["examples"] if key.startswith("Callback")]
)
def test_the_callback_examples_keep_every_rule(key: str) -> None:
    body = example("asleep", key)
    headers = {"x-api-key": "k", "x-user-id": body["callback_data"]["user_id"]}
    posted = exchange(
        "callback",
        204,
        intent="delivery",
        method="POST",
        identifier="",
        headers=headers,
        sent=json.dumps(body).encode(),
    )
    assert rules_broken("callback", posted, knowledge=Knowledge()) == set()
