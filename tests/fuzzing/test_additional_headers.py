"""Headers of -H are sent with every request, and shown nowhere."""

from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sleeptalk_contract.commands import program as cli
from sleeptalk_contract.contract import redaction
from sleeptalk_contract.services.asleep.sandbox.application import asleep_app
from sleeptalk_contract.services.asleep.sandbox.receiver import receiver_app
from sleeptalk_contract.services.phonexia.sandbox.application import phonexia_app
from tests.fuzzing.helpers import CREDENTIALS, SECRET, Recording, exits_2, serving, texts_in
from tests.fuzzing.reaching import ASLEEP, CALLBACK, NOT_FOUND, PHONEXIA

pytestmark = pytest.mark.usefixtures("forgetting")


def guarded(app: ASGIApp, name: str, value: str) -> ASGIApp:
    """Return an application behind a gateway that wants a header, and whose refusal tells which value it was sent."""

    async def gateway(scope: Scope, receive: Receive, send: Send) -> None:
        given = dict(scope["headers"]).get(name.encode(), b"").decode("latin-1")
        if given != value:
            await Response(f"the gateway does not take {given!r}", 418)(scope, receive, send)
            return
        await app(scope, receive, send)

    return gateway


@pytest.mark.parametrize(
    ("arguments", "app"), [(ASLEEP, asleep_app), (PHONEXIA, phonexia_app), (CALLBACK, receiver_app)]
)
def test_a_header_is_sent_with_every_request(arguments: tuple[str, ...], app: Callable[[], ASGIApp]) -> None:
    recording = Recording(app())
    with serving(guarded(recording, "x-gateway", SECRET)) as url:
        assert cli.run([*arguments, "--url", url, "-H", f"X-Gateway: {SECRET}"]) == 0
    assert recording.requests


def test_headers_may_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLEEPTALK_HEADERS", f"X-Gateway: {SECRET}\nX-Other: 1\n")
    with serving(guarded(guarded(asleep_app(), "x-gateway", SECRET), "x-other", "1")) as url:
        assert cli.run([*ASLEEP, "--url", url]) == 0


def test_an_agent_and_a_host_replace_those_that_are_sent_otherwise() -> None:
    recording = Recording(asleep_app())
    agents: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        agents.append(dict(scope["headers"])[b"host"].decode())
        await recording(scope, receive, send)

    with serving(app) as url:
        assert cli.run([*ASLEEP, "--url", url, "-H", "User-Agent: probe/1", "-H", "Host: staging.example"]) == 0
    assert set(agents) == {"staging.example"}
    assert {dict(headers)["user-agent"] for _, _, headers, _ in recording.requests} == {"probe/1"}


def test_the_value_of_a_header_appears_nowhere_and_replay_asks_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(guarded(asleep_app(faults=NOT_FOUND), "x-gateway", SECRET)) as url:
        header = ("-H", f"X-Gateway: {SECRET}")
        assert cli.run([*ASLEEP, "--url", url, "--report-dir", str(tmp_path), *header]) == 1
        case = next((tmp_path / "cases").glob("*.json"))
        missing = exits_2(capsys, "replay", str(case), *CREDENTIALS[:2])
        assert "the header x-gateway of -H: pass it again" in missing
        assert cli.run(["replay", str(case), *CREDENTIALS[:2], *header]) == 1
        assert (
            cli.run([*ASLEEP, "--url", url, "--report-dir", str(tmp_path / "wrong"), "-H", f"X-Gateway: {SECRET}?"])
            != 0
        )
    printed = capsys.readouterr()
    everything = printed.out + printed.err + texts_in(tmp_path)
    assert '-H "x-gateway: $X_GATEWAY"' in everything
    assert SECRET not in everything


@pytest.mark.parametrize(
    ("header", "secrets"),
    [
        ("Authorization: Bearer t0ken-t0ken", ["t0ken-t0ken"]),
        ("Authorization: Basic bWU6cGE1NXdvcmQ=", ["pa55word", "bWU6cGE1NXdvcmQ="]),
        ("Cookie: a=s3cr3t-one; b=s3cr3t-two", ["s3cr3t-one", "s3cr3t-two"]),
    ],
)
def test_the_parts_of_a_header_are_secrets_as_well(header: str, secrets: list[str]) -> None:
    with serving(asleep_app()) as url:
        assert cli.run([*ASLEEP, "--url", url, "-H", header]) == 0
    assert not any(secret in redaction.redacted(" ".join(secrets)) for secret in secrets)


def test_a_common_word_is_not_left_out_of_reports() -> None:
    with serving(asleep_app()) as url:
        assert cli.run([*ASLEEP, "--url", url, "-H", "X-Env: staging"]) == 0
    assert redaction.redacted("https://staging.example.com") == "https://staging.example.com"


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        (f"Bearer {SECRET}", "-H is not a header: write it as 'Name: value'."),
        ("X-Empty:", "-H is not a header"),
        (f"X Y: {SECRET}", "-H is not a header"),
        (f"X-Line: {SECRET}\n1", "The value of -H X-Line cannot be sent in a header"),
        (
            f"X-API-KEY: {SECRET}",
            "-H X-API-KEY is a credential of asleep, which runs also send spoiled: give it with --api-key",
        ),
        ("x-user-id: me", "give it with --user-id"),
        ("Timezone: UTC", "-H Timezone is a header that runs choose by themselves"),
        ("Accept: text/html", "-H Accept is a header that runs choose by themselves"),
        ("Content-Length: 7", "-H Content-Length is a header that runs choose by themselves"),
    ],
)
def test_a_header_that_cannot_be_added_is_told_without_its_value(
    header: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = exits_2(capsys, *ASLEEP, "--url", "http://127.0.0.1:9", "-H", header)
    assert sentence in printed
    assert SECRET not in printed


def test_a_header_and_the_name_in_an_address_do_not_go_together(capsys: pytest.CaptureFixture[str]) -> None:
    printed = exits_2(capsys, *ASLEEP, "--url", "http://me:pa55word@127.0.0.1:9", "-H", "Authorization: Bearer x1x2x3")
    assert "are sent in the same header" in printed
