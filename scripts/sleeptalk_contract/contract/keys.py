"""API keys: the wrong keys that are derived from a right one, and how a shell derives each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote_plus


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a key can be, compared with the right one.

    `make` makes it from the right key, None for no key at all. `shell` is the header as an argument in a shell. A kind
    that `reveals` gives the right key away.
    """

    make: Callable[[str], str | None]
    shell: str | None
    reveals: bool = False


_KINDS: Final = {  # in the order in which a key is compared with them: one key may be several of them
    "right": _Kind(lambda key: key, '"{header}: ${variable}"', reveals=True),
    "missing": _Kind(lambda _: None, None),
    "empty": _Kind(lambda _: "", "'{header};'"),
    "wrong": _Kind(lambda key: ("0" if key.strip("0") else "1") * len(key), "'{header}: a-wrong-key'"),
    "truncated": _Kind(lambda key: key[:-1], '"{header}: ${{variable}%?}"', reveals=True),
    "extended": _Kind(lambda key: key + "x", '"{header}: ${{variable}}x"', reveals=True),
    "prefixed": _Kind(lambda key: "x" + key, '"{header}: x${variable}"', reveals=True),
    "recased": _Kind(str.swapcase, '"{header}: $(printf %s "${variable}" | tr a-zA-Z A-Za-z)"', reveals=True),
}

KEY_KINDS: Final = frozenset(_KINDS)
"""What `key_kind` may return."""


def key_kind(value: str | None, key: str | None) -> str:
    """Return the kind of a sent key beside the right one: "right", "missing", "empty", ...; "wrong" for any other."""
    if key is None:
        return "missing" if value is None else "wrong" if value else "empty"
    return next((name for name, kind in _KINDS.items() if kind.make(key) == value), "wrong")


def key_of_kind(kind: str, key: str) -> str | None:
    """Return the key of a kind, made from the right one; None for a missing one."""
    return _KINDS[kind].make(key)


def spoiled_keys(key: str) -> Iterator[tuple[str, str | None]]:
    """Yield kinds and values of keys that are not `key`, each value once: None stands for no key at all."""
    seen: set[str | None] = {key}
    for name, kind in _KINDS.items():
        value = kind.make(key)
        if value not in seen:
            seen.add(value)
            yield name, value


def revealing(key: str) -> Iterator[str]:
    """Yield the texts that give `key` away: itself, as it is written in a query, and what is made from it."""
    yield quote_plus(key, errors="surrogateescape")
    yield from (kind.make(key) or "" for kind in _KINDS.values() if kind.reveals)


def shell_header(kind: str, header: str, variable: str) -> str | None:
    """Return a key's header as an argument in a shell where `variable` holds the right key; None for no header."""
    shell = _KINDS[kind].shell
    return None if shell is None else shell.replace("{header}", header).replace("{variable}", variable)
