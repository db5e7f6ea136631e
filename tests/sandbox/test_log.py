"""The lines about requests are printed beside the serving, which they never hold up."""

import threading

import httpx
import pytest

from sleeptalk_contract.contract.redaction import remember_key
from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.sandbox import log
from sleeptalk_contract.sandbox.log import RequestLog, line
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.sandbox.web import Answered, application

FAULT = Fault("kettle.shape", "cold", "is cold", lambda _request, answer: answer)


def test_a_line_has_method_path_status_and_the_faults_that_showed() -> None:
    assert line(Answered("GET", "/a", 200)) == "GET /a 200"
    assert line(Answered("PUT", "/\x1b[31m", 500, [FAULT, FAULT])).endswith(
        "500  breaks kettle.shape:cold, kettle.shape:cold"
    )
    assert line(Answered("GET", "/\x1b[31m", 404)) == "GET /\\u001b[31m 404"
    assert len(line(Answered("GET", "/" * 10_000, 404))) < 250
    assert len(line(Answered("G" * 10_000, "/a", 404))) < 50


def test_a_path_is_shown_as_it_was_sent_so_that_none_looks_like_a_status_or_a_fault() -> None:
    seen: list[Answered] = []
    with running(application([], observe=seen.append), 0) as server, httpx.Client(trust_env=False) as client:
        for path in ("/a%20200%20%20breaks%20kettle.shape", "/%ff%1b%0a", "/a%2Fb?key=left-out"):
            client.get(f"{server.url}{path}")
    assert [line(each) for each in seen] == [
        "GET /a%20200%20%20breaks%20kettle.shape 404",
        "GET /%ff%1b%0a 404",
        "GET /a%2Fb 404",
    ]


def test_a_key_is_left_out_of_a_path_however_it_is_encoded() -> None:
    remember_key("a-key-of-the-user-51")
    for sent in ("a-key-of-the-user-51", "a-key%2Dof-the-user-51", f"{'x' * 190}/a-key-of-the-user-51"):
        assert "a-key" not in line(Answered("GET", f"/{sent}", 404))


def test_who_stops_reading_holds_nothing_up_and_is_told_how_much_was_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    printed: list[str] = []
    begun, reads_on = threading.Event(), threading.Event()

    def say(text: str) -> None:
        begun.set()
        assert reads_on.wait(30)
        printed.append(text)

    monkeypatch.setattr(log, "say", say)
    requests = RequestLog()
    with requests.printing():
        requests.note(Answered("GET", "/first", 200))
        assert begun.wait(30)
        for number in range(log.MOST_WAITING + 7):
            requests.note(Answered("GET", f"/{number}", 200))
        reads_on.set()
    assert printed[:3] == [
        "GET /first 200",
        "... the lines of 7 requests were left out: they came faster than they were read.",
        "GET /0 200",
    ]
    assert printed[-1] == f"GET /{log.MOST_WAITING - 1} 200"


def test_a_reader_that_has_gone_ends_the_lines_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def say(_text: str) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(log, "say", say)
    requests = RequestLog()
    with requests.printing():
        for _ in range(3 * log.MOST_WAITING):
            requests.note(Answered("GET", "/a", 200))
