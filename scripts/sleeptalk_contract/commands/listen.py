"""`sleeptalk listen`: judge the callbacks that an implementation sends."""

import datetime as dt
import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from sleeptalk_contract.commands.options import FILE, REPORT_DIR, Seconds, given_credentials
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.fuzzing.interruption import interruptible
from sleeptalk_contract.listening.display import Display
from sleeptalk_contract.listening.endpoint import Endpoint
from sleeptalk_contract.listening.forwarding import forwarder
from sleeptalk_contract.listening.listener import Listener, Terms
from sleeptalk_contract.reporting.baseline import read_baseline
from sleeptalk_contract.reporting.files import prepare_folder, write_reports
from sleeptalk_contract.reporting.terminal import conclude
from sleeptalk_contract.sandbox.server import LOOPBACK, RunningServer, running
from sleeptalk_contract.services.registered import target_named

DEFAULT_PORT: Final = 8788


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True, help="0 takes a free one."
)
@click.option("--host", default=LOOPBACK, show_default=True, help="The address to listen at.")
@click.option(
    "--api-key",
    envvar="SLEEPTALK_CALLBACK_KEY",
    metavar="KEY",
    help="The key that callbacks must carry, or SLEEPTALK_CALLBACK_KEY. Without it: any key, but one must be there.",
)
@click.option("--max-events", type=click.IntRange(min=1), metavar="N", help="Stop after so many deliveries.")
@click.option("--timeout", type=Seconds(), metavar="SECONDS", help="Stop after so long.")
@click.option("--forward", metavar="URL", help="Send each delivery on to this receiver, and show its answers.")
@REPORT_DIR
@click.option("--strict", is_flag=True, help="Refuse and fail on what breaks should rules, too.")
@click.option("--baseline", type=FILE, metavar="FILE", help="Known failures that are accepted for a while.")
def listen(
    *,
    port: int,
    host: str,
    api_key: str | None,
    max_events: int | None,
    timeout: float | None,
    forward: str | None,
    report_dir: Path | None,
    strict: bool,
    baseline: Path | None,
) -> None:
    """Take callbacks, POST on any path, and judge each by every rule for senders.

    A delivery that keeps the rules is answered 204, one that does not 4xx and the reason. With --forward the sender of
    a delivery that keeps the rules is answered what the receiver answered, 502 or 504 where it gave no answer.

    Exit codes: 0 the contract holds, 1 it is broken, 2 nothing was received or the run could not be made,
    130 interrupted.
    """
    target = target_named("callback")
    credentials = given_credentials(target, {"--api-key": api_key})
    key = None if target.key is None else credentials.get(target.key.header)
    known = read_baseline(baseline, dt.datetime.now(tz=dt.UTC).date(), list(target.rules))
    listener = Listener(Terms(target, key, max_events, timeout, strict, known))
    if report_dir is not None:
        prepare_folder(report_dir)
    console = Console(highlight=False)
    endpoint = Endpoint(listener, Display(console, target), forwarder(forward))
    with interruptible(listener.interrupt):
        with _served(endpoint, port, host) as server:
            console.print(f"Listening for callbacks at {server.url}; Ctrl-C ends it.", soft_wrap=True)
            listener.wait()
        report = listener.report(server.url)
        if report_dir is not None:
            write_reports(report, report_dir)
    click.get_current_context().exit(conclude(report, report_dir, console))


@contextmanager
def _served(endpoint: Endpoint, port: int, host: str) -> Iterator[RunningServer]:
    """Serve for as long as the block lasts; a UsageError sentence where the address cannot be had."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running(endpoint, port, host))
        except (OSError, UnicodeError) as error:
            no_such_host = isinstance(error, socket.gaierror | UnicodeError) or error.errno == errno.EADDRNOTAVAIL
            advice = "write --host as an IPv4 address of this machine" if no_such_host else "choose another with --port"
            reason = getattr(error, "strerror", None) or str(error)
            raise UsageError(f"{host} port {port} cannot be listened at ({reason}): {advice}.") from error
        yield server
