"""What the catalogues say exercises a rule does exercise it: each hint is compared with what the sandbox shows."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from sleeptalk_contract.contract.exchange import Exchange
from sleeptalk_contract.contract.service import Target
from sleeptalk_contract.judging.judge import Judge
from sleeptalk_contract.services.asleep.sandbox.application import AsleepProvider
from sleeptalk_contract.services.asleep.sandbox.deliveries import deliveries
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS
from sleeptalk_contract.services.phonexia.sandbox.application import PhonexiaProvider
from tests.rules.exchanges import ASLEEP, HEADERS, PHONEXIA, ask, delivered, requests_about_keys_and_users
from tests.targets import target_named

Facts = Mapping[str, Any]
Claim = Callable[[Facts], bool]


def always(_facts: Facts) -> bool:
    return True


def done(facts: Facts) -> bool:
    return bool(facts["complete"] and facts["valid"])


NIGHTS: dict[str, Claim] = {
    "a session that the implementation knows": always,
    "a session that the implementation knows, and refuses without a key": always,
    "a session with sleep stages": lambda facts: facts["stages"],
    "a session of a contract with breathing analysis": lambda facts: facts["breathing"],
    "an OPEN session": lambda facts: facts["state"] == "OPEN",
    "a CLOSED or COMPLETE session": lambda facts: facts["state"] in {"CLOSED", "COMPLETE"},
    "an OPEN or CLOSED session": lambda facts: facts["state"] in {"OPEN", "CLOSED"},
    "a COMPLETE session that is not VALID": lambda facts: facts["complete"] and not facts["valid"],
    "a COMPLETE and VALID session": done,
    "a COMPLETE and VALID session of a contract without breathing analysis": lambda facts: (
        done(facts) and not facts["breathing"]
    ),
    "a COMPLETE and VALID session, of a contract with breathing analysis, in which somebody slept": lambda facts: (
        done(facts) and facts["breathing"] and facts["slept"]
    ),
    "a COMPLETE and VALID session of a contract with two sleep stages": lambda facts: done(facts) and facts["two"],
    "a COMPLETE and VALID session of a contract with four sleep stages": lambda facts: done(facts) and facts["four"],
    "a COMPLETE and VALID session in which nobody slept": lambda facts: done(facts) and not facts["slept"],
    "a COMPLETE and VALID session in which somebody slept": lambda facts: done(facts) and facts["slept"],
}

DELIVERIES: dict[str, Claim] = {
    "a delivery": always,
    "a delivery with x-user-id": always,
    "a delivery with sleep stages": lambda facts: facts["stages"],
    "a delivery of a contract with breathing analysis": lambda facts: facts["breathing"],
    "an INFERENCE_COMPLETE": lambda facts: facts["window"],
    "two different deliveries of one session": lambda facts: facts["several"],
    "a SESSION_COMPLETE": lambda facts: facts["complete"],
    "a SESSION_COMPLETE of a VALID session": done,
    "a SESSION_COMPLETE of an INVALID session, for example of one shorter than 20 minutes": lambda facts: (
        facts["complete"] and not facts["valid"]
    ),
    "a SESSION_COMPLETE of a contract without breathing analysis": lambda facts: (
        facts["complete"] and not facts["breathing"]
    ),
    "a SESSION_COMPLETE, of a contract with breathing analysis, of a night in which somebody slept": lambda facts: (
        done(facts) and facts["breathing"] and facts["slept"]
    ),
    "a SESSION_COMPLETE of a contract with two sleep stages": lambda facts: done(facts) and facts["two"],
    "a SESSION_COMPLETE of a contract with four sleep stages": lambda facts: done(facts) and facts["four"],
    "a SESSION_COMPLETE of a night in which nobody slept": lambda facts: done(facts) and not facts["slept"],
    "a SESSION_COMPLETE of a night in which somebody slept": lambda facts: done(facts) and facts["slept"],
}

CALLS: dict[str, Claim] = {
    "a task that the implementation knows": lambda facts: facts["status"] == 200,
    "a task that is done": lambda facts: facts["state"] == "done",
    "a task that is done, of a recording in which somebody speaks": lambda facts: facts["speech"],
    "a task that failed or was rejected, with a detail": lambda facts: facts["detail"],
    "a task that failed or was rejected": lambda facts: facts["state"] in {"failed", "rejected"},
    "a task that is pending or running": lambda facts: facts["state"] in {"pending", "running"},
    "a task that is rate-limited": lambda facts: facts["status"] == 429,
    "a task that is done, of a recording with a silent channel": lambda facts: facts["silent"],
    "a task that is done, of a recording with one channel": lambda facts: facts["channels"] == 1,
    "a task that is done, of two speakers who answer each other": lambda facts: facts["reactions"],
    "a task that is done, of two speakers who never answer each other": lambda facts: facts["no reactions"],
}


def checked(target: str, *exchanges: Exchange) -> set[str]:
    judge = Judge(target_named(target), PHONEXIA if target == "phonexia" else ASLEEP)
    return {rule for each in exchanges for rule, count in judge.judge(each).checked.items() if count}


@cache
def nights() -> list[tuple[str, Facts, set[str]]]:
    """Return each night of the sandbox: what it is like, and which rules reading it exercises."""
    shown = []
    for name, night in SCENARIOS.items():
        provider, identifier = AsleepProvider(ASLEEP.credentials), night.session_id
        answer = ask(provider, "asleep", ("GET", "known-id", identifier, HEADERS))
        others = [ask(provider, "asleep", asked) for asked in requests_about_keys_and_users(identifier)]
        result = answer.response_json["result"]
        shown.append((name, _of_night(result["session"], result), checked("asleep", answer, *others)))
    return shown


def _of_night(session: Facts, result: Facts) -> Facts:
    stages, stat = session["sleep_stages"], result["stat"] or {}
    return {
        "state": session["state"],
        "complete": session["state"] == "COMPLETE",
        "valid": result["validity"] == "VALID",
        "breathing": session["osa_stages"] is not None,
        "stages": bool(stages),
        "slept": any(stage in {1, 2, 3} for stage in stages or ()),
        "two": stat.get("time_in_light") is None,
        "four": stat.get("time_in_light") is not None,
    }


@cache
def sent() -> list[tuple[str, Facts, set[str]]]:
    """Return what the sandbox delivers of each night: what it is like, and which rules the deliveries exercise."""
    like = {name: facts for name, facts, _ in nights()}
    shown = []
    for name, night in SCENARIOS.items():
        exchanges = [delivered(each) for each in deliveries(night)]
        if not exchanges:
            continue
        events = [json.loads(each.request_body or b"")["callback_event"] for each in exchanges]
        facts = {
            **like[name],
            "complete": "SESSION_COMPLETE" in events,
            "window": "INFERENCE_COMPLETE" in events,
            "several": len({each.request_body for each in exchanges}) > 1,
        }
        shown.append((name, facts, checked("callback", *exchanges)))
    return shown


@cache
def calls() -> list[tuple[str, Facts, set[str]]]:
    """Return each call of the sandbox: what it is like, and which rules reading it exercises."""
    shown = []
    for scenario in target_named("phonexia").scenarios:
        if scenario.operation != "getTimeAnalysis":
            continue
        [identifier] = scenario.path_parameters.values()
        answer = ask(PhonexiaProvider({}), "phonexia", ("GET", "known-id", identifier, {}))
        body = answer.response_json
        result = body.get("result") or {}
        reacted = [each["reactions_count"] for each in result.get("reaction_analyses", ())]
        channels = result.get("channel_analyses", ())
        facts = {
            "state": body.get("task", {}).get("state"),
            "status": answer.status,
            "channels": len(channels),
            "silent": any(channel["speech_duration"] == 0 for channel in channels),
            "speech": any(channel["speech_duration"] > 0 for channel in channels),
            "detail": (body.get("error") or {}).get("detail") is not None,
            "reactions": any(reacted),
            "no reactions": bool(reacted) and not any(reacted),
        }
        if answer.status in {200, 429}:
            shown.append((scenario.name, facts, checked("phonexia", answer)))
    return shown


def hinted(target: Target, role: str) -> Iterator[tuple[str, str]]:
    for rule in target.rules_about(role):  # type: ignore[arg-type]
        if rule.hint and not rule.writes:
            yield rule.id, rule.hint


CASES = [
    *((rule, hint, NIGHTS, nights) for rule, hint in hinted(target_named("asleep"), "provider")),
    *((rule, hint, DELIVERIES, sent) for rule, hint in hinted(target_named("callback"), "sender")),
    *((rule, hint, CALLS, calls) for rule, hint in hinted(target_named("phonexia"), "provider")),
]


@pytest.mark.parametrize(("rule", "hint", "claims", "shown"), CASES, ids=[rule for rule, *_ in CASES])
def test_what_a_hint_asks_for_exercises_its_rule(
    rule: str, hint: str, claims: Mapping[str, Claim], shown: Callable[[], list[tuple[str, Facts, set[str]]]]
) -> None:
    fitting = [(name, exercised) for name, facts, exercised in shown() if claims[hint](facts)]
    assert fitting, f"the sandbox shows nothing of which it is true that it is {hint}"
    assert [name for name, exercised in fitting if rule not in exercised] == []


@pytest.mark.parametrize(("rule", "hint", "claims", "shown"), CASES, ids=[rule for rule, *_ in CASES])
def test_a_hint_asks_for_no_less_than_its_rule_needs(
    rule: str, hint: str, claims: Mapping[str, Claim], shown: Callable[[], list[tuple[str, Facts, set[str]]]]
) -> None:
    exercising = [name for name, facts, exercised in shown() if rule in exercised and not claims[hint](facts)]
    others = [name for name, facts, _ in shown() if not claims[hint](facts)]
    assert not others or exercising != others, "what the hint does not ask for would do as well"
