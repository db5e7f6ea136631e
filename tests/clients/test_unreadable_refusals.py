"""The status and the headers of an answer count even where its body cannot be read."""

import asyncio
import gzip
import json
import sys
from typing import Any

import httpx
import pytest

from sleeptalk.asleep import Asleep, AsyncAsleep, Night
from sleeptalk.errors import (
    CallFailed,
    ConnectionFailed,
    ContractViolation,
    DeadlineExceeded,
    RateLimited,
    ResponseTooLarge,
    ServerError,
    SessionNotFound,
    Unauthorized,
    UnexpectedStatus,
)
from tests.clients.bodies import example
from tests.clients.calling import KEY, SESSION, USER, Call
from tests.clients.hostile import Script, answer, head, hostile, raw, silence_after

CONTENT = json.dumps(example("SessionComplete")).encode()
NIGHT = answer(CONTENT)
ID = "x-request-id: abc"


@pytest.mark.parametrize(
    ("script", "error"),
    [
        pytest.param(answer(b"x" * 300, 429, ID, "retry-after: 99"), RateLimited, id="429-too-large"),
        pytest.param(raw(head(429, ID, "retry-after: 99"), b"x" * 300), RateLimited, id="429-too-large-without-length"),
        pytest.param(answer(b"x", 404, ID, "content-encoding: gzip"), UnexpectedStatus, id="404-no-gzip"),
        pytest.param(answer(b"x", 401, ID, "content-encoding: br"), Unauthorized, id="401-brotli"),
        pytest.param(answer(b"", 204, ID, "content-encoding: br"), UnexpectedStatus, id="204-brotli"),
    ],
)
def test_the_status_of_a_refusal_decides_whatever_its_body_is_like(
    asleep: Call, script: Script, error: type[CallFailed]
) -> None:
    with hostile(script) as server:
        with pytest.raises(error) as caught:
            asleep(server.url, options={"body_limit": 200})
        assert caught.value.request_id == "abc"
        assert caught.value.retry_after == (99 if error is RateLimited else None)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(answer(b"x", 503, "content-encoding: deflate", "retry-after: 0"), id="not-asked-for"),
        pytest.param(answer(b"x", 503, "content-encoding: gzip", "retry-after: 0"), id="no-gzip"),
        pytest.param(answer(b"x" * 20_000, 503, "retry-after: 0"), id="too-large"),
    ],
)
def test_a_passing_failure_is_tried_again_whatever_its_body_is_like(asleep: Call, script: Script) -> None:
    with hostile(script, NIGHT) as server:
        assert isinstance(asleep(server.url, options={"body_limit": 10_000}), Night)
        assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("script", "error", "content"),
    [
        pytest.param(raw(head(200, ID), b"x" * 300), ResponseTooLarge, None, id="too-large"),
        pytest.param(answer(b"x" * 300, 200, ID), ResponseTooLarge, b"", id="too-large-by-its-length"),
        pytest.param(answer(b"x", 200, ID, "content-encoding: br"), ContractViolation, b"", id="not-asked-for"),
        pytest.param(answer(b"x", 200, ID, "content-encoding: gzip"), ContractViolation, b"", id="no-gzip"),
        pytest.param(raw(head(200, ID, length=90), b"{"), ConnectionFailed, b"{", id="cut-off"),
        pytest.param(silence_after(head(200, ID, length=90), b"{"), DeadlineExceeded, b"{", id="too-late"),
    ],
)
def test_what_came_of_an_answer_is_kept(
    asleep: Call, script: Script, error: type[CallFailed], content: bytes | None
) -> None:
    with hostile(script) as server, pytest.raises(error) as caught:
        asleep(server.url, client={"retries": 0, "timeout": 0.5}, options={"body_limit": 200})
    assert (caught.value.status, caught.value.request_id) == (200, "abc")
    assert caught.value.response is not None
    assert caught.value.response.attempts == 1
    assert content in (None, caught.value.response.content)


def test_retry_after_counts_for_an_answer_that_is_cut_off(asleep: Call) -> None:
    with hostile(raw(head(503, "retry-after: 60", length=9))) as server:
        with pytest.raises(ConnectionFailed) as caught:
            asleep(server.url)
        assert (caught.value.status, caught.value.retry_after) == (503, 60)
        assert len(server.requests) == 1  # a minute is more than the call may take


def test_an_attempt_without_an_answer_has_none_of_an_earlier_one(asleep: Call) -> None:
    with hostile(raw(head(503, "retry-after: 0", length=9)), raw()) as server:
        with pytest.raises(ConnectionFailed) as caught:
            asleep(server.url, client={"retries": 1})
        assert caught.value.status is None


