"""`sleeptalk proxy`: pass traffic on unchanged, and judge it."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import multiprocessing
import signal
import socket
import ssl
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any, Final, Self

import click
from rich.text import Text

from sleeptalk_contract.commands.help import Command
from sleeptalk_contract.commands.judging import JUDGING, judging_terms
from sleeptalk_contract.commands.options import (
    BASELINE,
    FILE,
    REPORT_DIR,
    STRICT,
    WRITE_BASELINE,
    Seconds,
    TargetType,
    claim_options,
    credential_options,
    id_options,
    targets_of,
)
from sleeptalk_contract.commands.selecting import EXCLUDE, REQUIRE, RULE
from sleeptalk_contract.contract.address import checked_address, redacted_url, without_userinfo
from sleeptalk_contract.contract.screen import screen
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.proxying.feed import Feed, What
from sleeptalk_contract.proxying.judging import Orders, judge_frames
from sleeptalk_contract.proxying.relay import ClientSide, Relay
from sleeptalk_contract.recording.workers import Assignment
from sleeptalk_contract.reporting.model import ERROR_CODE, INTERRUPTED_CODE
from sleeptalk_contract.reporting.outputs import Outputs
from sleeptalk_contract.sandbox.server import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.process import BaseProcess
    from pathlib import Path

    from rich.console import Console

    from sleeptalk_contract.contract.service import Service, Target

DEFAULT_PORT: Final = 8789
_BACKLOG: Final = 1024
_PATIENCE_SECONDS: Final = 5.0
_LOOK_EVERY_SECONDS: Final = 0.1


def proxy(services: Sequence[Service]) -> click.Command:
    """Return the command for the targets of some services."""
    targets = targets_of(services)

    @click.command(cls=Command)
    @click.argument("target", type=TargetType(targets))
    @click.option(
        "--to", required=True, metavar="URL", help="The address of the server that requests are passed on to."
    )
    @click.option(
        "--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True, help="0 takes a free one."
    )
    @click.option("--host", default=LOOPBACK, show_default=True, help="The address to listen on.")
    @click.option("--keep-host", is_flag=True, help="Leave the Host header as it came; by default it names the server.")
    @click.option("--cacert", type=FILE, metavar="FILE", help="Trust the certificates in this PEM file.")
    @click.option("--insecure", is_flag=True, help="Do not check the certificate of the server.")
    @id_options(targets)
    @credential_options(targets, keys_only=True, key_help="The right key, to compare those that pass with")
    @claim_options(targets)
    @JUDGING
    @REPORT_DIR
    @click.option(
        "--record", type=FILE, metavar="FILE", help="Write the exchanges to this file, for `sleeptalk judge`."
    )
    @click.option("--timeout", type=Seconds(), metavar="SECONDS", help="Stop after this many seconds.")
    @STRICT
    @RULE
    @EXCLUDE
    @REQUIRE
    @BASELINE
    @WRITE_BASELINE
    def proxy(
        *,
        target: Target,
        to: str,
        port: int,
        host: str,
        keep_host: bool,
        cacert: Path | None,
        insecure: bool,
        report_dir: Path | None,
        record: Path | None,
        timeout: float | None,
        write_baseline: Path | None,
        **given: Any,
    ) -> None:
        """Pass requests on to --to and answers back as they come, and judge them by every rule of the contract.

        Bytes pass as they are: only the Host header names the server, unless --keep-host is given, and a path in --to
        comes before each path. A process of its own judges, which may fall behind: no request waits for it, and what
        it could not see is counted and makes the run inconclusive. Ctrl-C ends it with the reports, SIGHUP writes them
        while it goes on. A server that cannot be reached is a 502.

        Exit codes: 0 no rule is broken, 1 the contract is broken, 2 inconclusive, or something passed unseen, 130
        interrupted again before all was judged.

        Example: sleeptalk proxy TARGET --to https://staging.example.com --port 8789 --report-dir reports
        """
        address = without_userinfo(checked_address(to, "--to"))
        terms = judging_terms((target,), targets, given, today=dt.datetime.now(tz=dt.UTC).date())
        orders = Orders(
            Assignment.of(terms, services, given["webhook_path"]),
            address,
            redacted_url(address),
            terms[0].baseline,
            report_dir,
            write_baseline,
            record,
        )
        outputs = Outputs(report_dir, write_baseline)
        with outputs.reserved():
            run = _Run(orders, _tls(cacert, insecure=insecure), timeout, keep_host=keep_host)
            code = asyncio.run(run.serve(host, port))
        click.get_current_context().exit(code)

    proxy.meant = {"TARGET": targets[0].name} if targets else {}
    return proxy


def _tls(cacert: Path | None, *, insecure: bool) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=None if cacert is None else str(cacert))
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"--cacert {cacert} cannot be read ({getattr(error, 'strerror', None) or error}).") from None
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    return context


class _Run:
    """The relaying, beside the process that judges."""

    def __init__(self, orders: Orders, tls: ssl.SSLContext, seconds: float | None, *, keep_host: bool) -> None:
        self._orders = orders
        self._tls = tls
        self._seconds = seconds
        self._keep_host = keep_host
        self._feed = Feed()
        self._relay = Relay(orders.to, self._feed, tls, keep_host=keep_host)
        self._signals = 0
        self._over = asyncio.Event()
        self._console = screen(stderr=True)

    async def serve(self, host: str, port: int) -> int:
        """Relay until it is to end, and return the exit code."""
        loop = asyncio.get_running_loop()
        try:
            server = await loop.create_server(lambda: ClientSide(self._relay), host, port, backlog=_BACKLOG)
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise UsageError(f"{host} port {port} cannot be opened ({reason}): choose another with --port.") from None
        process, ours = self._started()
        await loop.create_connection(lambda: self._feed, sock=ours)
        for name, act in (("SIGINT", self._stop), ("SIGTERM", self._stop), ("SIGHUP", self._want_report)):
            with suppress(NotImplementedError, AttributeError):
                loop.add_signal_handler(getattr(signal, name), act)
        shown = server.sockets[0].getsockname()[1]
        screen().print(
            f"Passing on http://{host}:{shown} to {self._orders.where}; Ctrl-C ends it with the reports.",
            soft_wrap=True,
        )
        async with server:
            with _Rolling(self._console) as rolling:
                await self._until_over(rolling)
        await self._let_answers_come()
        return await self._conclude(process)

    def _started(self) -> tuple[BaseProcess, socket.socket]:
        """Start the process that judges."""
        ours, theirs = socket.socketpair()
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=judge_frames, args=(theirs, self._orders), daemon=True)
        process.start()
        theirs.close()
        ours.setblocking(False)
        return process, ours

    async def _until_over(self, rolling: _Rolling) -> None:
        loop = asyncio.get_running_loop()
        end = None if self._seconds is None else loop.time() + self._seconds
        while not self._over.is_set() and (end is None or loop.time() < end):
            rolling.show(self._relay.passed, self._feed)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), _LOOK_EVERY_SECONDS)

    async def _let_answers_come(self) -> None:
        """Wait a little for answers that are under way, then close the connections."""
        loop = asyncio.get_running_loop()
        patience = loop.time() + _PATIENCE_SECONDS
        while any(each.is_awaiting for each in self._relay.connections) and loop.time() < patience:
            await _moment()
        for each in list(self._relay.connections):
            each.close()
        while self._relay.connections and loop.time() < patience:
            await _moment()

    async def _conclude(self, process: BaseProcess) -> int:
        """Let the process that judges see the rest, and return its exit code."""
        passed = self._relay.passed
        self._feed.send(0, What.END, json.dumps({"passed": passed}).encode())
        self._feed.flush()
        signals = self._signals
        behind = passed - self._feed.status["seen"]
        if behind > 1 and self._console.is_terminal:
            self._console.print(f"{behind} exchanges are still to be judged; Ctrl-C leaves them.")
        while process.is_alive():
            if self._signals > signals:
                process.terminate()
                await asyncio.to_thread(process.join)
                self._say(f"{passed - self._feed.status['seen']} of {passed} exchanges were not judged.")
                return INTERRUPTED_CODE
            await asyncio.to_thread(process.join, _LOOK_EVERY_SECONDS)
        code = process.exitcode
        if code is None or code < 0:
            self._say(
                f"The process that judges ended early: of {passed} exchanges that were passed on, it had seen"
                f" {self._feed.status['seen']}. There are no reports: run it again."
            )
            return ERROR_CODE
        return code

    def _say(self, sentence: str) -> None:
        self._console.print(Text(f"sleeptalk: {sentence}"), soft_wrap=True)

    def _stop(self) -> None:
        self._signals += 1
        self._over.set()

    def _want_report(self) -> None:
        self._feed.send(0, What.REPORT, json.dumps({"passed": self._relay.passed}).encode())


async def _moment() -> None:
    await asyncio.sleep(_LOOK_EVERY_SECONDS / 10)


class _Rolling:
    """How far it has come: a line that changes on a terminal, and elsewhere a line for each rule that is broken."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._stack = ExitStack()
        self._status = console.status("") if console.is_terminal else None
        self._known: set[str] = set()
        self._has_died = False

    def __enter__(self) -> Self:
        if self._status is not None:
            self._stack.enter_context(self._status)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def show(self, passed: int, feed: Feed) -> None:
        """Show how many requests were passed on and judged, and the rules that were seen broken."""
        status = feed.status
        for rule in status.get("rules", []):
            if rule not in self._known:
                self._known.add(rule)
                self._console.print(Text(f"{rule} is broken."), soft_wrap=True)
        if feed.ended.is_set() and not self._has_died:
            self._has_died = True
            self._console.print("The process that judges has ended: what is passed on is not judged any more.")
        if self._status is not None:
            behind = max(0, passed - status["seen"])
            self._status.update(
                Text(f"{passed} passed on, {status['seen']} judged ({behind} behind), {status['broken']} rules broken")
            )
