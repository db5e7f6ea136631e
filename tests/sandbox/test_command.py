"""`sleeptalk sandbox` as a process of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sleeptalk.callback import Callback, asgi
from sleeptalk_contract.commands.program import run
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID, SCENARIOS
from sleeptalk_contract.services.asleep.sandbox.receiver import receiver_app
from sleeptalk_contract.services.phonexia.sandbox.calls import CALLS

DEADLINE = 30.0
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("ASLEEP_", "SLEEPTALK_"))}
COMMAND = (sys.executable, "-m", "sleeptalk_contract", "sandbox")
HEADERS = {"x-api-key": SANDBOX_API_KEY, "x-user-id": SANDBOX_USER_ID}
SESSION = f"/data/v2/sessions/{SCENARIOS['four-stages'].session_id}"
TASK = f"/api/technology/time-analysis/{CALLS['done-stereo'].task_id}"


class Sandbox:
    """A running sandbox: what it printed so far, and its address."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process = process
        self.printed = ""
        self.url = self.wait_for(rf"at (http://{re.escape(address)}:\d+);")

    def wait_for(self, pattern: str) -> str:
        """Read what it prints until the pattern is there; gives the first group."""
        assert self.process.stdout is not None
        while not (match := re.search(pattern, self.printed)):
            line = self.process.stdout.readline()
            assert line, f"It ended before it printed {pattern}: {self.printed}"
            self.printed += line
        return match.group(1) if match.groups() else match.group()

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Send a signal; gives the exit code and what it wrote on standard error."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.process.send_signal(number)
        self.printed += self.process.stdout.read()
        errors = self.process.stderr.read()
        return self.process.wait(DEADLINE), errors


@contextmanager
def sandbox(*arguments: str, address: str = "127.0.0.1", **environment: str) -> Iterator[Sandbox]:
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT | environment,
    )
    watchdog = threading.Timer(DEADLINE, process.kill)
    watchdog.start()
    with process:
        try:
            yield Sandbox(process, address)
        finally:
            watchdog.cancel()
            process.kill()


def refused(*arguments: str, **environment: str) -> str:
    """Run it where it has to refuse; gives the sentence on standard error."""
    finished = subprocess.run(
        [*COMMAND, *arguments],
        check=False,
        capture_output=True,
        text=True,
        env=ENVIRONMENT | environment,
        timeout=DEADLINE,
    )
    assert finished.returncode == 2, finished
    assert "Traceback" not in finished.stderr
    return finished.stderr


def test_it_serves_both_services_and_prints_every_id(http: httpx.Client) -> None:
    with sandbox() as running_sandbox:
        assert http.get(running_sandbox.url + SESSION, headers=HEADERS).status_code == 200
        assert http.get(running_sandbox.url + TASK).status_code == 200
        running_sandbox.end(signal.SIGTERM)
    for night in SCENARIOS.values():
        assert f"{night.session_id}  {night.name} " in running_sandbox.printed
    for call in CALLS.values():
        assert f"{call.task_id}  {call.name} " in running_sandbox.printed
    assert SANDBOX_USER_ID in running_sandbox.printed


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_quietly(number: signal.Signals) -> None:
    with sandbox("asleep") as running_sandbox:
        code, errors = running_sandbox.end(number)
    assert code == 130
    assert errors.strip() == "sleeptalk: interrupted."


def test_it_serves_one_service_when_one_is_named(http: httpx.Client) -> None:
    with sandbox("phonexia", "--quiet") as running_sandbox:
        assert http.get(running_sandbox.url + SESSION, headers=HEADERS).status_code == 404
        assert http.get(running_sandbox.url + TASK).status_code == 200
        running_sandbox.end(signal.SIGTERM)
    assert "data/v2/sessions" not in running_sandbox.printed


MINE = {"x-api-key": "key-of-mine", "x-user-id": "user-of-mine"}


def test_a_key_that_is_given_is_expected_in_place_of_its_own_and_never_printed(http: httpx.Client) -> None:
    with sandbox("--user-id", "user-of-mine", "--api-key", "key-of-mine") as running_sandbox:
        assert http.get(running_sandbox.url + SESSION, headers=HEADERS).status_code == 401
        assert http.get(running_sandbox.url + SESSION, headers=MINE).status_code == 200
        _, errors = running_sandbox.end(signal.SIGTERM)
    assert "key-of-mine" not in running_sandbox.printed + errors
    assert "user-of-mine" in running_sandbox.printed


