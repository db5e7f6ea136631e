"""The receiver rules: the bundled receiver keeps them, each faulty receiver breaks its own."""

import asyncio
import copy
import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from starlette.types import ASGIApp, Message

from sleeptalk_contract.contract.exchange import Exchange
from sleeptalk_contract.contract.keys import spoiled_keys
from sleeptalk_contract.contract.service import Delivery, Fault
from sleeptalk_contract.fuzzing.probe import AT_ONCE
from sleeptalk_contract.judging.judge import Judge
from sleeptalk_contract.sandbox import web
from sleeptalk_contract.sandbox.answers import encode
from sleeptalk_contract.services.asleep.faults.receiver import FAULTS
from sleeptalk_contract.services.asleep.probes.receiver import receiver_probes
from sleeptalk_contract.services.asleep.sandbox.deliveries import deliveries
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SCENARIOS
from sleeptalk_contract.services.asleep.sandbox.receiver import receiver_app
from sleeptalk_contract.services.asleep.service import V1
from tests.catalogues import rules_of
from tests.rules.exchanges import ASLEEP, completion, exchange, judged
from tests.targets import target_named

FOLLOWS = {
    "receiver.never-5xx:no-object": "receiver.refuses-invalid",  # which asks for 4xx
    "receiver.never-5xx:long-key": "receiver.refuses-bad-key",  # which asks for 401 or 403
    "receiver.accepts-redelivery:conflict": "receiver.answers-alike",  # for what comes at once comes again
    "receiver.answers-in-time:night": "receiver.answers-before-handling",  # whose handler is said to be slow
    "receiver.answers-before-handling:waits": "receiver.answers-in-time",
}

KNOWLEDGE = replace(ASLEEP, claims=frozenset({"--slow-handler"}))

