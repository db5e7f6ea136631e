"""Whatever a server does, a call ends with a typed object or with an error of the family, in time."""

import gzip
import json
import zlib
from typing import Any

import pytest

from sleeptalk.asleep import Night
from sleeptalk.errors import (
    CallFailed,
    ConnectionFailed,
    ContractViolation,
    DeadlineExceeded,
    ResponseTooLarge,
    UnexpectedStatus,
)
from tests.clients.bodies import example
from tests.clients.calling import Call
from tests.clients.hostile import Script, answer, drip_after, head, hostile, raw, reset_after, silence_after

NIGHT = json.dumps(example("SessionComplete")).encode()
HTML = b"<!doctype html><title>Welcome</title>"


@pytest.mark.parametrize(
    ("script", "error", "path"),
    [
        pytest.param(answer(HTML, kind="text/html"), ContractViolation, "header content-type", id="html-with-200"),
        pytest.param(answer(HTML), ContractViolation, "$", id="html-that-says-it-is-json"),
        pytest.param(answer(b""), ContractViolation, "$", id="empty-body"),
        pytest.param(answer(NIGHT[:-20]), ContractViolation, "$", id="truncated-json"),
        pytest.param(
            answer(NIGHT, kind="text/plain"), ContractViolation, "header content-type", id="wrong-content-type"
        ),
        pytest.param(
            answer(NIGHT.decode().encode("utf-16"), kind="application/json; charset=utf-16"),
            ContractViolation,
            "$",
            id="wrong-charset",
        ),
        pytest.param(answer(b'{"detail": "\xff"}'), ContractViolation, "$", id="not-utf-8"),
        pytest.param(answer(b"\xef\xbb\xbf" + NIGHT), ContractViolation, "$", id="byte-order-mark"),
        pytest.param(answer([]), ContractViolation, "$", id="list-in-the-place-of-the-object"),
        pytest.param(answer({"detail": "ok", "result": None}), ContractViolation, "$.result", id="null-result"),
        pytest.param(answer(b"[" * 100_000), ContractViolation, "$", id="nested-too-deeply"),
        pytest.param(
            answer(NIGHT, 200, "content-encoding: gzip"), ContractViolation, "header content-encoding", id="no-gzip"
        ),
        pytest.param(
            answer(gzip.compress(NIGHT)[:-9], 200, "content-encoding: gzip"),
            ContractViolation,
            "header content-encoding",
            id="gzip-cut-off",
        ),
        pytest.param(
            answer(NIGHT, 200, "content-encoding: br"),
            ContractViolation,
            "header content-encoding",
            id="brotli-unasked",
        ),
    ],
)
def test_a_200_that_is_not_a_night_is_a_contract_violation_that_says_where(
    asleep: Call, script: Script, error: type[CallFailed], path: str
) -> None:
    with hostile(script) as server, pytest.raises(error) as caught:
        asleep(server.url)
    assert isinstance(caught.value, ContractViolation)
    assert caught.value.path == path


@pytest.mark.parametrize("status", [201, 204, 206, 300, 302, 304, 404, 405, 409, 410, 418, 451])
def test_a_status_without_the_documented_body_is_unexpected(asleep: Call, status: int) -> None:
    with hostile(answer(HTML if status not in (204, 304) else b"", status, kind="text/html")) as server:
        with pytest.raises(UnexpectedStatus) as caught:
            asleep(server.url)
        assert caught.value.status == status
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(raw(), id="hangs-up"),
        pytest.param(raw(b"not HTTP at all\r\n\r\n"), id="no-http"),
        pytest.param(raw(head(200, length=len(NIGHT)), NIGHT[:50]), id="body-shorter-than-its-length"),
        pytest.param(reset_after(head(200, length=len(NIGHT)), NIGHT[:50]), id="reset-in-mid-body"),
        pytest.param(raw(head(200, "transfer-encoding: chunked"), b'5\r\n{"de\r\n'), id="chunked-body-cut-off"),
        pytest.param(raw(head(200, "transfer-encoding: chunked"), b"zz\r\n"), id="chunk-without-size"),
        pytest.param(raw(b"HTTP/1.1 200 OK\r\n" + b"x: " + b"y" * 200_000 + b"\r\n\r\n"), id="endless-header"),
    ],
)
def test_an_answer_that_never_becomes_whole_is_a_failed_connection(asleep: Call, script: Script) -> None:
    with hostile(script) as server:
        with pytest.raises(ConnectionFailed) as caught:
            asleep(server.url, client={"retries": 0})
        assert caught.value.attempts == 1
        assert caught.value.reason


