"""The operations of a document, as the templates print them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from openapi_python_client.parser.properties import ModelProperty
from openapi_python_client.strings import PythonIdentifier

from sleeptalk_contract.contract import documents
from sleeptalk_contract.generation.preparation import operations
from sleeptalk_contract.generation.views import Operation, Parameter, text_of, type_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openapi_python_client.parser.openapi import Endpoint
    from openapi_python_client.parser.properties.protocol import PropertyProtocol

    from sleeptalk_contract.generation.source import Source

_HEADER_NAME: Final = re.compile(r"[a-zA-Z0-9!#$%&'*+.^_`|~-]+")


def operation_views(source: Source, prepared: dict[str, Any], endpoints: Sequence[Endpoint]) -> list[Operation]:
    """Make one view for each operation, in the order of the document.

    Raises UsageError, with line and pointer, for an operation, parameter or answer that generated functions cannot
    handle.
    """
    by_name = {str(endpoint.name): endpoint for endpoint in endpoints}
    views: list[Operation] = []
    for pointer, operation in operations(source, prepared):
        name = PythonIdentifier(str(operation.get("operationId", "")), "field_")
        if "operationId" not in operation or any(view.name == name for view in views):
            raise source.refusal(pointer, "an operation needs an operationId of its own.")
        if not (by_name[name].query_parameters or by_name[name].bodies):
            views.append(_operation(source, prepared, pointer, by_name[name]))
    return views


def _operation(source: Source, prepared: dict[str, Any], pointer: str, endpoint: Endpoint) -> Operation:
    declared = _declared(prepared, pointer)
    parameters = [_parameter(source, pointer, "path", prop, declared) for prop in endpoint.path_parameters]
    parameters += [_parameter(source, pointer, "header", prop, declared) for prop in endpoint.header_parameters]
    imports = {"from uuid import UUID" for parameter in parameters if "UUID" in parameter.type}
    bodies: list[tuple[int, str]] = []
    for answer in endpoint.responses:
        status = answer.status_code.range
        if status is None or not isinstance(answer.prop, ModelProperty):
            continue
        body = answer.prop.class_info
        bodies.append((status[0], str(body.name)))
        imports.add(f"from ..models.{body.module_name} import {body.name}")
    return Operation(
        name=str(endpoint.name),
        method=endpoint.method.upper(),
        path=documents.parts(pointer)[1],
        summary=text_of(endpoint.summary),
        description=text_of(endpoint.description),
        parameters=tuple(parameters),
        bodies=tuple(bodies),
        imports=tuple(sorted(imports)),
    )


def _declared(prepared: dict[str, Any], pointer: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Find the parameters of an operation and of its path by place and name; those of the operation win."""
    holders = (documents.follow(prepared, pointer.rpartition("/")[0]), documents.follow(prepared, pointer))
    listed = [parameter for holder in holders for parameter in holder.get("parameters", [])]
    found = [documents.resolved(prepared, parameter) for parameter in listed]
    return {(parameter["in"], parameter["name"]): parameter for parameter in found}


def _parameter(
    source: Source,
    pointer: str,
    place: str,
    prop: PropertyProtocol,
    declared: dict[tuple[str, str], dict[str, Any]],
) -> Parameter:
    wire = prop.name.get_untrusted_value()
    described = declared[place, wire]
    code = type_of(source, pointer, prop).code
    if code not in {"str", "int", "UUID"} or _HEADER_NAME.fullmatch(wire) is None:
        raise source.refusal(pointer, f"the {place} parameter {wire!r} must be a string, an integer or a UUID.")
    return Parameter(
        name=str(prop.python_name),
        wire=wire,
        place=place,
        type="UUID | str" if code == "UUID" else code,
        required=prop.required,
        description=str(described.get("description", "")),
        pattern=_pattern(source, described),
    )


def _pattern(source: Source, parameter: dict[str, Any]) -> str | None:
    pattern = (documents.resolved(source.document, parameter.get("schema")) or {}).get("pattern")
    return pattern if isinstance(pattern, str) else None
