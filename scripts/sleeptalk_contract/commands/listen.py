"""`sleeptalk listen`: judge the callbacks that an implementation sends."""

from __future__ import annotations

import datetime as dt
import errno
import socket
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import click

from sleeptalk_contract.commands.help import Command
from sleeptalk_contract.commands.interruption import interruptible
from sleeptalk_contract.commands.options import (
    BASELINE,
    REPORT_DIR,
    WRITE_BASELINE,
    Seconds,
    TargetType,
    credential_options,
    given_credentials,
    targets_of,
)
from sleeptalk_contract.commands.selecting import EXCLUDE, REQUIRE, RULE, required_rules, selection
from sleeptalk_contract.contract.screen import screen
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.listening.connection import HEAD_LIMIT, bounded
from sleeptalk_contract.listening.display import Display
from sleeptalk_contract.listening.endpoint import Endpoint
from sleeptalk_contract.listening.forwarding import forwarder
from sleeptalk_contract.listening.listener import Listener, Terms
from sleeptalk_contract.reporting.baseline import read_baseline
from sleeptalk_contract.reporting.outputs import Outputs
from sleeptalk_contract.sandbox.server import LOOPBACK, RunningServer, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sleeptalk_contract.contract.service import Service, Target

DEFAULT_PORT: Final = 8788


def listen(services: Sequence[Service]) -> click.Command:
    """Return the command for those targets of some services that have a sender."""
    targets = [target for target in targets_of(services) if target.has("sender")]

    @click.command(cls=Command)
    @click.argument("target", type=TargetType(targets), default=targets[0].name)
    @click.option(
        "--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True, help="0 takes a free one."
    )
    @click.option("--host", default=LOOPBACK, show_default=True, help="The address to listen on.")
    @credential_options(targets, keys_only=True, key_help="The key that callbacks must carry, if any")
    @click.option("--max-events", type=click.IntRange(min=1), metavar="N", help="Stop after this many deliveries.")
    @click.option("--timeout", type=Seconds(), metavar="SECONDS", help="Stop after this many seconds.")
    @click.option("--forward", metavar="URL", help="Forward each delivery to this receiver, and show its answers.")
    @REPORT_DIR
    @click.option("--strict", is_flag=True, help="Also refuse and fail on deliveries that break should rules.")
    @RULE
    @EXCLUDE
    @REQUIRE
    @BASELINE
    @WRITE_BASELINE
    def listen(
        *,
        target: Target,
        port: int,
        host: str,
        max_events: int | None,
        timeout: float | None,
        forward: str | None,
        report_dir: Path | None,
        strict: bool,
        rule: tuple[str, ...],
        exclude: tuple[str, ...],
        require: tuple[str, ...],
        baseline: Path | None,
        write_baseline: Path | None,
        **given: Any,
    ) -> None:
        """Take callbacks, POST on any path, and judge each by every rule for senders.

        TARGET is the version of the callbacks; by default it is the first of those that can be named.

        A delivery that keeps the rules is answered 204, any other 4xx with the reason. With --forward, the sender
        of a delivery that keeps the rules gets the receiver's answer, or 502 or 504 where it does not answer.

        Exit codes: 0 no rule is broken, 1 the contract is broken, 2 nothing was received, not what --require asks
        for, or the run could not be made, 130 interrupted.

        Example: sleeptalk listen --port 8788 --timeout 60 --report-dir reports
        """
        credentials = given_credentials(target, given)
        key = None if target.key is None else credentials.get(target.key.header)
        known = read_baseline(baseline, dt.datetime.now(tz=dt.UTC).date(), list(target.rules))
        rules = target.rules_about("sender")
        selected = selection(rule, exclude, rules, target)
        required = required_rules(require, rules, target, selected)
        listener = Listener(Terms(target, key, max_events, timeout, strict, known, required, selected))
        console = screen()
        display = Display(console, target, targets)
        endpoint = Endpoint(listener, display, forwarder(forward))
        outputs = Outputs(report_dir, write_baseline)
        with outputs.reserved(), interruptible(listener.interrupt):
            with _served(endpoint, display, port, host) as server:
                console.print(f"Listening for callbacks at {server.url}; Ctrl-C ends it.", soft_wrap=True)
                listener.wait()
            report = listener.report(server.url)
            outputs.write(report)
        click.get_current_context().exit(outputs.conclude(report, console))

    return listen


@contextmanager
def _served(endpoint: Endpoint, display: Display, port: int, host: str) -> Iterator[RunningServer]:
    """Serve for as long as the block lasts; a UsageError sentence where the address cannot be had."""
    connections = bounded(partial(display.refused, "a connection"))
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running(endpoint, port, host, connections=connections, head_limit=HEAD_LIMIT))
        except (OSError, UnicodeError) as error:
            no_such_host = isinstance(error, socket.gaierror | UnicodeError) or error.errno == errno.EADDRNOTAVAIL
            advice = "write --host as an IPv4 address of this machine" if no_such_host else "choose another with --port"
            reason = getattr(error, "strerror", None) or str(error)
            raise UsageError(f"{host} port {port} cannot be opened ({reason}): {advice}.") from error
        yield server
