"""Exchanges with the sandbox's services, made in this process: what a run asks, and what is answered."""

import itertools
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, Literal
from urllib.parse import urlencode

from sleeptalk_contract.contract.exchange import Answer, Breach, Exchange, Knowledge
from sleeptalk_contract.contract.keys import spoiled_keys
from sleeptalk_contract.contract.service import Delivery, Fault
from sleeptalk_contract.fuzzing.probe import Probe, another_user
from sleeptalk_contract.judging.judge import Judge
from sleeptalk_contract.sandbox.answers import Implementation, Request, answer_with_faults
from sleeptalk_contract.services.asleep.probes.session import HOSTILE_IDS as HOSTILE_NIGHTS
from sleeptalk_contract.services.asleep.sandbox.application import AsleepProvider
from sleeptalk_contract.services.asleep.sandbox.deliveries import deliveries
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID, SCENARIOS, SandboxNight
from sleeptalk_contract.services.phonexia.probes import HOSTILE_IDS as HOSTILE_TASKS
from sleeptalk_contract.services.phonexia.sandbox.application import PhonexiaProvider
from sleeptalk_contract.services.phonexia.sequences import upload_steps
from tests.sandbox_ids import EXPIRED_TASK_ID, RATE_LIMITED_TASK_ID, known_ids
from tests.targets import target_named

ASLEEP = Knowledge({"x-api-key": SANDBOX_API_KEY, "x-user-id": SANDBOX_USER_ID}, frozenset(known_ids("asleep")))
PHONEXIA = Knowledge(known_ids=frozenset(known_ids("phonexia")))
NIGHT_ID = SCENARIOS["four-stages"].session_id
TASK_ID = known_ids("phonexia")[0]
UNKNOWN_NIGHT = "20240229235959_zzzzz"
UNKNOWN_TASK = "6b1f0c7e-2d94-4b7a-9f6e-5a1d3c2b4e8f"
HEADERS = {"x-api-key": SANDBOX_API_KEY, "x-user-id": SANDBOX_USER_ID}

OPERATIONS: Final = {"asleep": "getSession", "phonexia": "getTimeAnalysis", "callback": "receiveCallback"}

Asked = tuple[str, str, str, Mapping[str, str]] | tuple[str, str, str, Mapping[str, str], Mapping[str, str]]
"""Method, intent, id, headers, and the query where there is one."""


def exchange(
    target: str = "asleep",
    status: int | None = 200,
    body: Any = b"",
    *,
    intent: str = "known-id",
    method: str = "GET",
    identifier: str = NIGHT_ID,
    headers: Mapping[str, str] | None = None,
    answered: Mapping[str, str] | None = None,
    sent: bytes | None = None,
    seconds: float = 0.01,
    failure: Literal["timeout", "connection"] | None = None,
    query: Mapping[str, str] = MappingProxyType({}),
) -> Exchange:
    """Make an exchange by hand: `body` and `answered` are the answer's, `sent` is the request's body."""
    operation, url = target_named(target).operation(OPERATIONS[target]), f"http://127.0.0.1/?{urlencode(query)}"
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers_of_answer = {"content-type": "application/json"} if answered is None else answered
    answer = Answer(status, tuple(headers_of_answer.items()), content, seconds, failure)
    given = (HEADERS if headers is None else headers).items()
    if intent == "delivery":
        return Exchange.delivered(operation, url, given, sent or b"", answer)
    ids = {each.name: identifier for each in operation.parameters if each.place == "path"}
    return Exchange.sent(operation, intent, url, given, sent, answer, method=method, path_parameters=ids)


def ask(
    implementation: Implementation, target: str, asked: Asked, faults: Sequence[Fault] = (), count: int = 0
) -> Exchange:
    """Ask an implementation of the sandbox, in this process."""
    method, intent, identifier, headers, *more = asked
    query = more[0] if more else {}
    request = Request(
        implementation=implementation,
        method=method,
        path=f"/{identifier}",
        path_parameters={"id": identifier},
        query={name: [value] for name, value in query.items()},
        headers=headers,
        count=count,
    )
    answer = answer_with_faults(request, faults)
    return exchange(
        target,
        None if answer.cut_off else answer.status,
        answer.content,
        intent=intent,
        method=method,
        identifier=identifier,
        headers=headers,
        answered=answer.headers,
        failure="connection" if answer.cut_off else None,
        query=query,
    )


