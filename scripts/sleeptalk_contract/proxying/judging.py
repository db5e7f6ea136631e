"""The process that judges a copy of the traffic. It may fall behind; what it does not see, it counts."""

from __future__ import annotations

import json
import os
import signal
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from sleeptalk.recording import Recorded, Recorder
from sleeptalk.runtime.errors import ConfigurationError
from sleeptalk_contract.contract.redaction import escaped, redacted
from sleeptalk_contract.contract.screen import screen
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.proxying.conversation import Conversation
from sleeptalk_contract.proxying.feed import What, frames
from sleeptalk_contract.recording.keys import without_keys
from sleeptalk_contract.recording.traffic import collecting_seldom
from sleeptalk_contract.reporting.model import ERROR_CODE
from sleeptalk_contract.reporting.outputs import Outputs

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from sleeptalk_contract.recording.traffic import Traffic
    from sleeptalk_contract.recording.workers import Assignment
    from sleeptalk_contract.reporting.baseline import Baseline
    from sleeptalk_contract.reporting.model import Report

_SAY_EVERY: Final = 0.3
_NICE: Final = 5
_LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class Orders:
    """What the process that judges is told when it starts.

    `to` is the address of the server behind, `where` what reports call the traffic. `record` is the file that the
    exchanges are written to; None for none.
    """

    assignment: Assignment
    to: str
    where: str
    baseline: Baseline
    report_dir: Path | None
    write_baseline: Path | None
    record: Path | None


def check_recording(path: Path | None) -> None:
    """Raise UsageError where a file of exchanges cannot be written."""
    if path is not None:
        try:
            Recorder(path).close()
        except ConfigurationError as error:
            raise UsageError(f"{error} Name another with --record.") from None


def judge_frames(connection: socket.socket, orders: Orders) -> None:
    """Judge what comes over a socket until its end, write the reports, and exit with the code of the verdict."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # the process that relays acts on them
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(_NICE)  # where there are too few processors, what is passed on comes first
    try:
        with collecting_seldom():
            code = _Judging(connection, orders).run()
    except UsageError as error:
        _complain(error.format_message())
        code = ERROR_CODE
    except Exception as error:  # noqa: BLE001  # the last line of defence: a sentence, no traceback
        _complain(f"The process that judges was stopped by an unexpected error, {_told(error)}.")
        code = ERROR_CODE
    raise SystemExit(code)


def _complain(sentence: str) -> None:
    with suppress(OSError):
        screen(stderr=True).print(Text(f"sleeptalk: {sentence}"), soft_wrap=True)


def _told(error: Exception) -> str:
    """Return what an unexpected error is; SLEEPTALK_DEBUG=1 prints where it was as well."""
    if os.environ.get("SLEEPTALK_DEBUG") == "1":
        _complain(redacted(traceback.format_exc()))
    return f"{type(error).__name__}: {escaped(redacted(str(error)))[:_LONGEST]}"


def _exchanges(count: int) -> str:
    return f"{count} exchange{'s' if count > 1 else ''}"


class _Judging:
    def __init__(self, connection: socket.socket, orders: Orders) -> None:
        self._connection = connection
        self._orders = orders
        self._traffic: Traffic = orders.assignment.traffic(orders.baseline)
        self._terms = self._traffic.terms[0]
        self._outputs = Outputs(orders.report_dir, orders.write_baseline)
        self._recorder = None if orders.record is None else Recorder(orders.record)
        self._conversations: dict[int, Conversation] = {}
        self._said = 0.0
        self._exchanges = 0
        self._failed = 0
        self._failure = ""

    def run(self) -> int:
        passed = None
        for frame in frames(self._connection):
            if frame is None:
                self._say(now=True)
                continue
            number, what, when, payload = frame
            if what is What.END:
                passed = json.loads(payload)["passed"]
                break
            if what is What.REPORT:
                self._write(json.loads(payload)["passed"])
                continue
            self._take(number, what, when, payload)
            self._say()
        return self._end(passed)

    def _take(self, number: int, what: What, when: float, payload: bytes) -> None:
        conversation = self._conversations.get(number)
        if conversation is None:
            conversation = self._conversations[number] = Conversation(self._orders.to)
        for recorded in conversation.take(what, when, payload):
            self._exchanges += 1
            self._judge(recorded)
        if what in {What.CLIENT_CLOSED, What.UPSTREAM_CLOSED, What.UPSTREAM_FAILED}:
            del self._conversations[number]

    def _judge(self, recorded: Recorded) -> None:
        """Judge an exchange, and write it; one that cannot be judged is counted, and the rest goes on."""
        try:
            self._traffic.take(recorded)
        except Exception as error:  # noqa: BLE001  # in one of many exchanges, which are not to be lost
            self._failed += 1
            self._failure = self._failure or _told(error)
        if self._recorder is not None:
            self._recorder.record(without_keys(recorded, self._terms.target.credentials, self._terms.credentials))

    def _write(self, passed: int) -> None:
        """Write the reports while it goes on; a folder that cannot be written now may be so later."""
        try:
            self._outputs.write(self._report(passed))
        except UsageError as error:
            _complain(error.format_message())

    def _report(self, passed: int | None) -> Report:
        """Return what was found so far, of `passed` requests; None where it is not known how many there were."""
        report = self._traffic.reports(self._orders.where)[0]
        unseen = 0 if passed is None else max(0, passed - self._exchanges)
        problems = [*report.problems]
        if unseen:
            problems.append(
                f"{unseen} of {passed} exchanges were passed on unseen: the process that judges could not keep up, or"
                " did not understand them."
            )
        if passed is None:
            problems.append("The proxy ended without saying how many exchanges it had passed on.")
        if self._failed:
            problems.append(f"Not judged, for an unexpected error ({self._failure}): {_exchanges(self._failed)}.")
        if self._recorder is not None and self._recorder.lost:
            missing = _exchanges(self._recorder.lost)
            problems.append(f"Missing in {self._orders.record}, which could not be written: {missing}.")
        return replace(report, problems=tuple(problems))

    def _end(self, passed: int | None) -> int:
        if self._recorder is not None:
            unseen = 0 if passed is None else max(0, passed - self._exchanges)
            if unseen:
                self._recorder.record(Recorded(lost=unseen))
            self._recorder.close()
        report = self._report(passed)
        self._outputs.write(report)
        self._say(now=True)
        return self._outputs.conclude(report, screen())

    def _say(self, *, now: bool = False) -> None:
        """Tell how far the judging has come, unless that was a moment ago."""
        moment = time.monotonic()
        if not now and moment - self._said < _SAY_EVERY:
            return
        self._said = moment
        status: dict[str, Any] = {
            "seen": self._exchanges,
            "broken": self._traffic.broken_rules,
            "rules": [escaped(each) for each in self._traffic.broken_ids],
        }
        with suppress(OSError):  # the process that relays may have ended
            self._connection.sendall(json.dumps(status).encode() + b"\n")