@pytest.mark.parametrize("encoding", ["identity", "gzip, identity", "identity,GZIP", "x-gzip", " gzip ,"])
def test_a_coding_that_changes_nothing_is_passed_over(asleep: Call, encoding: str) -> None:
    body = gzip.compress(CONTENT) if "gzip" in encoding.lower() else CONTENT
    with hostile(answer(body, 200, f"content-encoding: {encoding}")) as server:
        assert isinstance(asleep(server.url), Night)


def test_padding_after_gzip_is_passed_over(asleep: Call) -> None:
    with hostile(answer(gzip.compress(CONTENT) + b"\0" * 512, 200, "content-encoding: gzip")) as server:
        assert isinstance(asleep(server.url), Night)


def test_a_limit_larger_than_any_memory_is_a_limit(asleep: Call) -> None:
    with hostile(answer(gzip.compress(CONTENT), 200, "content-encoding: gzip")) as server:
        assert isinstance(asleep(server.url, options={"body_limit": sys.maxsize}), Night)


def with_hook(kind: str, url: str, *, read: bool) -> Any:
    """Read a night over an HTTP client that raises for every refusal, as many are set up."""
    arguments: dict[str, Any] = {"api_key": KEY, "user_id": USER, "base_url": url}

    def hook(response: httpx.Response) -> None:
        if read:
            response.read()
        response.raise_for_status()

    async def async_hook(response: httpx.Response) -> None:
        if read:
            await response.aread()
        response.raise_for_status()

    async def run() -> Night:
        async with httpx.AsyncClient(event_hooks={"response": [async_hook]}) as http:
            return await AsyncAsleep(**arguments, http_client=http).get_session(SESSION)

    if kind == "async":
        return asyncio.run(run())
    with httpx.Client(event_hooks={"response": [hook]}) as http:
        return Asleep(**arguments, http_client=http).get_session(SESSION)


@pytest.mark.parametrize(
    ("status", "read", "error"),
    [
        (404, True, SessionNotFound),
        (404, False, SessionNotFound),
        (401, False, Unauthorized),
        (302, False, UnexpectedStatus),
        (501, True, ServerError),
    ],
)
def test_a_hook_that_raises_for_the_status_changes_nothing(
    kind: str, status: int, error: type[CallFailed], *, read: bool
) -> None:
    with hostile(answer({"detail": "Session not found"}, status, ID)) as server:
        with pytest.raises(error) as caught:
            with_hook(kind, server.url, read=read)
        assert (caught.value.status, caught.value.request_id) == (status, "abc")
        assert caught.value.attempts == len(server.requests) == 1


@pytest.mark.parametrize("read", [True, False])
def test_a_compressed_refusal_is_read_before_a_hook_raises_for_it(kind: str, *, read: bool) -> None:
    body = gzip.compress(b'{"detail": "Session not found"}')
    with hostile(answer(body, 404, "content-encoding: gzip")) as server:
        with pytest.raises(SessionNotFound, match="Session not found") as caught:
            with_hook(kind, server.url, read=read)
        assert caught.value.response is not None
        assert caught.value.response.content == b'{"detail": "Session not found"}'


def test_a_refusal_that_expands_too_far_is_not_read_for_a_hook(kind: str) -> None:
    body = gzip.compress(b" " * 40_000_000)
    with hostile(answer(body, 501, "content-encoding: gzip")) as server, pytest.raises(ServerError):
        with_hook(kind, server.url, read=True)


def test_the_own_requests_and_hooks_of_an_injected_client_stay_as_they_are() -> None:
    seen: list[bool] = []
    with (
        hostile(answer({"detail": "x"}, 404)) as server,
        httpx.Client(event_hooks={"response": [lambda response: seen.append(response.is_stream_consumed)]}) as http,
    ):
        asleep = Asleep(KEY, USER, base_url=server.url, http_client=http)
        for _ in range(3):
            with pytest.raises(CallFailed):
                asleep.get_session(SESSION)
        assert len(http.event_hooks["response"]) == 2
        assert http.get(server.url).json() == {"detail": "x"}
    assert seen == [False] * 4


def test_a_passing_failure_that_a_hook_raises_for_is_tried_again(kind: str) -> None:
    with hostile(answer({}, 503, "retry-after: 0"), NIGHT) as server:
        assert isinstance(with_hook(kind, server.url, read=False), Night)


def test_a_header_of_an_injected_client_is_not_quoted() -> None:
    with hostile(NIGHT) as server, httpx.Client(headers={"authorization": "Bearer gateway-secret\n"}) as http:
        with pytest.raises(ConnectionFailed, match="look at its headers") as caught:
            Asleep(KEY, USER, base_url=server.url, http_client=http).get_session(SESSION)
        assert "gateway-secret" not in str(caught.value) + caught.value.reason
        assert caught.value.attempts == 1
