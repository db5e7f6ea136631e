"""API keys: the header and the variables that they come in, and the ways in which a right one is spoiled."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

KEY_HEADER: Final = "x-api-key"


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a key can be compared with the right one.

    `make` gives it from the right key, None for no key at all. `shell` is the header as a shell writes it. A kind that
    `reveals` gives the right key away.
    """

    make: Callable[[str], str | None]
    shell: str | None
    reveals: bool = False


_KINDS: Final = {  # in the order in which a key is compared with them: one key may be several of them
    "right": _Kind(lambda key: key, '"x-api-key: ${variable}"', reveals=True),
    "missing": _Kind(lambda _: None, None),
    "empty": _Kind(lambda _: "", "'x-api-key;'"),
    "wrong": _Kind(lambda key: ("0" if key.strip("0") else "1") * len(key), "'x-api-key: a-wrong-key'"),
    "truncated": _Kind(lambda key: key[:-1], '"x-api-key: ${{variable}%?}"', reveals=True),
    "extended": _Kind(lambda key: key + "x", '"x-api-key: ${{variable}}x"', reveals=True),
    "recased": _Kind(str.swapcase, '"x-api-key: $(printf %s "${variable}" | tr a-zA-Z A-Za-z)"', reveals=True),
}

KEY_KINDS: Final = frozenset(_KINDS)
"""What `key_kind` can say."""


def key_kind(value: str | None, key: str | None) -> str:
    """Say what a sent key was compared with the right one: "right", "missing", "empty", ...; "wrong" for any other."""
    if key is None:
        return "missing" if value is None else "wrong" if value else "empty"
    return next((name for name, kind in _KINDS.items() if kind.make(key) == value), "wrong")


def key_of_kind(name: str, key: str) -> str | None:
    """Make the key that `key_kind` calls `name` from the right one; None for a missing one."""
    return _KINDS[name].make(key)


def spoiled_keys(key: str) -> Iterator[tuple[str, str | None]]:
    """Give kinds and values of keys that are not `key`, each value once: None stands for no key at all."""
    seen: set[str | None] = {key}
    for name, kind in _KINDS.items():
        value = kind.make(key)
        if value not in seen:
            seen.add(value)
            yield name, value


def revealing(key: str) -> Iterator[str]:
    """Give the texts that give `key` away: itself, and what is made from it."""
    return (kind.make(key) or "" for kind in _KINDS.values() if kind.reveals)


def shell_header(name: str, variable: str) -> str | None:
    """Write the header of a key as an argument in a shell where `variable` holds the right one; None for no header."""
    shell = _KINDS[name].shell
    return None if shell is None else shell.replace("{variable}", variable)
