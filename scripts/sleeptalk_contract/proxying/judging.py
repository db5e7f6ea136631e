"""The process that judges a copy of the traffic. It may fall behind; what it does not see, it counts."""

from __future__ import annotations

import json
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from sleeptalk.recording import Recorded, Recorder
from sleeptalk_contract.contract.redaction import escaped
from sleeptalk_contract.contract.screen import screen
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.proxying.conversation import Conversation
from sleeptalk_contract.proxying.feed import What, frames
from sleeptalk_contract.recording.keys import without_keys
from sleeptalk_contract.recording.text import MalformedError
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


def judge_frames(connection: socket.socket, orders: Orders) -> None:
    """Judge what comes over a socket until its end, write the reports, and exit with the code of the verdict."""
    for name in ("SIGINT", "SIGHUP"):  # the process that relays acts on them
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    try:
        with collecting_seldom():
            code = _Judging(connection, orders).run()
    except UsageError as error:
        screen(stderr=True).print(Text(f"sleeptalk: {error.format_message()}"), soft_wrap=True)
        code = ERROR_CODE
    raise SystemExit(code)


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
                with suppress(UsageError):  # a folder that cannot be written now may be so later
                    self._outputs.write(self._report(json.loads(payload)["passed"]))
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
            with suppress(MalformedError):
                self._traffic.take(recorded)
            if self._recorder is not None:
                self._recorder.record(without_keys(recorded, self._terms.target.credentials, self._terms.credentials))
        if what in {What.CLIENT_CLOSED, What.UPSTREAM_CLOSED}:
            del self._conversations[number]

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
        return replace(report, problems=tuple(problems))

    def _end(self, passed: int | None) -> int:
        report = self._report(passed)
        if self._recorder is not None:
            unseen = 0 if passed is None else max(0, passed - self._exchanges)
            if unseen:
                self._recorder.record(Recorded(lost=unseen))
            self._recorder.close()
        self._outputs.write(report)
        self._say(now=True, over=True)
        return self._outputs.conclude(report, screen())

    def _say(self, *, now: bool = False, over: bool = False) -> None:
        """Tell how far the judging has come, unless that was a moment ago."""
        moment = time.monotonic()
        if not now and moment - self._said < _SAY_EVERY:
            return
        self._said = moment
        status: dict[str, Any] = {
            "seen": self._exchanges,
            "broken": self._traffic.broken_rules,
            "rules": [escaped(each) for each in self._traffic.broken_ids],
            "over": over,
        }
        with suppress(OSError):  # the process that relays may have ended
            self._connection.sendall(json.dumps(status).encode() + b"\n")
