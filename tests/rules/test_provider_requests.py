"""What answers to particular requests show of keys, users, ids and methods; and what is left to the implementation."""

import json
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest

from sleeptalk_contract.contract.exchange import Exchange, Knowledge, why_not_json
from sleeptalk_contract.contract.redaction import remember_key
from sleeptalk_contract.fuzzing.probe import another_user
from sleeptalk_contract.judging.judge import Judge
from sleeptalk_contract.reporting.cases import curl, record
from sleeptalk_contract.services.asleep.sandbox.application import AsleepProvider
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID
from tests.rules.exchanges import (
    ASLEEP,
    HEADERS,
    NIGHT_ID,
    PHONEXIA,
    TASK_ID,
    UNKNOWN_NIGHT,
    UNKNOWN_TASK,
    ask,
    exchange,
    rules_broken,
)
from tests.targets import target_named

WITHOUT_KEY = {"x-user-id": SANDBOX_USER_ID}
TRUNCATED = {**HEADERS, "x-api-key": SANDBOX_API_KEY[:-1]}
ANOTHER_USER = {**HEADERS, "x-user-id": another_user(SANDBOX_USER_ID)}
IN_QUERY = {"key": SANDBOX_API_KEY}


def not_found(identifier: str) -> Any:
    return {"detail": f"Unable to find the sleep session of id {identifier}"}


def malformed(identifier: str) -> Any:
    return {"detail": f"The format of sleep session id {identifier} is not valid"}


def exercised(*exchanges: Exchange, knowledge: Knowledge = ASLEEP) -> set[str]:
    judge = Judge(target_named("asleep"), knowledge)
    return {rule for each in exchanges for rule, count in judge.judge(each).checked.items() if count}


@pytest.mark.parametrize("headers", [WITHOUT_KEY, TRUNCATED], ids=["missing", "truncated"])
@pytest.mark.parametrize("identifier", [NIGHT_ID, UNKNOWN_NIGHT])
def test_who_looks_for_a_session_has_not_looked_at_the_key(headers: Mapping[str, str], identifier: str) -> None:
    answered = exchange(status=404, body=not_found(identifier), identifier=identifier, headers=headers)
    assert rules_broken("asleep", answered) == {"session.api-key-required"}


@pytest.mark.parametrize("headers", [WITHOUT_KEY, TRUNCATED], ids=["missing", "truncated"])
@pytest.mark.parametrize(("status", "detail"), [(401, "no"), (403, "no"), (404, "Not Found"), (400, "no")])
def test_a_refusal_of_a_key_for_an_unknown_id_does_not_show_that_keys_are_looked_at(
    headers: Mapping[str, str], status: int, detail: str
) -> None:
    answered = exchange(status=status, body={"detail": detail}, identifier=UNKNOWN_NIGHT, headers=headers)
    assert rules_broken("asleep", answered) == set()
    assert "session.api-key-required" not in exercised(answered)
    known = exchange(status=401, body={"detail": "no"}, headers=headers)
    assert "session.api-key-required" in exercised(known)


def test_a_missing_user_is_seen_refused_only_where_the_session_is_known() -> None:
    without_user = {"x-api-key": SANDBOX_API_KEY}
    unknown = exchange(status=404, body=not_found(UNKNOWN_NIGHT), identifier=UNKNOWN_NIGHT, headers=without_user)
    assert "session.user-id-required" not in exercised(unknown)
    assert "session.user-id-required" in exercised(exchange(status=422, body={"detail": "no"}, headers=without_user))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_another_user_may_be_refused_in_any_way(status: int) -> None:
    refused = exchange(status=status, body={"detail": "no"}, headers=ANOTHER_USER)
    assert rules_broken("asleep", refused) == set()
    assert "session.other-user-refused" in exercised(refused)


def test_a_session_is_not_served_to_another_user(honest_night: Any) -> None:
    served = exchange(body=honest_night, headers=ANOTHER_USER)
    assert rules_broken("asleep", served) == {"session.other-user-refused"}
    nobody_said_whose = Knowledge({"x-api-key": SANDBOX_API_KEY}, frozenset({NIGHT_ID}))
    assert rules_broken("asleep", served, knowledge=nobody_said_whose) == set()


def test_a_command_takes_a_key_in_the_query_from_the_environment() -> None:
    remember_key(SANDBOX_API_KEY)
    recorded = record(exchange(headers=WITHOUT_KEY, query=IN_QUERY), target_named("asleep"), SANDBOX_API_KEY)
    command = curl(recorded, target_named("asleep"))
    assert SANDBOX_API_KEY not in command
    printed = subprocess.run(
        ["sh", "-c", command.replace("curl", "printf '%s\\n'", 1)],
        env={"ASLEEP_API_KEY": "a key+"},
        capture_output=True,
        check=True,
        text=True,
    )
    assert printed.stdout.splitlines()[-1] == "http://127.0.0.1/?key=a key+"


