"""`sleeptalk sandbox`: both services on a port of this machine, and the callbacks of its nights on request."""

import signal
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Literal

import click
import httpx

from sleeptalk_contract.commands.options import given_credentials
from sleeptalk_contract.contract.address import checked_address
from sleeptalk_contract.contract.redaction import redacted
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.sandbox.sender import TIMEOUT_SECONDS, Outcome, send
from sleeptalk_contract.sandbox.server import RunningServer, running
from sleeptalk_contract.sandbox.web import ServedImplementation, application
from sleeptalk_contract.services.asleep.sandbox.application import AsleepProvider
from sleeptalk_contract.services.asleep.sandbox.credentials import SANDBOX_API_KEY, SANDBOX_USER_ID
from sleeptalk_contract.services.asleep.sandbox.deliveries import deliveries
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS, Night, scenarios_of
from sleeptalk_contract.services.asleep.sandbox.timezones import DEFAULT_TIMEZONE, timezone_named
from sleeptalk_contract.services.faults import Fault, faults_of
from sleeptalk_contract.services.phonexia.sandbox.application import PhonexiaProvider
from sleeptalk_contract.services.phonexia.sandbox.calls import CALLS
from sleeptalk_contract.services.registered import target_named

DEFAULT_PORT = 8787
SESSION_PATH = "/data/v2/sessions/"
TASK_PATH = "/api/technology/time-analysis/"


@dataclass(frozen=True, slots=True)
class Callbacks:
    """What to send where: nights, the receiver's address, the timezone of their times, the speed (None: no pauses)."""

    url: str
    nights: Sequence[Night]
    timezone: str
    speed: float | None


@click.command()
@click.argument("target", type=click.Choice(["asleep", "phonexia"]), required=False)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True, help="0 takes a free one."
)
@click.option("--callback-url", metavar="URL", help="Where to send the callbacks of the nights; sends none without it.")
@click.option(
    "--callback-speed",
    type=click.FloatRange(min=0, min_open=True),
    metavar="TIMES",
    help="How many times faster than the nights themselves callbacks are sent. Without it: without pauses.",
)
@click.option(
    "--callback-timezone",
    default=DEFAULT_TIMEZONE,
    show_default=True,
    metavar="NAME",
    help="IANA name of the timezone of the callbacks' times.",
)
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    type=click.Choice(list(SCENARIOS)),
    metavar="NAME",
    help="A night to send callbacks for; may be repeated. Without it: every night that has callbacks.",
)
@click.option("--api-key", envvar="ASLEEP_API_KEY", help="The key to expect and to send, or ASLEEP_API_KEY.")
@click.option("--user-id", envvar="ASLEEP_USER_ID", help="The user whom all nights belong to, or ASLEEP_USER_ID.")
@click.option(
    "--fault",
    "fault_names",
    multiple=True,
    metavar="RULE[:NAME]",
    help="Break this rule of the contract, in its first way or in the one named; may be repeated.",
)
def sandbox(
    *,
    target: Literal["asleep", "phonexia"] | None,
    port: int,
    callback_url: str | None,
    callback_speed: float | None,
    callback_timezone: str,
    scenarios: tuple[str, ...],
    api_key: str | None,
    user_id: str | None,
    fault_names: tuple[str, ...],
) -> None:
    """Serve Asleep and Phonexia on this machine, or only TARGET, until it is interrupted.

    Every id, with the state that it shows, is printed at the start and is always the same.
    """
    credentials = given_credentials(target_named("asleep"), {"api_key": api_key, "user_id": user_id})
    api_key = credentials.get("x-api-key")
    nights = scenarios_of(credentials.get("x-user-id") or SANDBOX_USER_ID)
    faults = [_fault_named(name) for name in fault_names]
    services: list[ServedImplementation] = []
    if target != "phonexia":
        services.append(
            AsleepProvider({"x-api-key": api_key or SANDBOX_API_KEY, "x-user-id": next(iter(nights.values())).user_id})
        )
    if target != "asleep":
        services.append(PhonexiaProvider())
    _see_that_each_shows(faults, target, callback_url)
    callbacks = None
    if callback_url is None and scenarios:
        raise UsageError("--scenario chooses the nights whose callbacks are sent, and none are: add --callback-url.")
    if callback_url is not None:
        checked_address(callback_url, "--callback-url")
        if timezone_named(callback_timezone) is None:
            raise UsageError(
                f"--callback-timezone {callback_timezone!r} is not an IANA timezone: write it as Asia/Seoul."
            )
        sent_nights = [nights[name] for name in scenarios or nights]
        callbacks = Callbacks(callback_url, sent_nights, callback_timezone, callback_speed)

    with ExitStack() as stack:
        stack.enter_context(_interrupted_by_signals())
        try:
            server = stack.enter_context(running(application(services, faults), port))
        except OSError as error:
            raise UsageError(
                f"Port {port} cannot be used ({error.strerror or error}): choose another one with --port."
            ) from error
        _introduce(server, target, nights, api_key, faults)
        if callbacks is not None:
            _send(callbacks, api_key or SANDBOX_API_KEY, faults)
        threading.Event().wait()


