"""What senders and receivers send is shown by `listen` and by the sandbox, and acts on no terminal and no CI system."""

import json
import re
import signal
import socket
from http.server import BaseHTTPRequestHandler

import pytest

from tests.hostile.test_console import PLANTED, acts
from tests.http_servers import Quiet, handled_by
from tests.listening.conftest import DEADLINE, night
from tests.listening.test_command import listening
from tests.sandbox.test_command import sandbox

FIRST = night()[0]
VALUE = json.loads(FIRST.body)
IN_A_HEADER = "##vso[task.setvariable]a ::error::planted \x9b2J".encode("latin-1")
IN_A_PATH = b"/::error::planted/##vso[task.setvariable%20variable=a]b%0a::error::planted%1b%5b2J?a=%e2%80%ae"


def body(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def request(
    body: bytes = FIRST.body, *, method: bytes = b"POST", path: bytes = b"/", header: bytes = b"x-planted: none"
) -> bytes:
    headers = {**FIRST.headers, "host": "localhost", "content-length": str(len(body)), "connection": "close"}
    lines = [f"{name}: {text}".encode() for name, text in headers.items() if not header.startswith(name.encode())]
    return b"\r\n".join([method + b" " + path + b" HTTP/1.1", *lines, header, b"", body])


REQUESTS = {
    "values": request(body({**VALUE, "callback_event": PLANTED, "version": PLANTED, "session_id": PLANTED})),
    "every value": request(body(dict.fromkeys(VALUE, PLANTED))),
    "names": request(body({**VALUE, PLANTED: PLANTED})),
    "no object": request(body(PLANTED)),
    "no JSON": request(PLANTED.encode()),
    "a header": request(header=b"x-planted: " + IN_A_HEADER),
    "the user": request(header=b"x-user-id: " + IN_A_HEADER),
    "the media type": request(header=b"content-type: " + IN_A_HEADER),
    "the path": request(path=IN_A_PATH),
    "the method": request(method=b"##vso"),
}


def sent(url: str, request: bytes) -> bytes:
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=DEADLINE) as sender:
        sender.sendall(request)
        answer = bytearray()
        while piece := sender.recv(65536):
            answer += piece
    return bytes(answer)


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_listen_shows_a_hostile_callback_and_nothing_acts(request_: bytes) -> None:
    with listening(GITHUB_ACTIONS="") as (process, url):
        assert sent(url, request_).startswith(b"HTTP/1.1 ")
        process.send_signal(signal.SIGINT)
        shown, _ = process.communicate(timeout=DEADLINE)
    assert re.search(r"(?m)^\d\d:\d\d:\d\d (1 |#.*vso answered 405)", shown), "the request is not shown"
    assert "Traceback" not in shown
    assert not acts(shown)
    assert not any(line.lstrip().startswith(("##", "::")) for line in shown.splitlines())


class _Receiver(Quiet, BaseHTTPRequestHandler):
    """Refuses every callback with commands of CI systems, in the status line, a header and the body."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        answer = body({"detail": PLANTED})
        self.send_response_only(422, "::error::planted ##vso[a]")
        self.send_header("content-type", "##vso[task.setvariable]a")
        self.send_header("x-planted", IN_A_HEADER.decode("latin-1"))
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


def test_the_sandbox_shows_what_a_hostile_receiver_answers_and_nothing_acts() -> None:
    with handled_by(_Receiver) as url:
        address = f"{url}/::error::planted/%1b[2J"
        with sandbox("asleep", "--callback-url", address, "--scenario", "invalid", GITHUB_ACTIONS="") as running:
            for each in REQUESTS.values():
                assert sent(running.url, each).startswith(b"HTTP/1.1 ")
            running.wait_for("All callbacks were sent")
            _, errors = running.end(signal.SIGTERM)
    assert "not accepted, status 422" in running.printed
    assert "Traceback" not in running.printed + errors
    assert not acts(running.printed + errors)