def test_a_key_of_the_environment_has_an_account_beside_the_printed_one(http: httpx.Client) -> None:
    mine, user = f"{SANDBOX_API_KEY}-of-mine", "user-of-mine"
    with sandbox("asleep", ASLEEP_API_KEY=mine, ASLEEP_USER_ID=user) as running_sandbox:
        statuses = {
            (key, owner): http.get(
                running_sandbox.url + SESSION, headers={"x-api-key": key, "x-user-id": owner}
            ).status_code
            for key in (mine, SANDBOX_API_KEY, mine[:-1], mine.upper(), "another")
            for owner in (user, SANDBOX_USER_ID, "somebody")
        }
        _, errors = running_sandbox.end(signal.SIGTERM)
    assert {asked: status for asked, status in statuses.items() if status != 401} == {
        (mine, user): 200,
        (mine, SANDBOX_USER_ID): 404,
        (mine, "somebody"): 404,
        (SANDBOX_API_KEY, SANDBOX_USER_ID): 200,
        (SANDBOX_API_KEY, "somebody"): 404,
    }
    assert "ASLEEP_API_KEY and ASLEEP_USER_ID of the environment are accepted, too." in running_sandbox.printed
    assert mine not in running_sandbox.printed + errors


def test_each_request_is_a_line_with_the_faults_that_changed_its_answer(http: httpx.Client) -> None:
    with sandbox("--fault", "session.id-echoed", "--fault", "session.api-key-required:any") as running_sandbox:
        http.get(f"{running_sandbox.url}{SESSION}?api_key=secret-of-mine", headers=HEADERS)
        http.get(running_sandbox.url + SESSION)
        http.post(running_sandbox.url + SESSION, headers=HEADERS)
        http.get(running_sandbox.url + TASK)
        http.get(f"{running_sandbox.url}/a%0Ab")
        running_sandbox.end(signal.SIGTERM)
    identifier = SCENARIOS["four-stages"].session_id
    assert running_sandbox.printed.splitlines()[-5:] == [
        f"GET /data/v2/sessions/{identifier} 200  breaks session.id-echoed:other-id",
        f"GET /data/v2/sessions/{identifier} 401",
        f"POST /data/v2/sessions/{identifier} 405",
        f"GET {TASK} 200",
        "GET /a%0Ab 404",
    ]


def test_with_quiet_no_request_is_a_line(http: httpx.Client) -> None:
    with sandbox("asleep", "--quiet") as running_sandbox:
        assert http.get(running_sandbox.url + SESSION, headers=HEADERS).status_code == 200
        running_sandbox.end(signal.SIGTERM)
    assert f"GET {SESSION} 200" not in running_sandbox.printed


@pytest.mark.parametrize(
    ("host", "where"), [("0.0.0.0", "every network of this machine (--host 0.0.0.0)"), ("127.0.0.2", None)]
)
def test_other_machines_are_let_in_with_a_warning(http: httpx.Client, host: str, where: str | None) -> None:
    with sandbox("asleep", "--host", host, address=host.replace("0.0.0.0", "127.0.0.1")) as running_sandbox:
        assert http.get(running_sandbox.url + SESSION, headers=HEADERS).status_code == 200
        running_sandbox.end(signal.SIGTERM)
    assert ("Warning: it listens at" in running_sandbox.printed) == (where is not None)
    assert where is None or where in running_sandbox.printed


def test_what_is_not_an_address_of_ipv4_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "'example.com' is not an IPv4 address: write 127.0.0.1" in refused_here(capsys, "--host", "example.com")


def test_a_fault_changes_the_answers_of_its_own_service(http: httpx.Client) -> None:
    names = ("session.shape:session-key-missing", "session.osa-stage-values", "session.id-echoed")
    with sandbox(*(part for name in names for part in ("--fault", name))) as running_sandbox:
        of_v3 = http.get(running_sandbox.url + SESSION.replace("/v2/", "/v3/"), headers=HEADERS)
        of_v2 = http.get(running_sandbox.url + SESSION, headers=HEADERS)
        running_sandbox.wait_for("breaks session.osa-stage-values:too-high, session.id-echoed:other-id")
    assert (of_v3.status_code, of_v2.status_code) == (200, 200)
    for answer in (of_v2, of_v3):  # which both have a rule of this id, and a fault of their own
        assert answer.json()["result"]["session"]["id"] not in SESSION
    assert "breath_stages" in of_v3.json()["result"]["session"]


