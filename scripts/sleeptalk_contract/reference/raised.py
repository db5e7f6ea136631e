"""What the Python client of a service does with each documented refusal: which error it raises, and whether it retries.

It is asked, as nothing else knows: the examples of a refusal are given to one call of the client as its answer. For a
webhook it is the other way round: the receiver answers, by its own errors.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import httpx

from sleeptalk.errors import CallbackError
from sleeptalk.runtime.call import CallState, Failure
from sleeptalk.runtime.clock import Deadline
from sleeptalk.runtime.options import Options, Secret, server_at
from sleeptalk_contract.contract.operation import JSON
from sleeptalk_contract.reference.calls import call_of
from sleeptalk_generated.operation import Call
from sleeptalk_generated.operation import Operation as Generated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sleeptalk.runtime.overrides import Overrides
    from sleeptalk_contract.contract.operation import Operation
    from sleeptalk_contract.reference.published import Published


@dataclass(frozen=True, slots=True)
class Raised:
    """An error that the client raises: the name of its class, and when it is this one.

    - `when`: Markdown such as "where it says `Plan is expired`", "" where the status alone decides.
    - `retried`: whether the client sends the request again by itself before it raises this.
    """

    name: str
    when: str
    retried: bool


def raised(part: Published, operation: Operation, status: str, values: Sequence[Any]) -> tuple[Raised, ...]:
    """Return what the client raises where the service answers with a status and one of these bodies.

    Nothing for a service without a client of its own, and for a range of statuses such as "4XX".
    """
    overrides = part.service.overrides
    if overrides is None or operation.is_webhook or not status.isdigit():
        return ()
    answers = [_ask(part, operation, overrides, int(status), value) for value in values or (None,)]
    several = len({type(each.error) for each in answers}) > 1
    found: dict[str, Raised] = {}
    for each in answers:
        when = f"where it says `{each.error.detail}`" if several else ""
        found.setdefault(_name(each), Raised(_name(each), when, each.may_pass))
    for name, identifier in overrides.identifiers.items():
        for value in values or (None,):
            each = _ask(part, operation, overrides, int(status), value, malformed=name)
            when = f"where the {identifier.label} is malformed"
            found.setdefault(_name(each), Raised(_name(each), when, each.may_pass))
    return tuple(found.values())


def otherwise(part: Published, operation: Operation) -> tuple[tuple[str, Raised], ...]:
    """Return what the client raises for statuses that the document does not have, by an example of each kind."""
    others = [status for status in ("500", "503", "418") if status not in operation.responses]
    return tuple((status, each) for status in others for each in raised(part, operation, status, ()))


def receiver_errors(part: Published, operation: Operation, status: str) -> tuple[tuple[int, str], ...]:
    """Return the statuses within a range, such as "4XX", that our receiver answers, each with the name of its error."""
    if part.service.overrides is None or not operation.is_webhook or not status.endswith("XX"):
        return ()
    kinds = CallbackError.__subclasses__()
    return tuple(sorted((each.status, each.__name__) for each in kinds if str(each.status)[0] == status[0]))


def _ask(
    part: Published, operation: Operation, overrides: Overrides, status: int, body: Any, *, malformed: str = ""
) -> Failure:
    """Return what comes of one answer to one call, of which an argument may be malformed."""
    generated = _operations(part.name)[operation.id]
    arguments = _arguments(part, operation, generated)
    arguments |= {name: "malformed" for name in arguments if name == malformed}
    call: Call[Any] = Call(operation=generated, arguments=arguments)
    server = server_at(Secret("http://127.0.0.1"), {})
    state = CallState(call, overrides, server, Options(check_ids=False), Deadline(1.0))
    content = b"" if body is None else json.dumps(body).encode()
    outcome = state.answered(httpx.Response(status, headers={"content-type": JSON}, content=content), content)
    assert isinstance(outcome, Failure), f"{operation.id} takes {status} for a success"  # of refusals alone
    return outcome


def _name(failure: Failure) -> str:
    return type(failure.error).__name__


def _arguments(part: Published, operation: Operation, generated: Generated[Any]) -> dict[str, str]:
    """Return arguments that may be sent, without headers, which decide nothing here."""
    call = call_of(part, operation)
    given = {**call.path_values, **call.query}
    return {each.name: given[each.wire].text or "example" for each in generated.parameters if each.wire in given}


@cache
def _operations(service: str) -> Mapping[str, Generated[Any]]:
    """Return the operations of the generated client of a service, by operationId."""
    module = import_module(f"sleeptalk_generated.{service.replace('-', '_')}.client")
    return {each.id: each for each in vars(module).values() if isinstance(each, Generated)}
