"""The operations of a document, as the template of the clients' methods prints them."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from openapi_python_client.parser.properties import ModelProperty
from openapi_python_client.parser.properties.list_property import ListProperty

from sleeptalk_contract.contract.operation import JSON
from sleeptalk_contract.generation.models import text_of, type_of
from sleeptalk_contract.generation.overrides import IMPORTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from openapi_python_client.parser.bodies import Body
    from openapi_python_client.parser.openapi import Endpoint
    from openapi_python_client.parser.properties.protocol import PropertyProtocol

    from sleeptalk_contract.contract.operation import Operation, Parameter
    from sleeptalk_contract.contract.usage import UsageError
    from sleeptalk_contract.generation.models import Annotation
    from sleeptalk_contract.generation.overrides import OverrideTable
    from sleeptalk_contract.generation.parsing import Parsed

_HEADER_NAME: Final = re.compile(r"[a-zA-Z0-9!#$%&'*+.^_`|~-]+")
_MULTIPART: Final = "multipart/form-data"
_SCALARS: Final = frozenset({"string", "integer", "number", "boolean"})
_TAKEN: Final = frozenset({"self", "cast", "body"})
"""Names that the methods use themselves."""
_METHODS_TAKEN: Final = frozenset({"close", "with_options"})
"""Methods that every client of the runtime has: one of an operation would be hidden by them."""
_CONSTANTS_TAKEN: Final = frozenset({"ABC", "T"})
"""Names of capitals that the module of a client uses itself."""


@dataclass(frozen=True, slots=True)
class ParameterView:
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
class OperationView:
    """One operation.

    - `body` is the media type of the request's body; `payload` are the arguments that it is made of, for multipart one
      for each field, whose names on the wire are in `fields`.
    - `results` has the status of each success with the code of its body's class ("None" without one), `refusals` those
      of every other answer with the document's words beside them.
    - `override` is the name of the class that an override gives for the result, None where none does.
    - `handwritten` says that the client has a method of its own for it, so that none is generated.
    - `imports` are import statements.
    """

    id: str
    name: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[ParameterView, ...]
    body: str | None
    payload: tuple[Argument, ...]
    fields: tuple[tuple[str, str], ...]
    results: tuple[tuple[int, str], ...]
    refusals: tuple[tuple[int, str, str], ...]
    override: str | None
    handwritten: bool
    imports: frozenset[str]

    @property
    def constant(self) -> str:
        """The name of the operation's constant."""
        name = self.name.upper()
        return f"{name}_" if name in _CONSTANTS_TAKEN else name

    @property
    def replaced(self) -> str:
        """The type variable that stands for the result of an override, named as its class; empty without one."""
        return (self.override or "").rpartition(".")[2]

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
    def _shown(self) -> list[ParameterView]:
        return [parameter for parameter in self.parameters if not parameter.filled]

    @property
    def documentation(self) -> str:
        """The document's own words: what the operation does, its arguments, and how it is refused."""
        summary = (self.summary or self.id).strip()
        parts = [summary if summary.endswith((".", "!", "?")) else f"{summary}.", self.description]
        arguments = [*self.positional, *self.keywords]
        parts.append("\n".join(f"- `{argument.name}`: {_flat(argument.description)}" for argument in arguments))
        if self.override:
            parts.append(f"The result is a `{self.override}`.")
        if self.refusals:
            listed = (f"- {status}: {_flat(words)}" for status, _, words in self.refusals)
            parts.append("\n".join(["Refused with:", *listed]))
        return "\n\n".join(part for part in parts if part.strip())


def _argument(parameter: ParameterView) -> Argument:
    return Argument(parameter.name, parameter.type, parameter.required, parameter.description)


def _flat(text: str) -> str:
    return " ".join(text.split()) or "not described."


def operation_views(parsed: Parsed, package: str, overrides: OverrideTable) -> list[OperationView]:
    """Return one view for each operation under `paths`, in the order of the document.

    Raises UsageError, with line and pointer, for a parameter, body or answer that generated methods cannot handle, and
    for an override that cannot stand beside the others.
    """
    found = [
        _Reader(operation, endpoint, package, overrides).view(parsed.document.root)
        for operation, endpoint in parsed.endpoints
    ]
    _refuse_taken_classes(found, package, overrides)
    return found


def _refuse_taken_classes(found: Sequence[OperationView], package: str, overrides: OverrideTable) -> None:
    """Raise UsageError for the class of an override whose name means something else in the client's module."""
    imported = {name for line in client_imports(found) for name in line.partition(" import ")[2].split(", ")}
    taken = dict.fromkeys(imported | {view.constant for view in found} | _CONSTANTS_TAKEN, "")
    for view in found:
        if view.override and taken.setdefault(view.replaced, view.override) != view.override:
            sentence = f"the name {view.replaced} means something else in the client's module: rename the class."
            raise overrides.refusal(package, "result", view.id, sentence)


