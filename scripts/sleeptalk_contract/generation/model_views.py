"""The classes, enumerations and aliases of a document, as the templates print them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from openapi_python_client.parser.properties import EnumProperty, ModelProperty
from openapi_python_client.parser.properties.model_property import ANY_ADDITIONAL_PROPERTY
from openapi_python_client.schema import Reference, Schema
from openapi_python_client.strings import ClassName, PythonIdentifier

from sleeptalk_contract.contract import documents
from sleeptalk_contract.generation.preparation import SHADOWING, unescaped
from sleeptalk_contract.generation.views import Field, Model, text_of, type_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from openapi_python_client.parser.openapi import Endpoint, GeneratorData
    from openapi_python_client.parser.properties.protocol import PropertyProtocol

    from sleeptalk_contract.generation.annotations import Annotation
    from sleeptalk_contract.generation.source import Source


def models(source: Source, prepared: dict[str, Any], data: GeneratorData, endpoints: Iterable[Endpoint]) -> list[Model]:
    """Make one view for each class, enumeration and alias, sorted by name.

    The schema of a multipart body has no class: its fields are arguments of a method.

    Raises UsageError, with line and pointer, for a type that msgspec cannot decode and for classes that import each
    other in a circle.
    """
    found = [_enumeration(enum) for enum in data.enums if isinstance(enum, EnumProperty)]
    forms = _forms(endpoints)
    found += [_model(source, model) for model in data.models if model.class_info.name not in forms]
    found += _unions(prepared)
    for name in sorted(SHADOWING & {model.name for model in found}):
        raise source.refusal(
            f"/components/schemas/{name}", "the name of this schema means something else in generated code."
        )
    _refuse_circles(source, found)
    return sorted(found, key=lambda model: model.name)


def _forms(endpoints: Iterable[Endpoint]) -> frozenset[str]:
    """Name the schemas of multipart bodies."""
    return frozenset(
        str(body.prop.class_info.name)
        for endpoint in endpoints
        for body in endpoint.bodies
        if body.content_type.get_untrusted_value() == "multipart/form-data" and isinstance(body.prop, ModelProperty)
    )


def _enumeration(enum: EnumProperty) -> Model:
    kind = "int" if enum.value_type is int else "str"
    # The parser keeps strings as Python literals without their quotes, of what `preparation` had escaped.
    members = tuple(
        (name, value if isinstance(value, int) else unescaped(json.loads(f'"{value}"')))
        for name, value in enum.values.items()
    )
    name, module = str(enum.class_info.name), str(enum.class_info.module_name)
    return Model(name, module, f"{kind}_enum", text_of(enum.description), members=members)


def _model(source: Source, model: ModelProperty) -> Model:
    pointer = _pointer(model)
    name, module = str(model.class_info.name), str(model.class_info.module_name)
    description = text_of(model.description)
    properties = [*(model.required_properties or []), *(model.optional_properties or [])]
    if not properties:
        further = model.additional_properties or ANY_ADDITIONAL_PROPERTY
        inner = type_of(source, f"{pointer}/additionalProperties", further)
        return Model(name, module, "alias", description, _statements(module, [inner]), alias=f"dict[str, {inner.code}]")
    order = list((model.data.properties or {}).keys())
    properties.sort(key=lambda prop: order.index(prop.name) if prop.name in order else len(order))
    fields: list[Field] = []
    types: list[Annotation] = []
    for prop in properties:
        wire = prop.name.get_untrusted_value()
        kind = type_of(source, f"{pointer}/properties/{wire}", prop)
        if "file" in kind.json:
            raise source.refusal(f"{pointer}/properties/{wire}", "a file can only be sent, as a field of multipart.")
        types.append(kind)
        fields.append(Field(wire, kind.code, prop.required, _described(model.data, prop)))
    absent = () if all(field.required for field in fields) else ("UNSET", "UnsetType")
    imports = ("from attrs import define", *_statements(module, types, absent))
    return Model(name, module, "model", description, imports, tuple(fields))


def _pointer(model: ModelProperty) -> str:
    """Tell where a model stands: a component's name is its path; of an inline schema only the name is known."""
    name = model.name.get_untrusted_value()
    return name if name.startswith("/") else f"/components/schemas (in {model.class_info.name})"


def _described(schema: Schema, prop: PropertyProtocol) -> str:
    """Find what the document says beside the property; beside a `$ref` the parser drops it."""
    site = (schema.properties or {}).get(prop.name)
    if isinstance(site, Reference):
        return str((site.model_extra or {}).get("description") or text_of(prop.description))
    return text_of(site.description if isinstance(site, Schema) else prop.description)


def _statements(module: str, types: Iterable[Annotation], wanted: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Give the import statements of a module in `models/`: those of its types, and the names wanted from `types`."""
    statements = {statement for kind in types for statement in kind.imports}
    shared = {*wanted, *(name for name in ("Date", "Timestamp") if f"from ...types import {name}" in statements)}
    statements = {statement for statement in statements if not statement.startswith("from ...types")}
    if shared:
        constants_classes_functions = sorted(shared, key=lambda name: (not name.isupper(), name[0].islower(), name))
        statements.add(f"from ...types import {', '.join(constants_classes_functions)}")
    others = {pair for kind in types for pair in kind.models if pair[0] != module}
    return (*sorted(statements), *(f"from .{other} import {name}" for other, name in sorted(others)))


def _unions(prepared: dict[str, Any]) -> Iterator[Model]:
    """Make an alias for each named union of objects, which have no class of their own in the generator's output."""
    schemas = (prepared.get("components") or {}).get("schemas") or {}
    for name, schema in schemas.items():
        members = schema.get("oneOf") or schema.get("anyOf") or []
        objects = [m for m in members if "$ref" in m and documents.resolved(prepared, m).get("type") == "object"]
        if len(objects) > 1 and len(objects) == len(members):
            names = [str(ClassName(member["$ref"].rpartition("/")[2], "field_")) for member in objects]
            module = str(PythonIdentifier(ClassName(name, "field_"), "field_"))
            imports = tuple(f"from .{PythonIdentifier(other, 'field_')} import {other}" for other in sorted(names))
            described = str(schema.get("description", ""))
            yield Model(str(ClassName(name, "field_")), module, "alias", described, imports, alias=" | ".join(names))


def _refuse_circles(source: Source, found: list[Model]) -> None:
    waiting = {model.module: set(re.findall(r"from \.(\w+) import", "\n".join(model.imports))) for model in found}
    while ready := [module for module, needs in waiting.items() if not needs & waiting.keys()]:
        for module in ready:
            del waiting[module]
    if waiting:
        names = ", ".join(sorted(model.name for model in found if model.module in waiting))
        raise source.refusal(
            "/components/schemas", f"schemas that refer to each other in a circle are not supported: {names}."
        )
