"""Requests to the sandbox of data v3, answered by its application in this process and judged as in a run."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import unquote, urlencode

from sleeptalk_contract.contract.exchange import Answer, Exchange, Knowledge
from sleeptalk_contract.contract.operation import path_segment
from sleeptalk_contract.judging.judge import Judge
from sleeptalk_contract.sandbox.web import application
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_CREDENTIALS
from sleeptalk_contract.services.asleep_v3.sandbox.application import AsleepV3Provider
from sleeptalk_contract.services.asleep_v3.service import SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from starlette.types import ASGIApp, Message

    from sleeptalk_contract.contract.service import Fault
    from sleeptalk_contract.fuzzing.probe import Conversation as Talk
    from sleeptalk_contract.fuzzing.probe import Probe, Step

TARGET: Final = SERVICE.targets[0]
IDS: Final = tuple(each.path_parameters["session_id"] for each in TARGET.scenarios if each.kind == "known")
KNOWLEDGE: Final = Knowledge(SANDBOX_CREDENTIALS, frozenset(IDS), allow_writes=True)


@dataclass
class Conversation:
    """One judge, and one sandbox with faults: what was asked and answered so far, and what it has shown.

    What would follow is not asked once the rule `sought` is broken.
    """

    faults: Sequence[Fault] = ()
    sought: str = ""
    broken: dict[str, str] = field(default_factory=dict)
    exercised: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._app = application([AsleepV3Provider()], self.faults)
        self._judge = Judge(TARGET, KNOWLEDGE)

    def ask(self, probe: Probe) -> Exchange | None:
        """Send one request and judge it; None where it is not sent, because the rule is broken that is sought."""
        if self.sought in self.broken:
            return None
        operation = TARGET.operation(probe.operation)
        ids = {name: path_segment(value) for name, value in probe.path_parameters.items()}
        path, query = operation.path.format(**ids), urlencode(probe.query)
        method = probe.method or operation.method
        answer = asyncio.run(answered(self._app, method, path, query, probe.headers, probe.body))
        exchange = Exchange.sent(
            operation,
            probe.intent,
            f"http://127.0.0.1{path}?{query}",
            probe.headers.items(),
            probe.body,
            answer,
            method=method,
            path_parameters=operation.match(path) or probe.path_parameters,
        )
        verdict = self._judge.judge(exchange)
        self.exercised |= {rule for rule, count in verdict.checked.items() if count}
        self.broken |= {breach.rule: f"{breach.location} {breach.message}" for breach in verdict.breaches}
        return exchange

    def run(self, *operations: str) -> Conversation:
        """Send what a run sends that is allowed to write, of single requests those of some operations or all."""
        for step in cast("Iterable[Step]", TARGET.probes(KNOWLEDGE, IDS)):
            if callable(step):
                self._follow(step())
                continue
            for probe in step:
                if not operations or probe.operation in operations:
                    self.ask(probe)
        return self

    def _follow(self, sequence: Talk) -> None:
        answer: Exchange | None = None
        with suppress(StopIteration):
            while self.sought not in self.broken:
                answer = self.ask(sequence.send(answer))


async def answered(  # noqa: PLR0917  # the parts of a request, in their order
    app: ASGIApp, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes | None
) -> Answer:
    """Return what an application answers to one request; a body that it does not end is a lost connection."""
    parts: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body or b"", "more_body": False}

    async def send(message: Message) -> None:
        parts.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    await app(scope, receive, send)
    start, last = parts
    if last.get("more_body"):
        return Answer(None, failure="connection")
    received = tuple((name.decode(), value.decode()) for name, value in start["headers"])
    return Answer(start["status"], received, last["body"], 0.01)
