"""The document as the generator is given it: a copy with a few patches, after a look for what it would get wrong.

The generator ignores or mistranslates some constructs without a word. Each is either patched here, with the reason
beside it, or refused with its place in the document.
"""

from __future__ import annotations

import copy
import keyword
import re
from typing import TYPE_CHECKING, Any, Final

from openapi_python_client.strings import snake_case

from sleeptalk_contract.contract import documents

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sleeptalk_contract.generation.source import Source

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

_ITEM_KEYS: Final = ("summary", "description", "servers", "parameters")

SHADOWING: Final = frozenset(
    {"bool", "dict", "float", "int", "list", "str", "datetime", "Any", "Date", "Literal", "Timestamp", "UUID"}
    | {"UNSET", "UnsetType", "define", "TypeAlias"}
    | {"Request", "Client", "AsyncClient", "path_segment", "decode"}
)
"""Names that generated modules use themselves: a property or schema of such a name would stand in their way."""

_Schema = dict[str, Any]


def prepare(source: Source) -> dict[str, Any]:
    """Copy the document and patch the copy for the generator.

    Raises UsageError, with line and pointer, for a construct that cannot be generated faithfully.
    """
    prepared = copy.deepcopy(dict(source.document))
    for pointer, schema in _schemas(source, prepared):
        _drop_titles(schema)
        _mark_files(schema)
        _drop_empty_objects(prepared, schema)
        _name_members(source, pointer, schema)
        _check(source, pointer, schema)
    _forget_empty_objects(prepared)
    for _, operation in operations(source, prepared):
        _ask_for_key(source, prepared, operation)
    return prepared


