"""What the tests of the inbox share: a store of each kind, a real server with its lifespan, and callbacks to send."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn

from sleeptalk.callback import Inbox, inbox
from sleeptalk.callback.durable.delivery import Counts, Entry, Selection
from sleeptalk.callback.durable.stores import store_at
from tests.clients.bodies import example
from tests.waiting import until

KEY = "callback-key"
HEADERS = {"x-api-key": KEY, "content-type": "application/json", "x-user-id": "G-20220821093117-User"}
DEADLINE = 30.0


def window(session: str = "20220821093117_hz82a", number: int = 1, **changes: Any) -> bytes:
    """Return a callback about one window of a session."""
    body = example("CallbackWindow")
    body["callback_data"] |= {"session_id": session, "inference_seq_num": number, **changes}
    return json.dumps(body).encode()


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve an application with its lifespan, and stop it as a server does; yields its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(app, lifespan="on", log_config=None, access_log=False, ws="none"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        until(lambda: server.started or not thread.is_alive())
        try:
            yield url
        finally:
            server.should_exit = True
            thread.join(DEADLINE)
            assert not thread.is_alive()


class Seen:
    """A handler that keeps what it is given, and does what it is told to do first."""

    def __init__(self, first: Callable[[Any, Any], Any] = lambda _callback, _delivery: None) -> None:
        self.first = first
        self.deliveries: list[Any] = []
        self.callbacks: list[Any] = []

    def __call__(self, callback: Any, delivery: Any) -> None:
        self.first(callback, delivery)
        self.callbacks.append(callback)
        self.deliveries.append(delivery)

    @property
    def windows(self) -> list[tuple[str, int]]:
        return [(callback.data.session_id, callback.data.inference_seq_num) for callback in self.callbacks]


class Receiving:
    """A client of a receiver that is served, and its store."""

    def __init__(self, app: Inbox, address: str, client: httpx.Client) -> None:
        self.app = app
        self.address = address
        self.client = client

    def post(self, body: bytes, **changes: Any) -> httpx.Response:
        return self.client.post("/", content=body, headers=HEADERS | changes)

    def counts(self) -> Counts:
        return store_at(self.address, create=False).counts()

    def entries(self) -> list[Entry]:
        return store_at(self.address, create=False).entries(Selection())[::-1]

    def wait_for(self, **wanted: int) -> None:
        until(lambda: {name: getattr(self.counts(), name) for name in wanted} == wanted)


@contextmanager
def receiving(handler: Any, address: str, **options: Any) -> Iterator[Receiving]:
    app = inbox(handler, address, api_key=KEY, **options)
    with serving(app) as url, httpx.Client(base_url=url, timeout=DEADLINE) as client:
        yield Receiving(app, address, client)


@contextmanager
def released(go: threading.Event) -> Iterator[None]:
    """Set an event at the end at the latest, so that no handler waits for ever."""
    try:
        yield
    finally:
        go.set()
