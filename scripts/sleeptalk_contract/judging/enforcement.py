"""Where a rule is enforced: the places of the document that state it, and the function that judges it."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sleeptalk_contract.contract.catalogue import rules_meant
from sleeptalk_contract.contract.document import document
from sleeptalk_contract.contract.pointer import token

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sleeptalk_contract.contract.service import Target


@dataclass(frozen=True, slots=True)
class Place:
    """A place that enforces a rule: a JSON Pointer in a document, or the name of a function; `line` counts from 1."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.what}"


def enforced(rule: str, target: Target) -> list[Place]:
    """Return the places that enforce a rule of a target: those of its document first, then its function, if any."""
    file = document(target.document.stem, target.document.parent)
    rules = target.rules
    places = [
        Place(f"{target.document.stem}.yaml", file.line(pointer), f"#{pointer}")
        for x_rule, pointer in _sites(file.value, "")
        if rule in {each.id for each in rules_meant(x_rule, rules)}
    ]
    return places + [_function(group.checks[rule]) for group in target.groups if rule in group.checks]


def _function(check: Any) -> Place:
    function = inspect.unwrap(check)
    code = getattr(function, "__code__", None)
    path = Path(inspect.getsourcefile(function) or "")
    line = 1 if code is None else code.co_firstlineno
    parts = path.parts
    package = __name__.partition(".")[0]
    shown = "/".join(parts[parts.index(package) :]) if package in parts else path.name
    return Place(shown, line, f"{getattr(function, '__qualname__', function)}()")


def _sites(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """Yield each `x-rule` of a document with the pointer to the schema that it stands in."""
    items: Mapping[Any, Any]
    if isinstance(value, dict):
        if isinstance(value.get("x-rule"), str):
            yield value["x-rule"], pointer
        items = value
    elif isinstance(value, list):
        items = dict(enumerate(value))
    else:
        return
    for key, inner in items.items():
        yield from _sites(inner, f"{pointer}/{token(key)}")
