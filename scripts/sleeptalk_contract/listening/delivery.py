"""One delivery as it came in, and the answer that goes back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sleeptalk_contract.contract.exchange import Exchange, joined_headers

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_CONTENT = 204


@dataclass(frozen=True, slots=True)
class Delivery:
    """A POST that was received whole: its address, its headers as they came, its body."""

    url: str
    headers: tuple[tuple[bytes, bytes], ...] = field(repr=False)
    body: bytes = field(repr=False)

    def exchange(self, reply: Reply, seconds: float) -> Exchange:
        """Give it, with its answer, as what the rules and the reports look at."""
        read = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in self.headers)
        return Exchange(
            target="callback",
            intent="delivery",
            method="POST",
            url=self.url,
            path_parameters={},
            request_headers=joined_headers(read),
            request_body=self.body,
            status=reply.status,
            response_headers=reply.headers,
            response_body=reply.body,
            seconds=seconds,
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def refusal(status: int, detail: str, **headers: str) -> Reply:
    """Make an answer that says in a sentence why a request is refused."""
    body = json.dumps({"detail": detail}).encode()
    return Reply(status, {"content-type": "application/json", **headers}, body)
