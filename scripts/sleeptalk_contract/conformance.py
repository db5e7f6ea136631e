"""Assertions for users' own tests: one answer, or one callback, against the contract."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sleeptalk_contract.contract.exchange import Answer, Exchange, Knowledge
from sleeptalk_contract.contract.redaction import redacted, remember_documents, remember_variables
from sleeptalk_contract.contract.usage import did_you_mean
from sleeptalk_contract.judging.judge import Judge, ids_shown
from sleeptalk_contract.judging.webhooks import webhook_meant
from sleeptalk_contract.reporting.grouping import grouped
from sleeptalk_contract.responses import pairs, read_response
from sleeptalk_contract.services.registered import SERVICES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sleeptalk_contract.contract.exchange import Verdict
    from sleeptalk_contract.contract.operation import Operation
    from sleeptalk_contract.contract.service import Target
    from sleeptalk_contract.responses import Headers, ReadResponse

remember_variables(variable for service in SERVICES for variable in service.key_variables)
remember_documents(path for service in SERVICES for path in service.texts)


def assert_conforms(
    response: object, *, api_key: str | None = None, strict: bool = False, ignore: str | Iterable[str] = ()
) -> None:
    """Assert that an answer of Asleep or Phonexia, or of a stand-in for them, keeps the contract.

    `response` is one of httpx or requests, or of the test client of Flask, Django, Starlette or FastAPI; it names the
    request, whose path tells which service is meant. `api_key` is the right key: with it, an answer other than 401 or
    403 to another key is a breach too, where nothing else is wrong with the request. Without it, 401 and 403 are right
    refusals of any key. With `strict` the `should` rules and findings beyond the rules count as well. `ignore` names
    rules that do not count, by their ids: a gateway that does its own authentication ignores
    "session.api-key-required", for example.

    Raises AssertionError that names each broken rule with its sentence; ValueError when the request went to neither
    service, when `ignore` names a rule that does not exist, and when the body or the request of the answer cannot be
    read; TypeError when `response` is not such an answer.
    """
    __tracebackhide__ = True
    ignored = _rules_named(ignore)
    target, exchange = _asserted(read_response(response))
    credentials = _credentials(target, api_key)
    ids = ids_shown(target.operation(exchange.operation), target, exchange, credentials)
    verdict = Judge(target, Knowledge(credentials, ids)).judge(exchange)
    what = f"The answer {exchange.status} to {exchange.method} {exchange.url}"
    _report(target, verdict, what, strict=strict, ignored=ignored)


def assert_callback_conforms(
    body: object, headers: Headers, *, api_key: str | None = None, strict: bool = False
) -> None:
    """Assert that a callback, as Asleep sends them, keeps the contract.

    `body` is bytes or text as sent, or the JSON value itself. `headers` is a mapping or pairs; names in any case.
    `api_key` is the key that it must carry; None takes any. With `strict` the `should` rules and findings beyond the
    rules count as well.

    Raises AssertionError that names each broken rule with its sentence.
    """
    __tracebackhide__ = True
    sent = _encoded(body)
    senders = [target for service in SERVICES for target in service.targets if target.has("sender")]
    judged = []
    for target in senders:
        exchange = Exchange.delivered(webhook_meant(target, sent), "", pairs(headers), sent)
        judged.append((target, Judge(target, Knowledge(_credentials(target, api_key))).judge(exchange)))
    target, verdict = min(
        judged, key=lambda each: len(each[1].breaches)
    )  # of several senders, the one whose webhook it is
    _report(target, verdict, "The callback", strict=strict)


def _asserted(read: ReadResponse) -> tuple[Target, Exchange]:
    """Return an answer as an exchange, with the target that it is of. Raises ValueError where it is of none."""
    target, operation, path_parameters = _asked(read.method, read.url)
    return target, Exchange.sent(
        operation,
        "asserted",
        read.url,
        read.request_headers,
        read.sent,
        Answer(read.status, read.headers, read.body),
        method=read.method,
        path_parameters=path_parameters,
    )


def _rules_named(ignore: str | Iterable[str]) -> frozenset[str]:
    """Return the ids of rules. Raises ValueError for one that no target has."""
    named = frozenset([ignore] if isinstance(ignore, str) else ignore)
    known = {rule for service in SERVICES for target in service.targets for rule in target.rules}
    for name in sorted(named - known):
        raise ValueError(
            f"ignore names {name!r}, which is not a rule: {did_you_mean(name, known, 'see `sleeptalk rules`.')}"
        )
    return named


def _asked(method: str, url: str) -> tuple[Target, Operation, Mapping[str, str]]:
    """Read the operation and its path parameters from a request.

    Of several at a path it is one with the method, and of those the one whose template has the fewest parameters.
    """
    path = urlsplit(url).path
    found = [
        (target, operation, located[1])
        for target, operation in _operations()
        if (located := operation.locate(path)) is not None
    ]
    if found:
        return min(found, key=lambda each: (each[1].method != method, len(each[2])))
    places = [f"{operation.method} {operation.path}" for _, operation in _operations() if not operation.is_webhook]
    raise ValueError(f"{url} is not an address of the contract: an answer to {' or '.join(places)} can be judged.")


def _operations() -> Iterator[tuple[Target, Operation]]:
    """Yield every operation of every service, with the target that it belongs to."""
    return (
        (target, operation) for service in SERVICES for target in service.targets for operation in target.operations
    )


def _credentials(target: Target, api_key: str | None) -> Mapping[str, str]:
    return {} if api_key is None or target.key is None else {target.key.header: api_key}


def _encoded(body: object) -> bytes:
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body)
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def _report(
    target: Target, verdict: Verdict, what: str, *, strict: bool, ignored: frozenset[str] = frozenset()
) -> None:
    """Raise an AssertionError with the breaches that count."""
    __tracebackhide__ = True
    rules = target.rules
    by_rule: dict[str, list[str]] = {}
    for group in grouped(verdict.breaches):
        rule = rules[group.rule]
        if rule.id not in ignored and (strict or rule.level == "must"):
            sentence = f"{rule.id}: {rule.sentence} (source: {rule.source}, {rule.source.url})"
            by_rule.setdefault(sentence, []).append(f"    {group.sentence}")
    if strict and verdict.beyond:
        by_rule["beyond the rules:"] = [f"    {group.sentence}" for group in grouped(verdict.beyond)]
    if by_rule:
        lines = [f"{what} breaks the contract."]
        for sentence, lines_of_rule in by_rule.items():
            lines += [sentence, *lines_of_rule]
        raise AssertionError(redacted("\n".join(lines)))
