"""The catalogues: every statement of the sources that can be kept or broken, one rule each.

Each document has its own, `openapi/rules/<document>.yaml`, which explains its keys at its head. All facts about a rule
stand there; code only finds out whether it is kept.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import jsonschema_rs

from sleeptalk_contract.contract.document import Document, folder
from sleeptalk_contract.contract.pointer import pointer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sleeptalk_contract.contract.exchange import Role


@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement stands: a page's title and URL, and the section, "" for the page as a whole."""

    title: str
    url: str
    section: str = ""

    def __str__(self) -> str:
        return f"{self.title}, {self.section}" if self.section else self.title


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a catalogue.

    - `level` is "must" (breaking it fails a run) or "should" (shown as a warning).
    - `where` is what enforces it: the document ("schema"), comparing values ("arithmetic"), particular requests
      ("exchange").
    - `sentence` is what it demands, in one or more whole sentences.
    - `hint` is what exercises it, as the end of "It takes ..."; "" where any run does.
    - `shape` marks a rule about which keys there are and of which type.
    - `gives_way_to` is the id of a more specific rule: where both are broken at a place, only that one is reported.
    - `refusal` is the status with which a receiver refuses what breaks it; None leaves it to the receiver.
    - `sent_after` names the request that has to come before the one that breaks it: "itself", or "plain-body", the same
      body without undocumented fields; None where it needs no other.
    - `writes` marks a rule that only requests exercise which create, change or delete something.
    - `broken_by_sample` marks a rule that a sample of the vendor's own breaks.
    - `operations` are the operationIds that it is about, among those of its group; empty where it is about all of them.
    """

    id: str
    level: Literal["must", "should"]
    where: Literal["schema", "arithmetic", "exchange"]
    sentence: str
    source: Source
    hint: str = ""
    shape: bool = False
    gives_way_to: str | None = None
    refusal: int | None = None
    sent_after: Literal["itself", "plain-body"] | None = None
    writes: bool = False
    broken_by_sample: bool = False
    operations: tuple[str, ...] = ()

    def is_about(self, operation: str) -> bool:
        """Return whether it is about an operation of its group, by operationId."""
        return not self.operations or operation in self.operations

    @property
    def group(self) -> str:
        """The part of the id before the dot, such as "session"."""
        return self.id.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Group:
    """The rules about one role, in order, with the heading that they stand under."""

    name: str
    role: Role
    title: str
    summary: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The rules of one document: `groups` by name and `rules` by id, both in the order of the file."""

    name: str
    groups: Mapping[str, Group]
    rules: Mapping[str, Rule]

    def place(self, rule: str) -> str:
        """Return the JSON Pointer that leads to a rule in the file."""
        group = self.groups[rule.partition(".")[0]]
        return pointer(("groups", group.name, "rules", [one.id for one in group.rules].index(rule)))


def rules_meant(x_rule: str, rules: Mapping[str, Rule]) -> list[Rule]:
    """Return which of some rules, by id, an `x-rule` means.

    A schema that several groups share names a rule without its group ("ratio-values"): it is the rule of that name of
    the group that is being judged, and so stands for one rule of each group that has it.
    """
    return [rule for rule in rules.values() if x_rule in (rule.id, rule.id.partition(".")[2])]


def is_catalogue(file: Document) -> bool:
    """Return whether a file of YAML is a catalogue rather than a document, even an invalid one."""
    return isinstance(file.value, dict) and "groups" in file.value


def parse_catalogue(file: Document) -> Catalogue:
    """Return a file of YAML as a catalogue.

    Raises UsageError, with line and pointer, where it is not one.
    """
    value = file.value
    for path, message in problems_of_catalogue(value):
        raise file.refusal(pointer(path), f"this is not a catalogue of rules: {message}.")
    sources = {key: Source(**page) for key, page in value["sources"].items()}
    groups = {
        key: Group(
            key,
            group["role"],
            group["title"],
            group["summary"],
            tuple(_rule(entry, sources) for entry in group["rules"]),
        )
        for key, group in value["groups"].items()
    }
    rules = {rule.id: rule for group in groups.values() for rule in group.rules}
    return Catalogue(file.name, MappingProxyType(groups), MappingProxyType(rules))


@cache
def catalogue_of(document: str, place: Path | None = None) -> Catalogue:
    """Return the catalogue of a document, which is in `rules/` in the folder of the documents, or in another one.

    Raises UsageError where there is none.
    """
    return parse_catalogue(Document.read((place or folder()) / "rules" / f"{document}.yaml"))


def _rule(entry: Mapping[str, Any], sources: Mapping[str, Source]) -> Rule:
    page = sources[entry["source"]["page"]]
    source = Source(page.title, page.url, entry["source"].get("section", ""))
    return Rule(**{**entry, "source": source, "operations": tuple(entry.get("operations", ()))})


def problems_of_catalogue(value: Any) -> Iterator[tuple[tuple[object, ...], str]]:
    """Yield (path of keys, what is wrong there) for each way in which a value is not a catalogue of rules."""
    errors = list(_validator().iter_errors(value))
    for error in errors:
        yield tuple(error.instance_path), error.message
    if errors:
        return
    places = [
        (("groups", group, "rules", index), group, entry)
        for group, found in value["groups"].items()
        for index, entry in enumerate(found["rules"])
    ]
    count = Counter(entry["id"] for _, _, entry in places)
    for path, group, entry in places:
        if count[entry["id"]] > 1:
            yield path, f"{entry['id']} is given twice"
        if entry["id"].partition(".")[0] != group:
            yield path, f"{entry['id']} is in the group {group}"
        if entry["source"]["page"] not in value["sources"]:
            yield path, f"sources has no page {entry['source']['page']}"
        if entry.get("gives_way_to", entry["id"]) not in count:
            yield path, f"there is no rule {entry['gives_way_to']}"


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    schema = Path(__file__).with_name("catalogue.schema.json").read_text(encoding="utf-8")
    return jsonschema_rs.Draft202012Validator(json.loads(schema), validate_formats=True)
