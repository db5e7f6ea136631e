"""What a service's module changes in its generated client: results, ids and refusals."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sleeptalk.runtime.errors import CallFailed, ConfigurationError
from sleeptalk.runtime.options import Secret
from sleeptalk.runtime.refusals import refusal_by_status
from sleeptalk_generated.operation import UnusableValueError, headers_of, path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

    from sleeptalk.runtime.response import Response
    from sleeptalk_generated.operation import Call, Parameter


class Reader(NamedTuple):
    """Makes the result of an operation in place of its generated class.

    - `read`: takes an object of that class, the answer it was read from, and the call; raises ContractViolation.
    - `repair`: takes the untyped body where it does not fit the class, and returns what to read instead.
    """

    read: Callable[[Any, Response, Call[Any]], Any]
    repair: Callable[[Any], Any] | None = None


class Identifier(NamedTuple):
    """A path parameter with an error of its own: its label and its form, as messages word them."""

    label: str
    form: str
    error: type[CallFailed]


class Overrides(NamedTuple):
    """What one service changes; without any, results are objects of the generated classes, and a status is an error.

    - `readers`: by operationId.
    - `identifiers`: by the name of the parameter.
    - `once`: the operationIds of requests that are not sent again where their answer was lost, whatever their method:
      of a request that deletes, a second one would be told that there is nothing to delete.
    - `refusal`: makes the error of an answer that is not a documented success, from the answer, the call, and a
      function that takes the keys out of a text.
    """

    readers: Mapping[str, Reader] = MappingProxyType({})
    identifiers: Mapping[str, Identifier] = MappingProxyType({})
    once: Container[str] = frozenset[str]()
    refusal: Callable[[Response, Call[Any], Callable[[str], str]], CallFailed] = refusal_by_status


def checked_path(call: Call[Any], overrides: Overrides, *, check_ids: bool) -> str:
    """Return the path and the query of a call's request, quoted.

    Raises the error of an identifier, or ConfigurationError, for a value that is not of the document's form or that
    cannot stand in a URL.
    """
    parameters = {parameter.name: parameter for parameter in call.operation.parameters if parameter.place != "header"}
    for name, parameter in parameters.items():
        value = call.arguments.get(name)
        if not _fits(parameter, value, check_pattern=check_ids):
            raise _unusable(name, value, overrides, f"is not of the form {parameter.pattern}")
    try:
        return path_of(call)
    except UnusableValueError as error:
        name = error.name
    raise _unusable(name, call.arguments.get(name), overrides, "")


def checked_headers(call: Call[Any]) -> dict[str, str]:
    """Return the headers of a call's arguments, names in lower case.

    Raises InvalidHeaderValue for the first that cannot be sent.
    """
    for parameter in call.operation.parameters:
        value = call.arguments.get(parameter.name)
        if parameter.place == "header" and value is not None:
            value = value.key if isinstance(value, ZoneInfo) else value  # a zone that was read from a file has no name
            text = value if parameter.pattern is not None and not isinstance(value, UUID) else str(value)
            Secret(text).check_header(parameter.wire.lower())
    return headers_of(call)


def is_of_documented_form(call: Call[Any], name: str) -> bool:
    """Return whether this argument has the documented form; True where the call has no such parameter."""
    parameters = (parameter for parameter in call.operation.parameters if parameter.name == name)
    return all(_fits(parameter, call.arguments.get(name), check_pattern=True) for parameter in parameters)


def _fits(parameter: Parameter, value: object, *, check_pattern: bool) -> bool:
    """Return whether a value may be sent. A parameter with a pattern must be a str, even unchecked."""
    if value is None:
        return not parameter.required
    if parameter.pattern is None:
        return True
    if not isinstance(value, (str, UUID, ZoneInfo)):
        return False
    anchored = re.sub(
        r"\$$", r"\\Z", parameter.pattern
    )  # Python's $ also matches before a final line feed, JSON Schema's does not
    return not check_pattern or re.search(anchored, str(value)) is not None


def _unusable(name: str, value: object, overrides: Overrides, problem: str) -> CallFailed | ConfigurationError:
    identifier = overrides.identifiers.get(name)
    if identifier is None:
        return ConfigurationError(f"{name} {problem or 'cannot stand in a URL'}: {value!r}.")
    wording = f"is not {identifier.form}" if problem else "cannot stand in a URL"
    return identifier.error(f"The {identifier.label} {value!r} {wording}.")
