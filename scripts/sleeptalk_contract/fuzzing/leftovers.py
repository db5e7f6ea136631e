"""What a run has made and not deleted yet.

The links of a document say how: a link of a documented answer (OpenAPI, Link Object) that leads to a DELETE names what
the request has made, and where in the answer its id is.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.pointer import follow
from sleeptalk_contract.fuzzing.probe import Probe

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sleeptalk_contract.contract.exchange import Exchange
    from sleeptalk_contract.contract.operation import Operation
    from sleeptalk_contract.contract.service import Target
    from sleeptalk_contract.fuzzing.request import Request, Sender

_DELETE: Final = "DELETE"
_BODY: Final = "$response.body#"
_GONE: Final = frozenset({404, 410})

_Thing = tuple[str, tuple[tuple[str, str], ...]]


class Leftovers:
    """Sends requests by another sender, and notes what they make and delete. Safe to use from several threads.

    `sender` may be replaced. What has one of the `named` ids was there before, whatever an answer says: it is not the
    run's to delete.
    """

    def __init__(self, target: Target, sender: Sender, named: Collection[str]) -> None:
        self._target = target
        self.sender = sender
        self._named = frozenset(named)
        self._lock = threading.Lock()
        self._made: dict[_Thing, None] = {}
        self._under_way = 0

    @property
    def is_under_way(self) -> bool:
        """Whether a request is being answered that makes something: without its answer nobody could delete it."""
        return self._under_way > 0

    def exchange(self, request: Request) -> Exchange | None:
        """Send a request and return its exchange, as the other sender does."""
        makes = request.method == request.operation.method and any(_deleting(self._target, request.operation))
        with self._lock:
            self._under_way += makes
        try:
            exchange = self.sender.exchange(request)
            if exchange is not None and exchange.status is not None:
                self._note(request, exchange)
        finally:
            with self._lock:
                self._under_way -= makes
        return exchange

    def _note(self, request: Request, exchange: Exchange) -> None:
        with self._lock:
            if request.method == request.operation.method:
                self._made |= dict.fromkeys(self._things_made(request.operation, exchange))
            if request.method == _DELETE and (exchange.successful or exchange.status in _GONE):
                deleted = request.operation.at_its_path(_DELETE)
                self._made.pop(("" if deleted is None else deleted.id, _sorted(request.path_parameters)), None)

    def _things_made(self, operation: Operation, exchange: Exchange) -> Iterator[_Thing]:
        for status, delete, parameters in _deleting(self._target, operation):
            values = {name: _read(text, exchange) for name, text in parameters.items()}
            known = {name: value for name, value in values.items() if value and value not in self._named}
            if status == str(exchange.status) and known.keys() == values.keys():
                yield delete, _sorted(known)

    def deletes(self, headers: Mapping[str, str]) -> list[Probe]:
        """Return the requests that delete what is left, the last that was made first."""
        with self._lock:
            made = list(self._made)
        return [Probe("clean-up", delete, dict(values), headers=headers) for delete, values in reversed(made)]


def _deleting(target: Target, operation: Operation) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Yield the links of an operation that lead to a DELETE of the target: (status, operationId, parameters)."""
    deletes = {each.id for each in target.operations if each.method == _DELETE}
    for status, written in (operation.value.get("responses") or {}).items():
        links = (operation.document.resolved(written) or {}).get("links") or {}
        for link in map(operation.document.resolved, links.values()):
            if link.get("operationId") in deletes:
                yield status, link["operationId"], link.get("parameters") or {}


def _read(expression: str, exchange: Exchange) -> str:
    """Return what a runtime expression leads to in the body of an answer; "" where that is not a text."""
    if not expression.startswith(_BODY):
        return ""
    try:
        value: Any = follow(exchange.response_json, expression.removeprefix(_BODY))
    except LookupError:
        return ""
    return value if isinstance(value, str) else ""


def _sorted(values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(values.items()))
