"""The classes, enumerations and aliases of a document, as the templates print them, and the Python type of each part.

Each type is one that msgspec decodes into natively. Templates see the values of this module only, so that they stay
short and the parser's own classes stay in this folder.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from openapi_python_client.parser.properties import EnumProperty, ModelProperty
from openapi_python_client.parser.properties.any import AnyProperty
from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.parser.properties.date import DateProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.file import FileProperty
from openapi_python_client.parser.properties.float import FloatProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.model_property import ANY_ADDITIONAL_PROPERTY
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.parser.properties.uuid import UuidProperty
from openapi_python_client.schema import Reference, Schema
from openapi_python_client.strings import ClassName, PythonIdentifier

from sleeptalk_contract.contract.pointer import NULL_RULE, resolved
from sleeptalk_contract.generation.parsing import SHADOWING, unescaped
from sleeptalk_contract.generation.text import literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from openapi_python_client.parser.properties.protocol import PropertyProtocol
    from openapi_python_client.schema.untrusted_string import UntrustedString

    from sleeptalk_contract.contract.document import Document
    from sleeptalk_contract.generation.parsing import Parsed

_PLAIN: Final[dict[type, tuple[str, str]]] = {  # property: Python type, JSON type
    AnyProperty: ("Any", "any value"),
    BooleanProperty: ("bool", "boolean"),
    DateProperty: ("Date", "string"),
    DateTimeProperty: ("Timestamp", "string"),
    FileProperty: ("File", "file"),
    FloatProperty: ("float", "number"),
    IntProperty: ("int", "integer"),
    NoneProperty: ("None", "null"),
    StringProperty: ("str", "string"),
    UuidProperty: ("UUID", "string"),
}

_LOCAL_TIME: Final = "time-local"
"""The format of a time of day without an offset, which the parser takes for any string."""

_SENTENCES: Final = "x-enumDescriptions"
"""The key of an enumeration's schema that says in words what each value means."""

_SHARED: Final = ("Date", "LocalTime", "Timestamp")
"""The types of values that `types` defines."""

