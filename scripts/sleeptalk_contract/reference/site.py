"""The files of the reference: the pages of each service, the rules of all, articles, and downloads."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import yaml

from sleeptalk_contract.reference.body_schemas import schema_files
from sleeptalk_contract.reference.calls import RECEIVER
from sleeptalk_contract.reference.downgrade import downgraded
from sleeptalk_contract.reference.fields import Schema, mentions, places, schemas
from sleeptalk_contract.reference.frame import Frame, Link, Section
from sleeptalk_contract.reference.markdown import headings
from sleeptalk_contract.reference.operations import OperationPage, operation_page
from sleeptalk_contract.reference.plain import plain
from sleeptalk_contract.reference.published import Published
from sleeptalk_contract.reference.search import index, synonyms
from sleeptalk_contract.reference.twins import twins

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sleeptalk_contract.contract.catalogue import Group, Rule
    from sleeptalk_contract.contract.operation import Operation
    from sleeptalk_contract.contract.service import Credential, Service


_SECTION: Final = 2
"""The level of the headings that are listed at the side."""

_TWIN: Final = re.compile(r"\]\((\w[\w.-]*)\.md(#[\w-]+)?\)")


@dataclass(frozen=True, slots=True)
class Article:
    """A page of text: the name of its file, its label among the pages, its title, and its text as Markdown.

    `names_things`: what stands in code at the beginning of a row of a table is found by the search.
    """

    file: str
    label: str
    title: str
    text: str
    names_things: bool = True


@dataclass(frozen=True, slots=True)
class ShownOperation:
    """An operation on the first page. `schema` names the schema of what is read there, None where it has no name."""

    part: Published
    operation: Operation
    address: str
    description: str
    schema: str | None
    groups: Sequence[Group]


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """The rules of one group, each with its places in the document and the fields that it only mentions."""

    part: Published
    group: Group
    operations: Sequence[tuple[str, str]]
    rules: Sequence[tuple[Rule, Sequence[tuple[str, str | None]], Sequence[tuple[str, str]]]]

    @property
    def heading(self) -> str:
        """The title of the group, with that of its document where another one has a group of this name."""
        return f"{self.group.title} ({self.part.title})" if self.group.name in self.part.shared else self.group.title


def files(services: Sequence[Service], articles: Sequence[Article] = ()) -> Mapping[str, str]:
    """Return every file of the reference of some services, by its name.

    Raises UsageError where a document or a catalogue cannot be used.
    """
    return files_of(published(services), articles)


def published(services: Sequence[Service]) -> list[Published]:
    """Return services as they are shown together. Raises UsageError where a document or catalogue cannot be used."""
    parts: list[Published] = []
    for service in services:
        parts.append(Published.of(service, {group for part in parts for group in part.catalogue.groups}))
    return parts


def files_of(
    parts: Sequence[Published],
    articles: Sequence[Article] = (),
    versions: Mapping[str, Sequence[Link]] | None = None,
) -> Mapping[str, str]:
    """Return every file of the reference, by its name. Raises UsageError where a document cannot be used.

    `versions` are the pages of all versions of an operation, by the page of each.
    """
    operations = [
        operation_page(part, operation, mentioned_in(part))
        for part in parts
        for operation in part.document.operations.values()
    ]
    in_markdown = twins(parts, {part.name: schemas(part) for part in parts}, operations, articles)
    made = dict(pages(parts, operations, articles, in_markdown, versions or {}))
    for part in parts:
        made |= part.files
        made[f"{part.name}.json"] = _json(part.document.root)
        made[f"{part.name}-3.0.json"] = _json(downgraded(part.document.root))
        made |= simple(part)
    return made | in_markdown


def simple(part: Published) -> dict[str, str]:
    """Return the plain form of a document, and the JSON Schemas of its bodies, by the names of their files."""
    form = plain(part.document.root)
    text = yaml.safe_dump(form, sort_keys=False, allow_unicode=True, width=120)
    return {f"{part.name}-plain.json": _json(form), f"{part.name}-plain.yaml": text, **schema_files(part)}


def pages(
    parts: Sequence[Published],
    operations: Sequence[OperationPage],
    articles: Sequence[Article],
    in_markdown: Mapping[str, str],
    versions: Mapping[str, Sequence[Link]],
) -> Mapping[str, str]:
    """Return the HTML of each page by its file name.

    `operations` are the pages of all operations, `in_markdown` all pages in Markdown by the names of their files, and
    `versions` the pages of all versions of an operation, by the page of each.
    """
    shown = {part.name: schemas(part) for part in parts}
    frame = Frame(_sections(parts, articles), index(parts, shown, articles), synonyms(articles), in_markdown)
    groups = _groups(parts, shown)
    count = sum(len(part.catalogue.rules) for part in parts)

    made = {
        "index.html": frame.page(
            "index.html",
            "index",
            "Start",
            parts=parts,
            count=count,
            operations=[_operation(part, each) for part in parts for each in part.document.operations.values()],
            pictures=[picture for part in parts for picture in part.service.pictures()],
            snippets=[snippet for part in parts for snippet in part.service.snippets.values()],
            articles=articles,
        ),
        "rules.html": frame.page(
            "rules.html",
            "rules",
            "Rules",
            places=[(each.part.anchor(each.group.name), each.heading) for each in groups],
            count=count,
            groups=groups,
        ),
    }
    for part in parts:
        made[f"{part.name}.html"] = frame.page(
            f"{part.name}.html", "document", part.title, part=part, credentials=_credentials(part)
        )
        file = f"fields-{part.name}.html"
        title = f"Fields of {part.title}"
        rules = _named(part, mentioned_in(part))
        made[file] = frame.page(
            file,
            "fields",
            title,
            places=[(schema.name, schema.name) for schema in shown[part.name]],
            part=part,
            schemas=shown[part.name],
            mentioned=rules,
        )
    for each in operations:
        made[each.part.address(each.operation)] = _operation_page(frame, each, versions)
    for article in articles:
        places = [(anchor, words) for level, words, anchor in headings(article.text) if level == _SECTION]
        text = _for_pages(article.text)
        made[article.file] = frame.page(article.file, "text", article.title, places=places, text=text)
    return made


def _operation_page(frame: Frame, shown: OperationPage, versions: Mapping[str, Sequence[Link]]) -> str:
    """Return the HTML of the page of an operation."""
    file = shown.part.address(shown.operation)
    jumps = [
        ("try", "Try it", shown.form is not None or shown.operation.is_webhook),
        ("parameters", "Headers" if shown.operation.is_webhook else "Parameters", bool(shown.parameters)),
        ("request", "What arrives" if shown.operation.is_webhook else "Body", shown.request is not None),
        *(
            (f"answer-{reply.status}", f"Answer {reply.status}", not shown.operation.is_webhook)
            for reply in shown.successes
        ),
        ("null", "When is it null?", bool(shown.nullable)),
        ("errors", "Refusals" if shown.operation.is_webhook else "Errors", bool(shown.errors)),
        ("rules", "Rules", bool(shown.rules)),
    ]
    return frame.page(
        file,
        "operation",
        shown.operation.title,
        connects=shown.form is not None,
        shown=shown,
        versions=versions.get(file, ()),
        receiver=RECEIVER,
        places=[(anchor, label) for anchor, label, is_there in jumps if is_there],
    )


def _credentials(part: Published) -> list[tuple[Credential, str]]:
    """Return the credentials of a service, each with what the document, or else the service, says about it."""
    schemes = (part.document.root.get("components") or {}).get("securitySchemes") or {}
    said = {each.get("name", "").lower(): each.get("description", "") for each in schemes.values()}
    credentials = {(each.header, each.variable): each for target in part.service.targets for each in target.credentials}
    return [(each, said.get(each.header) or each.meaning) for each in credentials.values()]


def _named(
    part: Published, mentioned: Mapping[tuple[str, str], Sequence[str]]
) -> Mapping[tuple[str, str], tuple[Rule, ...]]:
    """Return the rules in place of their ids, none for a field that nothing mentions."""
    found: defaultdict[tuple[str, str], tuple[Rule, ...]] = defaultdict(tuple)
    return found | {place: tuple(part.catalogue.rules[each] for each in ids) for place, ids in mentioned.items()}


def _sections(parts: Sequence[Published], articles: Sequence[Article]) -> list[Section]:
    documents = [
        Section(
            part.title,
            (
                Link(f"{part.name}.html", "Overview"),
                *(
                    Link(part.address(each), each.title, "EVENT" if each.is_webhook else each.method)
                    for each in part.document.operations.values()
                ),
                Link(f"fields-{part.name}.html", "Fields"),
            ),
            f"{part.name}.html",
        )
        for part in parts
    ]
    guides = [Section("Guides", [Link(each.file, each.label) for each in articles])] if articles else []
    return [Section("", (Link("index.html", "Start"), Link("rules.html", "Rules"))), *documents, *guides]


def _operation(part: Published, operation: Operation) -> ShownOperation:
    bodies = operation.request_content if operation.is_webhook else {}
    for response in () if operation.is_webhook else operation.successes:
        bodies = bodies or response.content
    reference = next(iter(bodies.values()), {}).get("$ref", "")
    description, _, _ = operation.value.get("description", "").partition("\n\n")
    return ShownOperation(
        part,
        operation,
        part.address(operation),
        description,
        reference.removeprefix("#/components/schemas/") or None,
        part.groups_about(operation),
    )


def _groups(parts: Sequence[Published], shown: Mapping[str, Sequence[Schema]]) -> list[ShownGroup]:
    return [_group(part, group, shown[part.name]) for part in parts for group in part.catalogue.groups.values()]


def _group(part: Published, group: Group, shown: Sequence[Schema]) -> ShownGroup:
    about = part.rule_groups[group.name].operations if group.name in part.rule_groups else ()
    operations = [part.document.operation(identity) for identity in about]
    return ShownGroup(
        part,
        group,
        [(each.value.get("summary", each.id), part.address(each)) for each in operations],
        [(rule, tuple(places(rule, shown)), mentions(part, rule, shown)) for rule in group.rules],
    )


def mentioned_in(part: Published) -> Mapping[tuple[str, str], list[str]]:
    """Return the ids of the rules that mention each field of a document, by (schema, field)."""
    shown = schemas(part)
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for rule in part.catalogue.rules.values():
        for place in mentions(part, rule, shown):
            found[place].append(rule.id)
    return found


def _for_pages(text: str) -> str:
    """Return a text whose links lead to pages: "errors.md#what-to-do" becomes "errors.html#what-to-do"."""
    return _TWIN.sub(r"](\1.html\2)", text)


def _json(value: object) -> str:
    return f"{json.dumps(value, indent=2, ensure_ascii=False)}\n"