class _Reader:
    """Reads one operation, and collects what its types import."""

    def __init__(self, operation: Operation, endpoint: Endpoint, package: str, overrides: OverrideTable) -> None:
        self._operation = operation
        self._endpoint = endpoint
        self._package = package
        self._overrides = overrides
        self._imports: set[str] = set()

    def view(self, root: Mapping[str, Any]) -> OperationView:
        operation, endpoint = self._operation, self._endpoint
        parameters = (*self._keys(root), *self._parameters())
        self._refuse_doubles(parameters)
        body = self._body(endpoint.bodies)
        payload, fields = self._payload(body, {parameter.name for parameter in parameters})
        answers = self._answers()
        if not any(_succeeds(status) for status, _ in answers):
            raise self._refusal("/responses", "at least one success (2xx) is needed.")
        return OperationView(
            id=operation.id,
            name=f"{endpoint.name}_" if endpoint.name in _METHODS_TAKEN else str(endpoint.name),
            method=operation.method,
            path=operation.path,
            summary=text_of(endpoint.summary),
            description=text_of(endpoint.description),
            parameters=parameters,
            body=None if body is None else _media(body),
            payload=payload,
            fields=fields,
            results=tuple((status, kind) for status, kind in answers if _succeeds(status)),
            refusals=tuple(
                (status, kind, operation.responses[str(status)].description)
                for status, kind in answers
                if not _succeeds(status)
            ),
            override=self._overrides.result(self._package, operation.id),
            handwritten=self._overrides.has_method(self._package, operation.id),
            imports=frozenset(self._imports),
        )

    def _refusal(self, below: str, sentence: str) -> UsageError:
        return self._operation.document.refusal(f"{self._operation.pointer}{below}", sentence)

    def _type(self, below: str, prop: PropertyProtocol) -> Annotation:
        return type_of(self._operation.document, f"{self._operation.pointer}{below}", prop)

    def _keys(self, root: Mapping[str, Any]) -> list[ParameterView]:
        """Make a parameter of each API key, which the client fills in."""
        schemes = (root.get("components") or {}).get("securitySchemes") or {}
        needed = self._operation.value.get("security", root.get("security")) or []
        is_one_of_many = len(needed) > 1 or any(not alternative for alternative in needed)
        keys: list[ParameterView] = []
        for name in dict.fromkeys(name for alternative in needed for name in alternative):
            scheme = self._operation.document.resolved(schemes.get(name))
            if not isinstance(scheme, dict) or scheme.get("type") != "apiKey" or scheme.get("in") != "header":
                raise self._operation.document.refusal(
                    f"/components/securitySchemes/{name}", "only an API key in a header is supported."
                )
            wire = str(scheme["name"])
            argument = _argument_name(wire.lower().replace("-", "_"), wire)
            keys.append(ParameterView(argument, wire, "header", "str", not is_one_of_many, "", None, filled=True))
        return keys

    def _parameters(self) -> list[ParameterView]:
        found: list[ParameterView] = []
        for parameter in self._operation.parameters:
            if parameter.place == "cookie":
                raise self._refusal("", "parameters in cookies are not supported.")
            properties = getattr(self._endpoint, f"{parameter.place}_parameters")
            named = [prop for prop in properties if prop.name.get_untrusted_value() == parameter.name]
            if not named:  # the generator drops it without a word
                raise self._refusal("", f"the {parameter.place} parameter {parameter.name!r} needs a schema.")
            view = self._parameter(parameter, named[0])
            entry = self._overrides.argument(self._package, parameter.name)
            if entry is not None:
                view = replace(view, filled="type" not in entry, type=entry.get("type", view.type))
                self._imports |= {each for name, each in IMPORTS.items() if name in view.type.split(" | ")}
            found.append(view)
        return sorted(found, key=lambda view: ("path", "query", "header").index(view.place))

    def _refuse_doubles(self, parameters: Sequence[ParameterView]) -> None:
        names = [parameter.name for parameter in parameters]
        for name in names:
            if names.count(name) > 1:
                raise self._refusal("", f"two parameters would both be the argument {name}.")

    def _parameter(self, parameter: Parameter, prop: PropertyProtocol) -> ParameterView:
        kind = inner = self._type("", prop)
        wire, place = parameter.name, parameter.place
        if place == "query" and isinstance(prop, ListProperty):
            inner = self._type("", prop.inner_property)
            if not parameter.value.get("explode", True) or parameter.value.get("style", "form") != "form":
                raise self._refusal("", f"the list {wire!r} must be sent as repeated parameters.")
        if not inner.json <= _SCALARS or (place == "header" and _HEADER_NAME.fullmatch(wire) is None):
            lists = ", or a list of those" if place == "query" else ""
            raise self._refusal("", f"the {place} parameter {wire!r} must be a text, a number, a boolean{lists}.")
        pattern = self._operation.document.resolved(parameter.schema).get("pattern")
        return ParameterView(
            name=_argument_name(str(prop.python_name), wire if place == "header" else ""),
            wire=wire,
            place=place,
            type=self._lenient(kind),
            required=parameter.required,
            description=str(parameter.value.get("description") or ""),
            pattern=pattern if isinstance(pattern, str) else None,
            filled=False,
        )

    def _lenient(self, kind: Annotation) -> str:
        """Write the type of a value that is sent: what stands for a text may be that text."""
        code = self._code(kind)
        plain = {"string": "str", "integer": "int"}.get("".join(kind.json), "")
        is_its_own = code == "UUID" or kind.models
        return f"{code} | {plain}" if is_its_own and plain else code

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
            raise self._refusal("/requestBody", "a request must have one media type.")
        if bodies and _media(bodies[0]) not in (JSON, _MULTIPART):
            raise self._refusal("/requestBody", f"the body of a request must be {JSON} or {_MULTIPART}.")
        return bodies[0] if bodies else None

    def _payload(
        self, body: Body | None, taken: Iterable[str]
    ) -> tuple[tuple[Argument, ...], tuple[tuple[str, str], ...]]:
        """Make the arguments of the body, and for multipart the pairs of a field on the wire and its argument."""
        if body is None:
            return (), ()
        required = self._operation.request_is_required
        if _media(body) == JSON:
            declared = self._operation.document.resolved(self._operation.value["requestBody"])
            described = str(declared.get("description") or text_of(body.prop.description))
            return (Argument("body", self._code(self._type("/requestBody", body.prop)), required, described),), ()
        if not isinstance(body.prop, ModelProperty):
            raise self._refusal("/requestBody", f"the schema of {_MULTIPART} must be an object.")
        arguments: list[Argument] = []
        fields: list[tuple[str, str]] = []
        for prop in [*(body.prop.required_properties or []), *(body.prop.optional_properties or [])]:
            wire, name = prop.name.get_untrusted_value(), str(prop.python_name)
            kind = self._type("/requestBody", prop)
            if not kind.json <= _SCALARS | {"file"}:
                raise self._refusal(
                    "/requestBody", f"the field {wire!r} must be a file, a text, a number or a boolean."
                )
            if name in {*taken, "self", "cast"}:
                raise self._refusal("/requestBody", f"the field {wire!r} has the name of another argument.")
            arguments.append(Argument(name, self._lenient(kind), required and prop.required, text_of(prop.description)))
            fields.append((wire, name))
        return tuple(arguments), tuple(fields)

    def _answers(self) -> list[tuple[int, str]]:
        """Pair the status of each answer with the code of its body's class."""
        answers: list[tuple[int, str]] = []
        for answer in self._endpoint.responses:
            status, below = answer.status_code.pattern, f"/responses/{answer.status_code.pattern}"
            if not status.isdigit():
                raise self._refusal(below, "an answer must have one status.")
            content = self._operation.responses[status].content
            prop = answer.prop.inner_property if isinstance(answer.prop, ListProperty) else answer.prop
            if content and (list(content) != [JSON] or not isinstance(prop, ModelProperty)):
                raise self._refusal(
                    below,
                    f"the body of an answer must be {JSON}, an object or a list of objects, or there must be none.",
                )
            answers.append((int(status), self._code(self._type(below, answer.prop)) if content else "None"))
        return answers


