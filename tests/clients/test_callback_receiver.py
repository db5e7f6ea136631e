"""The ASGI receiver on a real server: what it answers, what it hands over, and what it survives."""

import asyncio
import json
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import httpx
import pytest
import trio
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount

from sleeptalk.callback import InferenceComplete, SessionComplete, UnknownCallback, asgi
from sleeptalk.callback.refusals import RefusalLog
from sleeptalk.errors import ConfigurationError
from sleeptalk_contract.sandbox.server import running
from tests.clients.bodies import example

KEY = "callback-key"
HEADERS = {"x-api-key": KEY, "content-type": "application/json"}
COMPLETE = json.dumps(example("CallbackComplete")).encode()
WINDOW = json.dumps(example("CallbackWindow")).encode()


class Handler:
    """Keeps what it is given. As an object with an async __call__ it is also one more kind of handler."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def plainly(self, event: Any) -> None:
        self.thread = threading.current_thread()
        self.seen.append(event)

    async def awaited(self, event: Any) -> None:
        await asyncio.sleep(0)
        self.seen.append(event)

    async def __call__(self, event: Any) -> None:
        await self.awaited(event)

    def later(self, event: Any) -> Any:
        return self.awaited(event)


@contextmanager
def receiving(handler: Any, **options: Any) -> Iterator[httpx.Client]:
    with running(asgi(handler, api_key=KEY, **options)) as server, httpx.Client(base_url=server.url) as client:
        yield client


@pytest.mark.parametrize("kind", ["plain", "async", "object", "partial", "returns an awaitable"])
def test_every_kind_of_handler_is_given_the_event(kind: str) -> None:
    handler = Handler()
    handlers = {
        "plain": handler.plainly,
        "async": handler.awaited,
        "object": handler,
        "partial": partial(handler.awaited),
        "returns an awaitable": handler.later,
    }
    with receiving(handlers[kind]) as client:
        answers = [client.post("/", content=body, headers=HEADERS) for body in (WINDOW, COMPLETE, WINDOW)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 3
    assert [type(event) for event in handler.seen] == [InferenceComplete, SessionComplete, InferenceComplete]


def test_a_plain_handler_does_not_hold_up_the_server() -> None:
    handler = Handler()
    with receiving(handler.plainly) as client:
        client.post("/", content=WINDOW, headers=HEADERS)
    assert "AnyIO worker" in handler.thread.name


def test_an_event_that_is_not_documented_is_handed_over() -> None:
    handler = Handler()
    with receiving(handler.plainly) as client:
        assert client.post("/", content=b'{"callback_event": "NEW"}', headers=HEADERS).status_code == 204
    assert handler.seen == [UnknownCallback(b'{"callback_event": "NEW"}', "NEW")]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param({"headers": {}}, 401, id="no-key"),
        pytest.param({"headers": HEADERS | {"x-api-key": "wrong"}}, 401, id="wrong-key"),
        pytest.param({"headers": [("x-api-key", KEY), ("x-api-key", "wrong")]}, 401, id="two-keys"),
        pytest.param({"headers": {}, "content": b" " * 9000}, 401, id="no-key-and-a-large-body"),
        pytest.param({"content": b""}, 400, id="empty"),
        pytest.param({"content": COMPLETE[:-1]}, 400, id="truncated"),
        pytest.param({"content": b"{}"}, 422, id="no-callback"),
        pytest.param({"content": b" " * 9000}, 413, id="large"),
        pytest.param({"content": iter([b" " * 3000] * 3)}, 413, id="large-in-pieces"),
        pytest.param({"headers": HEADERS | {"content-type": "text/html"}}, 415, id="html"),
        pytest.param({"headers": HEADERS | {"content-type": "application/x-www-form-urlencoded"}}, 415, id="form"),
        pytest.param({"headers": HEADERS | {"content-encoding": "gzip"}}, 415, id="gzip"),
        pytest.param({"headers": HEADERS | {"content-encoding": "br, gzip"}}, 415, id="brotli-and-gzip"),
        pytest.param({"method": "GET", "content": b""}, 405, id="get"),
        pytest.param({"method": "PUT"}, 405, id="put"),
    ],
)
def test_a_refusal_has_its_status_and_says_why(change: dict[str, Any], status: int) -> None:
    handler = Handler()
    asked: dict[str, Any] = {"method": "POST", "url": "/", "content": WINDOW, "headers": HEADERS} | change
    with receiving(handler.plainly, body_limit=8000) as client:
        answer = client.request(**asked)
    assert answer.status_code == status
    assert list(answer.json()) == ["detail"]
    assert KEY not in answer.text
    assert handler.seen == []
    assert answer.headers.get("allow") == ("POST" if status == 405 else None)
    assert answer.headers.get("accept-encoding") == ("identity" if "encoding" in answer.text else None)


@pytest.mark.parametrize("encoding", ["", "identity", "Identity", "identity, identity"])
def test_a_body_that_is_not_compressed_may_say_so(encoding: str) -> None:
    with receiving(Handler().plainly) as client:
        assert client.post("/", content=WINDOW, headers=HEADERS | {"content-encoding": encoding}).status_code == 204


def test_a_body_that_stalls_is_ended() -> None:
    handler = Handler()
    head = f"POST / HTTP/1.1\r\nhost: x\r\nx-api-key: {KEY}\r\ncontent-length: {len(WINDOW)}\r\n\r\n".encode()
    with receiving(handler.plainly, body_timeout=0.2) as client:
        url = client.base_url
        with socket.create_connection((url.host, url.port or 0), timeout=30) as sender:
            sender.sendall(head + WINDOW[:20])
            answer = b"".join(iter(partial(sender.recv, 65536), b""))  # until the receiver closes the connection
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"did not come whole within 0.2 seconds" in answer
    assert handler.seen == []


def test_a_server_on_trio_can_run_it() -> None:
    handler = Handler()
    scope = {"type": "http", "method": "POST", "headers": [(b"x-api-key", KEY.encode())]}

    async def answered(receive: Any) -> list[int]:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        await asgi(handler.plainly, api_key=KEY, body_timeout=0.05)(scope, receive, send)
        return [message["status"] for message in sent if message["type"] == "http.response.start"]

    async def whole() -> dict[str, Any]:
        return {"type": "http.request", "body": WINDOW}

    assert trio.run(answered, whole) == [204]
    assert trio.run(answered, trio.sleep_forever) == [408]
    assert len(handler.seen) == 1


def test_refusals_do_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with receiving(Handler().plainly) as client:
        for _ in range(200):
            client.post("/", content=WINDOW, headers={"x-api-key": "wrong"})
        client.post("/", content=b"{}", headers=HEADERS)
    lines = [record.getMessage() for record in caplog.records if record.name == "sleeptalk"]
    assert [line.split(":")[0] for line in lines] == ["callback 401"] * 11 + ["callback 422"]
    assert "only counted" in lines[10]


def test_refusals_that_were_not_logged_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    hands = [0.0]
    log = RefusalLog(clock=lambda: hands[0])
    for _ in range(500):
        log.write(401, "no key")
    log.write(422, "broken")
    hands[0] = 60.0
    log.write(401, "no key")
    log.write(422, "broken")
    lines = [record.getMessage() for record in caplog.records]
    assert lines[:10] == ["callback 401: no key"] * 10
    assert lines[11:] == [
        "callback 422: broken",
        "callback 401: 490 more refusals like those above were not logged",
        "callback 401: no key",
        "callback 422: broken",
    ]


@pytest.mark.parametrize(
    "kind", [None, "application/json", "Application/JSON; charset=utf-8", "application/vnd.x+json"]
)
def test_json_under_any_of_its_names_is_accepted(kind: str | None) -> None:
    headers = {"x-api-key": KEY} | ({} if kind is None else {"content-type": kind})
    with receiving(Handler().plainly) as client:
        assert client.post("/", content=WINDOW, headers=headers).status_code == 204


def fail(_: object) -> None:
    raise LookupError("the database is gone")


async def fail_later(_: object) -> None:
    fail(None)


@pytest.mark.parametrize("handler", [fail, fail_later])
def test_a_handler_that_fails_gets_the_callback_again(handler: Any, caplog: pytest.LogCaptureFixture) -> None:
    with receiving(handler) as client:
        answer = client.post("/", content=WINDOW, headers=HEADERS)
        assert client.post("/", content=WINDOW, headers=HEADERS).status_code == 500
    assert (answer.status_code, answer.json()) == (500, {"detail": "The callback could not be handled."})
    (record, _) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.name == "sleeptalk"
    assert "LookupError" in (record.exc_text or "")
    assert KEY not in caplog.text


def test_a_handler_that_waits_for_what_is_cancelled_has_failed(caplog: pytest.LogCaptureFixture) -> None:
    async def wait_in_vain(_: object) -> None:
        waited_for = asyncio.create_task(asyncio.sleep(60))
        waited_for.cancel()
        await waited_for

    with receiving(wait_in_vain) as client:
        assert client.post("/", content=WINDOW, headers=HEADERS).status_code == 500
    assert "CancelledError" in caplog.text


def test_a_request_that_is_cancelled_is_not_answered() -> None:
    async def run() -> list[Any]:
        started, sent = asyncio.Event(), []

        async def wait(_: object) -> None:
            started.set()
            await asyncio.sleep(60)

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": WINDOW}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "headers": [(b"x-api-key", KEY.encode())]}
        request = asyncio.create_task(asgi(wait, api_key=KEY)(scope, receive, send))
        await started.wait()
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        return sent

    assert asyncio.run(run()) == []


def test_it_can_be_mounted_under_starlette() -> None:
    handler = Handler()
    app = Starlette(routes=[Mount("/callbacks", app=asgi(handler.awaited, api_key=KEY))])
    with running(app) as server:
        assert httpx.post(f"{server.url}/callbacks/", content=COMPLETE, headers=HEADERS).status_code == 204
        assert httpx.post(f"{server.url}/callbacks", content=COMPLETE, headers=HEADERS).status_code in (204, 307)
        assert httpx.post(f"{server.url}/elsewhere", content=COMPLETE, headers=HEADERS).status_code == 404
    assert handler.seen


def test_it_can_be_mounted_under_fastapi() -> None:
    handler = Handler()
    app = FastAPI()
    app.mount("/callbacks", asgi(handler.plainly, api_key=KEY))
    with running(app) as server:
        assert httpx.post(f"{server.url}/callbacks/", content=COMPLETE, headers=HEADERS).status_code == 204
    assert len(handler.seen) == 1


def spoken_to(scope: dict[str, Any], *messages: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the application sends when it is spoken to so."""
    sent: list[dict[str, Any]] = []
    incoming = iter(messages)

    async def receive() -> dict[str, Any]:
        return next(incoming)

    async def send(message: Any) -> None:
        sent.append(dict(message))

    asyncio.run(asgi(Handler().awaited, api_key=KEY)(scope, receive, send))
    return sent


