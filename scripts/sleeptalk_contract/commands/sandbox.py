"""`sleeptalk sandbox`: the services on a port of this machine, and the deliveries of their senders on request."""

from __future__ import annotations

import ipaddress
import re
import signal
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import click

from sleeptalk_contract.commands.completing import completing, faults_and_summaries
from sleeptalk_contract.commands.help import Command
from sleeptalk_contract.commands.options import Seconds, credential_options, given_credentials, targets_of
from sleeptalk_contract.commands.sending import Callbacks, deliveries_of, send_all
from sleeptalk_contract.contract.address import checked_address
from sleeptalk_contract.contract.output import say
from sleeptalk_contract.contract.usage import UsageError, did_you_mean, listed
from sleeptalk_contract.contract.waiting import wait_for
from sleeptalk_contract.sandbox.log import RequestLog
from sleeptalk_contract.sandbox.sender import TIMEOUT_SECONDS, Manner
from sleeptalk_contract.sandbox.server import LOOPBACK, running
from sleeptalk_contract.sandbox.web import Accounts, application, faults_of_service, let_pages_read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sleeptalk_contract.contract.exchange import Role
    from sleeptalk_contract.contract.operation import Operation
    from sleeptalk_contract.contract.service import Credential, Fault, Scenario, Service, Target

DEFAULT_PORT: Final = 8787
_EVERYWHERE: Final = "0.0.0.0"  # noqa: S104  # it is chosen by the user, who is warned


