"""`sleeptalk sandbox`: the services on a port of this machine, and the deliveries of their senders on request."""

from __future__ import annotations

import re
import signal
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from sleeptalk_contract.commands.completing import completing, faults_and_summaries
from sleeptalk_contract.commands.help import Command
from sleeptalk_contract.commands.options import Seconds, credential_options, given_credentials, targets_of
from sleeptalk_contract.contract.address import checked_address
from sleeptalk_contract.contract.output import say
from sleeptalk_contract.contract.redaction import redacted
from sleeptalk_contract.contract.usage import UsageError, did_you_mean, listed
from sleeptalk_contract.sandbox.sender import TIMEOUT_SECONDS, Manner, Receipt, send
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.sandbox.web import application

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sleeptalk_contract.contract.exchange import Role
    from sleeptalk_contract.contract.service import Delivery, Fault, Scenario, Service, Target

DEFAULT_PORT: Final = 8787


@dataclass(frozen=True, slots=True)
class Callbacks:
    """What to send where: deliveries by label, how many times faster than they are due (None: no pauses), and how."""

    url: str
    deliveries: Mapping[str, Sequence[Delivery]]
    speed: float | None
    timeout: float
    manner: Manner


def sandbox(services: Sequence[Service]) -> click.Command:
    """Return the command for the sandbox of some services."""
    providers, senders = _targets_with("provider", services), _targets_with("sender", services)

    @click.command(cls=Command)
    @click.argument("target", type=click.Choice([service.name for service in services]), required=False)
    @click.option(
        "--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True, help="0 takes a free one."
    )
    @click.option("--callback-url", metavar="URL", help="The address to send callbacks to; by default, none are sent.")
    @click.option(
        "--callback-speed",
        type=click.FloatRange(min=0, min_open=True),
        metavar="TIMES",
        help="How many times faster than in reality callbacks are sent; by default, without pauses.",
    )
    @click.option(
        "--callback-timezone",
        default="UTC",
        show_default=True,
        metavar="NAME",
        help="IANA name of the timezone of the callbacks' times.",
    )
    @click.option(
        "--callback-redeliver",
        type=click.IntRange(0, 100),
        default=0,
        metavar="TIMES",
        help="Send each callback this many more times, although it was accepted.",
    )
    @click.option(
        "--callback-reorder",
        type=int,
        metavar="SEED",
        help="Send the callbacks of a scenario in a random order, the same for the same SEED.",
    )
    @click.option(
        "--callback-timeout",
        type=Seconds(),
        default=TIMEOUT_SECONDS,
        show_default=True,
        metavar="SECONDS",
        help="Wait this long for an answer, then send the callback again: an impatient sender waits for a fraction.",
    )
    @click.option(
        "--callback-burst",
        type=click.IntRange(1, 100),
        default=1,
        metavar="N",
        help="Send N callbacks at the same time.",
    )
    @click.option(
        "--scenario",
        "scenarios",
        multiple=True,
        type=click.Choice(list(dict.fromkeys(scenario.name for sender in senders for scenario in sender.scenarios))),
        metavar="NAME",
        help="A scenario to send the callbacks of; can be repeated; by default, all that have callbacks.",
    )
    @credential_options(providers, key_help="The key to expect")
    @click.option(
        "--fault",
        "fault_names",
        multiple=True,
        metavar="RULE[:NAME]",
        shell_complete=completing(faults_and_summaries),
        help="Break this rule of the contract, in its first way or in the one named; can be repeated.",
    )
    def sandbox(
        *,
        target: str | None,
        port: int,
        callback_url: str | None,
        callback_speed: float | None,
        callback_timezone: str,
        callback_redeliver: int,
        callback_reorder: int | None,
        callback_timeout: float,
        callback_burst: int,
        scenarios: tuple[str, ...],
        fault_names: tuple[str, ...],
        **given: Any,
    ) -> None:
        """Serve every service on this machine, or only TARGET, until it is interrupted.

        Every id, with the state that it shows, is printed at the start and is always the same.

        Exit codes: 2 it could not be served or no receiver answers, 130 interrupted.

        Example: sleeptalk sandbox --port 8787 --callback-url http://127.0.0.1:8766/
        """
        credentials: dict[str, str] = {}
        for provider in providers:
            credentials |= given_credentials(provider, given)
        served = [service for service in services if target in {None, service.name}]
        faults = [_fault_named(name, served, services) for name in fault_names]
        for fault in faults:
            _see_that_it_shows(fault, services, served, callback_url)
        callbacks = None
        if callback_url is None and scenarios:
            raise UsageError("--scenario chooses whose callbacks are sent, but none are: add --callback-url.")
        if callback_url is not None:
            checked_address(callback_url, "--callback-url")
            chosen = _targets_with("sender", served) or senders
            made = deliveries_of(chosen, scenarios, credentials, faults, callback_timezone)
            manner = Manner(callback_redeliver, callback_reorder, callback_burst)
            callbacks = Callbacks(callback_url, made, callback_speed, callback_timeout, manner)
        _serve(served, port, credentials, faults, callbacks)

    return sandbox


