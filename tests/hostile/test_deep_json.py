"""JSON that is nested a hundred thousand deep is a finding or a sentence, and never a traceback."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import ClassVar

import pytest

from sleeptalk_contract.commands import program as cli
from sleeptalk_contract.contract.service import Delivery
from tests.http_servers import Quiet, handled_by
from tests.listening.conftest import Listen, listen, night

__all__ = ["listen"]

DEEP = 100_000
BODIES = {
    "unclosed": b"[" * DEEP,
    "lists": b"[" * DEEP + b"]" * DEEP,
    "objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "a member": b'{"detail": "x", "result": ' + b"[" * DEEP + b"]" * DEEP + b"}",
}
SENTENCE = "nested too deeply"


class _Deep(Quiet, BaseHTTPRequestHandler):
    """Answers everything with one body."""

    protocol_version = "HTTP/1.1"
    answer: ClassVar[tuple[int, bytes]] = (200, b"")

    def _answer(self) -> None:
        status, body = self.answer
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.send_response_only(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def __getattr__(self, name: str) -> object:
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASLEEP_API_KEY", "a-key-of-these-tests")
    monkeypatch.setenv("ASLEEP_USER_ID", "user")


@pytest.fixture
def url() -> Iterator[str]:
    with handled_by(_Deep) as address:
        yield address


@pytest.mark.parametrize("status", [200, 422])
@pytest.mark.parametrize("body", BODIES)
def test_get_ends_in_one_sentence(
    body: str, status: int, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(_Deep, "answer", (status, BODIES[body]))
    assert cli.run(["get", "asleep", "20220821093117_hz82a", "--url", url, "--timeout", "5"]) != 0
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("sleeptalk: ")
    assert shown.err.count("\n") == 1
    assert (SENTENCE if status == 200 else "status 422") in shown.err
    assert "[[" not in shown.err


def test_fuzz_finds_it_and_reports_it(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(_Deep, "answer", (200, BODIES["lists"]))
    bounds = ["--max-examples", "2", "--max-time", "20"]
    assert cli.run(["fuzz", "asleep", "--url", url, "--report-dir", str(tmp_path), *bounds]) == 1
    shown = capsys.readouterr()
    assert SENTENCE in shown.out
    assert "Traceback" not in shown.out + shown.err
    assert SENTENCE in (tmp_path / "report.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("body", BODIES)
def test_listen_refuses_it_and_goes_on(body: str, listen: Listen) -> None:
    running = listen()
    first = night()[0]
    refused = running.post(Delivery("", "", 0, first.headers, BODIES[body]))
    assert refused.status_code == 400
    assert SENTENCE in refused.json()["detail"]
    assert running.post(first).status_code == 204
    assert running.report.requests == 2
    assert "Traceback" not in running.shown
