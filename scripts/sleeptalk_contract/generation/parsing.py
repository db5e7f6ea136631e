"""openapi-python-client's parser, run on a prepared copy of a document.

The generator ignores or mistranslates some constructs without a word. Each is patched in the copy, with the reason
beside it, or refused with its place in the document; and each of the generator's warnings is taken as an error.
"""

from __future__ import annotations

import copy
import keyword
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.openapi import Endpoint, GeneratorData
from openapi_python_client.schema import OpenAPI
from openapi_python_client.strings import PythonIdentifier, snake_case
from pydantic import ValidationError

from sleeptalk_contract.contract.operation import METHODS, Operation
from sleeptalk_contract.contract.pointer import NULL_RULE, merged, parts, resolved, token
from sleeptalk_contract.contract.usage import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sleeptalk_contract.contract.document import Document
    from sleeptalk_contract.contract.usage import UsageError

SHADOWING: Final = frozenset(
    {"bool", "dict", "float", "int", "list", "str", "datetime", "Any", "Date", "Literal", "LocalTime", "Timestamp"}
    | {"UUID"}
    | {"UNSET", "UnsetType", "WireModel", "define", "TypeAlias", "self"}
    | {"to_dict", "to_json", "from_dict", "from_json"}
)
"""Names that modules of classes or the classes use: a property or schema of such a name would stand in their way."""

_ITEM_KEYS: Final = frozenset({*METHODS, "summary", "description", "servers", "parameters"})
_LONGEST: Final = 300

_Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Parsed:
    """What the generator's parser found in a document.

    `root` is the prepared copy of the document; `endpoints` pairs each operation under `paths`, in the order of the
    document, with what the parser made of it.
    """

    document: Document
    root: dict[str, Any]
    data: GeneratorData
    endpoints: tuple[tuple[Operation, Endpoint], ...]


def parse(document: Document) -> Parsed:
    """Parse a document into classes, enumerations and endpoints.

    Raises UsageError, with line and pointer, for what is not OpenAPI, for a construct that cannot be generated
    faithfully, for everything the generator complains of, and where it drops an operation.
    """
    _see_that_it_is_openapi(document)
    root = _prepared(document)
    config = Config.from_sources(
        ConfigFile(post_hooks=[]), MetaType.NONE, Path(document.label), "utf-8", overwrite=False, output_path=None
    )
    try:
        data = GeneratorData.from_dict(root, config=config)
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        # The generator meets some broken documents with whatever exception happens to come out of it.
        reason = _short(str(error) or type(error).__name__)
        raise document.refusal("", f"the generator cannot take this document: {reason}") from error
    if isinstance(data, GeneratorError):
        raise _refusal(document, data)
    collections = data.endpoint_collections_by_tag.values()
    for complaint in [*data.errors, *(error for collection in collections for error in collection.parse_errors)]:
        raise _refusal(document, complaint)
    found = {str(endpoint.name): endpoint for collection in collections for endpoint in collection.endpoints}
    return Parsed(document, root, data, tuple(_paired(document, found)))


def _paired(document: Document, found: dict[str, Endpoint]) -> Iterator[tuple[Operation, Endpoint]]:
    """Find the endpoint of each operation: a mistake in a document can hide one without breaking anything else."""
    for operation in document.operations.values():
        if not operation.is_webhook:
            endpoint = found.pop(str(PythonIdentifier(operation.id, "field_")), None)
            if endpoint is None:
                raise document.refusal(
                    operation.pointer, "the generator drops this operation, or takes it for another."
                )
            yield operation, endpoint


def _see_that_it_is_openapi(document: Document) -> None:
    """See that the document has the structure of an OpenAPI document, as far as the generator reads it.

    The generator does the same, but without the place of an error.
    """
    try:
        OpenAPI.model_validate(document.root)
    except ValidationError as error:
        first = error.errors()[0]
        raise document.refusal(_place(document, first["loc"]), _short(first["msg"])) from error


def _place(document: Document, location: Sequence[int | str]) -> str:
    """Turn the place that pydantic gives into a JSON Pointer, without the steps that are its own."""
    pointer = ""
    for step in location:
        below = f"{pointer}/{token(step)}"
        if step == location[-1]:
            return below
        try:
            document.follow(below)
        except LookupError:
            continue
        pointer = below
    return pointer