def _targets_with(role: Role, services: Sequence[Service]) -> list[Target]:
    return [target for target in targets_of(services) if target.has(role)]


def _fault_named(name: str, served: Sequence[Service], services: Sequence[Service]) -> Fault:
    """Return the first fault of a provider's or sender's rule, or the one of a full name.

    It is looked for in the services that are served, then in the others, so that the error can say which has it.
    """
    groups = list(
        dict.fromkeys(
            group.name
            for target in targets_of(services)
            for group in target.groups
            if target.role_of(group.name) != "receiver"
        )
    )
    for service in (*served, *services):
        for fault in service.faults_named(name):
            if fault.rule.partition(".")[0] in groups:
                return fault
    faults = [fault for service in services for fault in service.faults if fault.rule.partition(".")[0] in groups]
    names = [name for fault in faults for name in (fault.rule, fault.full_name)]
    advice = did_you_mean(name, names, f"name a {listed(groups)} rule of the catalogue.")
    raise UsageError(f"The sandbox has no fault {name!r}: {advice}")


def _see_that_it_shows(
    fault: Fault, services: Sequence[Service], served: Sequence[Service], callback_url: str | None
) -> None:
    """Raise UsageError for a fault of something that is neither served nor sent."""
    service = next(service for service in (*served, *services) if fault in service.faults)
    if service.role_of(fault.rule) == "sender":
        why = "" if callback_url is not None else "sends no callbacks: add --callback-url"
    else:
        why = "" if service in served else f"serves {' and '.join(each.name for each in served)} alone"
    if why:
        raise UsageError(f"--fault {fault.rule} would break nothing, for the sandbox {why}.")


def deliveries_of(
    senders: Sequence[Target],
    scenarios: Sequence[str],
    credentials: Mapping[str, str],
    faults: Sequence[Fault],
    timezone: str,
) -> dict[str, Sequence[Delivery]]:
    """Return what the senders send, of some scenarios or of all, by a label: the scenario's name.

    Of several senders the label has the target's name, too. Raises UsageError for a timezone that is not known.
    """
    labelled: dict[str, Sequence[Delivery]] = {}
    for sender in senders:
        try:
            made = {} if sender.deliveries is None else sender.deliveries(credentials, faults, timezone)
        except ValueError as error:
            raise UsageError(
                f"--callback-timezone {timezone!r} is not an IANA timezone: write it as Asia/Seoul."
            ) from error
        prefix = "" if len(senders) == 1 else f"{sender.name} "
        labelled |= {f"{prefix}{name}": made[name] for name in scenarios or made if name in made}
    return labelled


