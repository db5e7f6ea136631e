"""Servers to fuzz, and the command as a process."""

import dataclasses
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sleeptalk_contract.commands import program as cli
from sleeptalk_contract.fuzzing.control import Control
from sleeptalk_contract.fuzzing.plan import Plan, Shard
from sleeptalk_contract.fuzzing.run import Run
from sleeptalk_contract.reporting.model import Report
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID
from tests.sandbox_ids import EXPIRED_TASK_ID, RATE_LIMITED_TASK_ID, known_ids
from tests.targets import target_named

SLEEPTALK = (sys.executable, "-m", "sleeptalk_contract")
SECRET = "s3cret-Key-9f1c77aa"  # opens nothing
SLEPT = "20220821093117_hz82a"
CREDENTIALS = ("--api-key", SANDBOX_API_KEY, "--user-id", SANDBOX_USER_ID)


class Quiet:
    """Progress that nobody watches."""

    def phase(self, name: str) -> None:
        """Hear of a phase."""

    def exchanged(self, requests: int, broken: int) -> None:
        """Hear of an exchange."""

    def paused(self, seconds: float) -> None:
        """Hear of a pause."""


class Recording:
    """An application that remembers what it was asked, in order, and hands it on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.requests: list[tuple[str, str, tuple[tuple[str, str], ...], bytes]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        messages: list[Message] = []
        while True:
            message = await receive()
            messages.append(message)
            body += message.get("body", b"")
            if not message.get("more_body", False):
                break
        headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"] if name != b"host"
        )
        self.requests.append(
            (scope["method"], scope["raw_path"].decode() + scope["query_string"].decode(), headers, body)
        )
        waiting = iter(messages)

        async def again() -> Message:
            return next(waiting, {"type": "http.disconnect"})

        await self.app(scope, again, send)


def credentials_of(target: str) -> dict[str, str]:
    """What the sandbox's side of a target expects."""
    return {} if target == "phonexia" else {"x-api-key": SANDBOX_API_KEY, "x-user-id": SANDBOX_USER_ID}


def plan_for(
    target: str, url: str, seed: int = 1, max_examples: int = 20, shard: Shard | None = None, *, workers: int = 1
) -> Plan:
    asleep, phonexia = target == "asleep", target == "phonexia"
    return Plan(
        target=target_named(target),
        url=url,
        credentials=credentials_of(target),
        known_ids=known_ids("asleep") if asleep else known_ids("phonexia") if phonexia else (),
        tried_ids=(RATE_LIMITED_TASK_ID, EXPIRED_TASK_ID) if phonexia else (),
        seed=seed,
        max_examples=max_examples,
        request_timeout=5,
        shard=shard or Shard(),
        workers=workers,
    )


def small(target: str, url: str, **changes: object) -> Plan:
    """Return the plan of a run of few requests, with one known id."""
    plan = plan_for(target, url, max_examples=3)
    return dataclasses.replace(plan, **{"known_ids": plan.known_ids[:1], **changes})


def made(plan: Plan, max_time: float | None = None) -> Report:
    """Make a run as the command does, and return its report."""
    with Run(plan, Control(max_time), Quiet()) as run:
        run.preflight()
        run.execute()
        return run.report()


def run_against(plan: Plan) -> Report:
    run = Run(plan, Control(), Quiet())
    run.execute()
    return run.report()


def requests_of(target: str, app: ASGIApp, **options: object) -> list[tuple[object, ...]]:
    """Fuzz an application and return what it was asked."""
    recording = Recording(app)
    with running(recording) as server:
        run_against(plan_for(target, server.url, **options))  # type: ignore[arg-type]
    return list(recording.requests)


def sleeptalk(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own."""
    return subprocess.run(
        [*SLEEPTALK, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment,
    )


def exits_2(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run the command in this process, see exit code 2 and return the sentence."""
    assert cli.run(arguments) == 2
    printed = capsys.readouterr().err
    assert printed.count("\n") == 1, printed
    assert printed.startswith("sleeptalk: ")
    return printed


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    with running(app) as server:
        yield server.url


def broken(report: Report) -> set[str]:
    return {result.rule.id for result in report.of("failed")}


def known(option: str, ids: Sequence[str]) -> list[str]:
    return [part for identifier in ids for part in (option, identifier)]


def texts_in(folder: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*")) if path.is_file())
