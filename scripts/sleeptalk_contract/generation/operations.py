"""The operations of a document, as the template of the clients' methods prints them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from openapi_python_client.parser.properties import ModelProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.strings import PythonIdentifier

from sleeptalk_contract.contract import documents
from sleeptalk_contract.generation.preparation import key_headers, operations
from sleeptalk_contract.generation.views import text_of, type_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from openapi_python_client.parser.bodies import Body
    from openapi_python_client.parser.openapi import Endpoint
    from openapi_python_client.parser.properties.protocol import PropertyProtocol
    from openapi_python_client.parser.responses import Response

    from sleeptalk_contract.generation.annotations import Annotation
    from sleeptalk_contract.generation.overrides import Overrides
    from sleeptalk_contract.generation.source import Source

_HEADER_NAME: Final = re.compile(r"[a-zA-Z0-9!#$%&'*+.^_`|~-]+")
_JSON: Final = "application/json"
_MULTIPART: Final = "multipart/form-data"
_SCALARS: Final = frozenset({"string", "integer", "number", "boolean"})
_TAKEN: Final = frozenset({"self", "cast", "body", "file"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: `name` of the argument in Python, `wire` its name on the wire, `place` "path", "query", "header".

    `filled` says that the client fills it in.
    """

    name: str
    wire: str
    place: str
    type: str
    required: bool
    description: str
    pattern: str | None
    filled: bool


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a method, with its type and the document's words for it."""

    name: str
    type: str
    required: bool
    description: str

    @property
    def annotation(self) -> str:
        """What stands behind the name in a signature: the type, and None as the default of what may be left out."""
        return self.type if self.required else f"{self.type} | None = None"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    - `body` is the media type of the request's body; `payload` are the arguments that it is made of, for multipart one
      for each field, whose names on the wire are in `fields`.
    - `results` and `refusals` pair a status with the code of its body's class ("None" without one).
    - `answers` pairs each refusal's status with the document's words.
    - `replaced` is the type variable of a result that an override gives, empty where none does.
    - `imports` are import statements.
    """

    id: str
    name: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    body: str | None
    payload: tuple[Argument, ...]
    fields: tuple[tuple[str, str], ...]
    results: tuple[tuple[int, str], ...]
    refusals: tuple[tuple[int, str], ...]
    answers: tuple[tuple[int, str], ...]
    replaced: str
    imports: frozenset[str]

    @property
    def constant(self) -> str:
        """The name of the operation's constant."""
        return self.name.upper()

    @property
    def result(self) -> str:
        """The type of the generated result."""
        kinds = dict.fromkeys(kind for _, kind in self.results)
        return " | ".join(sorted(kinds, key=lambda kind: kind == "None"))

    @property
    def positional(self) -> list[Argument]:
        """The arguments that may be given by position: of the path, then of the body."""
        path = [_argument(parameter) for parameter in self._shown if parameter.place == "path"]
        return path + [argument for argument in self.payload if argument.required or not self.fields]

    @property
    def keywords(self) -> list[Argument]:
        """The arguments that are given by name, required ones first."""
        named = [_argument(parameter) for parameter in self._shown if parameter.place != "path"]
        named += [argument for argument in self.payload if not argument.required and self.fields]
        return sorted(named, key=lambda argument: not argument.required)

    @property
    def sent(self) -> list[str]:
        """The names of the parameters that are arguments of the method."""
        return [parameter.name for parameter in self._shown]

    @property
    def _shown(self) -> list[Parameter]:
        return [parameter for parameter in self.parameters if not parameter.filled]

    @property
    def documentation(self) -> str:
        """The document's own words: what the operation does, its arguments, and how it is refused."""
        summary = (self.summary or self.id).strip()
        parts = [summary if summary.endswith((".", "!", "?")) else f"{summary}.", self.description]
        arguments = [*self.positional, *self.keywords]
        parts.append("\n".join(f"- `{argument.name}`: {_flat(argument.description)}" for argument in arguments))
        if self.answers:
            parts.append("\n".join(["Refused with:", *(f"- {status}: {_flat(says)}" for status, says in self.answers)]))
        return "\n\n".join(part for part in parts if part.strip())