def _requests_with_spoiled_keys(identifier: str) -> Iterator[Asked]:
    for kind, key in spoiled_keys(SANDBOX_API_KEY):
        headers = {"x-user-id": SANDBOX_USER_ID} if key is None else {**HEADERS, "x-api-key": key}
        yield "GET", f"{kind}-api-key", identifier, headers


def requests_about_keys_and_users(identifier: str) -> Iterator[Asked]:
    """Yield the requests about keys and users that the fuzzer makes of a session that it knows."""
    yield from _requests_with_spoiled_keys(identifier)
    in_query = {"x-api-key": SANDBOX_API_KEY, "api_key": SANDBOX_API_KEY}
    yield "GET", "key-in-query", identifier, {"x-user-id": SANDBOX_USER_ID}, in_query
    yield "GET", "another-user", identifier, {**HEADERS, "x-user-id": another_user(SANDBOX_USER_ID)}
    yield "GET", "missing-user-id", identifier, {"x-api-key": SANDBOX_API_KEY}


def session_requests() -> Iterator[Asked]:
    """Return requests that exercise every rule of the session."""
    for identifier in known_ids("asleep"):
        for headers in ({}, {}, {"timezone": "America/New_York"}, {"timezone": "Europe/Berlin"}):
            yield "GET", "known-id", identifier, {**HEADERS, **headers}
    yield from _requests_with_spoiled_keys(UNKNOWN_NIGHT)
    yield from requests_about_keys_and_users(NIGHT_ID)
    yield "GET", "unknown-timezone", NIGHT_ID, {**HEADERS, "timezone": "Mars/Phobos"}
    yield "GET", "unknown-id", UNKNOWN_NIGHT, HEADERS
    for identifier in ("0", "20220821093117_hz82", "20220821093117_HZ82A", "20220821093117_hz82aa", *HOSTILE_NIGHTS):
        yield "GET", "malformed-id", identifier.replace("\udcff", "\ufffd"), HEADERS
    for method, identifier in itertools.product(("POST", "DELETE", "HEAD", "OPTIONS"), (UNKNOWN_NIGHT, "0")):
        yield method, "other-method", identifier, HEADERS


def analysis_requests() -> Iterator[Asked]:
    """Return requests that exercise every rule of the analysis."""
    for identifier in known_ids("phonexia"):
        yield "GET", "known-id", identifier, {}
        yield "GET", "known-id", identifier, {"x-correlation-id": "one"}
    for identifier in (EXPIRED_TASK_ID, UNKNOWN_TASK):
        yield "GET", "unknown-id", identifier, {}
    yield "GET", "rate-limited-id", RATE_LIMITED_TASK_ID, {}
    for identifier in ("0", "not-a-uuid", UNKNOWN_TASK[:-1], *HOSTILE_TASKS):
        yield "GET", "malformed-id", identifier.replace("\udcff", "\ufffd"), {}
    for method, identifier in itertools.product(("POST", "DELETE", "HEAD", "OPTIONS"), (UNKNOWN_TASK, "0")):
        yield method, "other-method", identifier, {}


def session_run(faults: Sequence[Fault] = ()) -> list[Exchange]:
    """Ask the sandbox's Asleep everything."""
    return _run(AsleepProvider(), "asleep", session_requests(), faults)


def analysis_run(faults: Sequence[Fault] = ()) -> list[Exchange]:
    """Ask the sandbox's Phonexia everything, and upload recordings to it."""
    return reads_run(faults) + uploads_run(PhonexiaProvider(), faults)


def reads_run(faults: Sequence[Fault] = ()) -> list[Exchange]:
    """Ask the sandbox's Phonexia about tasks."""
    return _run(PhonexiaProvider(), "phonexia", analysis_requests(), faults)


