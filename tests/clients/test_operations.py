"""The runtime carries out any operation of a document: every method, place of a parameter, kind of body and result."""

import asyncio
import datetime as dt
import io
import json
import os
import socket
import tempfile
from collections.abc import Callable
from contextlib import closing
from typing import Any, BinaryIO, TypeVar
from uuid import UUID

import attrs
import httpx
import msgspec
import pytest

from sleeptalk.asleep import SessionState, SleepStage
from sleeptalk.errors import (
    CallFailed,
    ConfigurationError,
    ConnectionFailed,
    ContractViolation,
    InvalidHeaderValue,
    RequestRefused,
    ServerError,
    UnexpectedStatus,
)
from sleeptalk.runtime.async_client import AsyncClient
from sleeptalk.runtime.options import Secret
from sleeptalk.runtime.sync_client import SyncClient
from sleeptalk_generated.operation import Call, Operation, Parameter
from tests.clients.clocks import SkippingClock
from tests.clients.hostile import answer, hostile, raw

pytestmark = pytest.mark.usefixtures("clock")

T = TypeVar("T")
Send = Callable[..., Any]


@attrs.define(frozen=True, kw_only=True)
class Kite:
    name: str
    length: float


class SyncKites(SyncClient):
    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(url, secrets={"x-api-key": Secret("the-key")}, **options)


class AsyncKites(AsyncClient):
    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(url, secrets={"x-api-key": Secret("the-key")}, **options)


def operation(method: str, path: str = "/kites", **more: Any) -> Operation[Any]:
    key = Parameter(name="api_key", wire="x-api-key", place="header", required=True)
    parameters = (key, *more.pop("parameters", ()))
    return Operation(
        id=more.pop("id", "flyKite"),
        method=method,
        path=path,
        parameters=parameters,
        results=more.pop("results", {200: Kite}),
        refusals={409: Kite},
        **more,
    )


@pytest.fixture
def send(kind: str) -> Send:
    """Carry out a call on a client at the address, once sync and once async."""

    def sync(url: str, call: Call[Any], **options: Any) -> Any:
        follow = options.pop("follow_redirects", None)
        with SyncKites(url, **options) as client:
            return client.with_options(follow_redirects=follow)._call(call)

    async def run(url: str, call: Call[Any], **options: Any) -> Any:
        follow = options.pop("follow_redirects", None)
        async with AsyncKites(url, **options) as client:
            return await client.with_options(follow_redirects=follow)._call(call)

    return sync if kind == "sync" else lambda *args, **options: asyncio.run(run(*args, **options))


KITE = Kite(name="Rhombus", length=1.5)
ROUND = answer({"name": "Rhombus", "length": 1.5})
CREATE: Operation[Any] = operation("POST", body="application/json", results={201: Kite, 204: None})


def test_a_json_body_is_sent_and_any_documented_success_is_read(send: Send) -> None:
    with hostile(answer({"name": "Delta", "length": 2}, 201)) as server:
        assert send(server.url, Call(operation=CREATE, body=KITE)) == Kite(name="Delta", length=2)
        assert server.requests[0].startswith("POST /kites HTTP/1.1\r\n")
        assert server.header("content-type") == "application/json"
        assert server.header("x-api-key") == "the-key"
        assert json.loads(server.bodies[0]) == {"name": "Rhombus", "length": 1.5}


def test_a_success_without_a_body_is_none(send: Send) -> None:
    with hostile(answer(b"", 204)) as server:
        assert send(server.url, Call(operation=CREATE, body=KITE)) is None


def test_a_success_of_another_status_is_unexpected(send: Send) -> None:
    with hostile(ROUND) as server, pytest.raises(UnexpectedStatus):
        send(server.url, Call(operation=CREATE, body=KITE))


def test_a_result_that_does_not_fit_its_class_says_where(send: Send) -> None:
    with hostile(answer({"name": 5}, 201)) as server, pytest.raises(ContractViolation) as caught:
        send(server.url, Call(operation=CREATE, body=KITE))
    assert caught.value.path == "$.name"


