"""What is answered when: a callback is acknowledged once it is stored, and what is refused is not stored."""

import asyncio
import json
import logging
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from sleeptalk.callback import Accepted, UnknownCallback, inbox
from sleeptalk.callback.durable.stores import store_at
from sleeptalk.errors import ConfigurationError
from sleeptalk_contract.sandbox.server import running
from tests.clients.bodies import example
from tests.inbox.stores import HEADERS, KEY, Seen, receiving, released, serving, window
from tests.waiting import until


def test_a_callback_is_acknowledged_while_its_handler_is_still_busy(address: str) -> None:
    go = threading.Event()
    with receiving(Seen(lambda *_: go.wait()), address) as receiver, released(go):
        answers = [receiver.post(window(number=number)).status_code for number in range(3)]
        assert answers == [204] * 3
        receiver.wait_for(running=1, waiting=2, done=0)
        go.set()
        receiver.wait_for(done=3)


@pytest.mark.parametrize(
    ("changes", "body", "status"),
    [
        ({"x-api-key": "another"}, window(), 401),
        ({"content-type": "text/plain"}, window(), 415),
        ({"content-encoding": "gzip"}, window(), 415),
        ({}, b"{", 400),
        ({}, b"{}", 422),
        ({}, window(stage_list="?"), 422),
        ({}, b" " * 2000, 413),
    ],
)
def test_what_is_refused_is_not_stored(address: str, changes: dict[str, str], body: bytes, status: int) -> None:
    with receiving(Seen(), address, body_limit=1000) as receiver:
        assert receiver.post(body, **changes).status_code == status
        assert receiver.client.get("/").status_code == 405
        assert receiver.entries() == []


def test_a_body_that_does_not_come_in_time_is_not_waited_for(address: str) -> None:
    def slowly() -> Any:
        yield b"{"
        threading.Event().wait(1)
        yield b"}"

    with receiving(Seen(), address, body_timeout=0.1) as receiver:
        assert receiver.client.post("/", content=slowly(), headers=HEADERS).status_code == 408


def test_an_event_of_a_later_version_is_stored_and_handed_over(address: str) -> None:
    body = json.dumps({"callback_event": "NAP_COMPLETE", "callback_data": {"session_id": "s", "user_id": "u"}}).encode()
    handler = Seen()
    with receiving(handler, address) as receiver:
        assert receiver.post(body).status_code == 204
        receiver.wait_for(done=1)
        (entry,) = receiver.entries()
    assert handler.callbacks == [UnknownCallback(body, "NAP_COMPLETE")]
    assert (entry.event, entry.session_id, entry.user_id) == ("NAP_COMPLETE", "s", "u")


def test_a_handler_gets_the_callback_as_it_came(address: str) -> None:
    handler = Seen()
    body = json.dumps(example("CallbackComplete"), indent=2).encode()
    with receiving(handler, address) as receiver:
        assert receiver.post(body, **{"x-trace": "7"}).status_code == 204
        receiver.wait_for(done=1)
        (entry,) = receiver.entries()
    (callback,), (delivery,) = handler.callbacks, handler.deliveries
    assert callback.raw == body
    assert (callback.headers["x-trace"], callback.headers["x-user-id"]) == ("7", HEADERS["x-user-id"])
    assert KEY not in str(callback.headers)
    assert delivery.id == callback.identity == entry.id
    assert (delivery.attempt, delivery.revision_of) == (1, None)
    assert delivery.received == callback.received == entry.received


def test_the_health_route_tells_how_many_wait_and_how_old_the_oldest_is(address: str) -> None:
    go = threading.Event()
    with receiving(Seen(lambda *_: go.wait()), address) as receiver, released(go):
        assert receiver.client.get("/health").json()["oldest_seconds"] is None
        for number in range(2):
            receiver.post(window(number=number))
        receiver.wait_for(running=1)
        answer = receiver.client.get("/health")
        assert answer.status_code == 200
        health = answer.json()
        assert 0 < health.pop("oldest_seconds") < 60
        assert health == {"waiting": 1, "running": 1, "done": 0, "dead": 0}


def test_the_metrics_hook_is_called_with_the_counts(address: str) -> None:
    reported: list[Any] = []
    with receiving(Seen(), address, metrics=reported.append):
        until(lambda: reported)
    assert (reported[0].waiting, reported[0].oldest_seconds) == (0, None)


def test_it_works_mounted_under_starlette_with_its_lifespan(address: str) -> None:
    handler = Seen()
    receiver = inbox(handler, address, api_key=KEY)
    app = Starlette(routes=[Route("/callback", receiver)], lifespan=receiver.lifespan)
    with serving(app) as url:
        assert httpx.post(f"{url}/callback", content=window(), headers=HEADERS).status_code == 204
        until(lambda: handler.deliveries)