def _fault_named(name: str) -> Fault:
    """Return the first fault of a rule, or the one that a full name means."""
    found = [fault for fault in faults_of(name) if not fault.rule.startswith("receiver.")]
    if not found:
        raise UsageError(
            f"The sandbox has no fault {name!r}: name a session, callback or analysis rule of the catalogue."
        )
    return found[0]


def _see_that_each_shows(faults: Sequence[Fault], target: str | None, callback_url: str | None) -> None:
    """Raise UsageError for a fault of something that is neither served nor sent."""
    shown = {"session": target != "phonexia", "analysis": target != "asleep", "callback": callback_url is not None}
    for fault in faults:
        group = fault.rule.partition(".")[0]
        if not shown[group]:
            what = "sends no callbacks: add --callback-url" if group == "callback" else f"serves {target} alone"
            raise UsageError(f"--fault {fault.rule} would break nothing, for the sandbox {what}.")


@contextmanager
def _interrupted_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGINT end the block; SIGINT also in the background of a shell, which sets it to be ignored."""
    previous = {number: signal.signal(number, signal.default_int_handler) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _introduce(
    server: RunningServer,
    target: str | None,
    nights: Mapping[str, Night],
    api_key: str | None,
    faults: Sequence[Fault],
) -> None:
    """Print where the sandbox is, how to ask it, and which ids it knows."""
    user_id = next(iter(nights.values())).user_id
    click.echo(f"The sandbox serves {target or 'asleep and phonexia'} at {server.url}; Ctrl-C ends it.")
    for fault in faults:
        click.echo(f"It breaks {fault.full_name}: {fault.summary}")
    if target != "phonexia":
        _table(
            f"GET {server.url}{SESSION_PATH}SESSION_ID", ((n.name, n.session_id, n.summary) for n in nights.values())
        )
        key = SANDBOX_API_KEY if api_key is None else "$ASLEEP_API_KEY"  # a key of the user's own is never printed
        address = f"{server.url}{SESSION_PATH}{next(iter(nights.values())).session_id}"
        click.echo(f'\n  curl "{address}" -H "x-api-key: {key}" -H "x-user-id: {user_id}"')
    if target != "asleep":
        _table(f"GET {server.url}{TASK_PATH}TASK_ID", ((c.name, c.task_id, c.summary) for c in CALLS.values()))


def _table(title: str, rows: Iterable[tuple[str, str, str]]) -> None:
    listed = list(rows)
    name_width = max(len(name) for name, _, _ in listed)
    click.echo(f"\n{title}")
    for name, identifier, says in listed:
        click.echo(f"  {identifier}  {name:{name_width}}  {says}")


def _send(callbacks: Callbacks, api_key: str, faults: Sequence[Fault]) -> None:
    """Send the callbacks of each night, and print a line a night and a line for each that was not accepted."""
    click.echo(f"\nCallbacks to {redacted(callbacks.url)}")
    answered = False
    with httpx.Client(timeout=TIMEOUT_SECONDS) as client:
        for night in callbacks.nights:
            planned = deliveries(night, api_key=api_key, timezone=callbacks.timezone, faults=faults)
            if not planned:
                click.echo(f"  {night.name}: has no callbacks")
                continue
            outcomes: list[Outcome] = []
            for outcome in send(planned, callbacks.url, client, speed=callbacks.speed):
                answered = answered or outcome.status is not None
                if not answered:
                    raise UsageError(_unreachable(callbacks.url, outcome))
                outcomes.append(outcome)
                if not outcome.accepted:
                    click.echo(f"  {night.name} {len(outcomes)} {outcome.delivery.event}: {_refusal(outcome)}")
            accepted = sum(outcome.accepted for outcome in outcomes)
            click.echo(f"  {night.name}: {accepted} of {len(outcomes)} accepted")
    click.echo("All callbacks were sent; the sandbox goes on serving.")


def _unreachable(url: str, outcome: Outcome) -> str:
    if outcome.failure == "timeout":
        return f"The receiver at {url} did not answer within {TIMEOUT_SECONDS:g} s: check --callback-url."
    return f"No receiver answers at {url}: start it first, or correct --callback-url."


def _refusal(outcome: Outcome) -> str:
    answer = outcome.failure if outcome.status is None else f"status {outcome.status}"
    return f"not accepted, {answer} after {outcome.attempts} attempts"
