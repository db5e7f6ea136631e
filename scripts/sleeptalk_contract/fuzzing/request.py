"""One request as a run sends it, kept so that it can be sent again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from sleeptalk_contract.contract.address import request_target
from sleeptalk_contract.contract.exchange import Answer, Exchange
from sleeptalk_contract.contract.operation import path_segment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sleeptalk_contract.contract.operation import Operation


@dataclass(frozen=True, slots=True)
class Request:
    """One request of an operation, whole: nothing is added to its headers but the host.

    `url` is percent-encoded, `path_parameters` are decoded. `intent` is why it is sent, as in an Exchange.
    """

    operation: Operation
    intent: str
    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)
    path_parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def target(self) -> str:
        """Its path and query."""
        return request_target(self.url)

    @property
    def wire_headers(self) -> list[tuple[str, str]]:
        """The headers without the length of the body, which the wire sends by itself."""
        return [(name, value) for name, value in self.headers if name.lower() != "content-length"]

    def header(self, name: str) -> str | None:
        """Return the value of a header by its name in lower case, None where it is not sent."""
        return next((value for each, value in self.headers if each.lower() == name), None)

    def about(self, given: str, other: str) -> Request:
        """Return the same request with another id in place of the given one."""
        url = self.url.replace(path_segment(given), path_segment(other))
        parameters = {
            name: other if value.casefold() == given.casefold() else value
            for name, value in self.path_parameters.items()
        }
        return replace(self, url=url, path_parameters=parameters)

    def answered(self, answer: Answer) -> Exchange:
        """Return the exchange that it makes with an answer."""
        return Exchange.sent(
            self.operation,
            self.intent,
            self.url,
            self.headers,
            self.body,
            answer,
            method=self.method,
            path_parameters=self.path_parameters,
        )


class Sender(Protocol):
    """What sends requests. Safe to use from several threads."""

    def exchange(self, request: Request) -> Exchange | None:
        """Send a request and return the exchange to judge; None where there is nothing, as when a run is to stop."""
        ...
