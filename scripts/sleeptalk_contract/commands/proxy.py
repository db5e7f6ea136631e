"""`sleeptalk proxy`: pass traffic on unchanged, and judge it."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import json
import multiprocessing
import os
import signal
import socket
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import click
from rich.text import Text

from sleeptalk_contract.commands.help import Command
from sleeptalk_contract.commands.interruption import on_signal
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
from sleeptalk_contract.contract.access import tls_context
from sleeptalk_contract.contract.address import checked_address, redacted_url
from sleeptalk_contract.contract.redaction import redacted
from sleeptalk_contract.contract.screen import screen
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.proxying.feed import Feed, What
from sleeptalk_contract.proxying.judging import Orders, check_recording, judge_frames
from sleeptalk_contract.proxying.relay import ClientSide, Relay
from sleeptalk_contract.proxying.showing import Rolling, progress
from sleeptalk_contract.recording.workers import Assignment
from sleeptalk_contract.reporting.model import ERROR_CODE, INTERRUPTED_CODE
from sleeptalk_contract.reporting.outputs import Outputs
from sleeptalk_contract.sandbox.server import LOOPBACK

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator, Sequence
    from multiprocessing.process import BaseProcess
    from pathlib import Path

    from sleeptalk_contract.contract.service import Service, Target

DEFAULT_PORT: Final = 8789
_BACKLOG: Final = 1024
_PATIENCE_SECONDS: Final = 5.0
_LOOK_EVERY_SECONDS: Final = 0.1
_LONGEST: Final = 300
_SIGNALS: Final = ("SIGINT", "SIGTERM", "SIGHUP")
"""Not every system has them all."""


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
    @click.option(
        "--cacert", type=FILE, metavar="FILE", help="Trust the certificate authorities in this PEM file alone."
    )
    @click.option("--insecure", is_flag=True, help="Do not check the certificate of the server.")
    @click.option("--cert", type=FILE, metavar="FILE", help="Show this client certificate (PEM, with its key or not).")
    @click.option("--cert-key", type=FILE, metavar="FILE", help="The key of --cert, where it is in a file of its own.")
    @id_options(targets)
    @credential_options(targets, keys_only=True, key_help="The right key, to compare those that pass with")
    @claim_options(targets)
    @JUDGING
    @REPORT_DIR
    @click.option(
        "--record", type=FILE, metavar="FILE", help="Write the exchanges to this file, for `sleeptalk judge`."
    )
    @click.option("--timeout", type=Seconds(), metavar="SECONDS", help="Stop after this many seconds.")
    @click.option(
        "--request-timeout",
        type=Seconds(),
        metavar="SECONDS",
        help="Answer 504 where no answer has begun for this long; by default it may take as long as the client waits.",
    )
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
        cert: Path | None,
        cert_key: Path | None,
        report_dir: Path | None,
        record: Path | None,
        timeout: float | None,
        request_timeout: float | None,
        write_baseline: Path | None,
        **given: Any,
    ) -> None:
        """Pass requests on to --to and answers back as they come, and judge them by every rule of the contract.

        Bytes pass as they are: only the Host header names the server, unless --keep-host is given, and a path in --to
        comes before each path. Each connection has one of its own to the server, and nothing is sent twice. A process
        of its own judges, which may fall behind: no request waits for it, and what it could not see is counted and
        makes the run inconclusive. Ctrl-C ends it with the reports, SIGHUP writes them while it goes on. A server that
        cannot be reached is a 502 or 504 with a Proxy-Status header, which is not judged.

        Exit codes: 0 no rule is broken, 1 the contract is broken, 2 inconclusive, not possible, or something passed
        unseen, 130 interrupted again before all was judged.

        Example: sleeptalk proxy TARGET --to https://staging.example.com --port 8789 --report-dir reports
        """
        address = _checked(to)
        tls = _tls(address, cacert, cert, cert_key, insecure=insecure)
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
        feed = Feed()
        relay = Relay(address, feed, tls, keep_host=keep_host, patience=request_timeout)
        outputs = Outputs(report_dir, write_baseline)
        with outputs.reserved():
            code = asyncio.run(_Run(orders, relay, feed, timeout).serve(host, port, insecure=insecure))
        click.get_current_context().exit(code)

    proxy.meant = {"TARGET": targets[0].name} if targets else {}
    return proxy


def _checked(to: str) -> str:
    """Return the address of the server behind. Raises UsageError for one that requests cannot be passed on to."""
    address = checked_address(to, "--to")
    parts = urlsplit(address)
    if "@" in parts.netloc:
        raise UsageError("--to has a name or password, which would not be sent: leave it out; clients send their own.")
    if parts.query or parts.fragment:
        raise UsageError(
            f"--to {redacted_url(address)} has a query or a fragment, which cannot come before a path: leave it out."
        )
    return address


def _tls(
    address: str, cacert: Path | None, cert: Path | None, cert_key: Path | None, *, insecure: bool
) -> ssl.SSLContext | None:
    """Return what connections to the server are made with; None for plain ones. Raises UsageError."""
    given = {"--cacert": cacert, "--insecure": insecure, "--cert": cert, "--cert-key": cert_key}
    if not address.lower().startswith("https:"):
        for option, value in given.items():
            if value:
                raise UsageError(f"{option} needs an https address: --to has none.")
        return None
    if insecure and cacert is not None:
        raise UsageError("--insecure trusts any certificate, --cacert only some: leave one of them out.")
    if cert is None and cert_key is not None:
        raise UsageError("--cert-key is the key of --cert: name the certificate as well.")
    context = tls_context(cacert, cert, cert_key, insecure=insecure)
    context.set_alpn_protocols(["http/1.1"])
    return context


class _Run:
    """The relaying, beside the process that judges."""

    def __init__(self, orders: Orders, relay: Relay, feed: Feed, seconds: float | None) -> None:
        self._orders = orders
        self._relay = relay
        self._feed = feed
        self._seconds = seconds
        self._signals = 0
        self._errors: set[str] = set()
        self._over = asyncio.Event()
        self._console = screen(stderr=True)
        self._rolling = Rolling(self._console, relay, feed)

    async def serve(self, host: str, port: int, *, insecure: bool) -> int:
        """Relay until it is to end, and return the exit code."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._note_error)
        server = await self._listening(host, port)
        try:
            check_recording(self._orders.record)
            _allow_files()
            process, ours = self._started()
            await loop.create_connection(lambda: self._feed, sock=ours)
            for name, act in zip(_SIGNALS, (self._stop, self._stop, self._want_report), strict=True):
                if hasattr(signal, name):
                    on_signal(loop, getattr(signal, name), act)
            self._introduce(host, server.sockets[0].getsockname()[1], insecure=insecure)
            with self._rolling:
                await self._until_over()
        finally:
            server.close()  # without waiting for connections that clients keep
        await self._let_answers_come()
        return await self._conclude(process)

    async def _listening(self, host: str, port: int) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        try:
            server = await loop.create_server(lambda: ClientSide(self._relay), host, port, backlog=_BACKLOG)
        except (OSError, UnicodeError) as error:
            number = getattr(error, "errno", None)
            reason = os.strerror(number) if number and number > 0 else getattr(error, "strerror", None) or str(error)
            raise UsageError(f"{host} port {port} cannot be opened ({reason}): choose another with --port.") from None
        if await self._is_itself(server):
            server.close()
            raise UsageError("--to is the address of the proxy itself: name the server behind it.")
        return server

    async def _is_itself(self, server: asyncio.Server) -> bool:
        """Whether requests would be passed on to this proxy, round and round."""
        host, port = self._relay.address
        own = {each.getsockname()[0] for each in server.sockets if each.getsockname()[1] == port}
        if not own:
            return False
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return False  # a name that there is not yet may come
        behind = {str(each[4][0]) for each in found}
        return bool(own & behind) or (any(map(_is_loopback, behind)) and not {"0.0.0.0", "::"}.isdisjoint(own))  # noqa: S104  # compared

    def _introduce(self, host: str, port: int, *, insecure: bool) -> None:
        name = f"[{host}]" if ":" in host else host
        lines = [f"Passing on http://{name}:{port} to {self._orders.where}; Ctrl-C ends it with the reports."]
        if not _is_loopback(host):
            lines.append(f"Warning: it listens at {host}, so that other machines can reach the server through it.")
        if insecure:
            lines.append("Warning: the certificate of the server is not checked (--insecure).")
        screen().print("\n".join(lines), soft_wrap=True, markup=False)

    def _started(self) -> tuple[BaseProcess, socket.socket]:
        """Start the process that judges."""
        ours, theirs = socket.socketpair()
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=judge_frames, args=(theirs, self._orders), daemon=True)
        with _signals_ignored():
            process.start()
        theirs.close()
        ours.setblocking(False)
        return process, ours

    async def _until_over(self) -> None:
        loop = asyncio.get_running_loop()
        end = None if self._seconds is None else loop.time() + self._seconds
        while not self._over.is_set() and (end is None or loop.time() < end):
            self._relay.refuse_late()
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
        begun, has_said = time.monotonic(), False
        while process.is_alive():
            if self._signals > signals:
                process.kill()
                await asyncio.to_thread(process.join)
                self._say(f"{passed - self._feed.status['seen']} of {passed} exchanges were not judged.")
                return INTERRUPTED_CODE
            if not has_said and time.monotonic() - begun > _PATIENCE_SECONDS:
                has_said = True
                self._say(f"{progress(self._relay, self._feed)}; Ctrl-C leaves the rest.")
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
        with suppress(OSError):
            self._console.print(Text(f"sleeptalk: {sentence}"), soft_wrap=True)

    def _stop(self) -> None:
        self._signals += 1
        self._over.set()

    def _want_report(self) -> None:
        if self._feed.ended.is_set():
            self._rolling.say("There is no report, as the process that judges has ended.")
        self._feed.send(0, What.REPORT, json.dumps({"passed": self._relay.passed}).encode())

    def _note_error(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Say what went wrong with a connection, each thing once; the others go on."""
        error = context.get("exception")
        text = redacted(str(getattr(error, "strerror", None) or context["message"]))[:_LONGEST]
        if text not in self._errors:
            self._errors.add(text)
            self._rolling.say(f"sleeptalk: a connection was lost ({type(error).__name__}: {text}).")


async def _moment() -> None:
    await asyncio.sleep(_LOOK_EVERY_SECONDS / 10)


@contextmanager
def _signals_ignored() -> Iterator[None]:
    """Ignore the signals that this process acts on; a process that starts in the block does so from its beginning."""
    numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    before = [(number, signal.signal(number, signal.SIG_IGN)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _allow_files() -> None:
    """Let this process have as many connections as the system allows it."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415  # not on Windows

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        with suppress(OSError, ValueError):  # of macOS, where no limit is more than it allows
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
