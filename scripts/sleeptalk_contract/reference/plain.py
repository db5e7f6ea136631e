"""Derive a plain document: the same operations and shapes in OpenAPI 3.1, for readers and tools without conditions."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sleeptalk_contract.contract.operation import METHODS
from sleeptalk_contract.contract.pointer import follow, with_whole_schemas

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

_DATA: Final = frozenset({"example", "examples", "default", "enum", "const", "value"})
_SCHEMAS: Final = "#/components/schemas/"
_NULL: Final = {"type": "null"}
_REMARK: Final = (
    "This is the plain form of the document, derived from it for readers and tools that cannot take conditions. What\n"
    "depends on other values stands as a sentence in the description of its schema, and what may be null has a list\n"
    "of types. Each body that the document accepts is accepted by this form."
)


class _Optional(NamedTuple):
    """A named schema beside null in a union, and whether an empty object stands there too."""

    name: str
    or_empty: bool


def plain(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI 3.1 document that accepts what `document` does, and beyond that only what breaks a condition.

    Conditions become sentences of descriptions, and parts of `allOf` are written into their schema. A union whose
    members differ in type becomes a list of types. One of a named schema and null becomes a named schema that may be
    null: the same one where it is used only so, and otherwise another. Where an empty object is a member too, what the
    object requires stands in a sentence. An answer or a schema that several operations have is written out in each of
    them, so that each can be read alone.
    """
    made: dict[str, Any] = _unconditional(with_whole_schemas(document))
    made["info"] = {**made["info"], "description": f"{_REMARK}\n\n{made['info'].get('description', '')}".rstrip()}
    schemas: dict[str, Any] = made["components"]["schemas"]
    found = list(dict.fromkeys(each for one in _mappings(made) if (each := _optional(one, schemas)) is not None))
    elsewhere = {name for one in _mappings(made) if _optional(one, schemas) is None for name in _named(one)}
    names = {
        each: each.name
        if each.name not in elsewhere and [one.name for one in found].count(each.name) == 1
        else f"Nullable{each.name}{'OrEmpty' * each.or_empty}"
        for each in found
    }
    before = {name for one in _mappings(made) for name in _named(one)}
    made = _without_unions(made, schemas, names)
    for each, name in names.items():
        made["components"]["schemas"][name] = _or_null(made["components"]["schemas"][each.name], or_empty=each.or_empty)
    made = _alone(_answered(made))
    unused = before - {name for one in _mappings(made) for name in _named(one)}
    made["components"]["schemas"] = {
        name: schema for name, schema in made["components"]["schemas"].items() if name not in unused
    }
    return made