def test_it_can_stand_alone_through_a_servers_start_and_stop() -> None:
    sent = spoken_to({"type": "lifespan"}, {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    assert [message["type"] for message in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_a_websocket_is_closed() -> None:
    assert [message["type"] for message in spoken_to({"type": "websocket"})] == ["websocket.close"]


def test_a_sender_that_goes_away_is_not_answered() -> None:
    scope = {"type": "http", "method": "POST", "headers": [(b"x-api-key", KEY.encode())]}
    assert (
        spoken_to(scope, {"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}) == []
    )


def yielding(_: object) -> Iterator[None]:
    yield


async def yielding_later(_: object) -> Any:
    yield


@pytest.mark.parametrize(
    "wrong",
    [
        {"api_key": ""},
        {"api_key": None},
        {"api_key": []},
        {"api_key": 5},
        {"api_key": KEY.encode()},
        {"body_limit": 0},
        {"body_limit": float("nan")},
        {"body_limit": None},
        {"body_limit": True},
        {"body_timeout": 0},
        {"body_timeout": float("nan")},
        {"body_timeout": "10"},
        {"body_timeout": True},
        {"handler": None},
        {"handler": yielding},
        {"handler": yielding_later},
    ],
)
def test_a_receiver_that_could_not_work_is_refused_at_once(
    wrong: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SLEEPTALK_CALLBACK_KEY", raising=False)
    with pytest.raises(ConfigurationError):
        asgi(**({"handler": print, "api_key": KEY} | wrong))
