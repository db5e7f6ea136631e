"""JSON Pointers (RFC 6901): writing, reading and following them and the `$ref`s that hold them, and merging schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NULL_RULE: Final = "x-null-rule"
"""Marks a schema that lists what is null under one condition, with the rule that requires it."""


def token(key: object) -> str:
    """Return a key or an index as one token of a JSON Pointer."""
    return str(key).replace("~", "~0").replace("/", "~1")


def pointer(keys: Iterable[object]) -> str:
    """Return a path of keys and indices as a JSON Pointer; "" is the whole document."""
    return "".join(f"/{token(key)}" for key in keys)


def parts(pointer: str) -> list[str]:
    """Return the keys and indices of a JSON Pointer, with or without a leading "#"."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.removeprefix("#").split("/")[1:]]


def follow(root: Any, pointer: str) -> Any:
    """Return the value that a JSON Pointer such as "/components/schemas/Stat" leads to from `root`.

    A leading "#" is ignored. Raises LookupError where it leads nowhere.
    """
    value = root
    for key in parts(pointer):
        try:
            value = value[int(key)] if isinstance(value, list) else value[key]
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise LookupError(f"{pointer} leads nowhere: there is no {key!r}") from error
    return value


def resolved(root: Mapping[str, Any], value: Any) -> Any:
    """Follow `$ref` from `value` until there is none. Raises LookupError where one leads nowhere or to itself."""
    met: set[str] = set()
    while isinstance(value, dict) and isinstance(value.get("$ref"), str):
        reference = value["$ref"]
        if reference in met:
            raise LookupError(f"{reference} leads back to itself")
        met.add(reference)
        value = follow(root, reference)
    return value


def merged(root: Mapping[str, Any], schema: Mapping[str, Any], met: frozenset[str] = frozenset()) -> Mapping[str, Any]:
    """Return a schema with the objects that its `allOf` refers to written into it: keys, required ones, conditions.

    Its own keys come first and win. A rule that a part names without a group becomes that of the schema's own group.
    `met` are the references that led here. Raises LookupError where a `$ref` leads nowhere or to itself.
    """
    parts: list[Mapping[str, Any]] = []
    entries: list[Any] = []
    for member in schema.get("allOf") or ():
        part = resolved(root, member)
        if part is member or "properties" not in part:
            entries.append(member)
            continue
        if member["$ref"] in met:
            raise LookupError(f"{member['$ref']} leads back to itself")
        parts.append(merged(root, part, met | {member["$ref"]}))
    if not parts:
        return schema
    group, dot, _ = str(schema.get("x-rule", "")).partition(".")
    properties, required = dict(schema.get("properties", {})), list(schema.get("required", ()))
    for part in parts:
        written = _with_rules_of(group, part) if dot else part
        properties |= {key: value for key, value in written["properties"].items() if key not in properties}
        required += [key for key in written.get("required", ()) if key not in required]
        entries += written.get("allOf", ())
    own = {key: value for key, value in schema.items() if key != "allOf"}
    return {**own, "required": required, "properties": properties, **({"allOf": entries} if entries else {})}


def _with_rules_of(group: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_with_rules_of(group, item) for item in value]
    if not isinstance(value, dict):
        return value
    made = {key: _with_rules_of(group, item) for key, item in value.items()}
    rule = made.get("x-rule")
    return {**made, "x-rule": f"{group}.{rule}"} if isinstance(rule, str) and "." not in rule else made


def described_schemas(root: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the named schemas of a document that describe values, merged, in the order of the text."""
    named = (root.get("components") or {}).get("schemas") or {}
    return {name: merged(root, schema) for name, schema in named.items() if NULL_RULE not in schema}


def with_whole_schemas(root: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document whose named schemas are those that describe values, each written out as `merged` does."""
    return {**root, "components": {**(root.get("components") or {}), "schemas": described_schemas(root)}}
