"""The pages of the reference once more, in Markdown, for language models and other programs; `llms.txt` lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sleeptalk_contract.reference.fields import places
from sleeptalk_contract.reference.operation_twin import operation_twin
from sleeptalk_contract.reference.prose import bullet, first_sentence, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sleeptalk_contract.contract.operation import Operation
    from sleeptalk_contract.reference.fields import Schema
    from sleeptalk_contract.reference.operations import OperationPage
    from sleeptalk_contract.reference.published import Published
    from sleeptalk_contract.reference.site import Article

LIST: Final = "llms.txt"


def twins(
    parts: Sequence[Published],
    shown: Mapping[str, Sequence[Schema]],
    operations: Sequence[OperationPage],
    articles: Sequence[Article],
) -> dict[str, str]:
    """Return the Markdown of every page by its file name, and `llms.txt`.

    `shown` are the schemas of each document by its name, `operations` the pages of all operations.
    """
    made = {"index.md": _index(parts, articles), "rules.md": _rules(parts, shown)}
    for part in parts:
        made[f"{part.name}.md"] = "\n\n".join(_overview(part))
        made[f"fields-{part.name}.md"] = "\n\n".join(_fields(part, shown[part.name]))
    made |= {twin(each.part.address(each.operation)): operation_twin(each) for each in operations}
    made |= {twin(article.file): article.text for article in articles}
    return {LIST: _list(parts, articles), **{file: f"{text.rstrip()}\n" for file, text in made.items()}}


def twin(address: str) -> str:
    """Return the file of the Markdown of a page: "rules.html#naps" is in "rules.md"."""
    return f"{address.partition('#')[0].removesuffix('.html')}.md"


def _index(parts: Sequence[Published], articles: Sequence[Article]) -> str:
    lines = [bullet(f"[{part.title}]({part.name}.md)", part.summary) for part in parts]
    lines += [bullet("[Rules](rules.md)", "every statement that can be kept or broken")]
    lines += [bullet(f"[{article.title}]({twin(article.file)})") for article in articles]
    return "\n".join([f"# {', '.join(part.title for part in parts)}", "", *lines])


def _list(parts: Sequence[Published], articles: Sequence[Article]) -> str:
    """Return the list of pages as llmstxt.org describes it."""
    count = sum(len(part.catalogue.rules) for part in parts)
    lines = [
        "# Sleeptalk reference",
        "",
        f"> {', '.join(part.title for part in parts)}: OpenAPI 3.1 documents with {count} rules that can be checked,",
        "> typed Python clients, and a command that judges implementations and traffic.",
        "",
        "## Documents",
        "",
    ]
    for part in parts:
        lines.append(bullet(f"[{part.title}]({part.name}.md)", part.summary))
        lines.append(bullet(f"[{part.title}, plain OpenAPI]({part.name}-plain.json)", "without conditions"))
        lines.append(bullet(f"[Fields of {part.title}](fields-{part.name}.md)", "every schema and field"))
    lines += ["- [Rules](rules.md): every statement that can be kept or broken", "", "## Operations", ""]
    for part in parts:
        for operation in part.document.operations.values():
            words = first_sentence(operation.value.get("description", ""))
            lines.append(bullet(f"[{part.title}: {operation.title}]({twin(part.address(operation))})", words))
    lines += ["", "## Guides", "", *(bullet(f"[{each.title}]({twin(each.file)})") for each in articles)]
    return "\n".join(lines) + "\n"


def _overview(part: Published) -> Iterator[str]:
    yield f"# {part.title}"
    yield str(part.document.root["info"].get("description", "")).rstrip()
    forms = (f"{part.name}.yaml", f"{part.name}-plain.yaml")
    yield "OpenAPI 3.1: [{0}]({0}). Without conditions: [{1}]({1}).".format(*forms)
    yield "\n".join(
        bullet(f"[{each.title}]({twin(part.address(each))})", _line(each)) for each in part.document.operations.values()
    )


def _line(operation: Operation) -> str:
    place = "to a server of yours" if operation.is_webhook else operation.path
    return f"`{operation.method} {place}`"


def _fields(part: Published, shown: Sequence[Schema]) -> Iterator[str]:
    yield f"# Fields of {part.title}"
    for schema in shown:
        yield f"## {schema.name}"
        yield schema.description.rstrip()
        yield "\n".join(
            bullet(sentence, " ".join(f"`{rule.id}`" for rule in rules)) for rules, sentence in schema.conditions
        )
        if schema.fields:
            yield table(
                ["Field", "Type", "Meaning", "Rules"],
                [
                    (
                        f"`{field.name}`{'' if field.required else ' (may be absent)'}",
                        field.type.words,
                        " ".join([field.description, *(f"{limit}." for limit in field.limits)]),
                        " ".join(f"`{rule.id}`" for rule in field.rules),
                    )
                    for field in schema.fields
                ],
            )
        elif schema.members:
            yield f"{schema.type.words}:"
            yield "\n".join(bullet(f"`{each.value}`", each.meaning or each.name) for each in schema.members)
        else:
            yield f"{schema.type.words}. {'; '.join(schema.limits)}".rstrip()


def _rules(parts: Sequence[Published], shown: Mapping[str, Sequence[Schema]]) -> str:
    made = ["# Rules"]
    for part in parts:
        for group in part.catalogue.groups.values():
            made.append(f"## {part.title}: {group.title}")
            made.append(group.summary)
            made.append(
                table(
                    ["Rule", "Level", "Sentence", "Source", "Fields"],
                    [
                        (
                            f"`{rule.id}`",
                            rule.level,
                            rule.sentence,
                            f"[{rule.source}]({rule.source.url})",
                            ", ".join(".".join(filter(None, place)) for place in places(rule, shown[part.name])),
                        )
                        for rule in group.rules
                    ],
                )
            )
    return "\n\n".join(made)
