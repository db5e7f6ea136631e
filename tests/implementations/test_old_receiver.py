"""A receiver on the HTTP/1.0 server of the standard library, without sleeptalk, and one that fails in several ways."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY
from tests.http_servers import Quiet, handled_by
from tests.implementations.judging import WITHOUT_A_SLOW_HANDLER, broken, judged, not_exercised

Answers = Callable[[Any, bytes], int]


@contextmanager
def receiving(answer: Answers, version: str = "HTTP/1.0") -> Iterator[str]:
    """Serve a receiver that checks the key, reads a body by its length as JSON, and answers with a status."""

    class Handler(Quiet, BaseHTTPRequestHandler):
        protocol_version = version

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(self._status(body))
            self.send_header("content-length", "0")
            self.end_headers()

        def _status(self, body: bytes) -> int:
            if self.headers.get("x-api-key") != SANDBOX_API_KEY:
                return 401
            try:
                value = json.loads(body.decode())
            except (ValueError, RecursionError):
                return 400
            return answer(value, body)

    with handled_by(Handler) as url:
        yield f"{url}/"


def plain(value: Any, _body: bytes) -> int:
    """Accept what has the envelope of a callback."""
    data = value.get("callback_data") if isinstance(value, dict) else None
    return 204 if isinstance(data, dict) and isinstance(value.get("callback_event"), str) else 422


def fragile(value: Any, body: bytes) -> int:
    """Fail on large bodies, on lists and on the first upload: three crashes, told apart by what was sent."""
    if not isinstance(value, dict) or len(body) > 16 * 1024:
        return 500
    data = value.get("callback_data")
    return 503 if isinstance(data, dict) and data.get("seq_num") == 0 else plain(value, body)


def test_a_receiver_that_speaks_http_1_0_is_not_blamed_for_having_no_chunks() -> None:
    with receiving(plain) as url:
        report = judged("callback", url)
    assert broken(report, "must") == set()
    assert broken(report, "should") == {"receiver.refuses-invalid"}  # the envelope is all that is looked at
    assert not_exercised(report) == {"receiver.accepts-chunked"} | WITHOUT_A_SLOW_HANDLER
    (hint,) = [result.hint for result in report.rules if result.rule.id == "receiver.accepts-chunked"]
    assert hint.startswith("It takes a receiver that accepts callbacks and answers in HTTP/1.1.")


def test_a_crash_does_not_hide_behind_another() -> None:
    with receiving(fragile) as url:
        report = judged("callback", url)
    (crashes,) = [result for result in report.rules if result.rule.id == "receiver.never-5xx"]
    statuses = {finding.case["status"] for finding in crashes.findings if finding.case is not None}
    intents = {intent for finding in crashes.findings for intent in finding.intents}
    assert statuses == {500, 503}
    assert {"conforming-callback", "invalid-body"} <= intents


class Strict:
    """Refuses what breaks the order of a session: a second end that differs, and a window behind its end or before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends: dict[str, Any] = {}
        self._windows: dict[str, dict[int, Any]] = {}

    def __call__(self, value: Any, body: bytes) -> int:
        if plain(value, body) != 204 or not isinstance(value["callback_data"].get("session_id"), str):
            return 422
        documented = {name: each for name, each in value["callback_data"].items() if not name.startswith("added")}
        with self._lock:
            return self._progress(documented, documented["session_id"])

    def _progress(self, data: dict[str, Any], session: str) -> int:
        if "sleep_data" in data:
            night = data["sleep_data"]
            end = (
                {name: night[name] for name in night if not name.startswith("added")} if isinstance(night, dict) else 0
            )
            return 204 if self._ends.setdefault(session, end) == end else 409
        number, windows = data.get("inference_seq_num"), self._windows.setdefault(session, {})
        if not isinstance(number, int):
            return 422
        if windows.get(number) == data:
            return 204
        if session in self._ends or number in windows or any(each > number for each in windows):
            return 409
        windows[number] = data
        return 204


def test_a_receiver_may_refuse_what_no_session_has() -> None:
    with receiving(Strict(), "HTTP/1.1") as url:
        report = judged("callback", url)
    assert broken(report, "must") == set()
