"""The table of what the handwritten overrides put in place of generated parts: `overrides/overrides.toml`.

[[asleep.result]]             # the method of an operation returns another class than the generated one
operation = "getSession"
with = "sleeptalk.asleep.Night"
reason = "..."

[[asleep.argument]]           # the client fills in a parameter itself, so it is not an argument of the methods;
parameter = "x-user-id"       # with a key `type` it stays an argument, of that type
reason = "..."

[[asleep.method]]             # the client has a method of its own for an operation, so none is generated
operation = "listSessions"
reason = "..."
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.usage import UsageError, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

NAME: Final = "overrides/overrides.toml"

_KEYS: Final = {  # kind of entry: its key, the keys it must have, the keys it may have
    "result": ("operation", {"operation", "with", "reason"}, set[str]()),
    "argument": ("parameter", {"parameter", "reason"}, {"type"}),
    "method": ("operation", {"operation", "reason"}, set[str]()),
}
IMPORTS: Final = {"UUID": "from uuid import UUID", "ZoneInfo": "from zoneinfo import ZoneInfo"}
"""The types that an entry may give an argument and that have to be imported, each with its statement."""

_TYPES: Final = frozenset({*IMPORTS, "str", "int", "float", "bool"})


@dataclass(slots=True)
class OverrideTable:
    """The entries of the table, and which of them generation has used.

    `entries` maps package, kind ("result", "argument" or "method") and the entry's key (an operationId, or the name of
    a parameter on the wire) to the entry; `lines` has their line numbers.
    """

    entries: Mapping[tuple[str, str, str], Mapping[str, str]] = field(default_factory=dict)
    lines: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    used: set[tuple[str, str, str]] = field(default_factory=set)

    def result(self, package: str, operation_id: str) -> str | None:
        """Return the name of the class that an override gives for the result of an operation, None without one."""
        entry = self._use(package, "result", operation_id)
        return None if entry is None else entry["with"]

    def has_method(self, package: str, operation_id: str) -> bool:
        """Return whether the client has its own method for an operation."""
        return self._use(package, "method", operation_id) is not None

    def argument(self, package: str, wire: str) -> Mapping[str, str] | None:
        """Return the entry for a parameter, None without one."""
        return self._use(package, "argument", wire)

    def _use(self, package: str, kind: str, key: str) -> Mapping[str, str] | None:
        entry = self.entries.get((package, kind, key))
        if entry is not None:
            self.used.add((package, kind, key))
        return entry

    def refusal(self, package: str, kind: str, key: str, sentence: str) -> UsageError:
        """Return the error for an entry that cannot be used."""
        return _refusal(package, kind, self.lines.get((package, kind, key), 1), sentence)

    def refuse_unused(self) -> None:
        """Raise UsageError for the first entry that generation has not used, because it changes nothing."""
        for place, line in self.lines.items():
            if place not in self.used:
                package, kind, key = place
                raise UsageError(
                    f"{NAME} line {line} ([[{package}.{kind}]]): no document of this name has"
                    f" {'a' if kind == 'argument' else 'an'} {_KEYS[kind][0]} {one_line(key)!r}: remove the entry."
                )


def read_overrides(path: Path) -> OverrideTable:
    """Read the table; a file that does not exist is an empty table.

    Raises UsageError, with the line, for a file that is not TOML and for an entry that is not of the form above.
    """
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except FileNotFoundError:
        return OverrideTable()
    except OSError as error:
        raise UsageError(f"{NAME} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{NAME} is not TOML: {one_line(str(error))}.") from error
    entries: dict[tuple[str, str, str], Mapping[str, str]] = {}
    lines: dict[tuple[str, str, str], int] = {}
    for package, kind, entry, line in _entries(text, table):
        key = _checked(package, kind, entry, line)
        if key in entries:
            raise _refusal(package, kind, line, "there is another entry for the same part: keep one.")
        entries[key], lines[key] = entry, line
    return OverrideTable(entries, lines)


def _entries(text: str, table: Mapping[str, Any]) -> Iterator[tuple[str, str, Any, int]]:
    headers: dict[str, list[int]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\[\s*([\w-]+)\s*\.\s*([\w-]+)\s*\]\]", line):
            headers.setdefault(f"{header[1]}.{header[2]}", []).append(number)
    for package, kinds in table.items():
        if not isinstance(kinds, dict):
            raise UsageError(f"{NAME}: {one_line(package)} is not a table such as [[{one_line(package)}.result]].")
        for kind, entries in kinds.items():
            for position, entry in enumerate(entries if isinstance(entries, list) else [entries]):
                lines = headers.get(f"{package}.{kind}", [])
                yield package, kind, entry, lines[position] if position < len(lines) else 1


def _checked(package: str, kind: str, entry: Any, line: int) -> tuple[str, str, str]:
    if kind not in _KEYS:
        raise _refusal(package, kind, line, f"an entry is one of {', '.join(_KEYS)}.")
    key, needed, allowed = _KEYS[kind]
    if not isinstance(entry, dict) or not needed <= entry.keys() <= needed | allowed:
        raise _refusal(package, kind, line, f"an entry has the keys {', '.join(sorted(needed))}, and no others.")
    if not all(isinstance(value, str) and value.strip() for value in entry.values()):
        raise _refusal(package, kind, line, "each key has a text that is not empty.")
    if not set(entry.get("type", "str").split(" | ")) <= _TYPES:
        raise _refusal(package, kind, line, f"a type is made of {', '.join(sorted(_TYPES))}, joined by ' | '.")
    if not all(name.isidentifier() and not iskeyword(name) for name in entry.get("with", "a.Class").split(".")):
        raise _refusal(package, kind, line, "'with' is the name of a class behind that of its module.")
    return package, kind, entry[key]


def _refusal(package: str, kind: str, line: int, sentence: str) -> UsageError:
    return UsageError(f"{NAME} line {line} ([[{one_line(package)}.{one_line(kind)}]]): {sentence}")