def operations(source: Source, document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Find the operations under `paths`, each with its pointer."""
    for path, item in (document.get("paths") or {}).items():
        pointer = f"/paths/{documents.token(path)}"
        if not isinstance(item, dict) or "$ref" in item:
            # The generator skips such a path without a warning, which would leave the client without its operations.
            raise source.refusal(pointer, "a path must hold its operations itself, not a $ref.")
        for key in item:
            if key not in (*METHODS, *_ITEM_KEYS) and not str(key).startswith("x-"):
                raise source.refusal(f"{pointer}/{documents.token(key)}", "a path has no such method or key.")
        for method in METHODS:
            if method in item:
                yield f"{pointer}/{method}", item[method]


def _schemas(source: Source, document: dict[str, Any]) -> Iterator[tuple[str, _Schema]]:
    """Find every schema from which a type is made, outer ones first."""
    components = document.get("components") or {}
    for name, schema in (components.get("schemas") or {}).items():
        yield from _below(f"/components/schemas/{name}", schema)
    for name, parameter in (components.get("parameters") or {}).items():
        yield from _below(f"/components/parameters/{name}/schema", parameter.get("schema"))
    for kind in ("requestBodies", "responses"):
        for name, holder in (components.get(kind) or {}).items():
            yield from _in_content(f"/components/{kind}/{name}", holder)
    for path, item in (document.get("paths") or {}).items():
        yield from _in_parameters(f"/paths/{documents.token(path)}", item)
    for pointer, operation in operations(source, document):
        yield from _in_parameters(pointer, operation)
        yield from _in_content(f"{pointer}/requestBody", operation.get("requestBody"))
        for status, answer in (operation.get("responses") or {}).items():
            yield from _in_content(f"{pointer}/responses/{status}", answer)


def _in_parameters(pointer: str, holder: Any) -> Iterator[tuple[str, _Schema]]:
    for position, parameter in enumerate((holder or {}).get("parameters") or []):
        yield from _below(f"{pointer}/parameters/{position}/schema", parameter.get("schema"))


def _in_content(pointer: str, holder: Any) -> Iterator[tuple[str, _Schema]]:
    for media, content in ((holder or {}).get("content") or {}).items():
        yield from _below(f"{pointer}/content/{documents.token(media)}/schema", content.get("schema"))


def _below(pointer: str, schema: Any) -> Iterator[tuple[str, _Schema]]:
    if not isinstance(schema, dict):
        return
    yield pointer, schema
    for name, inner in (schema.get("properties") or {}).items():
        yield from _below(f"{pointer}/properties/{documents.token(name)}", inner)
    for key in ("items", "additionalProperties"):
        yield from _below(f"{pointer}/{key}", schema.get(key))
    for key in ("anyOf", "oneOf"):
        for position, inner in enumerate(schema.get(key) or []):
            yield from _below(f"{pointer}/{key}/{position}", inner)


def _drop_titles(schema: _Schema) -> None:
    """Drop the title, by which the generator would name the class: a class is named as its schema is."""
    schema.pop("title", None)


def _mark_files(schema: _Schema) -> None:
    """Write a file of OpenAPI 3.1 (`contentMediaType`) as the generator knows it, which is that of 3.0."""
    media = str(schema.get("contentMediaType", "application/json"))
    if (
        schema.get("type", "string") == "string"
        and "contentEncoding" not in schema
        and not media.startswith("text/")
        and not media.endswith("json")
    ):
        schema |= {"type": "string", "format": "binary"}


def _is_empty_object(document: dict[str, Any], schema: Any) -> bool:
    target = documents.resolved(document, schema)
    return isinstance(target, dict) and target.get("type") == "object" and target.get("maxProperties") == 0


def _drop_empty_objects(document: dict[str, Any], schema: _Schema) -> None:
    """Drop `{}` from unions: msgspec cannot tell two kinds of objects apart, and `{}` is read as None by the client."""
    for key in ("anyOf", "oneOf"):
        members = schema.get(key)
        if isinstance(members, list):
            kept = [member for member in members if not _is_empty_object(document, member)]
            if kept:
                schema[key] = kept


def _forget_empty_objects(document: dict[str, Any]) -> None:
    """Drop the schemas of `{}` that nothing refers to any more, so that no class is made for them."""
    schemas = (document.get("components") or {}).get("schemas") or {}
    used = set(re.findall(r"#/components/schemas/([^'\"]+)", repr({**document, "components": {**schemas}})))
    for name in [name for name, schema in schemas.items() if _is_empty_object(document, schema)]:
        if name not in used:
            del schemas[name]


def _name_members(source: Source, pointer: str, schema: _Schema) -> None:
    """Give each string of an enum a name that is valid, unique and follows the order of the document.

    The values are escaped as Python would escape them, because the generator drops control characters; `parsing` undoes
    it. Names of the document itself (`x-enum-varnames`) are taken as they are.
    """
    values = schema.get("enum")
    if not isinstance(values, list) or not all(isinstance(value, str) or value is None for value in values):
        return
    strings = [value for value in values if value is not None]
    names = schema.get("x-enum-varnames")
    if names is None:
        names = _names(strings)
    elif not isinstance(names, list) or len(names) != len(strings) or not all(_is_member_name(name) for name in names):
        raise source.refusal(f"{pointer}/x-enum-varnames", "one name of A-Z, 0-9 and _ is needed for each value.")
    schema["x-enum-varnames"] = names
    schema["enum"] = [value if value is None else escaped(value) for value in values]
    schema.pop("default", None)


def escaped(value: str) -> str:
    """Write a string in printable ASCII, reversibly; `unescaped` is the way back."""
    return value.encode("unicode_escape").decode("ascii")


def unescaped(value: str) -> str:
    """Undo `escaped`."""
    return value.encode("ascii").decode("unicode_escape")


def _is_member_name(name: object) -> bool:
    return isinstance(name, str) and re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", name) is not None


def _names(values: Sequence[str]) -> list[str]:
    names: list[str] = []
    for position, value in enumerate(values):
        name = re.sub(r"[^A-Z0-9]+", "_", snake_case(value).upper()).strip("_")
        names.append(name if _is_member_name(name) and name not in names else f"VALUE_{position}")
    return names


def _check(source: Source, pointer: str, schema: _Schema) -> None:
    """Refuse what the generator would take but our classes could not hold."""
    for name in schema.get("properties") or {}:
        below = f"{pointer}/properties/{documents.token(name)}"
        if not (isinstance(name, str) and name.isascii() and name.isidentifier()) or keyword.iskeyword(name):
            raise source.refusal(below, "the name of a property must be an identifier of Python, as is its attribute.")
        if name.startswith("_") or name in SHADOWING:
            raise source.refusal(below, "the name of this property means something else in generated code.")
    if schema.get("properties") and isinstance(schema.get("additionalProperties"), dict):
        raise source.refusal(
            f"{pointer}/additionalProperties", "further properties with a schema beside named ones are not supported."
        )
    if "prefixItems" in schema:
        raise source.refusal(f"{pointer}/prefixItems", "a list with a schema for each position is not supported.")


def key_headers(document: dict[str, Any]) -> frozenset[str]:
    """Return the headers that hold an API key, in lower case."""
    schemes = (document.get("components") or {}).get("securitySchemes") or {}
    return frozenset(
        str(scheme["name"]).lower()
        for scheme in schemes.values()
        if isinstance(scheme, dict) and scheme.get("type") == "apiKey" and scheme.get("in") == "header"
    )


def _ask_for_key(source: Source, document: dict[str, Any], operation: dict[str, Any]) -> None:
    """Make an API key an ordinary header parameter of its operations, which the generator would not send at all."""
    schemes = (document.get("components") or {}).get("securitySchemes") or {}
    needed = operation.get("security", document.get("security")) or []
    optional = any(not alternative for alternative in needed)
    for name in dict.fromkeys(name for alternative in needed for name in alternative):
        scheme = schemes.get(name)
        if not isinstance(scheme, dict) or scheme.get("type") != "apiKey" or scheme.get("in") != "header":
            raise source.refusal(f"/components/securitySchemes/{name}", "only an API key in a header is supported.")
        parameter = {
            "name": scheme["name"],
            "in": "header",
            "required": not optional and len(needed) == 1,
            "description": scheme.get("description", "The API key."),
            "schema": {"type": "string"},
        }
        operation["parameters"] = [parameter, *operation.get("parameters", [])]