def _succeeds(status: int) -> bool:
    return 200 <= status <= 299  # noqa: PLR2004  # RFC 9110's successes


def _media(body: Body) -> str:
    return body.content_type.get_untrusted_value()


def _argument_name(name: str, header: str) -> str:
    """Name an argument as its parameter, without the `x-` of a header, and with a `_` where the name is taken."""
    short = name.removeprefix("x_") if header.lower().startswith("x-") else name
    if not short.isidentifier():
        return name
    return f"{short}_" if short in _TAKEN or keyword.iskeyword(short) else short


def _class_name(name: str) -> str:
    """Write a name of lower case with the humps of a class: get_session, GetSession."""
    return "".join(part.capitalize() for part in name.split("_"))


def methods_class(package: str) -> str:
    """Name the class with the methods of a package: asleep, AsleepMethods."""
    return f"{_class_name(package)}Methods"


def client_imports(found: Sequence[OperationView]) -> tuple[str, ...]:
    """Return the import statements of a client's module, constants and classes before functions."""
    replaced = any(operation.replaced for operation in found)
    names: dict[str, set[str]] = {
        "typing": {"Final", "TypeVar"} | ({"Generic", "cast"} if replaced else set()),
        "..operation": {"Call", "Operation"} | {"Parameter" for operation in found if operation.parameters},
        "abc": {"ABC", "abstractmethod"},
        "__future__": {"annotations"},
    }
    for statement in {statement for operation in found for statement in operation.imports}:
        _, module, _, name = statement.split()
        names.setdefault(module, set()).add(name)
    return tuple(f"from {module} import {', '.join(sorted(used, key=str.swapcase))}" for module, used in names.items())