def test_a_fault_is_named_and_breaks_its_rule(http: httpx.Client) -> None:
    with sandbox("--fault", "session.id-echoed") as running_sandbox:
        bodies = [
            http.get(f"{running_sandbox.url}/data/v2/sessions/{night.session_id}", headers=HEADERS).json()
            for night in SCENARIOS.values()
        ]
        running_sandbox.end(signal.SIGTERM)
    assert "It breaks session.id-echoed:" in running_sandbox.printed
    assert [body["result"]["session"]["id"] for body in bodies] != [night.session_id for night in SCENARIOS.values()]


def test_callbacks_of_every_night_are_sent_and_counted() -> None:
    with running(receiver_app()) as receiver, sandbox("asleep", "--callback-url", receiver.url) as running_sandbox:
        running_sandbox.wait_for("All callbacks were sent")
        running_sandbox.end(signal.SIGTERM)
    assert "  never-slept: 19 of 19 accepted\n" in running_sandbox.printed
    assert "  closed: 42 of 42 accepted\n" in running_sandbox.printed
    assert "  open-without-real-time: has no callbacks\n" in running_sandbox.printed


def test_callbacks_can_be_sent_again_out_of_order_and_in_bursts() -> None:
    manner = [
        "--callback-redeliver",
        "1",
        "--callback-reorder",
        "7",
        "--callback-burst",
        "4",
        "--callback-timeout",
        "9",
    ]
    with (
        running(receiver_app()) as receiver,
        sandbox("asleep", "--callback-url", receiver.url, "--scenario", "never-slept", *manner) as running_sandbox,
    ):
        running_sandbox.wait_for("All callbacks were sent")
        running_sandbox.end(signal.SIGTERM)
    assert "  never-slept: 38 of 38 accepted\n" in running_sandbox.printed


def test_chosen_nights_are_sent_in_the_chosen_timezone_with_the_chosen_key(http: httpx.Client) -> None:
    received: list[tuple[dict[str, str], bytes]] = []

    async def receive(request: Request) -> Response:
        received.append((dict(request.headers), await request.body()))
        return Response(status_code=204)

    options = ("--scenario", "invalid", "--callback-timezone", "Asia/Seoul", "--callback-speed", "100000")
    app = Starlette(routes=[Route("/callback", receive, methods=["POST"])])
    with (
        running(app) as receiver,
        sandbox("--callback-url", f"{receiver.url}/callback", *options, "--api-key", "key-of-mine") as running_sandbox,
    ):
        running_sandbox.wait_for("All callbacks were sent")
        assert http.get(running_sandbox.url + TASK).status_code == 200
        running_sandbox.end(signal.SIGTERM)
    assert len(received) == 4
    assert {headers["x-api-key"] for headers, _ in received} == {"key-of-mine"}
    assert b'"session_start_time":"2024-03-19T07:00:00+09:00"' in received[-1][1]


@pytest.mark.parametrize(
    ("options", "version"),
    [
        ((), "V1"),
        (("asleep-v3",), "V3"),
        (("--callback-version", "V2"), "V2"),
        (("asleep", "--callback-version", "v3"), "V3"),
    ],
    ids=" ".join,
)
def test_callbacks_are_sent_in_the_version_that_is_asked_for(options: tuple[str, ...], version: str) -> None:
    received: list[Callback] = []
    with (
        running(asgi(received.append, api_key=SANDBOX_API_KEY)) as receiver,
        sandbox(*options, "--callback-url", receiver.url, "--scenario", "never-slept") as running_sandbox,
    ):
        running_sandbox.wait_for("  never-slept: 19 of 19 accepted\n")
    assert {callback.version for callback in received} == {version}


def test_a_fault_is_one_of_the_version_that_is_sent() -> None:
    options = ("--callback-version", "V3", "--scenario", "never-slept", "--fault", "callback.version-values:other")
    with running(receiver_app()) as receiver, sandbox("--callback-url", receiver.url, *options) as running_sandbox:
        running_sandbox.wait_for("  never-slept: 18 of 19 accepted\n")