Sent = tuple[dict[str, str], bytes]


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that a receiver would have waited; it does not."""
    waited: list[float] = []

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(web, "sleep", pause)
    return waited


async def post(app: ASGIApp, sent: Sent) -> tuple[int | None, bytes]:
    """Post to an application in this process; the status is None where the connection was dropped."""
    headers, body = sent
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope = {"type": "http", "http_version": "1.1", "method": "POST", "path": "/", "raw_path": b"/", "root_path": ""}
    answered: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        answered.append(message)

    await app({**scope, "query_string": b"", "scheme": "http", "headers": raw}, receive, send)
    dropped = answered[-1].get("more_body", False)
    return None if dropped else answered[0]["status"], b"".join(part.get("body", b"") for part in answered[1:])


def to_send() -> Iterator[Sent]:
    """Return what exercises every rule of a receiver."""
    for night in SCENARIOS.values():
        made = deliveries(night, timezone="America/New_York")
        for delivery in (*made[:2], *made[5:6], *made[-1:]):
            yield sent(delivery)
    yield from long_and_early()
    yield from written_otherwise()
    for delivery in (completion(), completion("two-stages")):
        yield sent(delivery)
        yield sent(delivery)
        for place in ((), ("callback_data",), ("callback_data", "sleep_data")):
            yield changed(delivery, place, lambda values: values.update(added={"by": ["the", "vendor"]}))
        for name in ("callback_event", "callback_data"):
            yield changed(delivery, (), lambda values, name=name: values.pop(name))
        for name in ("rem_ratio", "state"):
            yield changed(delivery, ("callback_data", "sleep_data"), lambda values, name=name: values.pop(name))
        yield changed(delivery, ("callback_data",), lambda values: values.update(session_id="昼寝"), ("sleep_data",))
        for _, key in spoiled_keys(SANDBOX_API_KEY):
            headers = {name: value for name, value in delivery.headers.items() if name != "x-api-key"}
            yield ({**headers, **({} if key is None else {"x-api-key": key})}, delivery.body)
        for body in (b"", delivery.body[:-5], delivery.body.replace(b'"', b"\xff", 1), b"null", b"[]", b"7"):
            yield (dict(delivery.headers), body)
    for twin in twins():
        yield from [twin] * 3


def twins() -> list[Sent]:
    """Return callbacks that are sent several times at once."""
    night = replace(SCENARIOS["four-stages"], session_id="20220821093117_twins")
    made = deliveries(night)
    return [sent(made[0]), sent(made[-1])]


def written_otherwise() -> Iterator[Sent]:
    """Return callbacks with a charset and in chunks, each about a session of its own."""
    delivery = completion()
    for header in ({"content-type": "application/json; charset=utf-8"}, {"transfer-encoding": "chunked"}):
        body = json.loads(delivery.body)
        body["callback_data"]["session_id"] = body["callback_data"]["sleep_data"]["session_id"] = str(*header)
        yield {**delivery.headers, **header}, encode(body)


def long_and_early() -> Iterator[Sent]:
    """Return the probes of long nights and of windows at the first minutes."""
    for probe in itertools.chain.from_iterable(receiver_probes(ASLEEP, V1)):
        body = probe.body or b""
        early = b'"seq_num":0,' in body or b'"seq_num":2,' in body
        if probe.intent == "conforming-callback" and (len(body) > 16 * 1024 or early):
            yield dict(probe.headers), body


def sent(delivery: Delivery) -> Sent:
    return dict(delivery.headers), delivery.body


def changed(delivery: Delivery, place: tuple[str, ...], change: Any, also: tuple[str, ...] = ()) -> Sent:
    body = json.loads(delivery.body)
    at = body
    for name in place:
        at = at[name]
    change(at)
    for name in also:
        change(at[name])
    return dict(delivery.headers), encode(body)


def run(app: ASGIApp, pauses: list[float]) -> list[Exchange]:
    async def post_all() -> list[Exchange]:
        made = []
        at_once = [body for _, body in twins()]
        for headers, body in to_send():
            pauses.clear()
            status, answer = await post(app, (headers, body))
            failure = None if status is not None else "connection"
            made.append(
                exchange(
                    "callback",
                    status,
                    answer,
                    intent=AT_ONCE if body in at_once else "generated",
                    method="POST",
                    identifier="",
                    headers=headers,
                    sent=body,
                    seconds=0.01 + sum(pauses),
                    failure=failure,
                )
            )
        return made

    return asyncio.run(post_all())


def test_the_bundled_receiver_keeps_every_rule(pauses: list[float]) -> None:
    checked, broken, beyond = judged(Judge(target_named("callback"), KNOWLEDGE), run(receiver_app(), pauses))
    assert broken == {}
    assert beyond == []
    assert [rule.id for rule in rules_of("receiver") if not checked[rule.id]] == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.full_name)
def test_a_faulty_receiver_breaks_its_own_rule_alone(fault: Fault, pauses: list[float]) -> None:
    _, broken, _ = judged(Judge(target_named("callback"), KNOWLEDGE), run(receiver_app(faults=[fault]), pauses))
    assert set(broken) == {fault.rule, FOLLOWS.get(fault.full_name, fault.rule)}


@pytest.mark.parametrize("rule", [rule.id for rule in rules_of("receiver")])
def test_every_rule_of_a_receiver_has_a_fault(rule: str) -> None:
    assert any(fault.rule == rule for fault in FAULTS)


def answer_to(status: int | None, body: bytes, headers: dict[str, str] | None = None, **changes: Any) -> Exchange:
    given = dict(completion().headers) if headers is None else headers
    return exchange(
        "callback", status, intent="generated", method="POST", identifier="", headers=given, sent=body, **changes
    )


def broken_by(*exchanges: Exchange) -> set[str]:
    return set(judged(Judge(target_named("callback"), ASLEEP), exchanges)[1])


BODY = json.loads(completion().body)


def body_with(**values: Any) -> bytes:
    body = copy.deepcopy(BODY)
    body["callback_data"]["sleep_data"].update(values)
    return encode(body)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(encode({**BODY, "callback_event": "SESSION_DELETED"}), id="an event that the vendor adds later"),
        pytest.param(b"\xef\xbb\xbf" + completion().body, id="a byte order mark"),
        pytest.param(completion().body[:-1] + b',"callback_data":7}', id="a repeated key"),
        pytest.param(body_with(sleep_efficiency=2), id="a broken must rule"),
        pytest.param(body_with(time_in_bed=10**9), id="a time beyond the bound for fuzzing"),
        pytest.param(b"[" * 50_000 + b"]" * 50_000, id="a body nested too deeply"),
        pytest.param(completion().body.replace(b'"sleep_efficiency":', b'"sleep_efficiency":NaN,"was":'), id="NaN"),
    ],
)
@pytest.mark.parametrize("status", [204, 422])
def test_a_receiver_may_take_or_refuse(body: bytes, status: int) -> None:
    assert broken_by(answer_to(status, body)) == set()


FREE_HEADERS = pytest.mark.parametrize(
    "free",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/json; charset=nonsense"},
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": "application/json; version=1"},
        {"content-type": "application/vnd.api+json"},
        {"content-type": ""},
        {"content-encoding": "gzip"},
        {"x-request-id": "h\xe9"},
    ],
    ids=str,
)


@FREE_HEADERS
@pytest.mark.parametrize("status", [204, 400, 415])
def test_what_a_receiver_is_free_about_is_judged_by_no_other_rule(free: dict[str, str], status: int) -> None:
    headers = {**completion().headers, **free}
    accepted = answer_to(204, completion().body)
    for body in (completion().body, encode({**BODY, "added": 1}), b"", b"{", b"\xff", b"[]", b"{}"):
        assert broken_by(accepted, answer_to(status, body, headers)) == set()


@FREE_HEADERS
def test_a_wrong_key_is_never_accepted_whatever_the_headers(free: dict[str, str]) -> None:
    headers = {**completion().headers, **free, "x-api-key": "another-key"}
    assert broken_by(answer_to(204, completion().body, headers)) == {"receiver.refuses-bad-key"}


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON;charset=UTF-8"])
def test_a_content_type_that_is_compared_too_exactly_is_named_as_valid(content_type: str) -> None:
    headers = {**completion().headers, "content-type": content_type}
    plain, refused = answer_to(204, completion().body), answer_to(415, completion().body, headers)
    assert broken_by(plain, refused) == {"receiver.accepts-valid"}
    again = answer_to(204, completion().body, headers)
    assert broken_by(again, refused) == {"receiver.accepts-redelivery"}


@pytest.mark.parametrize(
    "before",
    [
        {"transfer-encoding": "chunked"},
        {"content-type": "text/plain"},
        {"content-type": "application/json; charset=utf-8"},
        {"x-user-id": "G-20240101000000-SomebodyElse"},
        {"x-request-id": "h\xe9"},
    ],
    ids=str,
)
def test_what_was_accepted_in_another_way_is_a_repeat_when_it_is_refused(before: dict[str, str]) -> None:
    accepted = answer_to(204, completion().body, {**completion().headers, **before})
    refused = answer_to(409, completion().body)
    assert broken_by(refused) == {"receiver.accepts-valid"}
    assert broken_by(accepted, refused) == {"receiver.accepts-redelivery"}
    not_accepted = replace(accepted, status=422)
    assert "receiver.accepts-valid" in broken_by(not_accepted, refused)
    assert "receiver.accepts-redelivery" not in broken_by(not_accepted, refused)


@pytest.mark.parametrize(("version", "named"), [("HTTP/1.1", {"receiver.accepts-chunked"}), ("HTTP/1.0", set())])
def test_a_refused_body_in_chunks_is_named_where_http_has_chunks(version: str, named: set[str]) -> None:
    headers = {**completion().headers, "transfer-encoding": "chunked"}
    refused = replace(answer_to(411, completion().body, headers), version=version)
    assert broken_by(answer_to(204, completion().body), refused) == named


@pytest.mark.parametrize("body", [b"\xff", completion().body.replace(b'"user_id":"', b'"user_id":"\xff')])
def test_bytes_that_are_replaced_break_a_rule_of_their_own(body: bytes) -> None:
    assert broken_by(answer_to(400, body)) == set()
    assert broken_by(answer_to(204, body)) == {"receiver.refuses-non-utf-8"}


def test_a_receiver_may_refuse_a_callback_that_names_two_users() -> None:
    headers = {**completion().headers, "x-user-id": "G-20240101000000-SomebodyElse"}
    assert broken_by(answer_to(403, completion().body, headers)) == set()


def test_a_wrong_key_and_a_wrong_body_may_be_refused_for_either() -> None:
    headers = {**completion().headers, "x-api-key": "another-key"}
    assert (
        broken_by(answer_to(422, b"{}", headers), answer_to(400, b"", headers), answer_to(401, b"{}", headers)) == set()
    )


def test_a_wrong_key_is_never_accepted_whatever_the_body() -> None:
    headers = {**completion().headers, "x-api-key": "another-key"}
    assert "receiver.refuses-bad-key" in broken_by(answer_to(200, b"[]", headers))


def test_too_many_requests_say_nothing() -> None:
    assert broken_by(answer_to(429, completion().body)) == set()


def test_another_method_may_be_answered_with_501() -> None:
    assert broken_by(exchange("callback", 501, method="PUT", identifier="", sent=b"{}")) == set()


def test_a_post_may_not_be_answered_with_501() -> None:
    assert broken_by(answer_to(501, b"{}")) >= {"receiver.never-5xx"}


def test_unknown_fields_are_judged_only_against_the_same_callback_without_them() -> None:
    extended = encode({**BODY, "added": 1})
    assert broken_by(answer_to(422, extended)) == set()
    assert broken_by(answer_to(204, completion().body), answer_to(422, extended)) == {"receiver.accepts-unknown-fields"}


def test_a_receiver_that_takes_longer_than_5_s_is_late() -> None:
    assert broken_by(answer_to(204, completion().body, seconds=5.01)) == {"receiver.answers-in-time"}
    assert broken_by(answer_to(204, completion().body, seconds=4.99)) == set()


def test_a_short_timeout_of_ours_is_not_a_late_answer() -> None:
    timed_out = answer_to(None, completion().body, seconds=2.0, failure="timeout")
    assert broken_by(timed_out) == {"receiver.never-5xx"}


def at_once(status: int | None, **changes: Any) -> Exchange:
    headers, body = twins()[0]
    given = {"intent": AT_ONCE, "method": "POST", "identifier": "", "headers": headers, "sent": body}
    return exchange("callback", status, **given, **changes)


@pytest.mark.parametrize(
    ("statuses", "is_broken"),
    [
        ((204, 204), False),
        ((201, 200), False),
        ((503, 409), False),
        ((204, 409), True),
        ((409, 204), True),
        ((204, None), True),
        ((429, 204), False),
    ],
)
def test_equal_deliveries_at_the_same_time_are_all_accepted_or_all_refused(
    statuses: tuple[int | None, ...], is_broken: bool
) -> None:
    judge = Judge(target_named("callback"), ASLEEP)
    _, broken, _ = judged(judge, [at_once(status, failure=None if status else "connection") for status in statuses])
    assert ("receiver.answers-alike" in broken) is is_broken


@pytest.mark.parametrize("seconds", [4.9, 5.1])
@pytest.mark.parametrize("is_said", [True, False])
def test_a_handler_is_slow_only_where_that_is_said(seconds: float, is_said: bool) -> None:
    judge = Judge(target_named("callback"), KNOWLEDGE if is_said else ASLEEP)
    headers, body = twins()[0]
    answered = exchange(
        "callback", 204, intent="generated", method="POST", identifier="", headers=headers, sent=body, seconds=seconds
    )
    checked, broken, _ = judged(judge, [answered])
    assert bool(checked["receiver.answers-before-handling"]) is is_said
    assert ("receiver.answers-before-handling" in broken) is (is_said and seconds > 5)
