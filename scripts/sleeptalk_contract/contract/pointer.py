"""JSON Pointers (RFC 6901), written, read and followed, and the `$ref`s that hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def token(key: object) -> str:
    """Return a key or an index as one token of a JSON Pointer."""
    return str(key).replace("~", "~0").replace("/", "~1")


def pointer(keys: Iterable[object]) -> str:
    """Return a path of keys and indices as a JSON Pointer; "" is the whole."""
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