def test_a_documented_refusal_is_one(send: Send) -> None:
    with hostile(answer({"detail": "It flies."}, 409)) as server, pytest.raises(RequestRefused) as caught:
        send(server.url, Call(operation=CREATE, body=KITE))
    assert str(caught.value) == "The service refused flyKite with the status 409: It flies."


def test_parameters_stand_in_path_query_and_headers(send: Send) -> None:
    parameters = (
        Parameter(name="kite_id", wire="kite_id", place="path", required=True),
        Parameter(name="colours", wire="colour", place="query", required=False),
        Parameter(name="limit", wire="limit", place="query", required=False),
        Parameter(name="language", wire="Accept-Language", place="header", required=False),
    )
    fly = operation("PUT", "/kites/{kite_id}", parameters=parameters)
    arguments = {"kite_id": "a/b", "colours": ["red", "blue"], "limit": None, "language": "ko"}
    with hostile(ROUND) as server:
        assert send(server.url, Call(operation=fly, arguments=arguments)) == KITE
        assert server.requests[0].startswith("PUT /kites/a%2Fb?colour=red&colour=blue HTTP/1.1\r\n")
        assert server.header("accept-language") == "ko"
        for name, value, error in (
            ("kite_id", "..", ConfigurationError),
            ("kite_id", None, ConfigurationError),
            ("kite_id", "\ud800", ConfigurationError),
            ("colours", ["\ud800"], ConfigurationError),
            ("language", "a\nb", InvalidHeaderValue),
        ):
            with pytest.raises(error, match=f"^{name} " if error is ConfigurationError else "accept-language"):
                send(server.url, Call(operation=fly, arguments=arguments | {name: value}))
        assert len(server.requests) == 1


UPLOAD: Operation[Any] = operation("POST", body="multipart/form-data")


def parts(body: bytes) -> list[tuple[str, bytes]]:
    """Return the head and the content of each part of a form."""
    boundary = body.partition(b"\r\n")[0]
    return [
        (head.decode().strip(), content.removesuffix(b"\r\n"))
        for part in body.split(boundary)[1:-1]
        for head, _, content in [part.partition(b"\r\n\r\n")]
    ]


def test_a_form_holds_values_and_files(send: Send) -> None:
    fields = {
        "name": "Rhombus",
        "length": 1.5,
        "flies": True,
        "kite": KITE,
        "tags": ["a", "b"],
        "nothing": None,
        "photo": b"PNG",
        "sound": ("wind.wav", io.BytesIO(b"RIFF"), "audio/wav"),
    }
    with hostile(ROUND) as server:
        send(server.url, Call(operation=UPLOAD, body=fields))
        assert (server.header("content-type") or "").startswith("multipart/form-data; boundary=")
        found = parts(server.bodies[0])
    assert [(head.split("\r\n")[0].partition("; ")[2], content) for head, content in found] == [
        ('name="name"', b"Rhombus"),
        ('name="length"', b"1.5"),
        ('name="flies"', b"true"),
        ('name="kite"', msgspec.json.encode(KITE)),
        ('name="tags"', b"a"),
        ('name="tags"', b"b"),
        ('name="photo"; filename="photo"', b"PNG"),
        ('name="sound"; filename="wind.wav"', b"RIFF"),
    ]
    assert [head.partition("\r\n")[2] for head, _ in found][3] == "Content-Type: application/json"
    assert [head.partition("\r\n")[2] for head, _ in found][7] == "Content-Type: audio/wav"


def test_a_file_is_sent_whole_each_time(send: Send) -> None:
    with hostile(answer({}, 503), ROUND) as server:
        send(server.url, Call(operation=UPLOAD, body={"sound": io.BytesIO(b"RIFF")}))
        assert [parts(body)[0][1] for body in server.bodies] == [b"RIFF", b"RIFF"]