def test_without_a_lifespan_it_works_from_the_first_request_on(address: str) -> None:
    handler = Seen()
    with running(inbox(handler, address, api_key=KEY)) as server:
        assert httpx.post(server.url, content=window(), headers=HEADERS).status_code == 204
        until(lambda: handler.deliveries)


def test_one_that_is_told_not_to_work_only_accepts(address: str) -> None:
    handler = Seen()
    with receiving(handler, address, work=False) as receiver:
        assert receiver.post(window()).status_code == 204
        assert receiver.counts().waiting == 1
    with receiving(handler, address) as receiver:
        receiver.wait_for(done=1)
    assert len(handler.deliveries) == 1


class OwnQueue:
    """A store of the user's own."""

    def __init__(self, error: Exception | None = None) -> None:
        self.items: list[Accepted] = []
        self.error = error

    def put(self, accepted: Accepted) -> None:
        if self.error is not None:
            raise self.error
        self.items.append(accepted)


class OwnAsyncQueue(OwnQueue):
    async def put(self, accepted: Accepted) -> None:  # type: ignore[override]
        super().put(accepted)


@pytest.mark.parametrize("kind", [OwnQueue, OwnAsyncQueue])
def test_a_queue_of_ones_own_gets_every_callback(kind: type[OwnQueue]) -> None:
    queue = kind()
    with (
        serving(inbox(Seen(), queue, api_key=KEY)) as url,
        httpx.Client(base_url=url, headers=HEADERS) as client,
    ):
        assert client.post("/", content=window()).status_code == 204
        assert client.get("/health").status_code == 405
    (accepted,) = queue.items
    assert (accepted.callback.raw, accepted.id) == (window(), accepted.callback.identity)


@pytest.mark.parametrize("kind", [OwnQueue, OwnAsyncQueue])
def test_what_a_queue_of_ones_own_does_not_take_is_not_acknowledged(
    kind: type[OwnQueue], caplog: pytest.LogCaptureFixture
) -> None:
    with serving(inbox(Seen(), kind(OSError("secret detail")), api_key=KEY)) as url:
        answer = httpx.post(url, content=window(), headers=HEADERS)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "callback 503: not stored: OSError at" in caplog.text
    assert "secret detail" not in caplog.text


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"handler": None}, "handler must be a function"),
        ({"handler": lambda callback: None}, "two arguments"),
        ({"handler": Seen().windows.__class__}, "two arguments"),
        ({"store": "mysql://host"}, "sqlite:///callbacks.db or postgresql"),
        ({"store": "sqlite://"}, "store must be an address"),
        ({"store": "sqlite:///:memory:"}, "must name a file"),
        ({"store": object()}, r"put\(accepted\)"),
        ({"concurrency": 0}, "concurrency"),
        ({"attempts": True}, "attempts"),
        ({"keep_bodies": 7}, "keep_bodies"),
        ({"body_limit": 0}, "body_limit"),
        ({"api_key": ""}, "key is missing"),
    ],
)
def test_an_inbox_that_could_not_work_is_refused_at_once(options: dict[str, Any], words: str) -> None:
    arguments: dict[str, Any] = {"handler": Seen(), "api_key": KEY} | options
    with pytest.raises(ConfigurationError, match=words):
        inbox(**arguments)


def test_nothing_of_a_body_or_a_key_is_logged(address: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def fail(callback: Any, delivery: Any) -> None:
        raise ValueError(callback.raw.decode())

    with receiving(fail, address, attempts=1) as receiver:
        receiver.post(window("20220821093117_shh00"))
        receiver.post(window("20220821093117_shh00"), **{"x-api-key": "wrong-key"})
        receiver.wait_for(dead=1)
    assert "failed, and it is dead: ValueError at" in caplog.text
    ours = "\n".join(record.getMessage() + str(record.exc_info) for record in caplog.records)
    assert "shh00" not in ours
    assert KEY not in ours
    assert "wrong-key" not in ours


def test_a_handler_that_outlives_its_event_loop_is_done_all_the_same(tmp_path: Path) -> None:
    """As in tests of one's own that call the application without its lifespan, each request on a loop of its own."""
    handler = Seen(lambda *_: threading.Event().wait(0.2))
    address = f"sqlite:///{tmp_path}/callbacks.db"
    app = inbox(handler, address, api_key=KEY)

    async def post(body: bytes) -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://receiver") as client:
            answer = await client.post("/", content=body, headers=HEADERS)
            await asyncio.sleep(0.1)  # so that the handler has begun when the loop ends
            return answer.status_code

    for number in range(3):
        assert asyncio.run(post(window(number=number))) == 204
    until(lambda: len(handler.windows) >= 3 or asyncio.run(post(window())) != 204)
    until(lambda: store_at(address).counts().done == 3 or asyncio.run(post(window())) != 204)
    assert [number for _, number in handler.windows] == [0, 1, 2]
