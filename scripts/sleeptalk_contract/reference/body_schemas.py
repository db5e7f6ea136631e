"""The bodies of a document as JSON Schemas, one file each, which any validator of draft 2020-12 takes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sleeptalk_contract.contract.pointer import with_whole_schemas

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sleeptalk_contract.contract.document import Document
    from sleeptalk_contract.contract.operation import Operation
    from sleeptalk_contract.reference.published import Published

FOLDER: Final = "schemas"
"""The folder of the files within the site."""

_DATA: Final = frozenset({"example", "examples", "default", "enum", "const"})
_NAMES: Final = frozenset({"properties", "$defs"})
_SCHEMAS: Final = "#/components/schemas/"
_FORMATS: Final = frozenset(
    {
        *("date-time", "date", "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6"),
        *("uri", "uri-reference", "iri", "iri-reference", "uri-template", "uuid", "regex"),
        *("json-pointer", "relative-json-pointer"),
    }
)
"""The formats of JSON Schema: strict validators refuse others, which our documents bind by a pattern as well."""


class Body(NamedTuple):
    """A body of an operation: what it is, in words ("request", "200", "422"), its media type, and its file.

    `schema` is the one in the document, as written.
    """

    operation: Operation
    what: str
    media_type: str
    file: str
    schema: Mapping[str, Any]


def bodies(part: Published) -> Iterator[Body]:
    """Yield the bodies of a document in its order, requests before answers. Several may have the same file."""
    for operation in part.document.operations.values():
        contents = {"request": operation.request_content}
        contents |= {status: response.content for status, response in operation.responses.items()}
        for what, content in contents.items():
            for media_type, schema in content.items():
                reference = schema.get("$ref", "")
                name = reference.removeprefix(_SCHEMAS) if reference else f"{operation.id}-{what}"
                yield Body(operation, what, media_type, f"{FOLDER}/{part.name}/{name}.schema.json", schema)


def schema_files(part: Published) -> dict[str, str]:
    """Return the JSON Schema of each body of a document as the text of a file, by the path of the file."""
    return {
        body.file: f"{json.dumps(_identified(part, body), indent=2, ensure_ascii=False)}\n" for body in bodies(part)
    }


def _identified(part: Published, body: Body) -> dict[str, Any]:
    """Return the schema of a body with an id and a title, by which validators and editors tell it from others."""
    name = body.file.rpartition("/")[2].removesuffix(".schema.json")
    schema = self_contained(part.document, body.schema)
    return {"$schema": schema["$schema"], "$id": f"urn:sleeptalk:{part.name}:{name}", "title": name, **schema}


def self_contained(document: Document, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema of a document as one of draft 2020-12, with all that it refers to under `$defs`.

    Ids of rules become comments ("rule session.shape"); keywords that only OpenAPI has are left out.
    """
    whole = with_whole_schemas(document.root)["components"]["schemas"]
    named = {**(document.root["components"]["schemas"]), **whole}
    needed: dict[str, Any] = {}
    waiting = list(_names(schema))
    while waiting:
        name = waiting.pop(0)
        if name not in needed:
            needed[name] = named[name]
            waiting += _names(named[name])
    title = schema["$ref"].removeprefix(_SCHEMAS) if "$ref" in schema else ""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", **({"title": title} if title else {})}
    definitions = {name: _written(needed[name]) for name in named if name in needed}
    return {**head, **_written(schema), **({"$defs": definitions} if definitions else {})}


def _names(value: Any) -> Iterator[str]:
    """Yield the names of the schemas that a value refers to."""
    if isinstance(value, list):
        for item in value:
            yield from _names(item)
    elif isinstance(value, dict):
        if str(value.get("$ref", "")).startswith(_SCHEMAS):
            yield value["$ref"].removeprefix(_SCHEMAS)
        for key, item in value.items():
            if key not in _DATA:
                yield from _names(item)


def _written(schema: Any) -> Any:
    """Return a schema in the words of JSON Schema alone."""
    if isinstance(schema, list):
        return [_written(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "x-rule":
            made["$comment"] = f"rule {value}"
        elif key == "$ref":
            made[key] = value.replace(_SCHEMAS, "#/$defs/")
        elif key in _NAMES:
            made[key] = {name: _written(item) for name, item in value.items()}
        elif key in _DATA:
            made[key] = value
        elif not key.startswith("x-") and key != "discriminator" and (key != "format" or value in _FORMATS):
            made[key] = _written(value)
    return made