def test_a_port_where_nobody_listens_is_a_failed_connection(asleep: Call) -> None:
    with hostile(raw()) as server:
        url = server.url
    with pytest.raises(ConnectionFailed):
        asleep(url, client={"retries": 0})


def test_a_name_that_no_resolver_takes_is_a_failed_connection(asleep: Call) -> None:
    with pytest.raises(ConnectionFailed):
        asleep(f"http://{'a' * 70}.invalid", client={"retries": 0})


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(silence_after(), id="no-answer"),
        pytest.param(silence_after(head(200, length=1000)), id="no-body"),
        pytest.param(drip_after(b"HTTP/1.1 200 OK\r\n", drop=b"x: y\r\n"), id="headers-drip"),
        pytest.param(drip_after(b"HTTP/1.1 200 OK\r\nx: ", drop=b"y"), id="one-header-drips"),
        pytest.param(drip_after(head(200, length=100_000)), id="body-drips"),
        pytest.param(drip_after(head(200, "transfer-encoding: chunked"), drop=b"1\r\n \r\n"), id="chunks-drip"),
    ],
)
def test_the_deadline_ends_a_call_however_the_server_dawdles(asleep: Call, script: Script) -> None:
    with hostile(script) as server:
        with pytest.raises(DeadlineExceeded) as caught:
            asleep(server.url, client={"timeout": 0.3})
        assert caught.value.timeout == 0.3
        assert len(server.requests) == 1


def zip_bomb(megabytes: int) -> bytes:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    million = b" " * 1_000_000
    return b"".join(squeeze.compress(million) for _ in range(megabytes)) + squeeze.flush()


def test_a_gzip_bomb_is_stopped_at_the_limit(asleep: Call) -> None:
    with hostile(answer(zip_bomb(64), 200, "content-encoding: gzip")) as server:
        with pytest.raises(ResponseTooLarge) as caught:
            asleep(server.url)
        assert caught.value.limit == 32 * 1024 * 1024


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(answer(b" " * 2000), id="with-its-length"),
        pytest.param(raw(head(200), b" " * 2000), id="until-the-connection-closes"),
        pytest.param(raw(head(200, length=2**60)), id="with-a-huge-length"),
        pytest.param(drip_after(head(200), b" " * 2000), id="without-an-end"),
    ],
)
def test_a_body_over_the_limit_is_not_read_to_its_end(asleep: Call, script: Script) -> None:
    with hostile(script) as server, pytest.raises(ResponseTooLarge):
        asleep(server.url, options={"body_limit": 1000})


@pytest.mark.parametrize("members", [1, 3])
def test_a_compressed_night_is_read(asleep: Call, members: int) -> None:
    part = len(NIGHT) // members + 1
    body = b"".join(gzip.compress(NIGHT[start : start + part]) for start in range(0, len(NIGHT), part))
    with hostile(answer(body, 200, "content-encoding: gzip")) as server:
        night = asleep(server.url)
        assert isinstance(night, Night)
        assert night.response.content == NIGHT
        assert server.header("accept-encoding") == "gzip"


@pytest.mark.parametrize("kind", ["application/json; charset=ISO-8859-1", "application/problem+json", None])
def test_json_by_any_name_is_read_as_utf_8(asleep: Call, kind: Any) -> None:
    body = {**example("SessionComplete"), "note": "수면"}
    with hostile(answer(json.dumps(body, ensure_ascii=False).encode(), kind=kind)) as server:
        assert isinstance(asleep(server.url), Night)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"stat": {"sleep_efficiency": 0.8}}, "$.result.stat"),
        ({"stat": []}, "$.result.stat"),
        ({"session": {}}, "$.result.session"),
        ({"timezone": None}, "$.result.timezone"),
    ],
)
def test_a_nullable_object_that_does_not_fit_is_an_error_and_never_a_dict(
    asleep: Call, change: dict[str, Any], path: str
) -> None:
    body = example("SessionComplete")
    body["result"] |= change
    with hostile(answer(body)) as server, pytest.raises(ContractViolation) as caught:
        asleep(server.url)
    assert caught.value.path == path