def test_texts_of_a_form_stand_there_as_they_are(send: Send) -> None:
    fields = {
        "id": UUID(int=7),
        "day": dt.date(2020, 2, 29),
        "at": dt.datetime(2020, 2, 29, 12, tzinfo=dt.UTC),
        "stage": SleepStage.DEEP,
        "state": SessionState("NEW"),
    }
    with hostile(ROUND) as server:
        send(server.url, Call(operation=UPLOAD, body=fields))
        found = parts(server.bodies[0])
    assert [content.decode() for _, content in found] == [
        str(UUID(int=7)),
        "2020-02-29",
        "2020-02-29T12:00:00+00:00",
        "2",
        "NEW",
    ]
    assert not any("Content-Type" in head for head, _ in found)


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        pytest.param(Call(operation=CREATE, body=KITE), "application/json", id="JSON"),
        pytest.param(Call(operation=UPLOAD, body={"name": "Rhombus"}), "multipart/form-data; boundary=", id="form"),
    ],
)
def test_a_content_type_of_an_injected_client_is_not_that_of_a_body(call: Call[Any], kind: str) -> None:
    headers = {"content-type": "text/plain"}
    with hostile(answer({"name": "Rhombus", "length": 1.5}, next(iter(call.operation.results)))) as server:
        with httpx.Client(headers=headers) as given:
            SyncKites(server.url, http_client=given)._call(call)
        sent = server.header("content-type") or ""
        assert sent.startswith(kind)
        assert server.bodies[0].startswith(b"--" + sent.partition("=")[2].encode() if "=" in sent else b"{")


@pytest.mark.parametrize("content", [bytearray(b"RIFF"), memoryview(b"RIFF")], ids=["bytearray", "memoryview"])
def test_bytes_of_any_kind_are_a_file(send: Send, content: object) -> None:
    with hostile(ROUND) as server:
        send(server.url, Call(operation=UPLOAD, body={"sound": content}))
        assert [content for _, content in parts(server.bodies[0])] == [b"RIFF"]


def test_what_was_written_into_a_file_is_sent(send: Send) -> None:
    with hostile(ROUND) as server, tempfile.TemporaryFile() as sound:
        sound.write(b"RIFF")
        send(server.url, Call(operation=UPLOAD, body={"sound": sound}))
        head, content = parts(server.bodies[0])[0]
    assert content == b"RIFF"
    assert 'filename="sound"' in head  # not the number that a temporary file has for a name


def pipe(content: bytes) -> BinaryIO:
    """Return the end of a pipe to read from, with something in it."""
    reading, writing = os.pipe()
    os.write(writing, content)
    os.close(writing)
    return os.fdopen(reading, "rb")