_IMPORTS: Final = {  # as a module in `models/` writes them
    "Any": "from typing import Any",
    "Date": "from ...types import Date",
    "File": "from ...operation import File",
    "LocalTime": "from ...types import LocalTime",
    "Timestamp": "from ...types import Timestamp",
    "UUID": "from uuid import UUID",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute of a class: its name on the wire and in Python, which are the same."""

    name: str
    type: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Model:
    """One module of `models/`: a class, an enumeration, or an alias (`alias` is its type) for a union or a mapping.

    `members` are the names and values of an enumeration, `sentences` what its values mean, where the document says so.
    `imports` are the import statements.
    """

    name: str
    module: str
    template: str
    description: str
    imports: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    members: tuple[tuple[str, str | int], ...] = ()
    sentences: Mapping[str, str] = field(default_factory=dict)
    alias: str = ""


@dataclass(frozen=True, slots=True)
class Annotation:
    """A Python type: its code, the JSON types that it takes, and what it imports.

    `imports` are import statements for a module in `models/`; `models` are the classes of the same package that it
    names, as pairs of module and class.
    """

    code: str
    json: frozenset[str]
    imports: frozenset[str] = frozenset()
    models: frozenset[tuple[str, str]] = frozenset()


class _Unsupported(Exception):  # noqa: N818  # named for the construct, not an error
    """A construct for which there is no type that msgspec decodes; the message names it, without a full stop."""


def models(parsed: Parsed) -> list[Model]:
    """Return one view for each class, enumeration and alias, sorted by name.

    The schema of a multipart body has no class: its fields are arguments of a method.

    Raises UsageError, with line and pointer, for a type that msgspec cannot decode and for classes that import each
    other in a circle.
    """
    document, forms = parsed.document, _forms(parsed)
    sentences = _sentences(document)
    found = [_enumeration(enum, sentences) for enum in parsed.data.enums if isinstance(enum, EnumProperty)]
    found += [_model(document, model) for model in parsed.data.models if model.class_info.name not in forms]
    found += _unions(parsed)
    for name in sorted(SHADOWING & {model.name for model in found}):
        raise document.refusal(
            f"/components/schemas/{name}", "the name of this schema has another meaning in generated code."
        )
    _refuse_circles(document, found)
    return sorted(found, key=lambda model: model.name)


def null_fields(document: Document) -> list[tuple[str, str, list[str]]]:
    """Return the sets of fields that are null under one condition: constant, description, names of the fields.

    They are the schemas with `x-null-rule`. Raises UsageError for one whose properties are not all null.
    """
    found: list[tuple[str, str, list[str]]] = []
    for name, schema in ((document.root.get("components") or {}).get("schemas") or {}).items():
        if isinstance(schema, dict) and NULL_RULE in schema:
            properties = schema.get("properties") or {}
            if not properties or any(inner != {"type": "null"} for inner in properties.values()):
                raise document.refusal(
                    f"/components/schemas/{name}", f"each property of a schema with {NULL_RULE} must be null."
                )
            constant = str(PythonIdentifier(name, "field_")).upper()
            found.append((constant, str(schema.get("description") or ""), sorted(properties)))
    return found


def _forms(parsed: Parsed) -> frozenset[str]:
    """Name the schemas of multipart bodies."""
    return frozenset(
        str(body.prop.class_info.name)
        for _, endpoint in parsed.endpoints
        for body in endpoint.bodies
        if body.content_type.get_untrusted_value() == "multipart/form-data" and isinstance(body.prop, ModelProperty)
    )


def _sentences(document: Document) -> Mapping[str, Mapping[str, str]]:
    """Return what the values of enumerations mean, by the name of the class.

    Raises UsageError where not each value of an enumeration of strings has one sentence.
    """
    found: dict[str, Mapping[str, str]] = {}
    for name, schema in ((document.root.get("components") or {}).get("schemas") or {}).items():
        if isinstance(schema, dict) and _SENTENCES in schema:
            words = schema[_SENTENCES]
            values = [str(value) for value in schema.get("enum") or ()]
            if not isinstance(words, dict) or {*words} != {*values}:
                sentence = "one sentence is needed for each value."
                raise document.refusal(f"/components/schemas/{name}/{_SENTENCES}", sentence)
            found[str(ClassName(name, "field_"))] = {value: str(words[value]) for value in values}
    return found


def _enumeration(enum: EnumProperty, sentences: Mapping[str, Mapping[str, str]]) -> Model:
    kind = "int" if enum.value_type is int else "str"
    # The parser keeps strings as Python literals without their quotes, of what `parsing` had escaped.
    members = tuple(
        (name, value if isinstance(value, int) else unescaped(json.loads(f'"{value}"')))
        for name, value in enum.values.items()
    )
    name, module = str(enum.class_info.name), str(enum.class_info.module_name)
    said = sentences.get(name, {})
    return Model(name, module, f"{kind}_enum", text_of(enum.description), members=members, sentences=said)


def _model(document: Document, model: ModelProperty) -> Model:
    pointer = _pointer(model)
    name, module = str(model.class_info.name), str(model.class_info.module_name)
    description = text_of(model.description)
    properties = [*(model.required_properties or []), *(model.optional_properties or [])]
    if not properties:
        further = model.additional_properties or ANY_ADDITIONAL_PROPERTY
        inner = type_of(document, f"{pointer}/additionalProperties", further)
        return Model(name, module, "alias", description, _statements(module, [inner]), alias=f"dict[str, {inner.code}]")
    order = list((model.data.properties or {}).keys())
    properties.sort(key=lambda prop: order.index(prop.name) if prop.name in order else len(order))
    fields: list[Field] = []
    types: list[Annotation] = []
    for prop in properties:
        wire = prop.name.get_untrusted_value()
        kind = type_of(document, f"{pointer}/properties/{wire}", prop)
        if "file" in kind.json:
            raise document.refusal(f"{pointer}/properties/{wire}", "a file can only be sent, as a field of multipart.")
        if kind.code == "str" and _format(document, model.data, prop) == _LOCAL_TIME:
            kind = Annotation("LocalTime", kind.json, frozenset({_IMPORTS["LocalTime"]}))
        types.append(kind)
        fields.append(Field(wire, kind.code, prop.required, _described(model.data, prop)))
    absent = () if all(field.required for field in fields) else ("UNSET", "UnsetType")
    imports = ("from attrs import define", *_statements(module, types, (*absent, "WireModel")))
    return Model(name, module, "model", description, imports, tuple(fields))


def _pointer(model: ModelProperty) -> str:
    """Return the location of a model: a component's name is its path; of an inline schema only the name is known."""
    name = model.name.get_untrusted_value()
    return name if name.startswith("/") else f"/components/schemas (in {model.class_info.name})"


def _format(document: Document, schema: Schema, prop: PropertyProtocol) -> object:
    """Return the format that the document gives a property, which the parser forgets where it does not know it."""
    site = (schema.properties or {}).get(prop.name)
    if isinstance(site, Reference):
        return document.resolved({"$ref": site.ref.get_untrusted_value()}).get("format")
    return text_of(site.schema_format) if isinstance(site, Schema) else None


def _described(schema: Schema, prop: PropertyProtocol) -> str:
    """Return the description beside the property; beside a `$ref` the parser drops it."""
    site = (schema.properties or {}).get(prop.name)
    if isinstance(site, Reference):
        return str((site.model_extra or {}).get("description") or text_of(prop.description))
    return text_of(site.description if isinstance(site, Schema) else prop.description)


def _statements(module: str, types: Iterable[Annotation], wanted: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the import statements of a module in `models/`: those of its types, and the names wanted from `types`."""
    statements = {statement for kind in types for statement in kind.imports}
    shared = {*wanted, *(name for name in _SHARED if f"from ...types import {name}" in statements)}
    statements = {statement for statement in statements if not statement.startswith("from ...types")}
    if shared:
        constants_classes_functions = sorted(shared, key=lambda name: (not name.isupper(), name[0].islower(), name))
        statements.add(f"from ...types import {', '.join(constants_classes_functions)}")
    others = {pair for kind in types for pair in kind.models if pair[0] != module}
    return (*sorted(statements), *(f"from .{other} import {name}" for other, name in sorted(others)))


def _unions(parsed: Parsed) -> Iterator[Model]:
    """Make an alias for each named union of objects, which have no class of their own in the generator's output."""
    schemas = (parsed.root.get("components") or {}).get("schemas") or {}
    for name, schema in schemas.items():
        members = schema.get("oneOf") or schema.get("anyOf") or []
        objects = [m for m in members if "$ref" in m and resolved(parsed.root, m).get("type") == "object"]
        if len(objects) > 1 and len(objects) == len(members):
            names = [str(ClassName(member["$ref"].rpartition("/")[2], "field_")) for member in objects]
            module = str(PythonIdentifier(ClassName(name, "field_"), "field_"))
            imports = tuple(f"from .{PythonIdentifier(other, 'field_')} import {other}" for other in sorted(names))
            described = str(schema.get("description", ""))
            yield Model(str(ClassName(name, "field_")), module, "alias", described, imports, alias=" | ".join(names))


def _refuse_circles(document: Document, found: list[Model]) -> None:
    waiting = {model.module: set(re.findall(r"from \.(\w+) import", "\n".join(model.imports))) for model in found}
    while ready := [module for module, needs in waiting.items() if not needs & waiting.keys()]:
        for module in ready:
            del waiting[module]
    if waiting:
        names = ", ".join(sorted(model.name for model in found if model.module in waiting))
        raise document.refusal(
            "/components/schemas", f"schemas that refer to each other in a circle are not supported: {names}."
        )


def text_of(value: UntrustedString | None) -> str:
    """Return a text of the document, empty where there is none; it may hold anything, so templates filter it."""
    return "" if value is None else value.get_untrusted_value()


def type_of(document: Document, pointer: str, prop: PropertyProtocol) -> Annotation:
    """Return the type of a property, without regard to whether it may be absent.

    Raises UsageError, with line and pointer, for a type that msgspec cannot decode or that the generator has only for
    other purposes.
    """
    try:
        return _annotation(prop)
    except _Unsupported as error:
        raise document.refusal(pointer, f"this type is not supported: {error}.") from error


def _annotation(prop: PropertyProtocol) -> Annotation:
    plain = _PLAIN.get(type(prop))
    if plain is not None:
        code, json_type = plain
        return Annotation(code, frozenset({json_type}), frozenset({_IMPORTS[code]} if code in _IMPORTS else ()))
    match prop:
        case ConstProperty():
            return _constant(prop)
        case EnumProperty():
            return _named(prop, "integer" if prop.value_type is int else "string")
        case ModelProperty():
            return _named(prop, "object")
        case ListProperty():
            inner = _annotation(prop.inner_property)
            return Annotation(f"list[{inner.code}]", frozenset({"array"}), inner.imports, inner.models)
        case UnionProperty():
            return _union([_annotation(member) for member in prop.inner_properties])
    raise _Unsupported(f"{type(prop).__name__} has no type here")


def _named(prop: EnumProperty | ModelProperty, json_type: str) -> Annotation:
    name, module = str(prop.class_info.name), str(prop.class_info.module_name)
    return Annotation(name, frozenset({json_type}), models=frozenset({(module, name)}))


def _constant(prop: ConstProperty) -> Annotation:
    value = prop.value.raw_value
    if isinstance(value, str):
        json_type = "string"
    elif isinstance(value, int) and not isinstance(value, bool):
        json_type = "integer"
    else:
        raise _Unsupported("a constant must be a string or an integer")
    return Annotation(f"Literal[{literal(value)}]", frozenset({json_type}), frozenset({"from typing import Literal"}))


def _union(members: Sequence[Annotation]) -> Annotation:
    """Join the types of a union in the order of the document, None at the end.

    Two members that take the same JSON type are refused, for then the type of a value would be a guess.
    """
    different = list({member.code: member for member in members}.values())
    if any(member.code == "Any" for member in different):
        return next(member for member in different if member.code == "Any")
    taken: set[str] = set()
    for member in different:
        if member.json & taken:
            raise _Unsupported(f"a union of two types that JSON both writes as {' or '.join(member.json & taken)}")
        taken |= member.json
    ordered = sorted(different, key=lambda member: member.code == "None")
    return Annotation(
        " | ".join(member.code for member in ordered),
        frozenset(taken),
        frozenset().union(*(member.imports for member in ordered)),
        frozenset().union(*(member.models for member in ordered)),
    )
