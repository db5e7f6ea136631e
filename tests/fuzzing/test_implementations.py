"""Implementations that misbehave, and implementations that merely differ."""

import dataclasses
import gzip
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sleeptalk_contract.reporting.model import Report
from sleeptalk_contract.services.asleep.sandbox.application import asleep_app
from sleeptalk_contract.services.phonexia.sandbox.application import phonexia_app
from tests.contract.test_wire import raw_server
from tests.fuzzing.helpers import broken, plan_for, run_against, serving
from tests.sandbox_ids import known_ids
from tests.surroundings import resetting

Answered = tuple[int, dict[str, str], list[bytes]]
Change = Callable[[int, dict[str, str], bytes], Answered]


def changed(app: ASGIApp, change: Change) -> ASGIApp:
    """Wrap an application so that each whole answer goes through `change`, which may cut it into chunks."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        messages: list[Message] = []

        async def collect(message: Message) -> None:
            messages.append(message)

        await app(scope, receive, collect)
        start = messages[0]
        headers = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
        body = b"".join(message.get("body", b"") for message in messages[1:])
        status, headers, chunks = change(start["status"], headers, body)
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        for chunk in chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    return wrapped


def without_length(headers: dict[str, str], **more: str) -> dict[str, str]:
    kept = {name: value for name, value in headers.items() if name != "content-length"}
    return kept | {name.replace("_", "-"): value for name, value in more.items()}


def otherwise(body: bytes, turn: Callable[[Any], Any], **layout: Any) -> bytes:
    return json.dumps(turn(json.loads(body)), **layout).encode() if body else body


def reversed_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: reversed_keys(value[key]) for key in reversed(value)}
    return [reversed_keys(item) for item in value] if isinstance(value, list) else value


def with_more_fields(value: Any) -> Any:
    if isinstance(value, dict):
        return {**{key: with_more_fields(item) for key, item in value.items()}, "addedByTheVendor": {"a": [1]}}
    return [with_more_fields(item) for item in value] if isinstance(value, list) else value


DIFFERENCES: dict[str, Change] = {
    "gzip": lambda s, h, b: (s, without_length(h, content_encoding="gzip"), [gzip.compress(b)]),
    "chunked": lambda s, h, b: (s, without_length(h), [b[i : i + 700] for i in range(0, len(b), 700)]),
    "key order and white space": lambda s, h, b: (s, without_length(h), [otherwise(b, reversed_keys, indent=3)]),
    "more headers": lambda s, h, b: (s, {**h, "x-trace": "1", "cache-control": "no-store", "via": "1.1 proxy"}, [b]),
    "a charset": lambda s, h, b: (s, {**h, "content-type": "application/json; charset=utf-8"}, [b]),
}


@pytest.mark.parametrize("difference", DIFFERENCES)
@pytest.mark.parametrize("target", ["asleep", "phonexia"])
def test_what_differs_without_breaking_the_contract_is_not_reported(target: str, difference: str) -> None:
    app = asleep_app() if target == "asleep" else phonexia_app()
    with serving(changed(app, DIFFERENCES[difference])) as url:
        report = run_against(plan_for(target, url, max_examples=5))
    assert broken(report) == set()
    assert report.beyond == ()
    assert report.outcome == "passed"


def test_fields_that_the_vendor_adds_everywhere_are_not_reported() -> None:
    def add(status: int, headers: dict[str, str], body: bytes) -> Answered:
        return status, without_length(headers), [otherwise(body, with_more_fields) if status == 200 else body]

    with serving(changed(asleep_app(), add)) as url:
        report = run_against(plan_for("asleep", url, max_examples=5))
    assert (broken(report), report.beyond) == (set(), ())


def judged_at(url: str, ids: int = 100) -> Report:
    plan = plan_for("phonexia", url, max_examples=5)
    return run_against(dataclasses.replace(plan, known_ids=plan.known_ids[:ids], tried_ids=()))


def judged(app: ASGIApp, ids: int = 100) -> Report:
    with serving(app) as url:
        return judged_at(url, ids)


def test_a_huge_answer_is_a_finding() -> None:
    chunk = b"0" * 1_000_000

    async def huge(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"100000000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for _ in range(100):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})

    assert "analysis.shape" in broken(judged(huge, ids=1))


def test_a_server_that_closes_every_connection_is_a_finding_and_ends_soon() -> None:
    started = time.monotonic()
    with raw_server(lambda connection, _: connection.close()) as url:
        report = judged_at(url)
    assert time.monotonic() - started < 20
    assert broken(report) == {"analysis.no-server-error"}
    assert report.requests == 3
    assert report.stopped == "the server stopped answering"


def test_a_server_that_cuts_every_body_short_is_broken_by_its_shape_as_well_and_the_run_ends_soon() -> None:
    started = time.monotonic()
    report = judged(resetting(phonexia_app(), lambda _: True))
    assert time.monotonic() - started < 20
    assert broken(report) == {"analysis.no-server-error", "analysis.shape"}
    assert report.stopped == ""


def test_one_request_that_breaks_the_connection_is_a_finding_and_the_run_goes_on() -> None:
    inner = phonexia_app()

    async def close_once(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].endswith("/not-a-uuid"):
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})
            await send({"type": "http.response.body", "body": b""})
        else:
            await inner(scope, receive, send)

    report = judged(close_once)
    assert broken(report) == {"analysis.no-server-error", "analysis.shape"}  # what came was cut short
    assert report.stopped == ""
    assert report.requests > 50


def test_a_server_that_hangs_up_on_every_unknown_id_is_a_finding_and_the_run_goes_on() -> None:
    inner = phonexia_app()
    known = set(known_ids("phonexia"))

    async def close_unknown(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].rpartition("/")[2].lower() in known:
            await inner(scope, receive, send)
        else:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})
            await send({"type": "http.response.body", "body": b""})

    report = judged(close_unknown)
    assert broken(report) == {"analysis.no-server-error", "analysis.shape"}  # what came was cut short
    assert report.stopped == ""


def test_a_fault_of_the_very_first_answer_is_a_finding() -> None:
    inner = phonexia_app()
    seen: set[str] = set()

    def cold(status: int, headers: dict[str, str], body: bytes) -> Answered:
        task = json.loads(body).get("task", {}) if status == 200 else {}
        if task.get("state") == "pending" and task["task_id"] not in seen:
            seen.add(task["task_id"])
            body = body.replace(b'"pending"', b'"queued"')
        return status, without_length(headers), [body]

    assert broken(judged(changed(inner, cold))) == {"analysis.state-values"}


def test_a_known_task_id_with_something_behind_it_must_not_be_served() -> None:
    inner = phonexia_app()

    async def careless(scope: Scope, receive: Receive, send: Send) -> None:
        prefix, _, identifier = scope["path"].rpartition("/")
        path = f"{prefix}/{identifier[:36]}"
        await inner({**scope, "path": path, "raw_path": path.encode()}, receive, send)

    assert "analysis.malformed-id-422" in broken(judged(careless))