def test_a_key_in_the_query_is_not_a_key(honest_night: Any) -> None:
    served = exchange(body=honest_night, headers=WITHOUT_KEY, query=IN_QUERY)
    assert rules_broken("asleep", served) == {"session.key-in-query-refused"}
    refused = exchange(status=401, body={"detail": "no"}, headers=WITHOUT_KEY, query=IN_QUERY)
    assert rules_broken("asleep", refused) == set()
    assert "session.key-in-query-refused" in exercised(refused)


def test_who_serves_without_any_key_is_not_told_of_the_query_as_well(honest_night: Any) -> None:
    without = exchange(body=honest_night, headers=WITHOUT_KEY)
    in_query = exchange(body=honest_night, headers=WITHOUT_KEY, query=IN_QUERY)
    assert rules_broken("asleep", without, in_query) == {"session.api-key-required"}


@pytest.mark.parametrize(
    "identifier",
    [
        f"{NIGHT_ID}\n",
        f" {NIGHT_ID}",
        "٢٠٢٢٠٨٢١٠٩٣١١٧_hz82a",
        "20220821093117_hz82\N{LATIN SMALL LETTER E WITH ACUTE}",
        "20220821093117:hz82a",
    ],
)
def test_a_malformed_id_is_not_looked_for(identifier: str) -> None:
    for named in (identifier, identifier.strip()):
        answered = exchange(status=404, body=not_found(named), identifier=identifier)
        assert rules_broken("asleep", answered) == {"session.malformed-id-422"}
    for status in (400, 404, 422):
        answered = exchange(status=status, body={"detail": "Not Found"}, identifier=identifier)
        assert rules_broken("asleep", answered) == set()


@pytest.mark.parametrize(
    ("identifier", "named"),
    [
        (f"{NIGHT_ID}\n", NIGHT_ID),
        (f" {NIGHT_ID} ", f"%20{NIGHT_ID}%20"),
        ("\"<hz82a>&amp'", "&quot;&lt;hz82a&gt;&amp;amp&#x27;"),
        ("\"<hz82a>&amp'", "\\\"<hz82a>&amp\\'"),
        ("세션", "%EC%84%B8%EC%85%98"),
        ("세션", "세션".encode().decode("latin-1")),
    ],
)
def test_the_sentence_of_a_malformed_id_names_it_as_it_was_sent(identifier: str, named: str) -> None:
    assert rules_broken("asleep", exchange(status=422, body=malformed(identifier), identifier=identifier)) == set()
    answered = exchange(status=422, body=malformed(named), identifier=identifier)
    assert rules_broken("asleep", answered) == {"session.malformed-id-422"}


@pytest.mark.parametrize("identifier", ["\0", f"{NIGHT_ID}\0", "\N{REPLACEMENT CHARACTER}", "100%", "a/b", "x" * 300])
def test_what_may_be_changed_on_the_way_is_not_expected_in_the_sentence(identifier: str) -> None:
    assert rules_broken("asleep", exchange(status=422, body=malformed("?"), identifier=identifier)) == set()


NOT_JSON = [
    b"{",
    b'{"detail": "a"b"}',
    b"Not Found",
    b'\xef\xbb\xbf{"detail": "no"}',
    b'{"detail": "\\ud800"}',
    b"\xff",
]


@pytest.mark.parametrize("body", NOT_JSON)
@pytest.mark.parametrize("identifier", [NIGHT_ID, UNKNOWN_NIGHT, "0", "\0", "세션", "x" * 300])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_what_is_called_json_and_is_not_is_wrong_for_any_id(status: int, identifier: str, body: bytes) -> None:
    answered = exchange(status=status, body=body, identifier=identifier)
    assert "session.error-detail-string" in rules_broken("asleep", answered)


@pytest.mark.parametrize("body", NOT_JSON)
@pytest.mark.parametrize("identifier", ["0", "\0", "세션", "x" * 300])
def test_a_request_error_that_is_called_json_is_json(identifier: str, body: bytes) -> None:
    answered = exchange("phonexia", 422, body, identifier=identifier, headers={})
    verdict = Judge(target_named("phonexia"), PHONEXIA).judge(answered)
    assert [breach.rule for breach in verdict.breaches] == ["analysis.malformed-id-422"]
    assert verdict.beyond == ()


@pytest.mark.parametrize("content_type", ["text/html", "text/plain", ""])
@pytest.mark.parametrize("target", ["asleep", "phonexia"])
def test_a_server_may_refuse_odd_ids_with_a_page_or_nothing(target: str, content_type: str) -> None:
    for body in (b"<html>", b""):
        answered = exchange(target, 400, body, identifier="\0", answered={"content-type": content_type})
        assert rules_broken(target, answered) == set()
    assert rules_broken(target, exchange(target, 400, b"", identifier="\0")) == set()