def _refusal(document: Document, error: GeneratorError) -> UsageError:
    schema = re.search(r"schema (/components/\S+?):?$", error.header.strip())
    operation = re.search(r"parsing ([A-Z]+) (/\S*) within", error.header)
    pointer = ""
    if schema:
        pointer = schema[1]
    elif operation:
        pointer = f"/paths/{token(operation[2])}/{operation[1].lower()}"
    return document.refusal(pointer, f"the generator cannot take this: {_short(error.detail or error.header)}")


def _short(text: str) -> str:
    line = one_line(text.replace("Unable to parse this part of your OpenAPI document: : ", "")).rstrip(".")
    return f"{line if len(line) <= _LONGEST else line[:_LONGEST] + ' ...'}."


def _prepared(document: Document) -> dict[str, Any]:
    """Copy the document and patch the copy for the generator."""
    root = copy.deepcopy(dict(document.root))
    _see_that_paths_are_plain(document)
    _see_that_webhooks_have_classes(document)
    _write_out_parts(document, root)
    for pointer, schema in _schemas(root):
        _drop_titles(schema)
        _mark_files(schema)
        _drop_empty_objects(root, schema)
        _name_members(document, pointer, schema)
        _check(document, pointer, schema)
    for pointer, schema in list(_schemas(root)):
        _split_nullable_enum(pointer, schema)
    _forget_what_has_no_class(root)
    return root


def _write_out_parts(document: Document, root: dict[str, Any]) -> None:
    """Write the objects in `allOf` into the schemas that they are part of: the parser loses their descriptions."""
    schemas = (root.get("components") or {}).get("schemas") or {}
    for name, schema in schemas.items():
        try:
            schemas[name] = copy.deepcopy(merged(document.root, schema))
        except LookupError as error:
            raise document.refusal(f"/components/schemas/{token(name)}/allOf", f"{_short(str(error))}.") from error


def _see_that_paths_are_plain(document: Document) -> None:
    for path, item in (document.root.get("paths") or {}).items():
        pointer = f"/paths/{token(path)}"
        if not isinstance(item, dict) or "$ref" in item:
            # The generator skips such a path without a warning, which would leave the client without its operations.
            raise document.refusal(pointer, "a path must hold its operations itself, not a $ref.")
        for key in item:
            if key not in _ITEM_KEYS and not str(key).startswith("x-"):
                raise document.refusal(f"{pointer}/{token(key)}", "a path has no such method or key.")


def _see_that_webhooks_have_classes(document: Document) -> None:
    """Refuse a webhook whose body has no named schema: the generator makes classes for webhooks of those alone."""
    for operation in document.operations.values():
        if operation.is_webhook and not all("$ref" in schema for schema in operation.request_content.values()):
            raise document.refusal(
                f"{operation.pointer}/requestBody", "the schema of a webhook's body must be a $ref to a named one."
            )


def _schemas(root: dict[str, Any]) -> Iterator[tuple[str, _Schema]]:
    """Find every schema from which a type is made, outer ones first."""
    components = root.get("components") or {}
    for name, schema in (components.get("schemas") or {}).items():
        yield from _below(f"/components/schemas/{name}", schema)
    for name, parameter in (components.get("parameters") or {}).items():
        yield from _below(f"/components/parameters/{name}/schema", parameter.get("schema"))
    for kind in ("requestBodies", "responses"):
        for name, holder in (components.get(kind) or {}).items():
            yield from _in_content(f"/components/{kind}/{name}", holder)
    for path, item in (root.get("paths") or {}).items():
        pointer = f"/paths/{token(path)}"
        yield from _in_parameters(pointer, item)
        for method in METHODS:
            operation = item.get(method) or {}
            yield from _in_parameters(f"{pointer}/{method}", operation)
            yield from _in_content(f"{pointer}/{method}/requestBody", operation.get("requestBody"))
            for status, answer in (operation.get("responses") or {}).items():
                yield from _in_content(f"{pointer}/{method}/responses/{status}", answer)


def _in_parameters(pointer: str, holder: _Schema) -> Iterator[tuple[str, _Schema]]:
    for position, parameter in enumerate(holder.get("parameters") or []):
        yield from _below(f"{pointer}/parameters/{position}/schema", parameter.get("schema"))


def _in_content(pointer: str, holder: Any) -> Iterator[tuple[str, _Schema]]:
    for media, content in ((holder or {}).get("content") or {}).items():
        yield from _below(f"{pointer}/content/{token(media)}/schema", content.get("schema"))