def _serve(
    served: Sequence[Service],
    port: int,
    credentials: Mapping[str, str],
    faults: Sequence[Fault],
    callbacks: Callbacks | None,
) -> None:
    """Serve until a signal comes, after printing what is served and sending the callbacks."""
    implementations = [
        (provider, provider.implementation(credentials))
        for provider in _targets_with("provider", served)
        if provider.implementation is not None
    ]
    with ExitStack() as stack:
        stack.enter_context(_interrupted_by_signals())
        try:
            app = application([implementation for _, implementation in implementations], faults)
            server = stack.enter_context(running(app, port))
        except OSError as error:
            raise UsageError(
                f"Port {port} cannot be used ({error.strerror or error}): choose another one with --port."
            ) from error
        names = " and ".join(service.name for service in served)
        lines = [f"The sandbox serves {names} at {server.url}; Ctrl-C ends it."]
        lines += [f"It breaks {fault.full_name}: {fault.summary}" for fault in faults]
        for provider, implementation in implementations:
            lines += _introduction(provider, server.url, implementation.credentials, credentials)
        say("\n".join(lines))  # at once: who reads the address may end it before a second write
        if callbacks is not None:
            _send(callbacks)
        threading.Event().wait()


@contextmanager
def _interrupted_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGINT end the block; SIGINT also in the background of a shell, which sets it to be ignored."""
    previous = {number: signal.signal(number, signal.default_int_handler) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _introduction(provider: Target, url: str, expected: Mapping[str, str], given: Mapping[str, str]) -> Iterator[str]:
    """Yield lines: how to ask a provider, and which ids it knows."""
    for operation in provider.operations:
        shown = [scenario for scenario in provider.scenarios if scenario.operation == operation.id]
        template = re.sub(r"\{(\w+)\}", lambda found: found[1].upper(), operation.path)
        yield f"\n{operation.method} {url}{template}"
        yield from _list(shown)
        if shown and provider.credentials and operation.method == "GET":
            address = f"{url}{operation.path_of(shown[0].path_parameters)}"
            yield f'\n  curl "{address}" {_headers(provider, expected, given)}'


def _list(scenarios: Sequence[Scenario]) -> Iterator[str]:
    name_width = max((len(scenario.name) for scenario in scenarios), default=0)
    for scenario in scenarios:
        ids = " ".join(scenario.path_parameters.values())
        yield f"  {ids}  {scenario.name:{name_width}}  {scenario.summary}"


def _headers(provider: Target, expected: Mapping[str, str], given: Mapping[str, str]) -> str:
    """Write the credentials as options of curl; a key of the user's own is never printed."""
    values = {
        each.header: f"${each.variable}" if each.secret and each.header in given else expected[each.header]
        for each in provider.credentials
    }
    return " ".join(f'-H "{header}: {value}"' for header, value in values.items())


def _send(callbacks: Callbacks) -> None:
    """Send the deliveries of each scenario; print a line for each scenario and for each that was not accepted."""
    say(f"\nCallbacks to {redacted(callbacks.url)}")
    answered = False
    for name, planned in callbacks.deliveries.items():
        if not planned:
            say(f"  {name}: has no callbacks")
            continue
        receipts: list[Receipt] = []
        for receipt in send(
            planned, callbacks.url, speed=callbacks.speed, timeout=callbacks.timeout, manner=callbacks.manner
        ):
            answered = answered or receipt.status is not None
            if not answered:
                raise UsageError(_unreachable(callbacks, receipt))
            receipts.append(receipt)
            if not receipt.accepted:
                say(f"  {name} {len(receipts)} {receipt.delivery.event}: {_refusal(receipt)}")
        accepted = sum(receipt.accepted for receipt in receipts)
        say(f"  {name}: {accepted} of {len(receipts)} accepted")
    say("All callbacks were sent; the sandbox goes on serving.")


def _unreachable(callbacks: Callbacks, receipt: Receipt) -> str:
    if receipt.failure == "timeout":
        return f"The receiver at {callbacks.url} did not answer within {callbacks.timeout:g} s: check --callback-url."
    return f"No receiver answers at {callbacks.url}: start it first, or correct --callback-url."


def _refusal(receipt: Receipt) -> str:
    answer = receipt.failure if receipt.status is None else f"status {receipt.status}"
    return f"not accepted, {answer} after {receipt.attempts} attempts"
