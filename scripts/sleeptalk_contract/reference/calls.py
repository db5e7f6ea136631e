"""One call of an operation with real values, from which samples in every language and the form to try it are made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from sleeptalk_contract.contract.operation import JSON
from sleeptalk_contract.reference.examples import asked, examples_of_request, named_values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sleeptalk_contract.contract.operation import Operation, Parameter
    from sleeptalk_contract.contract.service import Credential, Scenario, Target
    from sleeptalk_contract.reference.published import Published

MULTIPART: Final = "multipart/form-data"
RECEIVER: Final = "http://127.0.0.1:8766/"
"""Where samples deliver callbacks to: the address of the receivers that the guides show."""

_PATH: Final = "-._~!$&'()*+,;=:@"
"""What stands in a segment of a path as it is."""

_BY_FORMAT: Final = {"date": "2024-03-11", "uuid": "123e4567-e89b-12d3-a456-426614174000"}


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a call: as text, or that of an environment variable of the caller's."""

    text: str
    variable: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of an operation.

    - `server`: the address of the service; `path`: the template; the values of `path_values` stand in it.
    - `headers`, `query`: values by name, in the order of the document, without the optional ones that have no example.
    - `body`: the JSON of the body, None without one; `files`: the names of files by that of their part of a form.
    """

    method: str
    server: str
    path: str
    path_values: Mapping[str, Value]
    headers: Mapping[str, Value]
    query: Mapping[str, Value]
    body: str | None = None
    files: Mapping[str, str] | None = None

    @property
    def address(self) -> tuple[Value, ...]:
        """The whole address in pieces; values of the path and the query are percent-encoded in it."""
        given = urlencode({name: value.text for name, value in self.query.items()})
        pieces = [Value(self.server)]
        for piece in re.split(r"(\{[^{}]+\})", self.path):
            value = self.path_values.get(piece[1:-1]) if piece.startswith("{") else None
            pieces.append(Value(piece) if value is None else Value(quote(value.text, safe=_PATH), value.variable))
        pieces.append(Value(f"?{given}" if given else ""))
        return tuple(each for each in pieces if each.text or each.variable)


def call_of(part: Published, operation: Operation) -> Call:
    """Return a call of an operation: of a webhook, its shortest delivery to a receiver on the reader's own machine."""
    chosen = _known_ids(part, operation)
    credentials = {each.header: each for each in credentials_of(part, operation)}
    path_values: dict[str, Value] = {}
    query: dict[str, Value] = {}
    headers = {name: Value("", each.variable) for name, each in credentials.items()}
    own = scenario_of(part, operation)
    replaced = {} if own is None else own.headers
    headers |= {
        name: Value(replaced[name]) for name, each in credentials.items() if name in replaced and not each.secret
    }
    for each in operation.parameters:
        value = _value(part, each, chosen)
        if each.place == "path":
            path_values[each.name] = value or Value(each.name.upper())
        elif value is not None and each.place == "query":
            query[each.name] = value
        elif value is not None and each.place == "header" and each.name not in credentials:
            headers[each.name] = value
    shown = [one for one in examples_of_request(part, operation) if not one.broken]
    shown.sort(key=lambda one: len(one.text), reverse=not operation.is_webhook)
    if operation.is_webhook and shown:
        known = named_values(part, operation.request_schema() or {}, shown[0].value)
        for target in targets_of(part, operation):
            given, _, _ = asked(operation, target, known)
            open_ones = {name for name, each in credentials.items() if not each.secret}
            headers |= {name: Value(text) for name, text in given if name in open_ones}
    is_json = JSON in operation.request_content
    return Call(
        operation.method,
        RECEIVER.rstrip("/") if operation.is_webhook else server_of(part),
        "/" if operation.is_webhook else operation.path,
        path_values,
        headers,
        query,
        shown[0].text if shown and is_json else None,
        _files(part, operation.request_content.get(MULTIPART)),
    )


