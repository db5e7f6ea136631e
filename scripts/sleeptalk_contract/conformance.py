"""Assertions for users' own tests: one answer, or one callback, against the contract."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from sleeptalk_contract.contract.exchange import Answer, Exchange, Knowledge
from sleeptalk_contract.contract.redaction import redacted, remember_variables
from sleeptalk_contract.judging.judge import Judge, webhook_meant
from sleeptalk_contract.services.registered import SERVICES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sleeptalk_contract.contract.exchange import Breach, Verdict
    from sleeptalk_contract.contract.operation import Operation
    from sleeptalk_contract.contract.service import Target

    Headers = Mapping[Any, Any] | Iterable[tuple[Any, Any]]

remember_variables(variable for service in SERVICES for variable in service.key_variables)


class Response(Protocol):
    """An answer that was read to its end: httpx.Response, requests.Response and their like."""

    @property
    def status_code(self) -> int:
        """The HTTP status."""
        ...

    @property
    def headers(self) -> Any:
        """The headers as a mapping."""
        ...

    @property
    def content(self) -> Any:
        """The body as bytes, decoded from gzip and the like."""
        ...

    @property
    def request(self) -> Any:
        """The request that it answers: its method, url, headers and body are read."""
        ...


def assert_conforms(response: Response, *, api_key: str | None = None, strict: bool = False) -> None:
    """Assert that an answer of Asleep or Phonexia, or of a stand-in for them, keeps the contract.

    Which service is meant is read from the path of the response's request. `api_key` is the right key: with it, an
    answer other than 401 or 403 to another key is a breach too. With `strict` the `should` rules and findings beyond
    the rules count as well.

    Raises AssertionError that names each broken rule with its sentence, ValueError when the request went to neither
    service.
    """
    __tracebackhide__ = True
    target, exchange = _asserted(response)
    # An id that is answered with success is known to the implementation.
    known_ids = frozenset(exchange.path_parameters.values()) if exchange.successful else frozenset[str]()
    verdict = Judge(target, Knowledge(_credentials(target, api_key), known_ids)).judge(exchange)
    _report(target, verdict, f"The answer {exchange.status} to {exchange.method} {exchange.url}", strict=strict)


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
        exchange = Exchange.delivered(webhook_meant(target, sent), "", _pairs(headers), sent)
        judged.append((target, Judge(target, Knowledge(_credentials(target, api_key))).judge(exchange)))
    target, verdict = min(
        judged, key=lambda each: len(each[1].breaches)
    )  # of several senders, the one whose webhook it is
    _report(target, verdict, "The callback", strict=strict)


def _asserted(response: Response) -> tuple[Target, Exchange]:
    """Return an answer as an exchange, with the target that it is of. Raises ValueError where it is of none."""
    request = response.request
    method, url = str(request.method), str(request.url)
    answer = Answer(response.status_code, tuple(_pairs(response.headers)), bytes(response.content))
    target, operation, path_parameters = _asked(method, url)
    headers = _pairs(request.headers)
    return target, Exchange.sent(
        operation,
        "asserted",
        url,
        headers,
        _sent_body(request),
        answer,
        method=method,
        path_parameters=path_parameters,
    )


def _sent_body(request: Any) -> bytes | None:
    """Return the body of a request, which httpx calls content; None where it has none that can be read again."""
    try:
        body = request.body if hasattr(request, "body") else request.content
    except Exception:  # noqa: BLE001  # a stream that was read while it was sent; libraries have errors of their own
        return None
    return _encoded(body) if isinstance(body, str | bytes) else None


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


def _pairs(headers: Headers) -> Iterator[tuple[str, str]]:
    """Return the names and values of a mapping, or of pairs, as texts."""
    items = getattr(headers, "items", None)
    pairs: Any = headers if items is None else items()
    return ((_text(name), _text(value)) for name, value in pairs)


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _encoded(body: object) -> bytes:
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body)
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def _report(target: Target, verdict: Verdict, what: str, *, strict: bool) -> None:
    """Raise an AssertionError with the breaches that count."""
    __tracebackhide__ = True
    rules = target.rules
    by_rule: dict[str, list[str]] = {}
    for breach in verdict.breaches:
        rule = rules[breach.rule]
        if strict or rule.level == "must":
            by_rule.setdefault(f"{rule.id}: {rule.sentence} (source: {rule.source}, {rule.source.url})", []).append(
                _line(breach)
            )
    if strict and verdict.beyond:
        by_rule["beyond the rules:"] = [_line(breach) for breach in verdict.beyond]
    if by_rule:
        lines = [f"{what} breaks the contract."]
        for sentence, lines_of_rule in by_rule.items():
            lines += [sentence, *lines_of_rule]
        raise AssertionError(redacted("\n".join(lines)))


def _line(breach: Breach) -> str:
    return f"    {breach.location or 'the body'} {breach.message}"
