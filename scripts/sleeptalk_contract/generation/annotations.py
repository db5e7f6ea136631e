"""The Python type of each property, such that msgspec can decode into it, and the imports it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from openapi_python_client.parser.properties.any import AnyProperty
from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.parser.properties.date import DateProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.enum_property import EnumProperty
from openapi_python_client.parser.properties.file import FileProperty
from openapi_python_client.parser.properties.float import FloatProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.model_property import ModelProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.parser.properties.uuid import UuidProperty

from sleeptalk_contract.generation.text import literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openapi_python_client.parser.properties.protocol import PropertyProtocol

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

_IMPORTS: Final = {
    "Any": "from typing import Any",
    "Date": "from ...types import Date",
    "File": "from ...operation import File",
    "Timestamp": "from ...types import Timestamp",
    "UUID": "from uuid import UUID",
}


class Unsupported(Exception):  # noqa: N818  # it says what a construct is
    """A construct for which there is no type that msgspec decodes; the message says which, without an end mark."""


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


def annotation(prop: PropertyProtocol) -> Annotation:
    """Give the type of a property, without regard to whether it may be absent.

    Raises Unsupported for a type that msgspec cannot decode or that the generator has only for other purposes.
    """
    plain = _PLAIN.get(type(prop))
    if plain is not None:
        code, json = plain
        return Annotation(code, frozenset({json}), frozenset({_IMPORTS[code]} if code in _IMPORTS else ()))
    match prop:
        case ConstProperty():
            return _constant(prop)
        case EnumProperty():
            kind = "integer" if prop.value_type is int else "string"
            return _named(prop, kind)
        case ModelProperty():
            return _named(prop, "object")
        case ListProperty():
            inner = annotation(prop.inner_property)
            return Annotation(f"list[{inner.code}]", frozenset({"array"}), inner.imports, inner.models)
        case UnionProperty():
            return union([annotation(member) for member in prop.inner_properties])
    raise Unsupported(f"{type(prop).__name__} has no type here")


def _named(prop: EnumProperty | ModelProperty, json: str) -> Annotation:
    name, module = str(prop.class_info.name), str(prop.class_info.module_name)
    return Annotation(name, frozenset({json}), models=frozenset({(module, name)}))


def _constant(prop: ConstProperty) -> Annotation:
    value = prop.value.raw_value
    if isinstance(value, str):
        json = "string"
    elif isinstance(value, int) and not isinstance(value, bool):
        json = "integer"
    else:
        raise Unsupported("a constant must be a string or an integer")
    return Annotation(f"Literal[{literal(value)}]", frozenset({json}), frozenset({"from typing import Literal"}))


def union(members: Sequence[Annotation]) -> Annotation:
    """Join the types of a union in the order of the document, None at the end.

    Raises Unsupported where two members take the same JSON type, for then the type of a value could not be told.
    """
    different = list({member.code: member for member in members}.values())
    if any(member.code == "Any" for member in different):
        return next(member for member in different if member.code == "Any")
    taken: set[str] = set()
    for member in different:
        if member.json & taken:
            raise Unsupported(f"a union of two types that JSON both writes as {' or '.join(member.json & taken)}")
        taken |= member.json
    ordered = sorted(different, key=lambda member: member.code == "None")
    return Annotation(
        " | ".join(member.code for member in ordered),
        frozenset(taken),
        frozenset().union(*(member.imports for member in ordered)),
        frozenset().union(*(member.models for member in ordered)),
    )