def _address(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """Return an IPv4 address, or fail with a sentence."""
    try:
        return LOOPBACK if value == "localhost" else str(ipaddress.IPv4Address(value))
    except ValueError as error:
        raise click.BadParameter(
            f"{value!r} is not an IPv4 address: write 127.0.0.1, or 0.0.0.0 for every network."
        ) from error


def sandbox(services: Sequence[Service]) -> click.Command:
    """Return the command for the sandbox of some services."""
    providers, senders = _targets_with("provider", services), _targets_with("sender", services)

    @click.command(cls=Command)
    @click.argument("target", type=click.Choice([service.name for service in services]), required=False)
    @click.option(
        "--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True, help="0 takes a free one."
    )
    @click.option(
        "--host",
        callback=_address,
        default=LOOPBACK,
        show_default=True,
        metavar="ADDRESS",
        help="The IPv4 address to listen at; 0.0.0.0, as in a container, lets other machines in.",
    )
    @click.option("--quiet", is_flag=True, help="Print no line about each request that comes.")
    @click.option(
        "--allow-origin",
        "origins",
        multiple=True,
        metavar="ORIGIN",
        help="Let pages of this origin read the answers in a browser (CORS), such as http://localhost:8000; null stands"
        " for pages opened from the disk, * for any page; can be repeated.",
    )
    @click.option("--callback-url", metavar="URL", help="The address to send callbacks to; by default, none are sent.")
    @_version_option(senders)
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
        host: str,
        quiet: bool,
        origins: tuple[str, ...],
        callback_url: str | None,
        callback_version: str | None,
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

        Every id, with the state that it shows, is printed at the start and is always the same. Then each request is a
        line: its method, path and status, and the faults that changed the answer.

        Its own key, which is printed, opens it; --api-key replaces that. A key of the environment is accepted beside
        it, for an account of its own, and is not sent with callbacks.

        Exit codes: 2 it could not be served or no receiver answers, 130 interrupted.

        Example: sleeptalk sandbox --port 8787 --callback-url http://127.0.0.1:8766/
        """
        credentials: dict[str, str] = {}
        expected: dict[str, str] = {}
        for provider in providers:
            credentials |= given_credentials(provider, given, options_only=True)
            expected |= given_credentials(provider, given)
        served = [service for service in services if target in {None, service.name}]
        sending = _sending(_targets_with("sender", served) or senders, senders, callback_version)
        faults = [fault for name in fault_names for fault in _faults_named(name, served, services, sending)]
        for fault in faults:
            _see_that_it_shows(fault, services, served, callback_url)
        callbacks = None
        if callback_url is None and callback_version is not None:
            raise UsageError("--callback-version says which callbacks are sent, but none are: add --callback-url.")
        if callback_url is None and scenarios:
            raise UsageError("--scenario chooses whose callbacks are sent, but none are: add --callback-url.")
        if callback_url is not None:
            checked_address(callback_url, "--callback-url")
            made = deliveries_of(sending, scenarios, credentials, faults, callback_timezone)
            if scenarios and not made:
                raise UsageError(f"--scenario {scenarios[0]} has no callbacks of this version: see --callback-version.")
            manner = Manner(callback_redeliver, callback_reorder, callback_burst)
            has_given_key = any(sender.key and sender.key.header in credentials for sender in sending)
            callbacks = Callbacks(callback_url, made, callback_speed, callback_timeout, manner, not has_given_key)
        for origin in origins:
            _check_origin(origin)
        log = None if quiet else RequestLog()
        _serve(served, (host, port), (credentials, expected), faults, callbacks, log=log, origins=origins)

    return sandbox


def _check_origin(origin: str) -> None:
    """Raise UsageError for what no browser sends as the origin of a page."""
    if origin not in {"null", "*"} and not re.fullmatch(r"[a-z][a-z0-9+.-]*://[^/?#@\s]+", origin):
        raise UsageError(
            f"--allow-origin {origin!r} is not an origin: write http://localhost:8000, without a path, or null, or *."
        )


def _targets_with(role: Role, services: Sequence[Service]) -> list[Target]:
    return [target for target in targets_of(services) if target.has(role)]


def _version_option(senders: Sequence[Target]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    versions = list(dict.fromkeys(sender.version for sender in senders if sender.version))
    return click.option(
        "--callback-version",
        type=click.Choice(versions, case_sensitive=False),
        metavar="|".join(versions),
        hidden=not versions,
        help="The version of the callbacks; by default the newest of TARGET, without TARGET"
        f" {_newest(senders).version if versions else ''}.",
    )


def _sending(preferred: Sequence[Target], senders: Sequence[Target], version: str | None) -> list[Target]:
    """Return the senders of a version, or, without one, those that have no versions and the newest of the others."""
    if version is not None:
        return [sender for sender in senders if sender.version == version]
    versioned = [sender for sender in preferred if sender.version]
    return [sender for sender in preferred if not sender.version or sender is _newest(versioned)]


def _newest(senders: Sequence[Target]) -> Target:
    """Return the last of the senders that the first one shares its document with."""
    return [sender for sender in senders if sender.document == senders[0].document][-1]


def _faults_named(
    name: str, served: Sequence[Service], services: Sequence[Service], sending: Sequence[Target]
) -> list[Fault]:
    """Return the first fault of a provider's or sender's rule, or the one of a full name, in each service that has it.

    It is looked for in the services that are served, then in the others, so that the error can say which has it. One
    of a sender is a fault of what is sent.
    """
    groups = list(
        dict.fromkeys(
            group.name
            for target in targets_of(services)
            for group in target.groups
            if target.role_of(group.name) != "receiver"
        )
    )

    def first_of(service: Service) -> list[Fault]:
        is_sent = any(target in service.targets for target in sending)
        return [
            fault
            for fault in service.faults_named(name)
            if fault.rule.partition(".")[0] in groups and (is_sent or service.role_of(fault.rule) != "sender")
        ][:1]

    found = [fault for service in served for fault in first_of(service)]
    found = found or next(filter(None, map(first_of, services)), [])
    if found:
        return found
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


def _serve(
    served: Sequence[Service],
    place: tuple[str, int],
    credentials: tuple[Mapping[str, str], Mapping[str, str]],
    faults: Sequence[Fault],
    callbacks: Callbacks | None,
    *,
    log: RequestLog | None,
    origins: Sequence[str],
) -> None:
    """Serve until a signal comes, after printing what is served and sending the callbacks.

    `place` is an address and a port, `credentials` are those of the options, and those with the environment's.
    """
    host, port = place
    given, with_environment = credentials
    shown = [provider for provider in _targets_with("provider", served) if provider.implementation is not None]
    implementations = [_implementation(provider, given, with_environment) for provider in shown]
    with ExitStack() as stack:
        stack.enter_context(_interrupted_by_signals())
        try:
            of_each = [
                faults_of_service(faults, service, served)
                for provider in shown
                for service in served
                if provider in service.targets
            ]
            app = application(implementations, faults_of_each=of_each, observe=None if log is None else log.note)
            if origins:
                let_pages_read(app, origins)
            server = stack.enter_context(running(app, port, host))
        except OSError as error:
            where = f"Port {port}" if host == LOOPBACK else f"Port {port} of {host}"
            raise UsageError(
                f"{where} cannot be used ({error.strerror or error}): choose another one with --port."
            ) from error
        url = server.url.replace(_EVERYWHERE, LOOPBACK)
        names = " and ".join(service.name for service in served)
        lines = [f"The sandbox serves {names} at {url}; Ctrl-C ends it."]
        if not ipaddress.ip_address(host).is_loopback:
            lines.append(_reachable(host))
        if origins:
            lines.append(f"Pages of {listed(origins)} may read its answers in a browser.")
        lines += dict.fromkeys(f"It breaks {fault.full_name}: {fault.summary}" for fault in faults)
        for provider, implementation in zip(shown, implementations, strict=True):
            lines += introduction(provider, url, implementation.credentials, given)
            lines += _about_environment(provider, given, with_environment)
        say(
            "\n".join(lines) + "\n" * (log is not None)
        )  # at once: who reads the address may end it before a second write
        if log is not None:
            stack.enter_context(log.printing())
        if callbacks is not None:
            send_all(callbacks)
        wait_for(threading.Event())


def _implementation(provider: Target, given: Mapping[str, str], with_environment: Mapping[str, str]) -> Any:
    """Return the sandbox's provider of a target; with what the environment adds it has a second account.

    Then its own public key works as it is printed, and so does a program that reads the environment.
    """
    if provider.implementation is None:
        raise LookupError(f"{provider.name} has no implementation")
    first = provider.implementation(given)
    if not _from_environment(provider, given, with_environment):
        return first
    return Accounts([first, provider.implementation(with_environment)])


def _from_environment(
    provider: Target, given: Mapping[str, str], with_environment: Mapping[str, str]
) -> list[Credential]:
    return [each for each in provider.credentials if given.get(each.header) != with_environment.get(each.header)]


def _about_environment(provider: Target, given: Mapping[str, str], with_environment: Mapping[str, str]) -> list[str]:
    variables = [each.variable for each in _from_environment(provider, given, with_environment)]
    verb = "are" if len(variables) > 1 else "is"
    return [f"  {' and '.join(variables)} of the environment {verb} accepted, too."] if variables else []


def _reachable(host: str) -> str:
    where = "every network of this machine" if host == _EVERYWHERE else host
    return (
        f"Warning: it listens at {where} (--host {host}), so that other machines can reach it. All its data is made up;"
        " keep it out of networks that you do not trust."
    )


@contextmanager
def _interrupted_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGINT end the block; SIGINT also in the background of a shell, which sets it to be ignored."""
    previous = {number: signal.signal(number, signal.default_int_handler) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def introduction(provider: Target, url: str, expected: Mapping[str, str], given: Mapping[str, str]) -> Iterator[str]:
    """Yield lines: how to ask a provider, and which ids it knows."""
    public = {} if provider.implementation is None else provider.implementation({}).credentials
    own = {value: expected[header] for header, value in public.items()}
    for operation in provider.operations:
        shown = [scenario for scenario in provider.scenarios if scenario.operation == operation.id]
        template = re.sub(r"\{(\w+)\}", lambda found: found[1].upper(), operation.path)
        yield f"\n{operation.method} {url}{template}"
        yield from _list(shown)
        if shown:
            yield f"\n  {_curl(operation, _with(own, shown[0]), url, _headers(provider, operation, expected, given))}"


def _with(own: Mapping[str, str], scenario: Scenario) -> Scenario:
    """Return a scenario with the credentials that are expected in place of the sandbox's public ones in its path."""
    return replace(scenario, path_parameters={k: own.get(v, v) for k, v in scenario.path_parameters.items()})


def _list(scenarios: Sequence[Scenario]) -> Iterator[str]:
    name_width = max((len(scenario.name) for scenario in scenarios), default=0)
    for scenario in scenarios:
        ids = " ".join(scenario.path_parameters.values())
        yield f"  {ids}{'  ' * bool(ids)}{scenario.name:{name_width}}  {scenario.summary}"


def _headers(
    provider: Target, operation: Operation, expected: Mapping[str, str], given: Mapping[str, str]
) -> dict[str, str]:
    """Return the credentials of an operation, by header; a key of the user's own is never printed."""
    documented = {each.name.lower() for each in operation.parameters if each.place == "header"}
    return {
        each.header: f"${each.variable}" if each.secret and each.header in given else expected[each.header]
        for each in provider.credentials
        if each.secret or each.header in documented
    }


def _curl(operation: Operation, shown: Scenario, url: str, headers: Mapping[str, str]) -> str:
    """Return the command line that asks for a scenario."""
    query = f"?{urlencode(shown.query)}" if shown.query else ""
    method = "" if operation.method == "GET" else f"-X {operation.method} "
    options = "".join(f' -H "{name}: {value}"' for name, value in {**headers, **shown.headers}.items())
    body = f" -H 'content-type: application/json' -d '{shown.body}'" if shown.body else ""
    return f'curl {method}"{url}{operation.path_of(shown.path_parameters)}{query}"{options}{body}'
