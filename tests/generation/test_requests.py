"""The generated functions: the request they make, the path they refuse to leave, and a call over real HTTP."""

from __future__ import annotations

import asyncio
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
import pytest

from sleeptalk_generated.asleep.api import get_session
from sleeptalk_generated.asleep.models import Error
from sleeptalk_generated.client import TIMEOUT, AsyncClient, Client
from sleeptalk_generated.errors import UnexpectedStatus
from sleeptalk_generated.phonexia.api import get_time_analysis
from sleeptalk_generated.request import Request, path_segment

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "a-secret-key"


def test_a_request_has_method_path_and_headers() -> None:
    request = get_session.request("20220821093117_hz82a", x_api_key=KEY, x_user_id="user", timezone="Asia/Seoul")
    assert (request.method, request.path) == ("GET", "/data/v2/sessions/20220821093117_hz82a")
    assert request.headers == {
        "accept": "application/json",
        "x-api-key": KEY,
        "x-user-id": "user",
        "timezone": "Asia/Seoul",
    }


def test_what_is_not_given_is_not_sent() -> None:
    assert "timezone" not in get_session.request("a", x_api_key=KEY, x_user_id="user").headers
    assert get_time_analysis.request("a").headers == {"accept": "application/json"}


def test_an_id_may_be_a_uuid() -> None:
    task = UUID("123e4567-e89b-12d3-a456-426614174000")
    assert get_time_analysis.request(task).path == f"/api/technology/time-analysis/{task}"


def test_no_repr_shows_a_key() -> None:
    request = get_session.request("a", x_api_key=KEY, x_user_id="user")
    assert repr(request) == "Request(method='GET', path='/data/v2/sessions/a')"
    with Client("http://127.0.0.1:9") as client:
        assert repr(client) == "Client('http://127.0.0.1:9')"
    assert KEY not in repr(UnexpectedStatus(500, KEY.encode()))


@pytest.mark.parametrize(
    "value",
    [
        "",
        ".",
        "..",
        "%2e",
        "%2E%2e",
        ".%2e",
        "%252e%252E",
        "../admin",
        "a/../b",
        "..%2fadmin",
        "a\\..\\b",
        "%2e%2e%5cb",
    ],
)
def test_a_segment_that_would_change_the_path_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="task_id must not be"):
        get_time_analysis.request(value)


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("a b", "a%20b"),
        ("a/b", "a%2Fb"),
        ("...", "..."),
        ("a..b", "a..b"),
        ("a?b#c", "a%3Fb%23c"),
        ("é", "%C3%A9"),
        ("a%2", "a%252"),
    ],
)
def test_any_other_segment_is_quoted(value: str, quoted: str) -> None:
    assert path_segment("name", value) == quoted


class Answers(BaseHTTPRequestHandler):
    """Answers 404 with the documented body, 418 for the id "teapot", and keeps what it was sent."""

    seen: list[tuple[str, str | None]]

    def do_GET(self) -> None:
        self.server.seen.append((self.path, self.headers["x-api-key"]))  # type: ignore[attr-defined]
        body = b'{"detail": "Unable to find the sleep session of id a"}'
        self.send_response(418 if self.path.endswith("teapot") else 404)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.seen = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_call_sends_the_key_and_decodes_the_answer(server: ThreadingHTTPServer) -> None:
    with Client(f"http://127.0.0.1:{server.server_port}/") as client:
        answer = get_session.call(client, "a", x_api_key=KEY, x_user_id="user")
    assert answer == Error(detail="Unable to find the sleep session of id a")
    assert server.seen == [("/data/v2/sessions/a", KEY)]  # type: ignore[attr-defined]


def test_an_asynchronous_call_does_the_same(server: ThreadingHTTPServer) -> None:
    async def call() -> object:
        async with AsyncClient(f"http://127.0.0.1:{server.server_port}") as client:
            return await get_session.call_async(client, "a", x_api_key=KEY, x_user_id="user")

    assert asyncio.run(call()) == Error(detail="Unable to find the sleep session of id a")
    assert server.seen == [("/data/v2/sessions/a", KEY)]  # type: ignore[attr-defined]


def test_a_status_that_is_not_documented_is_an_error(server: ThreadingHTTPServer) -> None:
    with (
        Client(f"http://127.0.0.1:{server.server_port}") as client,
        pytest.raises(UnexpectedStatus, match="The status 418 is not documented") as caught,
    ):
        get_session.call(client, "teapot", x_api_key=KEY, x_user_id="user")
    assert caught.value.status == 418
    assert caught.value.content.startswith(b'{"detail"')


def test_a_body_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(msgspec.ValidationError, match="missing required field `detail`"):
        get_session.parse(404, b"{}")


def test_waiting_is_finite() -> None:
    assert TIMEOUT == 30.0
    with Client("http://127.0.0.1:9") as client:
        assert client._http.timeout.read == 30.0
        assert client._http.timeout.connect == 30.0


def test_a_request_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Request(method="GET", path="/", headers={}).path = "/other"  # type: ignore[misc]
