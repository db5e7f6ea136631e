"""The examples of the document, among them all printed samples, keep every rule but those that they name."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from sleeptalk_contract.contract.catalogue import catalogue_of
from sleeptalk_contract.contract.document import document
from sleeptalk_contract.contract.exchange import Answer, Exchange, Knowledge
from sleeptalk_contract.contract.service import RuleGroup, Target
from sleeptalk_contract.judging.judge import Judge
from sleeptalk_contract.services.asleep_v3.rules import callback

from .conversation import TARGET

EXAMPLES: dict[str, Any] = document("asleep-v3").root["components"]["examples"]
SENDER = Target(
    name="callbacks",
    summary="A sender of V2 and V3.",
    document=TARGET.document,
    groups=(RuleGroup("callback", ("receiveCallbackV2", "receiveCallbackV3"), callback.CHECKS),),
)
BROKEN = {
    "SessionPrintedSample": {"session.stage-list-lengths"},
    "CallbackV3PrintedComplete": {"callback.stage-list-lengths"},
}


def named(*beginnings: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", [each for each in EXAMPLES if each.startswith(beginnings)])


def broken(target: Target, operation: str, exchange: Exchange) -> set[str]:
    verdict = Judge(target, Knowledge()).judge(replace(exchange, operation=operation))
    assert verdict.checked
    return {breach.rule for breach in (*verdict.breaches, *verdict.beyond)}


def answered(operation: str, name: str, query: str = "", path: tuple[str, str] | None = None, status: int = 200) -> Any:
    body = EXAMPLES[name]["value"]
    result = body["result"]
    timezone = result.get("timezone") or result.get("period", {}).get("timezone") or "UTC"
    headers = {"x-api-key": "k", "x-user-id": "u", "timezone": timezone}
    answer = Answer(status, (("content-type", "application/json"),), json.dumps(body).encode())
    url = f"http://127.0.0.1/?{query}"
    ids = dict([path]) if path else {}
    return Exchange.sent(
        TARGET.operation(operation), "known-id", url, headers.items(), None, answer, path_parameters=ids
    )


@pytest.mark.parametrize(
    "name", [each for each in EXAMPLES if each.startswith("Session") and not each.startswith("SessionList")]
)
def test_a_session_keeps_every_rule_that_it_does_not_name(name: str) -> None:
    path = ("session_id", EXAMPLES[name]["value"]["result"]["session"]["id"])
    assert broken(TARGET, "getSession", answered("getSession", name, path=path)) == BROKEN.get(name, set())


@named("SessionList")
def test_a_list_keeps_every_rule(name: str) -> None:
    assert broken(TARGET, "listSessions", answered("listSessions", name)) == set()


@named("AverageStats")
def test_averages_keep_every_rule(name: str) -> None:
    period = EXAMPLES[name]["value"]["result"]["period"]
    query = f"start_date={period['start_date']}&end_date={period['end_date']}"
    assert broken(TARGET, "getAverageStats", answered("getAverageStats", name, query, ("user_id", "u"))) == set()


@named("UserPrinted", "UserNew", "UserRecording")
def test_a_user_keeps_every_rule(name: str) -> None:
    path = ("user_id", EXAMPLES[name]["value"]["result"]["user_id"])
    assert broken(TARGET, "getUser", answered("getUser", name, path=path)) == set()


@named("UserCreated")
def test_a_new_user_keeps_every_rule(name: str) -> None:
    assert broken(TARGET, "createUser", answered("createUser", name, status=201)) == set()


@named("Callback")
def test_a_callback_keeps_every_rule_that_it_does_not_name(name: str) -> None:
    body = EXAMPLES[name]["value"]
    operation = "receiveCallbackV2" if name.startswith("CallbackV2") else "receiveCallbackV3"
    user = (body.get("data") or body.get("callback_data"))["user_id"]
    headers = {"x-api-key": "k", "x-user-id": user, "content-type": "application/json"}
    sent = Exchange.delivered(
        SENDER.operation(operation), "http://127.0.0.1/", headers.items(), json.dumps(body).encode(), Answer(204)
    )
    assert broken(SENDER, operation, sent) == BROKEN.get(name, set())


def test_a_sample_that_breaks_a_rule_is_marked_in_the_catalogue() -> None:
    marked = {each.id for each in catalogue_of("asleep-v3").rules.values() if each.broken_by_sample}
    assert marked == set().union(*BROKEN.values())


def test_the_rules_about_callbacks_are_those_of_the_catalogue() -> None:
    rules = catalogue_of("asleep-v3").groups["callback"].rules
    assert set(callback.CHECKS) == {rule.id for rule in rules if rule.where != "schema"}
