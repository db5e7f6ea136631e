"""What the search of the reference finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sleeptalk_contract.reference.fields import Schema
    from sleeptalk_contract.reference.published import Published


class Entry(NamedTuple):
    """One thing that can be found: its name, what it is, in words, and its address within the site."""

    name: str
    kind: str
    address: str


def index(parts: Sequence[Published], shown: Mapping[str, Sequence[Schema]]) -> list[Entry]:
    """Return all that can be found in some documents, whose schemas are given by the name of the document."""
    found = [
        Entry(each.id, "operation", part.address(each)) for part in parts for each in part.document.operations.values()
    ]
    found += [
        Entry(rule.id, f"rule: {rule.sentence}", f"rules.html#{part.anchor(rule.id)}")
        for part in parts
        for rule in part.catalogue.rules.values()
    ]
    for part in parts:
        page = f"fields-{part.name}.html"
        for schema in shown[part.name]:
            found.append(Entry(schema.name, f"schema of {part.title}", f"{page}#{schema.name}"))
            found += [
                Entry(f"{schema.name}.{field.name}", f"field of {part.title}", f"{page}#{schema.name}.{field.name}")
                for field in schema.fields
            ]
    return found