def _answered(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document whose operations have their answers in place of references to them."""

    def with_answers(operation: Any) -> Any:
        answers = {
            status: follow(document, answer["$ref"]) if "$ref" in answer else answer
            for status, answer in operation.get("responses", {}).items()
        }
        return {**operation, **({"responses": answers} if answers else {})}

    made = dict(document)
    for section in ("paths", "webhooks"):
        if section in document:
            made[section] = {
                path: {key: with_answers(each) if key in METHODS else each for key, each in item.items()}
                for path, item in document[section].items()
            }
    made["components"] = {key: each for key, each in document["components"].items() if key != "responses"}
    return made


def _alone(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document in which no two operations under `paths` have a named schema in common."""
    schemas: Mapping[str, Any] = document["components"]["schemas"]
    users = Counter(
        name
        for item in (document.get("paths") or {}).values()
        for method, operation in item.items()
        if method in METHODS
        for name in _reached(operation, document)
    )
    shared = {name for name, count in users.items() if count > 1 and name not in _reached(schemas.get(name), document)}
    return dict(_written_out(document, schemas, shared))


def _reached(value: Any, document: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of the schemas that a value refers to, at any depth."""
    met: set[str] = set()
    waiting = [value]
    while waiting:
        for one in _mappings(waiting.pop()):
            for part in (one, *one.get("anyOf", ()), *one.get("oneOf", ())):
                reference = part.get("$ref")
                if isinstance(reference, str) and reference not in met:
                    met.add(reference)
                    waiting.append(follow(document, reference))
    return frozenset(each.removeprefix(_SCHEMAS) for each in met if each.startswith(_SCHEMAS))


def _written_out(value: Any, schemas: Mapping[str, Any], names: Collection[str]) -> Any:
    """Return a value with the schemas of some names in place of what refers to them."""
    if isinstance(value, list):
        return [_written_out(item, schemas, names) for item in value]
    if not isinstance(value, dict):
        return value
    name = next(iter(_named(value)), "") if "$ref" in value else ""
    if name in names:
        schema = schemas[name]
        title = {"title": name} if "properties" in schema or "enum" in schema else {}
        rest = {key: item for key, item in value.items() if key != "$ref"}
        return _written_out({**title, **schema, **rest}, schemas, names)
    return {key: item if key in _DATA else _written_out(item, schemas, names) for key, item in value.items()}


def _unconditional(value: Any) -> Any:
    """Return a value with the conditions of each schema in it as sentences of the schema's description."""
    if isinstance(value, list):
        return [_unconditional(item) for item in value]
    if not isinstance(value, dict):
        return value
    made = {key: item if key in _DATA else _unconditional(item) for key, item in value.items()}
    members = value.get("allOf")
    if not isinstance(members, list):
        return made
    made["allOf"] = [_unconditional(member) for member in members if "if" not in member]
    if not made["allOf"]:
        del made["allOf"]
    return _described(made, [_sentence(member) for member in members if "if" in member])


def _sentence(condition: Mapping[str, Any]) -> str:
    rule = f" (`{condition['x-rule']}`)" if "x-rule" in condition else ""
    return f"- {condition.get('description', 'A condition of the document.')}{rule}"


def _described(schema: Mapping[str, Any], lines: Sequence[str]) -> dict[str, Any]:
    """Return a schema with lines below its description."""
    own = schema.get("description", "").rstrip()
    return {**schema, "description": "\n\n".join(filter(None, [own, "\n".join(lines)]))} if lines else dict(schema)


def _mappings(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every mapping that can be a schema, but no `$ref` of a union: the union has that."""
    if isinstance(value, list):
        for item in value:
            yield from _mappings(item)
    elif isinstance(value, dict):
        yield value
        for key, item in value.items():
            if key in ("anyOf", "oneOf"):
                yield from _mappings([member for member in item if "$ref" not in member])
            elif key not in _DATA:
                yield from _mappings(item)


def _named(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the schemas that a schema refers to, itself or as a union."""
    for part in (schema, *schema.get("anyOf", ()), *schema.get("oneOf", ())):
        reference = part.get("$ref")
        if isinstance(reference, str) and reference.startswith(_SCHEMAS):
            yield reference.removeprefix(_SCHEMAS)


def _optional(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> _Optional | None:
    """Return the named schema that a union has beside null and at most an empty object; None for anything else."""
    members = schema.get("anyOf")
    if not isinstance(members, list) or _NULL not in members:
        return None
    names = list(_named(schema))
    empty = [name for name in names if schemas[name].get("maxProperties") == 0]
    others = [name for name in names if name not in empty]
    if len(others) != 1 or len(names) + 1 != len(members) or not isinstance(schemas[others[0]].get("type"), str):
        return None
    return _Optional(others[0], bool(empty))


def _without_unions(value: Any, schemas: Mapping[str, Any], names: Mapping[_Optional, str]) -> Any:
    """Return a value with a list of types, or the schema in `names`, in place of each union that has one."""
    if isinstance(value, list):
        return [_without_unions(item, schemas, names) for item in value]
    if not isinstance(value, dict):
        return value
    made = {key: item if key in _DATA else _without_unions(item, schemas, names) for key, item in value.items()}
    rest = {key: item for key, item in made.items() if key != "anyOf"}
    optional = _optional(value, schemas)
    if optional is not None:
        return {**rest, "$ref": f"{_SCHEMAS}{names[optional]}"}
    united = _united(made.get("anyOf"))
    return made if united is None else {**rest, **united}


def _united(members: Any) -> dict[str, Any] | None:
    """Return one schema for the members of a union that differ in type; None where they do not.

    A keyword is about one type, so that each stays true. Whole numbers are numbers: only the wider bounds are kept, and
    there is none for members with other bounds on one side only.
    """
    if not isinstance(members, list) or any("type" not in member or "enum" in member for member in members):
        return None
    made: dict[str, Any] = {}
    kinds: list[str] = []
    number = next((member for member in members if member["type"] == "number"), None)
    for member in members:
        own = [member["type"]] if isinstance(member["type"], str) else member["type"]
        if set(own) & set(kinds) or "const" in member:
            return None
        kinds += own
        if number is None or own != ["integer"]:
            made |= {key: item for key, item in member.items() if key != "type"}
        elif not _within(member, number):
            return None
    return {"type": kinds, **made}


def _within(inner: Mapping[str, Any], outer: Mapping[str, Any]) -> bool:
    """Whether the bounds of one schema of numbers, which are all it has, lie within those of another."""
    return (
        set(inner) <= {"type", "minimum", "maximum"}
        and set(outer) <= {"type", "minimum", "maximum"}
        and outer.get("minimum", float("-inf")) <= inner.get("minimum", float("-inf"))
        and inner.get("maximum", float("inf")) <= outer.get("maximum", float("inf"))
    )


def _or_null(schema: Mapping[str, Any], *, or_empty: bool) -> dict[str, Any]:
    """Return a schema that accepts null too, and with `or_empty` the empty object."""
    made = {**schema, "type": [schema["type"], "null"]}
    if "enum" in made:
        made["enum"] = [*made["enum"], None]
    if "x-enum-varnames" in made:
        made["x-enum-varnames"] = [*made["x-enum-varnames"], "NULL"]
    if or_empty and made.get("required"):
        fields = ", ".join(f"`{name}`" for name in made.pop("required"))
        made = _described(made, [f"- Either this is empty, which means the same as null, or it has {fields}."])
    return made
