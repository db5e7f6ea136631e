"""The page of one operation in Markdown: the same facts as on its page of HTML, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sleeptalk_contract.reference.prose import bullet, one_line, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sleeptalk_contract.contract.catalogue import Rule
    from sleeptalk_contract.reference.examples import Example
    from sleeptalk_contract.reference.operations import Body, OperationPage, Reply
    from sleeptalk_contract.reference.raised import Raised
    from sleeptalk_contract.reference.tree import Node


def operation_twin(page: OperationPage) -> str:
    """Return the Markdown of the page of an operation."""
    return "\n\n".join(filter(None, _blocks(page)))


def _blocks(page: OperationPage) -> Iterator[str]:
    operation, part = page.operation, page.part
    place = "to a server of yours" if operation.is_webhook else operation.path
    yield f"# {operation.title}"
    yield f"`{operation.method} {place}`, `{operation.id}` of [{part.title}]({part.name}.md)."
    yield str(operation.value.get("description", "")).rstrip()
    if page.parameters:
        yield "## Headers" if operation.is_webhook else "## Parameters"
        rows = [(f"`{node.name}`", where, *_about(node)) for where, nodes in page.parameters for node in nodes]
        yield table(["Name", "In", "Type", "Meaning", "Rules"], rows)
    if page.request is not None:
        yield "## What arrives" if operation.is_webhook else "## Body"
        yield from _body(page.request)
    for reply in page.successes:
        if not operation.is_webhook:
            yield f"## Answer {reply.status}"
            yield from _reply(reply)
    if page.conditions:
        yield "## When is it null?"
        yield "\n".join(
            bullet(
                f"{condition.sentence} {_rules(condition.rules)}".strip(),
                "; ".join(
                    f"{what}: {', '.join(f'`{path}`' for path in paths)}"
                    for what, paths in (("null", condition.null), ("not null", condition.present))
                    if paths
                ),
            )
            for condition in page.conditions
        )
    if page.errors:
        yield "## Refusals" if operation.is_webhook else "## Errors"
        yield table(
            ["Status", "Meaning", "What to do", "In Python", "Rules"],
            [
                (each.status, each.description, each.remedy, _in_python(each), _rules(each.rules))
                for each in page.errors
            ],
        )
        if page.otherwise:
            others = "; ".join(f"{status} {_raised(each)}" for status, each in page.otherwise)
            yield f"Of statuses that are not documented, Python raises for {others}."
    if page.rules:
        yield "## Rules"
        yield "\n".join(bullet(f"`{rule.id}` ({rule.level})", rule.sentence) for rule in page.rules)
    for sample in page.samples:
        yield f"## {sample.label}"
        yield f"```{sample.language}\n{sample.text.rstrip()}\n```"


def _in_python(reply: Reply) -> str:
    """Return what the Python client raises, or what the receiver of the Python package answers so."""
    answered = [f"The receiver answers {status} for `{name}`." for status, name in reply.receiver_errors]
    return "; ".join(map(_raised, reply.raised)) + " ".join(answered)


def _raised(each: Raised) -> str:
    return f"`{each.name}`{f' {each.when}' if each.when else ''}{', after retries' if each.retried else ''}"


def _reply(reply: Reply) -> Iterator[str]:
    yield reply.description
    if reply.headers:
        yield table(
            ["Header", "Type", "Meaning", "Rules"], [(f"`{each.name}`", *_about(each)) for each in reply.headers]
        )
    if reply.body is not None:
        yield from _body(reply.body)


def _body(body: Body) -> Iterator[str]:
    fields = [node for node in body.node.walk() if node.path]
    yield f"`{body.media}`{f', {body.node.schema}' if body.node.schema else ''}: {body.node.description}".rstrip(": ")
    if fields:
        yield table(["Field", "Type", "Meaning", "Rules"], [(f"`{node.path}`", *_about(node)) for node in fields])
    if body.examples:
        yield _example(body.examples[0])


def _about(node: Node) -> Sequence[str]:
    """Return the type of a field or parameter, what it means, and its rules."""
    values = [f"`{each.value}` {each.meaning.rstrip('.')}".rstrip() for each in node.members]
    limits = "; ".join(node.limits)
    words = [
        node.description,
        f"{limits[:1].upper()}{limits[1:]}." if limits else "",
        f"Values: {'; '.join(values)}." if values else "",
    ]
    kind = node.words if node.required else f"{node.words}, may be absent"
    return kind, " ".join(filter(None, map(one_line, words))), _rules(node.rules)


def _rules(rules: Sequence[Rule]) -> str:
    return " ".join(f"`{rule.id}`" for rule in rules)


def _example(example: Example) -> str:
    broken = f" It breaks {_rules(example.broken)}." if example.broken else ""
    return f"An example: {one_line(example.summary)}.{broken}\n\n```json\n{example.text}\n```"
