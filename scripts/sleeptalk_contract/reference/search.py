"""What the search of the reference finds: everything that has a name, and the words by which people look for it.

The search itself is `templates/search.js`. Pages hold the entries packed, those of one kind and page together.
"""

from __future__ import annotations

import json
import re
import zlib
from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sleeptalk_contract.reference.markdown import headings
from sleeptalk_contract.reference.prose import first_sentence, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sleeptalk_contract.contract.operation import Operation
    from sleeptalk_contract.reference.fields import Schema
    from sleeptalk_contract.reference.published import Published
    from sleeptalk_contract.reference.site import Article

GLOSSARY: Final = "glossary.html"
"""The article whose lowest headings are terms, each with a line "Also: ..." of its synonyms."""

_TERM: Final = re.compile(
    r"^### (?P<term>[^\n]+)\nAlso: (?P<others>[^\n]+)\.$(?P<text>.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL
)
_NAME: Final = re.compile(r"`([a-z]+(?:[_-][a-z]+)+)`")
_ROW: Final = re.compile(r"^\| `(?P<name>[^`\n]+)` \|(?P<rest>.*)\|$", re.MULTILINE)


_RAW: Final = -15
"""What zlib calls a stream without a head: `deflate-raw` of browsers."""


class Entry(NamedTuple):
    """One thing that can be found.

    `name` is what it is called, `kind` what it is in a word or two, such as "field of Naps", `page` and `anchor` where
    it is, and `words` what else it is found by, which is shown beneath it.
    """

    name: str
    kind: str
    page: str
    anchor: str = ""
    words: str = ""


class Synonyms(NamedTuple):
    """A term, other words that mean it (which need not mean each other), and the fields and headers that have it."""

    term: str
    others: Sequence[str]
    names: Sequence[str]


def index(
    parts: Sequence[Published], shown: Mapping[str, Sequence[Schema]], articles: Sequence[Article] = ()
) -> list[Entry]:
    """Return all that can be found in documents and articles; `shown` are the schemas of each document by its name."""
    found = [Entry("Rules", "page", "rules.html", words="Every statement that can be kept or broken.")]
    for part in parts:
        found += [Entry(part.title, "document", f"{part.name}.html", words=part.summary)]
        for operation in part.document.operations.values():
            found += _of_operation(part, operation)
        found += [
            Entry(rule.id, f"rule of {part.title}", "rules.html", part.anchor(rule.id), rule.sentence)
            for rule in part.catalogue.rules.values()
        ]
        for schema in shown[part.name]:
            found += _of_schema(part, schema)
    for article in articles:
        found += _of_article(article)
    first: dict[tuple[str, str], Entry] = {}
    for entry in found:  # a header is one thing, whatever the number of operations that have it
        first.setdefault((entry.name, entry.kind), entry)
    return list(first.values())


def synonyms(articles: Sequence[Article]) -> list[Synonyms]:
    """Return the terms of the glossary with their other names, and the names of fields and headers in their text."""
    text = next((article.text for article in articles if article.file == GLOSSARY), "")
    return [
        Synonyms(each["term"], each["others"].split(", "), list(dict.fromkeys(_NAME.findall(each["text"]))))
        for each in _TERM.finditer(text)
    ]


def packed(entries: Sequence[Entry], synonyms: Sequence[Synonyms]) -> str:
    """Return what pages hold for `search.js`: JSON of `grouped` entries and of synonyms, `deflated`."""
    data = {"entries": grouped(entries), "synonyms": [list(each) for each in synonyms]}
    return deflated(json.dumps(data, ensure_ascii=False, separators=(",", ":")))


def deflated(text: str) -> str:
    """Return a text as `shared.js` reads it: deflated, in base64."""
    return b64encode(zlib.compress(text.encode(), level=9, wbits=_RAW)).decode()


def grouped(entries: Sequence[Entry]) -> list[list[Any]]:
    """Return entries as lists: [kind, page, [name, anchor, words] ...], without what is empty or follows from the name.

    An anchor that is the name is 0.
    """
    groups: dict[tuple[str, str], list[Any]] = {}
    for entry in entries:
        row: list[Any] = [entry.name, 0 if entry.anchor == entry.name else entry.anchor, entry.words]
        while len(row) > 1 and row[-1] == "":
            row.pop()
        groups.setdefault((entry.kind, entry.page), []).append(row if row[1:] != [0] else entry.name)
    return [[kind, page, *rows] for (kind, page), rows in groups.items()]


def _of_operation(part: Published, operation: Operation) -> Iterator[Entry]:
    page = part.address(operation)
    place = "webhook" if operation.is_webhook else f"{operation.method} {operation.path}"
    kind = "webhook" if operation.is_webhook else "operation"
    yield Entry(
        operation.title,
        f"{kind} of {part.title}",
        page,
        words=f"{operation.id}, {place}: {first_sentence(operation.value.get('description', ''))}",
    )
    for parameter in operation.parameters:
        words = one_line(parameter.value.get("description", ""))
        in_header = parameter.place == "header"
        what = f"header of {part.title}" if in_header else f"{parameter.place} parameter of {operation.title}"
        yield Entry(parameter.name, what, page, f"parameter.{parameter.name}", words)
    for scheme in ((part.document.root.get("components") or {}).get("securitySchemes") or {}).values():
        if scheme.get("in") == "header":
            words = one_line(scheme.get("description", ""))
            yield Entry(scheme["name"], f"header of {part.title}", page, "parameters", words)
    for status, response in operation.responses.items():
        anchor = f"error-{status}" if status[:1] in {"4", "5"} else "" if operation.is_webhook else f"answer-{status}"
        yield Entry(status, f"status of {operation.title}", page, anchor, one_line(response.description))
        for name, header in response.headers.items():
            words = one_line(header.get("description", ""))
            yield Entry(name, f"header of {part.title}", page, anchor, words)


def _of_schema(part: Published, schema: Schema) -> Iterator[Entry]:
    page = f"fields-{part.name}.html"
    yield Entry(schema.name, f"schema of {part.title}", page, schema.name)
    for field in schema.fields:
        name = f"{schema.name}.{field.name}"
        yield Entry(name, f"field of {part.title}", page, name)
    for each in schema.members:
        name = each.value if each.value == each.name else f"{each.value} {each.name}"
        yield Entry(name, f"value of {schema.name}", page, schema.name, each.meaning)


def _of_article(article: Article) -> Iterator[Entry]:
    """Yield an article, its headings, terms of a glossary, and what stands in code at the beginning of a row."""
    others = {each.term: each.others for each in synonyms([article])}
    yield Entry(article.title, "page", article.file)
    for level, words, anchor in headings(article.text):
        if level > 1:
            also = ", ".join(others.get(words, ()))
            yield Entry(words, "term" if words in others else article.title, article.file, anchor, also)
    sections = re.split(r"^(?=#)", article.text, flags=re.MULTILINE) if article.names_things else []
    for section in sections:
        anchor = next(
            (anchor for _, words, anchor in headings(article.text) if section.startswith(f"## {words}\n")), ""
        )
        for row in _ROW.finditer(section):
            first = one_line(row["rest"]).partition(" | ")[0].replace("\\|", "|").replace("`", "").replace("*", "")
            yield Entry(row["name"].replace("\\|", "|"), article.title, article.file, anchor, first[:120])