class OnlyReadable:
    """A file as an answer of a server is one: it can be read, and closed."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self, size: int = -1) -> bytes:
        size = len(self._content) if size < 0 else size
        piece, self._content = self._content[:size], self._content[size:]
        return piece

    def close(self) -> None:
        pass


@pytest.mark.parametrize("file", [pipe, OnlyReadable])
def test_a_file_that_can_be_read_only_once_is_not_sent_again(send: Send, file: Callable[[bytes], Any]) -> None:
    with hostile(answer({}, 503)) as server, closing(file(b"RIFF")) as sound:
        with pytest.raises(ServerError):
            send(server.url, Call(operation=UPLOAD, body={"sound": sound}))
        (body,) = server.bodies
    assert b"\r\nRIFF\r\n" in body


def test_a_file_that_can_be_read_only_once_follows_no_redirect(send: Send) -> None:
    with hostile(answer(b"", 307, "location: /moved"), ROUND) as server, pipe(b"RIFF") as sound:
        with pytest.raises(UnexpectedStatus):
            send(server.url, Call(operation=UPLOAD, body={"sound": sound}), follow_redirects=True)
        assert len(server.requests) == 1


def closed_file() -> BinaryIO:
    file = io.BytesIO(b"RIFF")
    file.close()
    return file


@pytest.mark.parametrize(
    ("value", "why"),
    [
        pytest.param(io.StringIO("RIFF"), "the file sound is neither bytes nor open for reading bytes", id="text file"),
        pytest.param(("a", None), "the file a is neither bytes nor open for reading bytes", id="no content"),
        pytest.param(("a",), "the file sound must be given as name, content and media type", id="name alone"),
        pytest.param(("a", b"", "x/y\r\nX-Evil: 1"), "the media type of the file a cannot stand", id="media type"),
        pytest.param(closed_file(), "I/O operation on closed file", id="closed"),
        pytest.param("\ud800", "surrogates not allowed", id="surrogate"),
        pytest.param(("\ud800", b""), "surrogates not allowed", id="surrogate in a name"),
        pytest.param(object(), "unsupported", id="object"),
    ],
)
def test_a_form_that_cannot_be_written_is_refused_before_anything_is_sent(send: Send, value: object, why: str) -> None:
    with hostile(ROUND) as server:
        with pytest.raises(ConfigurationError, match=rf"^The body of flyKite cannot be written: .*{why}.*(?<!\.)\.$"):
            send(server.url, Call(operation=UPLOAD, body={"sound": value}))
        assert not server.requests


def test_a_body_that_cannot_be_written_is_refused_before_anything_is_sent(send: Send) -> None:
    with hostile(ROUND) as server:
        with pytest.raises(ConfigurationError, match="The body of flyKite cannot be written"):
            send(server.url, Call(operation=CREATE, body=Kite(name="x", length=object())))  # type: ignore[arg-type]
        assert not server.requests


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("failure", [raw(), answer({}, 500), answer({}, 502)], ids=["hang-up", "500", "502"])
def test_an_idempotent_request_is_sent_again(send: Send, method: str, failure: Any) -> None:
    with hostile(failure, ROUND) as server:
        assert send(server.url, Call(operation=operation(method))) == KITE
        assert len(server.requests) == 2


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize(
    ("failure", "error"),
    [
        pytest.param(raw(), ConnectionFailed, id="hang-up"),
        *[pytest.param(answer({}, status), ServerError, id=str(status)) for status in (500, 502, 504)],
        pytest.param(answer({}, 408), UnexpectedStatus, id="408"),
    ],
)
def test_another_request_is_not_sent_again_where_it_may_have_been_carried_out(
    send: Send, method: str, failure: Any, error: type[CallFailed]
) -> None:
    with hostile(failure, ROUND) as server:
        with pytest.raises(error):
            send(server.url, Call(operation=operation(method)))
        assert len(server.requests) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_another_request_is_sent_again_where_it_was_not_carried_out(send: Send, status: int) -> None:
    with hostile(answer({}, status), answer(b"", 204)) as server:
        send(server.url, Call(operation=CREATE, body=KITE))
        assert server.bodies[0] == server.bodies[1] != b""


def test_another_request_is_tried_again_where_no_connection_was_made(send: Send, clock: SkippingClock) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionFailed) as caught:
            send(f"http://127.0.0.1:{unused.getsockname()[1]}", Call(operation=CREATE, body=KITE))
    assert caught.value.attempts == 3
    assert len(clock.pauses) == 2


@pytest.mark.parametrize("status", [307, 308])
def test_a_body_follows_a_redirect_that_keeps_it_within_the_origin(send: Send, status: int) -> None:
    with hostile(answer(b"", status, "location: /moved"), answer(b"", 204)) as server:
        send(server.url, Call(operation=CREATE, body=KITE), follow_redirects=True)
        assert server.requests[1].startswith("POST /moved ")
        assert server.bodies[0] == server.bodies[1]


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_request_with_a_body_is_not_turned_into_another(send: Send, status: int) -> None:
    with hostile(answer(b"", status, "location: /moved")) as server:
        with pytest.raises(UnexpectedStatus):
            send(server.url, Call(operation=CREATE, body=KITE), follow_redirects=True)
        assert len(server.requests) == 1


def test_a_body_does_not_leave_the_origin(send: Send) -> None:
    with hostile(ROUND) as elsewhere, hostile(answer(b"", 307, f"location: {elsewhere.url}/")) as server:
        with pytest.raises(UnexpectedStatus):
            send(server.url, Call(operation=CREATE, body=KITE), follow_redirects=True)
        assert not elsewhere.requests
