"""Processes that judge parts of some traffic: each has whole lanes, within which exchanges are compared."""

from __future__ import annotations

import importlib
import multiprocessing
import queue
import signal
import threading
import zlib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final, Self

import msgspec

from sleeptalk.recording import Recorded, encode_line
from sleeptalk_contract.contract.redaction import remember_documents, remember_key, remember_variables
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.recording.text import MalformedError
from sleeptalk_contract.recording.traffic import Terms, Traffic, collecting_seldom
from sleeptalk_contract.reporting.baseline import Baseline

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection

    from sleeptalk_contract.contract.service import Service
    from sleeptalk_contract.recording.belonging import Belongings

_BATCH: Final = 256 * 1024
_BATCHES_AHEAD: Final = 4
_END: Final = b""
_DIED: Final = (
    "A process that judges ended before its work was done: the system may have ended it for its memory. Run it again"
    " with fewer --workers."
)


@dataclass(frozen=True, slots=True)
class Assignment:
    """The terms by which another process judges, in a form that it can be sent: `targets` are modules and names."""

    targets: tuple[tuple[str, str], ...]
    terms: tuple[dict[str, Any], ...]
    webhook_path: str | None = None

    @classmethod
    def of(cls, terms: Sequence[Terms], services: Sequence[Service], webhook_path: str | None) -> Assignment:
        """Make it from terms about targets of some services."""
        modules = {target.name: service.module for service in services for target in service.targets}
        names = [each.name for each in fields(Terms) if each.name not in {"target", "baseline"}]
        return cls(
            tuple((modules[each.target.name], each.target.name) for each in terms),
            tuple({name: getattr(each, name) for name in names} for each in terms),
            webhook_path,
        )

    def traffic(self, baseline: Baseline | None = None) -> Traffic:
        """Return what judges by these terms, in this process; reports are made with `baseline`."""
        terms = []
        for (module, name), given in zip(self.targets, self.terms, strict=True):
            service: Service = importlib.import_module(module).SERVICE
            remember_variables(service.key_variables)
            remember_documents(service.texts)
            target = next(each for each in service.targets if each.name == name)
            terms.append(Terms(target, **given, baseline=baseline or Baseline()))
            remember_key(terms[-1].key)
        return Traffic(terms, self.webhook_path)


class Workers:
    """Judges exchanges in some processes; a context manager, which ends them."""

    def __init__(self, count: int, assignment: Assignment) -> None:
        context = multiprocessing.get_context("spawn")
        self._connections: list[Connection] = []  # of sockets or of Windows' pipes
        self._processes = []
        for _ in range(count):
            pipe: Any = context.Pipe()
            ours, theirs = pipe
            process = context.Process(target=judge_lines, args=(theirs, assignment), daemon=True)
            process.start()
            theirs.close()
            self._connections.append(ours)
            self._processes.append(process)
        self._batches = [bytearray() for _ in range(count)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.terminate()
            process.join()

    def take(self, recorded: Recorded, lane: int, line: bytes | None = None) -> None:
        """Give an exchange to the process of its lane, a number. Raises UsageError where that process has ended.

        `line` is the one that it was read from, if any, so that it need not be written anew.
        """
        number = lane % len(self._batches)
        batch = self._batches[number]
        batch += encode_line(recorded) if line is None else line
        if not batch.endswith(b"\n"):  # the last line of a file
            batch += b"\n"
        if len(batch) >= _BATCH:
            self._send(number)

    def finish(self, traffic: Traffic) -> None:
        """Let all of them end their work, and add what they found. Raises UsageError where one has ended before."""
        for number in range(len(self._batches)):
            if self._batches[number]:
                self._send(number)
            self._send(number)
        for connection in self._connections:
            try:
                state = connection.recv()
            except (EOFError, OSError):
                raise UsageError(_DIED) from None
            if isinstance(state, str):
                raise UsageError(state)
            traffic.absorb(state)

    def _send(self, number: int) -> None:
        try:
            self._connections[number].send_bytes(self._batches[number])
        except OSError:
            raise UsageError(_DIED) from None
        self._batches[number] = bytearray()


def lane_number(recorded: Recorded, belongings: Belongings) -> int:
    """Return the number of an exchange's lane, the same in each process and on each machine."""
    return zlib.crc32(belongings.lane(recorded).encode(errors="surrogatepass"))


def judge_lines(connection: Connection, assignment: Assignment) -> None:
    """Judge the lines that come over a connection, and send back what was found: what a worker does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that was interrupted ends this one
    batches: queue.Queue[bytes] = queue.Queue(_BATCHES_AHEAD)
    threading.Thread(target=_receive, args=(connection, batches), daemon=True).start()
    traffic = assignment.traffic()
    decoder = msgspec.json.Decoder(Recorded)
    try:
        with collecting_seldom():
            while batch := batches.get():
                for line in batch.split(b"\n")[:-1]:  # not at carriage returns, which may stand between JSON tokens
                    traffic.take(decoder.decode(line))
    except MalformedError as error:
        connection.send(f"An exchange cannot be read: {error}.")
        return
    connection.send(traffic.state())


def _receive(connection: Connection, batches: queue.Queue[bytes]) -> None:
    """Read ahead, so that the process that reads the files waits for no single worker."""
    batch = b"not yet"
    while batch != _END:
        try:
            batch = connection.recv_bytes()
        except (EOFError, OSError):
            batch = _END
        batches.put(batch)
