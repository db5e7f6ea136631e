"""Two versions of a document side by side: operation by operation, field by field, with what was renamed.

`openapi/versions/<document>.yaml`, which explains its keys at its head, names the version before and what has another
name now. All else is compared here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sleeptalk_contract.contract.document import Document
from sleeptalk_contract.contract.pointer import described_schemas, resolved
from sleeptalk_contract.contract.versions import FOLDER, problems_of_versions
from sleeptalk_contract.reference.frame import Link
from sleeptalk_contract.reference.prose import one_line, table
from sleeptalk_contract.reference.site import Article
from sleeptalk_contract.reference.twins import twin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sleeptalk_contract.contract.operation import Operation
    from sleeptalk_contract.reference.published import Published


class Member(NamedTuple):
    """A field or a value of a schema: its name, its type in words, whether it is always there, and its meaning."""

    name: str
    type: str
    required: bool
    description: str


def comparisons(parts: Sequence[Published]) -> Iterator[Article]:
    """Yield a page for each document that follows another of `parts`. Raises UsageError where its file is wrong."""
    by_name = {part.name: part for part in parts}
    for part in parts:
        file = part.service.document.parent / FOLDER / part.service.document.name
        if file.is_file():
            changes = Document.read(file)
            before = _checked(changes, by_name)
            title = f"{before.title} and {part.title}" if before.title != part.title else f"Versions of {part.title}"
            text = "\n\n".join(_comparison(changes, before, part))
            yield Article(f"{FOLDER}-{part.name}.html", "Versions side by side", title, f"# {title}\n\n{text}\n", False)


def operation_versions(parts: Sequence[Published]) -> Mapping[str, Sequence[Link]]:
    """Return the pages of all versions of an operation, oldest first, by the page of each; none for those with one.

    Raises UsageError where a file of versions is wrong.
    """
    versions: dict[str, list[Link]] = {}
    by_name = {part.name: part for part in parts}
    for now in parts:
        file = now.service.document.parent / FOLDER / now.service.document.name
        if not file.is_file():
            continue
        changes = Document.read(file)
        before = _checked(changes, by_name)
        for identity, became in changes.root["operations"].items():
            part = before if identity in before.document.operations else now
            old, new = _version(part, identity), _version(now, became)
            known = versions.setdefault(old.file, [old])
            known.append(new)
            versions[new.file] = known
    return versions


def _version(part: Published, identity: str) -> Link:
    operation = part.document.operation(identity)
    return Link(part.address(operation), f"{operation.title} ({part.title})")


def _checked(changes: Document, parts: Mapping[str, Published]) -> Published:
    """Return the version before that a file of changes names, once its keys are known to be right."""
    for place, sentence in problems_of_versions(changes.value):
        raise changes.refusal(place, sentence)
    before = changes.root["before"]
    if before not in parts:
        raise changes.refusal("/before", f"there is no document {before}: there are {', '.join(parts)}.")
    return parts[before]


def _comparison(changes: Document, before: Published, now: Published) -> Iterator[str]:
    source = changes.root["source"]
    yield (
        f"What changed from [{before.title}]({before.name}.md) to [{now.title}]({now.name}.md). The vendor's"
        f" [{source['title']}]({source['url']}) says which names changed; all else is compared from the two documents."
    )
    yield "## Operations"
    yield table(["Before", "Now", "What changed"], _operations(changes, before, now))
    old, new = _members(before), _members(now)
    met: set[str] = set()
    for position, pair in enumerate(changes.root["schemas"]):
        place = f"/schemas/{position}"
        name, names = pair["before"], pair["now"]
        known = old if name in old and name not in met else new
        if name not in known:
            raise changes.refusal(place, f"no document has a schema {name}.")
        for each in names:
            if each not in new:
                raise changes.refusal(place, f"{now.name} has no schema {each}.")
        met.add(name)
        fields = {f"{each}.{one.name}" if len(names) > 1 else one.name: one for each in names for one in new[each]}
        yield f"## {name}" if [name] == names else f"## {name}, now {', '.join(names)}"
        yield table(["Before", "Now", "What changed"], _rows(changes, name, known[name], fields))
    yield from _unused(changes, old, new)


def _operations(changes: Document, before: Published, now: Published) -> Iterator[Sequence[str]]:
    kept = changes.root["operations"]
    for identity, became in kept.items():
        part = before if identity in before.document.operations else now
        old, new = part.document.operation(identity), now.document.operation(became)
        names = {(each.place, each.name) for each in old.parameters}
        added = [f"`{each.name}`" for each in new.parameters if (each.place, each.name) not in names]
        left = sorted(f"`{name}`" for _, name in names - {(each.place, each.name) for each in new.parameters})
        words = ["another path"] if old.path != new.path and not old.is_webhook else []
        words += [f"more parameters: {', '.join(added)}"] if added else []
        words += [f"fewer parameters: {', '.join(left)}"] if left else []
        yield _link(part, old), _link(now, new), "; ".join(words) or "the same parameters"
    for operation in now.document.operations.values():
        if operation.id not in kept.values():
            yield "", _link(now, operation), "new"


def _link(part: Published, operation: Operation) -> str:
    place = "" if operation.is_webhook else f" {operation.path}"
    return f"[{operation.title}]({twin(part.address(operation))}) `{operation.method}{place}`"


def _rows(changes: Document, schema: str, old: Sequence[Member], new: Mapping[str, Member]) -> Iterator[Sequence[str]]:
    """Yield a row for each field or value of a schema, and for each that is new."""
    by_name = {member.name: shown for shown, member in new.items()}
    met: set[str] = set()
    for member in old:
        place = f"{schema}.{member.name}"
        name = changes.root["renamed"].get(place, member.name)
        if place in changes.root["renamed"] and name not in by_name:
            raise changes.refusal(f"/renamed/{place}", f"nothing has the name {name} now.")
        remark = changes.root["remarks"].get(place, "")
        shown = by_name.get(name)
        if shown is None:
            yield f"`{member.name}`", "", " ".join(filter(None, ["removed.", remark]))
            continue
        met.add(shown)
        words = [*(["renamed"] if name != member.name else []), *_differences(member, new[shown])]
        said = "; ".join(words) + "." if words else ("" if remark else "the same")
        yield f"`{member.name}`", f"`{shown}`", " ".join(filter(None, [said, remark]))
    for shown, member in new.items():
        if shown not in met:
            first = one_line(member.description).partition(". ")[0].rstrip(".")
            yield "", f"`{shown}`", f"new: {first}" if first else "new"


def _differences(old: Member, new: Member) -> Iterator[str]:
    if old.type != new.type:
        yield f"{old.type} before, {new.type} now"
    if old.required != new.required:
        yield "always there now" if new.required else "may be absent now"


def _members(part: Published) -> dict[str, list[Member]]:
    """Return the fields of each schema of a document, or the values of an enumeration, by its name."""
    root = part.document.root
    found: dict[str, list[Member]] = {}
    for name, schema in described_schemas(root).items():
        required = schema.get("required", ())
        found[name] = [
            Member(field, _type(root, written), field in required, written.get("description", ""))
            for field, written in schema.get("properties", {}).items()
        ] or [Member(str(value), "value", required=True, description="") for value in schema.get("enum", ())]
    return found


def _type(root: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """Return the type of a schema in words: the name of what has fields or values, and otherwise the type itself."""
    if "$ref" in schema:
        target = resolved(root, schema)
        if not {"properties", "enum", "oneOf"}.isdisjoint(target):
            return f"`{schema['$ref'].rpartition('/')[2]}`"
        return _type(root, target)
    if "anyOf" in schema:
        return " or ".join(_type(root, member) for member in schema["anyOf"])
    kinds = [schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type", ["any value"])
    items = _type(root, schema["items"]) if "items" in schema else "any value"
    return " or ".join(f"list of {items}" if kind == "array" else kind for kind in kinds)


def _unused(changes: Document, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Raise where a name that changed, or a remark, is about nothing that is compared; yield nothing."""
    compared = {pair["before"] for pair in changes.root["schemas"]}
    for key in ("renamed", "remarks"):
        for place in changes.root[key]:
            schema, _, name = place.partition(".")
            named = {member.name for known in (old, new) for member in known.get(schema, ())}
            if schema not in compared or name not in named:
                raise changes.refusal(f"/{key}/{place}", f"{place} is not compared.")
    yield from ()