def uploads_run(provider: Implementation, faults: Sequence[Fault] = ()) -> list[Exchange]:
    """Upload what a run uploads, and read its tasks."""
    asked_before: Counter[tuple[str, bytes | None]] = Counter()
    made: list[Exchange] = []

    def send(probe: Probe) -> Exchange:
        operation = target_named("phonexia").operation(probe.operation)
        path = operation.path_of(probe.path_parameters)
        request = Request(
            implementation=provider,
            method=operation.method,
            path=path,
            operation=operation.id,
            path_parameters=probe.path_parameters,
            query={name: [value] for name, value in probe.query.items()},
            headers=probe.headers,
            body=probe.body or b"",
            count=asked_before[path, probe.body],
        )
        asked_before[path, probe.body] += 1
        answer = answer_with_faults(request, faults)
        lost = answer.cut_off
        made.append(
            Exchange.sent(
                operation,
                probe.intent,
                f"http://127.0.0.1{path}?{urlencode(probe.query)}",
                probe.headers.items(),
                probe.body,
                Answer(
                    None if lost else answer.status,
                    tuple(answer.headers.items()),
                    answer.content,
                    failure="connection" if lost else None,
                ),
                path_parameters=probe.path_parameters,
            )
        )
        return made[-1]

    for step in upload_steps():
        if not callable(step):
            for probe in step:
                send(probe)
            continue
        conversation, answer = step(), None
        with suppress(StopIteration):
            while True:
                answer = send(conversation.send(answer))
    return made


def _run(provider: Implementation, target: str, requests: Iterator[Asked], faults: Sequence[Fault]) -> list[Exchange]:
    asked_before: Counter[str] = Counter()
    made = []
    for asked in requests:
        made.append(ask(provider, target, asked, faults, asked_before[asked[2]]))
        asked_before[asked[2]] += 1
    return made


def delivered(delivery: Delivery, status: int | None = 204, **changes: Any) -> Exchange:
    """Make an exchange of a delivery and the answer to it."""
    given = {"intent": "delivery", "headers": delivery.headers, "sent": delivery.body, **changes}
    return exchange("callback", status, method="POST", identifier="", **given)


def sender_run(faults: Sequence[Fault] = ()) -> list[Exchange]:
    """Deliver short versions of every night."""
    return [delivered(each) for night in SCENARIOS.values() for each in deliveries(shortened(night), faults=faults)]


def shortened(night: SandboxNight) -> SandboxNight:
    """Return a night of a few windows; one of those without sleep stays as it is."""
    if night.sleep_stages is None or len(night.sleep_stages) <= 180:
        return night
    keep = slice(0, 100)
    return replace(
        night,
        sleep_stages=(*night.sleep_stages[keep], *night.sleep_stages[-5:]),
        osa_stages=None if night.osa_stages is None else (*night.osa_stages[keep], *night.osa_stages[-5:]),
    )


def completion(scenario: str = "four-stages", **changes: Any) -> Delivery:
    """Return the SESSION_COMPLETE of a scenario."""
    return deliveries(SCENARIOS[scenario], **changes)[-1]


def judged(judge: Judge, exchanges: Sequence[Exchange]) -> tuple[Counter[str], Counter[str], list[Breach]]:
    """Judge exchanges in order: how often each rule was checked, how often broken, and what is beyond the rules."""
    checked: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    beyond: list[Breach] = []
    for each in exchanges:
        verdict = judge.judge(each)
        checked.update(verdict.checked)
        broken.update(breach.rule for breach in verdict.breaches)
        beyond += verdict.beyond
    return checked, broken, beyond


def rules_broken(target: str, *exchanges: Exchange, knowledge: Knowledge | None = None) -> set[str]:
    """Return the ids of the rules that some exchanges break; a delivery is judged for its receiver, too."""
    known = knowledge or (PHONEXIA if target == "phonexia" else ASLEEP)
    both = [
        each for one in exchanges for each in ([one, replace(one, role="receiver")] if one.role == "sender" else [one])
    ]
    return set(judged(Judge(target_named(target), known), both)[1])
