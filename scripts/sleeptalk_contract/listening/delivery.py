"""One delivery as it came in, and the answer that goes back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sleeptalk_contract.contract.exchange import Answer, Exchange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sleeptalk_contract.contract.operation import Operation

NO_CONTENT = 204


@dataclass(frozen=True, slots=True)
class ReceivedDelivery:
    """A delivery as it was received: its address, its headers as they came, its body.

    It is `complete` unless its sender closed the connection before the end of the body, or took too long with it, which
    is `late`; what came of it is kept.
    """

    url: str
    headers: tuple[tuple[bytes, bytes], ...] = field(repr=False)
    body: bytes = field(repr=False)
    complete: bool = True
    late: bool = False

    def exchange(self, operation: Operation, reply: Reply, seconds: float) -> Exchange:
        """Return it, with its answer, as an exchange."""
        headers = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in self.headers)
        answer = Answer(reply.status, tuple(reply.headers.items()), reply.body, seconds)
        return Exchange.delivered(operation, self.url, headers, self.body, answer)


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def refusal(status: int, detail: str, **headers: str) -> Reply:
    """Make an answer with the sentence why a request is refused."""
    body = json.dumps({"detail": detail}).encode()
    return Reply(status, {"content-type": "application/json", **headers}, body)
