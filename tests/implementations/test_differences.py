"""Implementations that differ from the sandbox in every way that the contract leaves open: nothing may be reported."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sleeptalk_contract.sandbox.answers import Request
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.services.asleep.sandbox.application import AsleepProvider, asleep_app
from sleeptalk_contract.services.phonexia.sandbox.application import PhonexiaProvider, phonexia_app
from tests.http_servers import Quiet, handled_by
from tests.implementations.judging import broken, judged, not_exercised
from tests.sandbox_ids import known_ids

BASE_PATH = "/gateway/v7"
UNTRIED = {"asleep": set(), "phonexia": {"analysis.rate-limit-429"}}  # no known task is answered 429


class Otherwise:
    """The same answers, written otherwise, below a base path.

    Keys in reverse order, further fields in every object, generous white space, ids in lower case, further headers,
    refusals of the key as a gateway's page, 404 to other methods, gzip where it is accepted, chunked in small pieces.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix(BASE_PATH)
        raw_path = scope["raw_path"].removeprefix(BASE_PATH.encode())
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app({**scope, "path": path, "raw_path": raw_path}, receive, keep)
        status, headers = messages[0]["status"], dict(messages[0]["headers"])
        body = b"".join(message.get("body", b"") for message in messages[1:])
        if status == 401:
            body, headers[b"content-type"] = b"<h1>Who are you?</h1>", b"text/html; charset=utf-8"
        elif status == 405:
            status, body = 404, b'{"detail": "There is nothing here"}'
        elif headers.get(b"content-type", b"").startswith(b"application/json"):
            body = json.dumps(otherwise(json.loads(body)), indent=3, ensure_ascii=False).encode()
            headers[b"content-type"] = b"application/json; charset=utf-8"
        headers.pop(b"content-length", None)
        headers |= {b"x-served-by": b"gateway-7", b"strict-transport-security": b"max-age=3600"}
        if b"gzip" in dict(scope["headers"]).get(b"accept-encoding", b""):
            body, headers[b"content-encoding"] = gzip.compress(body), b"gzip"
        await send({"type": "http.response.start", "status": status, "headers": list(headers.items())})
        for start in range(0, len(body), 100):
            await send({"type": "http.response.body", "body": body[start : start + 100], "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def otherwise(value: Any) -> Any:
    """Write a JSON value otherwise; `{}` keeps its meaning of nothing."""
    if isinstance(value, list):
        return [otherwise(each) for each in value]
    if not isinstance(value, dict) or not value:
        return value
    changed = {key: otherwise(each) for key, each in reversed(value.items())}
    if isinstance(changed.get("task_id"), str) and "state" in changed:
        changed["task_id"] = changed["task_id"].lower()
    return {"added_by_the_vendor": "later", **changed}


@contextmanager
def old_server(provider: AsleepProvider | PhonexiaProvider) -> Iterator[str]:
    """Serve with HTTP/1.0, which closes the connection after each answer."""

    class Handler(Quiet, BaseHTTPRequestHandler):
        def answer(self) -> None:
            address = urlsplit(self.path)
            path = unquote(address.path, errors="replace")
            below = next(each.path.partition("{")[0] for each in provider.operations if "{" in each.path)
            request = Request(
                implementation=provider,
                method=self.command,
                path=path,
                path_parameters={"id": path.removeprefix(below)} if path.startswith(below) else {},
                query=parse_qs(address.query, keep_blank_values=True),
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(int(self.headers.get("content-length", 0))),
            )
            answer = request.honest_answer()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = answer  # noqa: N815  # its own names

    with handled_by(Handler) as url:
        yield url


@pytest.mark.parametrize("target", ["asleep", "phonexia"])
def test_the_same_answers_written_otherwise_keep_every_rule(target: str) -> None:
    app = Otherwise(asleep_app() if target == "asleep" else phonexia_app())
    with running(app) as server:
        report = judged(target, server.url + BASE_PATH, known_ids(target), allow_writes=True)
    assert broken(report, "must") | broken(report, "should") == set()
    assert not report.beyond
    assert not_exercised(report) == UNTRIED[target]


@pytest.mark.parametrize("target", ["asleep", "phonexia"])
def test_an_old_server_keeps_every_rule(target: str) -> None:
    with old_server(AsleepProvider() if target == "asleep" else PhonexiaProvider()) as url:
        report = judged(target, url, known_ids(target), allow_writes=True)
    assert broken(report, "must") | broken(report, "should") == set()
    assert not report.beyond
    assert not_exercised(report) == UNTRIED[target]