def _argument(parameter: Parameter) -> Argument:
    return Argument(parameter.name, parameter.type, parameter.required, parameter.description)


def _flat(text: str) -> str:
    return " ".join(text.split()) or "not described."


def operation_views(
    source: Source, prepared: dict[str, Any], endpoints: Sequence[Endpoint], package: str, overrides: Overrides
) -> list[Operation]:
    """Make one view for each operation, in the order of the document.

    Raises UsageError, with line and pointer, for an operation, parameter, body or answer that generated methods cannot
    handle.
    """
    by_name = {str(endpoint.name): endpoint for endpoint in endpoints}
    views: list[Operation] = []
    for pointer, operation in operations(source, prepared):
        name = PythonIdentifier(str(operation.get("operationId", "")), "field_")
        if "operationId" not in operation or any(view.name == name for view in views):
            raise source.refusal(pointer, "an operation needs an operationId of its own.")
        reader = _Reader(source, prepared, pointer, package, overrides)
        views.append(reader.view(str(operation["operationId"]), by_name[name]))
    return views


class _Reader:
    """Reads one operation, and collects what its types import."""

    def __init__(
        self, source: Source, prepared: dict[str, Any], pointer: str, package: str, overrides: Overrides
    ) -> None:
        self._source = source
        self._prepared = prepared
        self._pointer = pointer
        self._package = package
        self._overrides = overrides
        self._imports: set[str] = set()

    def view(self, operation_id: str, endpoint: Endpoint) -> Operation:
        if endpoint.cookie_parameters:
            raise self._source.refusal(self._pointer, "parameters in cookies are not supported.")
        parameters = self._parameters(endpoint)
        body = self._body(endpoint.bodies)
        payload, fields = self._payload(body, {parameter.name for parameter in parameters})
        results, refusals, answers = self._answers(endpoint.responses)
        replaced = self._overrides.is_replaced(self._package, operation_id)
        return Operation(
            id=operation_id,
            name=str(endpoint.name),
            method=endpoint.method.upper(),
            path=documents.parts(self._pointer)[1],
            summary=text_of(endpoint.summary),
            description=text_of(endpoint.description),
            parameters=tuple(parameters),
            body=None if body is None else _media(body),
            payload=payload,
            fields=fields,
            results=results,
            refusals=refusals,
            answers=answers,
            replaced=f"{_class_name(str(endpoint.name))}Result" if replaced else "",
            imports=frozenset(self._imports),
        )

    def _parameters(self, endpoint: Endpoint) -> list[Parameter]:
        declared = self._declared()
        keys = key_headers(self._prepared)
        found: list[Parameter] = []
        for place in ("path", "query", "header"):
            for prop in getattr(endpoint, f"{place}_parameters"):
                parameter = self._parameter(place, prop, declared[place, prop.name.get_untrusted_value()])
                entry = self._overrides.argument(self._package, parameter.wire)
                if place == "header" and parameter.wire.lower() in keys:
                    parameter = replace(parameter, filled=True)
                elif entry is not None:
                    parameter = replace(parameter, filled="type" not in entry, type=entry.get("type", parameter.type))
                    self._imports |= {"from uuid import UUID"} if "UUID" in parameter.type else set()
                found.append(parameter)
        read = {(parameter.place, parameter.wire) for parameter in found}
        for place, wire in sorted(declared.keys() - read):  # the generator drops them without a word
            raise self._source.refusal(self._pointer, f"the {place} parameter {wire!r} needs a schema.")
        names = [parameter.name for parameter in found]
        for name in names:
            if names.count(name) > 1:
                raise self._source.refusal(self._pointer, f"two parameters would both be the argument {name}.")
        return found

    def _declared(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Find the parameters of the operation and of its path by place and name; those of the operation win."""
        item, operation = self._pointer.rpartition("/")[0], self._pointer
        holders = (documents.follow(self._prepared, item), documents.follow(self._prepared, operation))
        listed = [parameter for holder in holders for parameter in holder.get("parameters", [])]
        found = [documents.resolved(self._prepared, parameter) for parameter in listed]
        return {(parameter["in"], parameter["name"]): parameter for parameter in found}

    def _parameter(self, place: str, prop: PropertyProtocol, declared: dict[str, Any]) -> Parameter:
        wire = prop.name.get_untrusted_value()
        kind = type_of(self._source, self._pointer, prop)
        inner = kind
        if place == "query" and isinstance(prop, ListProperty):
            inner = type_of(self._source, self._pointer, prop.inner_property)
            if not declared.get("explode", True) or declared.get("style", "form") != "form":
                raise self._source.refusal(self._pointer, f"the list {wire!r} must be sent as repeated parameters.")
        if not inner.json <= _SCALARS or (place == "header" and _HEADER_NAME.fullmatch(wire) is None):
            raise self._source.refusal(
                self._pointer,
                f"the {place} parameter {wire!r} must be a text, a number, a boolean"
                f"{', or a list of those' if place == 'query' else ''}.",
            )
        schema = documents.resolved(self._source.document, declared.get("schema")) or {}
        pattern = schema.get("pattern")
        return Parameter(
            name=_argument_name(str(prop.python_name), place),
            wire=wire,
            place=place,
            type=self._lenient(kind),
            required=prop.required,
            description=str(declared.get("description", "")),
            pattern=pattern if isinstance(pattern, str) else None,
            filled=False,
        )

    def _lenient(self, kind: Annotation) -> str:
        """Write the type of a value that is sent: what stands for a text may be that text."""
        code = self._code(kind)
        plain = {"string": "str", "integer": "int"}.get("".join(kind.json), "")
        if (kind.models or code == "UUID") and plain and not code.startswith("list["):
            return f"{code} | {plain}"
        return code

    def _code(self, kind: Annotation) -> str:
        """Write a type as it stands in the client's module: classes of the document behind `models.`."""
        self._imports |= {statement.replace("from ...", "from ..") for statement in kind.imports}
        code = kind.code
        for _, name in kind.models:
            code = re.sub(rf"(?<![\w.\"']){re.escape(name)}(?![\w\"'])", f"models.{name}", code)
            self._imports.add("from . import models")
        return code

    def _body(self, bodies: Sequence[Body]) -> Body | None:
        if len(bodies) > 1:
            raise self._source.refusal(f"{self._pointer}/requestBody", "a request must have one media type.")
        if bodies and _media(bodies[0]) not in (_JSON, _MULTIPART):
            raise self._source.refusal(
                f"{self._pointer}/requestBody", f"the body of a request must be {_JSON} or {_MULTIPART}."
            )
        return bodies[0] if bodies else None

    def _payload(
        self, body: Body | None, taken: Iterable[str]
    ) -> tuple[tuple[Argument, ...], tuple[tuple[str, str], ...]]:
        """Make the arguments of the body, and for multipart the pairs of a field on the wire and its argument."""
        if body is None:
            return (), ()
        pointer = f"{self._pointer}/requestBody"
        declared = documents.resolved(self._prepared, documents.follow(self._prepared, pointer))
        required = bool(declared.get("required", False))
        if _media(body) == _JSON:
            kind = type_of(self._source, pointer, body.prop)
            described = str(declared.get("description") or text_of(body.prop.description))
            return (Argument("body", self._code(kind), required, described),), ()
        if not isinstance(body.prop, ModelProperty):
            raise self._source.refusal(pointer, f"the schema of {_MULTIPART} must be an object.")
        arguments: list[Argument] = []
        fields: list[tuple[str, str]] = []
        for prop in [*(body.prop.required_properties or []), *(body.prop.optional_properties or [])]:
            wire = prop.name.get_untrusted_value()
            kind = type_of(self._source, pointer, prop)
            if not kind.json <= _SCALARS | {"file"}:
                raise self._source.refusal(
                    pointer, f"the field {wire!r} must be a file, a text, a number or a boolean."
                )
            name = str(prop.python_name)
            if name in taken or name in _TAKEN - {"file", "body"}:
                raise self._source.refusal(pointer, f"the field {wire!r} has the name of another argument.")
            description = text_of(prop.description)
            arguments.append(Argument(name, self._lenient(kind), required and prop.required, description))
            fields.append((wire, name))
        return tuple(arguments), tuple(fields)

    def _answers(
        self, responses: Iterable[Response]
    ) -> tuple[tuple[tuple[int, str], ...], tuple[tuple[int, str], ...], tuple[tuple[int, str], ...]]:
        results: list[tuple[int, str]] = []
        refusals: list[tuple[int, str]] = []
        answers: list[tuple[int, str]] = []
        for answer in responses:
            pointer = f"{self._pointer}/responses/{answer.status_code.pattern}"
            status = answer.status_code.range
            if status is None or status[0] != status[1]:
                raise self._source.refusal(pointer, "an answer must have one status.")
            declared = documents.resolved(self._prepared, documents.follow(self._prepared, pointer))
            succeeds = 200 <= status[0] <= 299  # noqa: PLR2004  # RFC 9110's successes
            kind = self._answer(pointer, answer, declared)
            (results if succeeds else refusals).append((status[0], kind))
            if not succeeds:
                answers.append((status[0], str(declared.get("description", ""))))
        if not results:
            raise self._source.refusal(f"{self._pointer}/responses", "at least one success (2xx) is needed.")
        return tuple(results), tuple(refusals), tuple(answers)

    def _answer(self, pointer: str, answer: Response, declared: dict[str, Any]) -> str:
        content = declared.get("content") or {}
        if not content:
            return "None"
        prop = answer.prop.inner_property if isinstance(answer.prop, ListProperty) else answer.prop
        if list(content) != [_JSON] or not isinstance(prop, ModelProperty):
            raise self._source.refusal(
                pointer,
                f"the body of an answer must be {_JSON}, an object or a list of objects, or there must be none.",
            )
        return self._code(type_of(self._source, pointer, answer.prop))


def _media(body: Body) -> str:
    return body.content_type.get_untrusted_value()


def _argument_name(name: str, place: str) -> str:
    """Name an argument as its parameter, without the `x_` of a header, and with a `_` where the name is taken."""
    name = name.removeprefix("x_") if place == "header" else name
    return f"{name}_" if name in _TAKEN - {"file"} else name


def _class_name(name: str) -> str:
    """Write a name of lower case with the humps of a class: get_session, GetSession."""
    return "".join(part.capitalize() for part in name.split("_"))


def methods_class(package: str) -> str:
    """Name the class with the methods of a package: asleep, AsleepMethods."""
    return f"{_class_name(package)}Methods"


def client_imports(found: Sequence[Operation]) -> tuple[str, ...]:
    """Return the import statements of a client's module."""
    replaced = any(operation.replaced for operation in found)
    used = {"Call", "Operation"} | {"Parameter" for operation in found if operation.parameters}
    statements = {statement for operation in found for statement in operation.imports}
    used |= {"File"} if "from ..operation import File" in statements else set()
    types = sorted(s.rpartition(" ")[2] for s in statements if s.startswith("from ..types import "))
    statements = {s for s in statements if not s.startswith(("from ..types", "from ..operation"))}
    typing = ["Final", *(["Generic"] if replaced else []), "TypeVar", *(["cast"] if replaced else [])]
    if "from typing import Any" in statements:
        statements.discard("from typing import Any")
        typing.insert(0, "Any")
    return (
        *sorted(statements),
        "from __future__ import annotations",
        "from abc import ABC, abstractmethod",
        f"from typing import {', '.join(typing)}",
        f"from ..operation import {', '.join(sorted(used))}",
        *([f"from ..types import {', '.join(types)}"] if types else []),
    )