def credentials_of(part: Published, operation: Operation) -> list[Credential]:
    """Return the credentials that an operation takes: keys that the document secures it with, and its own headers."""
    schemes = (part.document.root.get("components") or {}).get("securitySchemes") or {}
    wanted = operation.value.get("security", part.document.root.get("security", ()))
    names = {schemes[name]["name"].lower() for each in wanted for name in each if "name" in schemes.get(name, {})}
    names |= {each.name.lower() for each in operation.parameters if each.place == "header"}
    targets = targets_of(part, operation) or part.service.targets
    found = {each.header: each for target in targets for each in target.credentials if each.header in names}
    return list(found.values())


def targets_of(part: Published, operation: Operation) -> list[Target]:
    """Return the targets that an operation belongs to."""
    return [
        target for target in part.service.targets if any(operation.id in group.operations for group in target.groups)
    ]


def scenarios_of(part: Published, operation: Operation) -> list[Scenario]:
    """Return what the sandbox shows of an operation."""
    return [each for target in part.service.targets for each in target.scenarios if each.operation == operation.id]


def scenario_of(part: Published, operation: Operation) -> Scenario | None:
    """Return the scenario of the samples: the one that the Python sample reads, or else the first; None without any."""
    shown = scenarios_of(part, operation)
    known = [each for each in shown if each.kind == "known"] or [each for each in shown if each.kind == "changing"]
    text = part.service.snippets.get(operation.id, "")
    read = (
        each for each in known if each.path_parameters and all(one in text for one in each.path_parameters.values())
    )
    return next(iter((*read, *known)), None)


def _known_ids(part: Published, operation: Operation) -> Mapping[str, str]:
    """Return values that the sandbox knows, by parameter: those of the operation's scenario, or ids of any other's."""
    own = scenario_of(part, operation)
    others = [each for target in part.service.targets for each in target.scenarios if each.kind == "known"]
    named = {name: value for each in reversed(others) for name, value in each.path_parameters.items()}
    return named if own is None else named | dict(own.path_parameters) | dict(own.query)


def server_of(part: Published) -> str:
    """Return the address of the service: the first server of the document, with the defaults of its variables."""
    for server in part.document.root.get("servers") or ():
        address = str(server["url"])
        for name, variable in (server.get("variables") or {}).items():
            address = address.replace(f"{{{name}}}", str(variable["default"]))
        return address.rstrip("/")
    return "http://127.0.0.1:8787"


def _value(part: Published, parameter: Parameter, chosen: Mapping[str, str]) -> Value | None:
    """Return a value of a parameter; None for an optional one without an example."""
    known = chosen.get(parameter.name) if parameter.place in {"path", "query"} else None
    if known is not None and known not in part.expected:
        return Value(known)
    for examples in (parameter.value.get("examples") or {}).values():
        return Value(str(part.document.resolved(examples)["value"]))
    if "example" in parameter.value:
        return Value(str(parameter.value["example"]))
    for credential, reference in _references_of_credentials(part):
        if parameter.schema.get("$ref") == reference:
            return Value("", credential.variable)
    if not parameter.required:
        return None
    schema = part.document.resolved(parameter.schema)
    values: Sequence[Any] = [*schema.get("examples", ()), *schema.get("enum", ())]
    return Value(str(values[0]) if values else _BY_FORMAT.get(schema.get("format", ""), parameter.name.upper()))


def _references_of_credentials(part: Published) -> list[tuple[Credential, str]]:
    """Return the schemas of the headers that are credentials: a parameter of the same schema has the same value."""
    credentials = {each.header: each for target in part.service.targets for each in target.credentials}
    return [
        (credentials[each.name], str(each.schema["$ref"]))
        for operation in part.document.operations.values()
        for each in operation.parameters
        if each.place == "header" and each.name in credentials and "$ref" in each.schema
    ]


def _files(part: Published, schema: Mapping[str, Any] | None) -> dict[str, str] | None:
    """Return the names of the files of a form by that of their part; None without a form."""
    if schema is None:
        return None
    fields = part.document.resolved(schema).get("properties", {})
    binary = [name for name, each in fields.items() if _is_file(part.document.resolved(each))]
    return dict.fromkeys(binary, "recording.wav")


def _is_file(schema: Mapping[str, Any]) -> bool:
    return schema.get("format") == "binary" or "contentMediaType" in schema