@pytest.mark.parametrize("timezone", ["../../etc/passwd", "/etc/localtime", "Z" * 300])
def test_a_firewall_may_refuse_a_time_zone_that_is_a_path(timezone: str, honest_night: Any) -> None:
    headers = {**HEADERS, "timezone": timezone}
    for status in (400, 403, 422, 431):
        assert "session.invalid-timezone-400" not in rules_broken("asleep", exchange(status=status, headers=headers))
    served = exchange(body=honest_night, headers=headers)
    assert "session.invalid-timezone-400" in rules_broken("asleep", served)


def test_a_success_that_is_not_documented_and_not_json_is_found_beyond_the_rules() -> None:
    verdict = Judge(target_named("asleep"), ASLEEP).judge(exchange(status=203, body=b"{"))
    assert [breach.message for breach in verdict.beyond] == [why_not_json(b"{")]


def test_a_throttled_answer_may_be_called_json() -> None:
    answered = exchange(status=403, body=b"Rate limit exceeded", identifier=UNKNOWN_NIGHT)
    assert rules_broken("asleep", answered) == set()


@pytest.mark.parametrize(("target", "identifier"), [("asleep", "0"), ("phonexia", "0")])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_another_method_on_a_malformed_id_may_be_refused_for_either(target: str, identifier: str, method: str) -> None:
    for status in (400, 404, 405, 422):
        assert rules_broken(target, exchange(target, status, {}, method=method, identifier=identifier)) == set()
    served = rules_broken(target, exchange(target, 200, {}, method=method, identifier=identifier))
    assert {rule.partition(".")[2] for rule in served} == {"documented-status"}
    failed = rules_broken(target, exchange(target, 500, {}, method=method, identifier=identifier))
    assert {rule.partition(".")[2] for rule in failed} == {"no-server-error"}


@pytest.mark.parametrize(("target", "identifier"), [("asleep", UNKNOWN_NIGHT), ("phonexia", UNKNOWN_TASK)])
def test_another_method_on_a_well_formed_id_is_404_or_405(target: str, identifier: str) -> None:
    for status in (400, 422):
        broken = rules_broken(target, exchange(target, status, {}, method="DELETE", identifier=identifier))
        assert {rule.partition(".")[2] for rule in broken} == {"documented-status"}


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
@pytest.mark.parametrize(("target", "identifier"), [("asleep", NIGHT_ID), ("phonexia", TASK_ID)])
def test_a_server_error_is_one_with_any_method(target: str, identifier: str, method: str) -> None:
    broken = rules_broken(target, exchange(target, 500, method=method, identifier=identifier, answered={}))
    assert {rule.partition(".")[2] for rule in broken} == {"no-server-error"}


def test_a_method_that_is_not_implemented_may_be_501_but_not_the_documented_one() -> None:
    assert rules_broken("asleep", exchange(status=501, method="HEAD", answered={})) == set()
    assert "session.no-server-error" in rules_broken("asleep", exchange(status=501, answered={}))


def test_a_malformed_task_id_is_not_served_however_odd() -> None:
    body = {"task": {"task_id": "\0", "state": "pending"}}
    assert "analysis.malformed-id-422" in rules_broken("phonexia", exchange("phonexia", 200, body, identifier="\0"))


@pytest.mark.parametrize("user", ["G-20220821093117-SandboxUserSleeptalk", "7", "9", "z", "Z", "user-", "세션"])
def test_another_user_has_another_id_of_the_same_length(user: str) -> None:
    other = another_user(user)
    assert other != user
    assert len(other) == len(user)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"\xef\xbb\xbf{}", "is not JSON: it begins with a byte order mark"),
        (b'"\\ud800"', "is not JSON: it has half of a surrogate pair, which no encoding can write"),
        (b"\xff", "is not JSON: it is not UTF-8"),
        (b"NaN", "is not JSON: NaN is not a JSON number"),
        (b"[" * 100_000 + b"]" * 100_000, "is not JSON: it is nested too deeply"),
        (b"\n<!doctype html>", "is not JSON: it is HTML or XML"),
        (b"{", "is not JSON"),
    ],
)
def test_what_keeps_a_body_from_being_json_is_said(body: bytes, words: str) -> None:
    assert why_not_json(body) == words


def test_a_whole_pair_of_surrogates_is_a_character() -> None:
    assert exchange(body=json.dumps({"detail": "\N{SLEEPING FACE}"}).encode()).response_json == {
        "detail": "\N{SLEEPING FACE}"
    }


@pytest.fixture
def honest_night() -> Any:
    return json.loads(ask(AsleepProvider(), "asleep", ("GET", "known-id", NIGHT_ID, HEADERS)).response_body)