def _below(pointer: str, schema: Any) -> Iterator[tuple[str, _Schema]]:
    if not isinstance(schema, dict):
        return
    yield pointer, schema
    for name, inner in (schema.get("properties") or {}).items():
        yield from _below(f"{pointer}/properties/{token(name)}", inner)
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
    is_text = media.startswith("text/") or media.endswith("json")
    if schema.get("type", "string") == "string" and "contentEncoding" not in schema and not is_text:
        schema |= {"type": "string", "format": "binary"}


def _is_empty_object(root: dict[str, Any], schema: Any) -> bool:
    target = resolved(root, schema)
    return isinstance(target, dict) and target.get("type") == "object" and target.get("maxProperties") == 0


def _drop_empty_objects(root: dict[str, Any], schema: _Schema) -> None:
    """Drop `{}` from unions: msgspec cannot tell two kinds of objects apart, and `{}` is read as None by the client."""
    for key in ("anyOf", "oneOf"):
        members = schema.get(key)
        if isinstance(members, list):
            kept = [member for member in members if not _is_empty_object(root, member)]
            if kept:
                schema[key] = kept


def _forget_what_has_no_class(root: dict[str, Any]) -> None:
    """Drop the lists of null fields, and the schemas of `{}` that nothing refers to any more."""
    schemas = (root.get("components") or {}).get("schemas") or {}
    for name in [name for name, schema in schemas.items() if isinstance(schema, dict) and NULL_RULE in schema]:
        del schemas[name]
    used = set(re.findall(r"#/components/schemas/([^'\"]+)", repr(root)))
    for name in [name for name, schema in schemas.items() if _is_empty_object(root, schema)]:
        if name not in used:
            del schemas[name]


def _name_members(document: Document, pointer: str, schema: _Schema) -> None:
    """Name each string of an enum, validly, uniquely and in the order of the document.

    The values are escaped as Python would escape them, because the generator drops control characters; `unescaped`
    undoes it. Names of the document itself (`x-enum-varnames`) are taken as they are.
    """
    values = schema.get("enum")
    if not isinstance(values, list) or not all(isinstance(value, str) or value is None for value in values):
        return
    strings = [value for value in values if value is not None]
    names = schema.get("x-enum-varnames")
    if names is None:
        names = _names(strings)
    elif not isinstance(names, list) or len(names) != len(strings) or not all(_is_member_name(name) for name in names):
        raise document.refusal(f"{pointer}/x-enum-varnames", "one name of A-Z, 0-9 and _ is needed for each value.")
    schema["x-enum-varnames"] = names
    schema["enum"] = [value if value is None else escaped(value) for value in values]
    schema.pop("default", None)


def _split_nullable_enum(pointer: str, schema: _Schema) -> None:
    """Write an enum with null in it as a union of the enum and null.

    The parser makes an enumeration for each entry of `type`, null as well, which are then the same type twice. The
    title names the enumeration as if null were not in it.
    """
    values, types = schema.get("enum"), schema.get("type", ["null"])
    if not isinstance(values, list) or None not in values:
        return
    rest = [value for value in values if value is not None]
    kinds = {type(value) for value in rest}
    if kinds not in ({str}, {int}):
        return
    member: _Schema = {key: schema.pop(key) for key in ("type", "enum", "x-enum-varnames", "format") if key in schema}
    member |= {"type": "string" if kinds == {str} else "integer", "enum": rest}
    if "description" in schema:
        member["description"] = schema["description"]
    *_, holder, name = parts(pointer)
    if holder in {"properties", "schemas"}:
        member["title"] = name
    if isinstance(types, list) and "null" in types:
        schema["anyOf"] = [member, {"type": "null"}]
    else:
        schema |= member


def escaped(value: str) -> str:
    """Return a string in printable ASCII, reversibly; `unescaped` is the way back."""
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


def _check(document: Document, pointer: str, schema: _Schema) -> None:
    """Refuse what the generator would take but our classes could not hold."""
    for name in schema.get("properties") or {}:
        below = f"{pointer}/properties/{token(name)}"
        if not (isinstance(name, str) and name.isascii() and name.isidentifier()) or keyword.iskeyword(name):
            raise document.refusal(below, "the name of a property must be a Python identifier, as is its attribute.")
        if name.startswith("_") or name in SHADOWING:
            raise document.refusal(below, "the name of this property has another meaning in generated code.")
    if schema.get("properties") and isinstance(schema.get("additionalProperties"), dict):
        raise document.refusal(
            f"{pointer}/additionalProperties", "further properties with a schema beside named ones are not supported."
        )
    if "prefixItems" in schema:
        raise document.refusal(f"{pointer}/prefixItems", "a list with a schema for each position is not supported.")