def test_callbacks_that_are_not_accepted_are_reported() -> None:
    with (
        running(receiver_app(api_key="another-key")) as receiver,
        sandbox("asleep", "--callback-url", receiver.url, "--scenario", "invalid") as running_sandbox,
    ):
        running_sandbox.wait_for("All callbacks were sent")
        running_sandbox.end(signal.SIGTERM)
    assert "  invalid 4 SESSION_COMPLETE: not accepted, status 401 after 3 attempts\n" in running_sandbox.printed
    assert "  invalid: 0 of 4 accepted\n" in running_sandbox.printed
    assert "let the receiver expect it, or pass --api-key.\n" in running_sandbox.printed


def test_no_key_of_the_environment_is_sent_with_callbacks() -> None:
    keys = {"ASLEEP_API_KEY": "key-of-mine", "SLEEPTALK_CALLBACK_KEY": "other-key-of-mine"}
    with (
        running(receiver_app()) as receiver,
        sandbox("asleep", "--callback-url", receiver.url, "--scenario", "invalid", **keys) as running_sandbox,
    ):
        running_sandbox.wait_for("All callbacks were sent")
        running_sandbox.end(signal.SIGTERM)
    assert "  invalid: 4 of 4 accepted\n" in running_sandbox.printed


def test_a_port_that_is_taken_is_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        sentence = refused("--port", port)
    assert (
        sentence == f"sleeptalk: Port {port} cannot be used (Address already in use): choose another one with --port.\n"
    )


def test_a_receiver_that_is_not_there_is_a_sentence() -> None:
    with running(receiver_app()) as receiver:
        pass
    sentence = refused("--port", "0", "--callback-url", receiver.url)
    assert sentence == f"sleeptalk: No receiver answers at {receiver.url}: start it first, or correct --callback-url.\n"


def refused_here(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Refuse options before anything is started: no process is needed for that."""
    assert run(["sandbox", *arguments]) == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    "url",
    ["nonsense", "ftp://127.0.0.1/", "http://", "http://127.0.0.1:x/", "127.0.0.1:80/x", "http://a..b/", "http://[::1"],
)
def test_what_is_not_a_callback_url_is_refused_in_one_sentence(capsys: pytest.CaptureFixture[str], url: str) -> None:
    sentence = refused_here(capsys, "--callback-url", url)
    wrong = "is not an address" if "://" in url else "has no scheme: write --callback-url http://"
    assert sentence.startswith(f"sleeptalk: --callback-url {url!r} {wrong}")
    assert sentence.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("phonexia", "--fault", "session.shape"), "serves phonexia alone"),
        (("asleep", "--fault", "analysis.shape"), "serves asleep alone"),
        (("--fault", "analysis.shape", "--fault", "callback.shape"), "sends no callbacks: add --callback-url"),
    ],
)
def test_a_fault_that_would_not_show_is_a_sentence(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], why: str
) -> None:
    sentence = refused_here(capsys, *arguments)
    assert sentence == f"sleeptalk: --fault {arguments[-1]} would break nothing, for the sandbox {why}.\n"


def test_a_scenario_or_a_version_without_callbacks_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert refused_here(capsys, "--callback-version", "V3").endswith("but none are: add --callback-url.\n")
    sentence = refused_here(capsys, "--callback-url", "http://127.0.0.1:9/", "--scenario", "too-short")
    assert sentence.endswith("--scenario too-short has no callbacks of this version: see --callback-version.\n")
    assert refused_here(capsys, "--scenario", "invalid").endswith("but none are: add --callback-url.\n")


def test_a_password_of_the_receiver_is_not_printed() -> None:
    with running(receiver_app()) as receiver:
        url = receiver.url.replace("//", "//me:very-secret@")
        with sandbox("--callback-url", url, "--scenario", "invalid") as running_sandbox:
            running_sandbox.wait_for("All callbacks were sent")
            running_sandbox.end(signal.SIGTERM)
    assert "very-secret" not in running_sandbox.printed


def test_a_timezone_that_iana_does_not_name_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    sentence = refused_here(capsys, "--callback-url", "http://127.0.0.1:9/", "--callback-timezone", "Mars")
    assert sentence == "sleeptalk: --callback-timezone 'Mars' is not an IANA timezone: write it as Asia/Seoul.\n"


def test_a_rule_that_has_no_fault_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    sentence = refused_here(capsys, "--fault", "receiver.accepts-valid")
    assert sentence.startswith("sleeptalk: The sandbox has no fault 'receiver.accepts-valid': ")


def test_an_unknown_scenario_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert "'no-such-night' is not one of" in refused_here(capsys, "--scenario", "no-such-night")
