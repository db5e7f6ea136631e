"""Requests to the sandbox of data v3, answered by its application in this process and judged as in a run."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from starlette.testclient import TestClient

from sleeptalk_contract.contract.exchange import NOT_JSON, Answer, Exchange, Knowledge, read_json
from sleeptalk_contract.fuzzing.probe import Probe, without
from sleeptalk_contract.judging.judge import Judge
from sleeptalk_contract.sandbox.web import application
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_CREDENTIALS
from sleeptalk_contract.services.asleep_v3.rules.users import UNKNOWN_SESSION
from sleeptalk_contract.services.asleep_v3.sandbox.application import AsleepV3Provider
from sleeptalk_contract.services.asleep_v3.service import SERVICE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sleeptalk_contract.contract.service import Fault

TARGET: Final = SERVICE.targets[0]
IDS: Final = tuple(each.path_parameters["session_id"] for each in TARGET.scenarios if each.kind == "known")
KNOWLEDGE: Final = Knowledge(SANDBOX_CREDENTIALS, frozenset(IDS))
HEADERS: Final = dict(SANDBOX_CREDENTIALS)
DELETED: Final = IDS[1]


@dataclass
class Conversation:
    """One judge, and one sandbox with faults: what was asked and answered so far, and what it has shown."""

    faults: Sequence[Fault] = ()
    broken: dict[str, str] = field(default_factory=dict)
    exercised: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._client = TestClient(application([AsleepV3Provider()], self.faults), raise_server_exceptions=False)
        self._judge = Judge(TARGET, KNOWLEDGE)

    def ask(self, probe: Probe) -> Any:
        """Send one request, judge it, and return the JSON that was answered; None without JSON."""
        operation = TARGET.operation(probe.operation)
        ids = {name: quote(value, safe="") for name, value in probe.path_parameters.items()}
        path, method = operation.path.format(**ids), probe.method or operation.method
        headers = {name.encode(): value.encode() for name, value in probe.headers.items()}
        answer, body = Answer(None, failure="connection"), None
        try:
            got = self._client.request(
                method, path, params=dict(probe.query) or None, headers=headers, content=probe.body
            )
        except (RuntimeError, AssertionError):  # a fault has dropped the connection
            pass
        else:
            answer = Answer(got.status_code, tuple(got.headers.items()), got.content, 0.01)
            read = read_json(got.content)
            body = read if got.status_code < 300 and read is not NOT_JSON else None
        url = f"http://127.0.0.1{path}?{'&'.join(f'{name}={quote(value)}' for name, value in probe.query.items())}"
        verdict = self._judge.judge(
            Exchange.sent(
                operation,
                probe.intent,
                url,
                probe.headers.items(),
                probe.body,
                answer,
                method=method,
                path_parameters=probe.path_parameters,
            )
        )
        self.exercised |= {rule for rule, count in verdict.checked.items() if count}
        self.broken |= {breach.rule: f"{breach.location} {breach.message}" for breach in verdict.breaches}
        return body

    def read(self, *operations: str) -> Conversation:
        """Send what a run sends that changes nothing, of some operations or of all."""
        for step in TARGET.probes(KNOWLEDGE, IDS):
            for probe in step:
                is_meant = not operations or probe.operation in operations
                if is_meant and all(
                    value.isprintable() and value.isascii() for value in probe.path_parameters.values()
                ):
                    self.ask(probe)
        return self

    def write(self) -> Conversation:
        """Make two users, read and delete one; read, list and delete a session, and look for it again."""
        known = json.dumps({"metadata": {"height": 170.5, "gender": "female"}}).encode()
        users = []
        for _ in range(2):
            answered = self.ask(Probe("make-user", "createUser", headers=HEADERS, body=known))
            users.append(answered["result"]["user_id"] if isinstance(answered, dict) else "nobody")
        user = {"user_id": users[0]}
        for operation in ("getUser", "deleteUser", "getUser"):
            self.ask(Probe("made-user", operation, user, headers=HEADERS))
        self._delete_wrongly()
        session = {"session_id": DELETED}
        self.ask(Probe("delete", "deleteSession", session, headers=HEADERS))
        self.ask(Probe("deleted", "getSession", session, headers=HEADERS))
        self.ask(Probe("list", "listSessions", headers=HEADERS, query={"limit": "100"}))
        self.ask(Probe(UNKNOWN_SESSION, "deleteSession", {"session_id": "20010203040506_a0b1c"}, headers=HEADERS))
        return self

    def _delete_wrongly(self) -> None:
        unknown = {"session_id": "20010203040506_a0b1c"}
        for name in HEADERS:
            self.ask(Probe(f"missing-{name}", "deleteSession", unknown, headers=without(HEADERS, name)))
            self.ask(Probe(f"missing-{name}", "deleteSessions", headers=without(HEADERS, name)))
