"""What a call is about: the request to send, and how its answer is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Generic, TypeVar

from attrs import frozen

from sleeptalk.errors import InvalidHeaderValue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sleeptalk.errors import CallFailed
    from sleeptalk.transport.response import Response
    from sleeptalk_generated.request import Request

T = TypeVar("T")

HEADER_VALUE = re.compile(r"[!-~](?:[ -~]*[!-~])?")


@frozen(kw_only=True)
class Operation(Generic[T]):
    """One GET of a service.

    - `request`: its path, quoted, and its headers. All headers but `accept` are for the service's origin alone.
    - `read`: makes the result of a 200; raises ContractViolation.
    - `refused`: makes the error of any other answer.
    """

    request: Request
    read: Callable[[Response], T]
    refused: Callable[[Response], CallFailed]


def check_headers(request: Request) -> None:
    """Raise InvalidHeaderValue for the first value that cannot be sent."""
    found = _unsendable(request.headers)
    if found is not None:
        name, advice = found
        raise InvalidHeaderValue(f"The value for the header {name} cannot be sent: {advice}.", header=name)


def _unsendable(headers: Mapping[str, object]) -> tuple[str, str] | None:
    """Give the name of the first header that cannot be sent, and what to do. It does not raise: it sees the keys."""
    for name, value in headers.items():
        if not isinstance(value, str):
            return name, f"it must be a str, not {type(value).__name__}"
        if not HEADER_VALUE.fullmatch(value):
            return name, "use printable ASCII, without a space at either end, and at least one character"
    return None
