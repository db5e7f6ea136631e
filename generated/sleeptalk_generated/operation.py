# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml, openapi/asleep.yaml, openapi/phonexia.yaml
"""What the methods of the clients use: operations, and calls of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, BinaryIO, Generic, TypeAlias, TypeVar
from urllib.parse import quote, unquote

from attrs import define, field

T = TypeVar("T")

FileContent: TypeAlias = bytes | BinaryIO
"""The bytes of a file, or a file that is open for reading bytes."""

File: TypeAlias = FileContent | tuple[str, FileContent] | tuple[str, FileContent, str]
"""A file to upload: its content, alone or after a file name, and before a media type."""


@define(frozen=True, kw_only=True)
class Parameter:
    """One parameter of an operation, as the clients send it.

    - `name`: of the argument in Python, such as `session_id`.
    - `wire`: its name on the wire, such as `x-user-id`.
    - `place`: "path", "query" or "header".
    - `pattern`: the documented regular expression of its values, None without one.
    """

    name: str
    wire: str
    place: str
    required: bool
    pattern: str | None = None


@define(frozen=True, kw_only=True, eq=False)
class Operation(Generic[T]):
    """One operation of a document, as the clients call it; its result is a T.

    - `service`, `id`: the name of its document and its operationId, such as "asleep" and "getSession".
    - `method`, `path`: "GET" and "/data/v2/sessions/{session_id}".
    - `body`: the media type of its request's body, "application/json" or "multipart/form-data"; None without a body.
    - `results`: the class of the body of each documented success, None where a success has no body.
    - `refusals`: the class of the body of each other documented status, None where it has no JSON body.
    """

    service: str = ""
    id: str
    method: str
    path: str
    parameters: tuple[Parameter, ...] = ()
    body: str | None = None
    results: Mapping[int, type[T] | None]
    refusals: Mapping[int, type[Any] | None]

    def __repr__(self) -> str:
        return f"Operation({self.id})"

    def parameter(self, name: str) -> Parameter:
        """Return a parameter by its name in Python. Raises KeyError where the operation has none of this name."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise KeyError(name)


@define(frozen=True, kw_only=True, eq=False)
class Call(Generic[T]):
    """One call of an operation. Its repr shows neither arguments nor body, which may be private.

    - `arguments`: the value of each parameter by its name in Python; None means that it is not sent.
    - `body`: an object of a generated class or, for "multipart/form-data", a mapping of fields to values and files.
    """

    operation: Operation[T]
    arguments: Mapping[str, object] = field(factory=dict, repr=False)
    body: object = field(default=None, repr=False)


class UnusableValueError(ValueError):
    """A value cannot stand in a URL. `name` is that of its parameter in Python; the message begins with it."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name} {problem}")
        self.name = name


def path_of(call: Call[T]) -> str:
    """Return the path of the call's request below the server's address, quoted, with its query.

    Raises UnusableValueError for a value that holds lone surrogates, and for that of a path parameter that would make
    it another path: nothing at all, "." or "..", raw, percent-encoded, or between slashes.
    """
    path = call.operation.path
    query: list[str] = []
    for parameter in call.operation.parameters:
        value = call.arguments.get(parameter.name)
        if parameter.place == "path":
            path = path.replace(f"{{{parameter.wire}}}", _segment(parameter.name, value))
        elif parameter.place == "query" and value is not None:
            values = value if isinstance(value, (list, tuple)) else [value]
            query += [f"{quote(parameter.wire, safe='')}={_quoted(parameter.name, _written(item))}" for item in values]
    return f"{path}?{'&'.join(query)}" if query else path


def headers_of(call: Call[T]) -> dict[str, str]:
    """Return the headers that the call's arguments ask for, names in lower case. They may hold keys."""
    headers = {"accept": "application/json"}
    for parameter in call.operation.parameters:
        value = call.arguments.get(parameter.name)
        if parameter.place == "header" and value is not None:
            headers[parameter.wire.lower()] = _written(value)
    return headers


def _written(value: object) -> str:
    """Write a value as it stands in a URL or a header."""
    if isinstance(value, bool):
        return "true" if value else "false"
    isoformat = getattr(value, "isoformat", None)
    return str(isoformat() if isoformat else value)


def _segment(name: str, value: object) -> str:
    """Quote the value of the path parameter `name`, so that it stays one segment of the path."""
    text = "" if value is None else _written(value)
    decoded = text
    while decoded != (once := unquote(decoded)):
        decoded = once
    if not decoded or not {".", ".."}.isdisjoint(re.split(r"[/\\]", decoded)):
        problem = f'must not be empty, "." or "..": {text[:100]!r} would change the path of the request'
        raise UnusableValueError(name, problem)
    return _quoted(name, text)


def _quoted(name: str, text: str) -> str:
    try:
        return quote(text, safe="")
    except UnicodeEncodeError:
        raise UnusableValueError(name, "must not hold lone surrogates, which no URL can") from None
