"""The examples of a document for readers: those that keep the contract first, and of the others what they break."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from sleeptalk_contract.contract.exchange import Answer, Exchange, Knowledge
from sleeptalk_contract.contract.operation import JSON
from sleeptalk_contract.judging.judge import Judge
from sleeptalk_contract.reference.code import json_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sleeptalk_contract.contract.catalogue import Rule
    from sleeptalk_contract.contract.exchange import Breach
    from sleeptalk_contract.contract.operation import Operation
    from sleeptalk_contract.contract.service import Target
    from sleeptalk_contract.reference.published import Published

_PRINTED: Final = "printed"
"""What the key of an example begins with that a vendor prints."""


@dataclass(frozen=True, slots=True)
class Example:
    """One example: its key, what it shows, more about it, its JSON and its value, and the rules that it breaks."""

    key: str
    summary: str
    description: str
    text: str
    value: Any
    broken: tuple[Rule, ...] = ()

    @property
    def is_printed(self) -> bool:
        """Whether it is the vendor's."""
        return self.key.startswith(_PRINTED)


def examples_of_answer(part: Published, operation: Operation, status: str) -> tuple[Example, ...]:
    """Return the examples of an answer's JSON. Those of a success are judged as if they were answered to a request."""
    response = part.document.resolved(operation.value["responses"][status])
    media = (response.get("content") or {}).get(JSON, {})
    judged = status.startswith("2") and status.isdigit()

    def broken(value: Any) -> tuple[Rule, ...]:
        if not judged:
            return ()
        return _broken(part, operation, lambda target: _answered(part, operation, target, int(status), value))

    return _examples(part, media, broken)


def examples_of_request(part: Published, operation: Operation) -> tuple[Example, ...]:
    """Return the examples of a request's JSON. Those of a webhook are judged as if they were delivered."""
    body = part.document.resolved(operation.value.get("requestBody")) or {}
    media = (body.get("content") or {}).get(JSON, {})

    def broken(value: Any) -> tuple[Rule, ...]:
        if not operation.is_webhook:
            return ()
        return _broken(part, operation, lambda target: _delivered(part, operation, target, value))

    return _examples(part, media, broken)


def _examples(
    part: Published, media: Mapping[str, Any], broken: Callable[[Any], tuple[Rule, ...]]
) -> tuple[Example, ...]:
    """Return examples in the order of the document: first our own, then the vendor's, last what breaks a rule."""
    named = media.get("examples") or ({"example": {"value": media["example"]}} if "example" in media else {})
    made = []
    for key, written in named.items():
        each = part.document.resolved(written)
        value = each.get("value")
        words = each.get("summary", key), each.get("description", "")
        made.append(Example(key, *words, json_text(value), value, broken(value)))
    return tuple(sorted(made, key=lambda one: (bool(one.broken), one.is_printed)))


def _broken(part: Published, operation: Operation, exchange: Callable[[Target], Exchange]) -> tuple[Rule, ...]:
    """Return the rules that the body of an exchange breaks, as each target that has the operation judges it."""
    found: dict[str, Rule] = {}
    for target in part.service.targets:
        if any(operation.id in group.operations for group in target.groups):
            made = exchange(target)
            knowledge = Knowledge(dict(made.request_headers))
            verdict = Judge(target, knowledge).judge(made)
            found |= {each.rule: part.catalogue.rules[each.rule] for each in verdict.breaches if _is_of_body(each)}
    return tuple(found.values())


def _is_of_body(breach: Breach) -> bool:
    """Whether a rule is broken in the body: an example has neither status nor headers."""
    return bool(breach.rule) and breach.location[:1] in {"", "/"}


def _answered(part: Published, operation: Operation, target: Target, status: int, value: Any) -> Exchange:
    headers, path, query = asked(operation, target, named_values(part, operation.response_schema(status) or {}, value))
    answer = Answer(status, (("content-type", JSON),), json.dumps(value).encode())
    url = f"http://127.0.0.1{operation.path_of(path)}?{urlencode(query)}"
    return Exchange.sent(operation, "example", url, headers, None, answer, path_parameters=path)


def _delivered(part: Published, operation: Operation, target: Target, value: Any) -> Exchange:
    headers, _, _ = asked(operation, target, named_values(part, operation.request_schema() or {}, value))
    content = [*headers, ("content-type", JSON)]
    return Exchange.delivered(operation, "http://127.0.0.1/", content, json.dumps(value).encode(), Answer(204))


def asked(
    operation: Operation, target: Target, known: Mapping[str, str]
) -> tuple[Sequence[tuple[str, str]], Mapping[str, str], Mapping[str, str]]:
    """Return headers, path parameters and query of a request that fits an example, whose values are `known`.

    A parameter has the value that the example has of its schema, or of its name.
    """
    path: dict[str, str] = {}
    query: dict[str, str] = {}
    headers = {each.header: "example" for each in target.credentials}
    for each in operation.parameters:
        value = known.get(str(each.schema.get("$ref"))) or known.get(each.name.removeprefix("x-").replace("-", "_"))
        if each.place == "path":
            path[each.name] = value or "example"
        elif each.place == "query" and each.name in known:
            query[each.name] = known[each.name]
        elif each.place == "header" and value is not None:
            headers[each.name] = value
    return tuple(headers.items()), path, query


def named_values(part: Published, schema: Mapping[str, Any], value: Any) -> dict[str, str]:
    """Return the first string of a value that is of each named schema, by `$ref`, and in each field, by name."""
    found: dict[str, str] = {}
    for name, text in _strings(part, schema, value):
        found.setdefault(name, text)
    return found


def _strings(part: Published, schema: Mapping[str, Any], value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and "$ref" in schema:
        yield schema["$ref"], value
    schema = part.document.resolved(schema)
    for key in ("anyOf", "oneOf", "allOf"):
        for member in schema.get(key, ()):
            yield from _strings(part, member, value)
    if isinstance(value, dict):
        for name, written in schema.get("properties", {}).items():
            if isinstance(value.get(name), str):
                yield name, value[name]
            if name in value:
                yield from _strings(part, written, value[name])
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for item in value[:3]:
            yield from _strings(part, schema["items"], item)
