"""Assertions for users' own tests: one answer, or one callback, against the contract."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import unquote, urlsplit

from sleeptalk_contract.contract.catalogue import catalogue
from sleeptalk_contract.contract.documents import path_of
from sleeptalk_contract.contract.exchange import Exchange, Knowledge, joined_headers
from sleeptalk_contract.contract.keys import KEY_VARIABLES
from sleeptalk_contract.contract.redaction import redacted, remember_variables
from sleeptalk_contract.judging.judge import Judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sleeptalk_contract.contract.exchange import Breach, Verdict

    Headers = Mapping[Any, Any] | Iterable[tuple[Any, Any]]

_OK: Final = 200
_CALLBACK_URL: Final = "callback"

remember_variables(KEY_VARIABLES.values())


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
        """The request that it answers: its method, url and headers are read."""
        ...


def assert_conforms(response: Response, *, api_key: str | None = None, strict: bool = False) -> None:
    """See that an answer of Asleep or Phonexia, or of what stands in for them, keeps the contract.

    Which service is meant is read from the path of the response's request. `api_key` is the right key: given it, an
    answer other than 401 or 403 to another key is a breach too. With `strict` the `should` rules and findings beyond
    the rules count as well.

    Raises AssertionError that names each broken rule with its sentence, ValueError when the request was to neither
    service.
    """
    __tracebackhide__ = True
    exchange = _exchange(response)
    # An id that is answered 200 is known to whoever answers; no test need say so.
    known_ids = frozenset(exchange.path_parameters.values()) if exchange.status == _OK else frozenset[str]()
    verdict = Judge(exchange.target, Knowledge(api_key, None, known_ids)).judge(exchange)
    _report(verdict, f"The answer {exchange.status} to {exchange.method} {exchange.url}", strict=strict)


def assert_callback_conforms(
    body: object, headers: Headers, *, api_key: str | None = None, strict: bool = False
) -> None:
    """See that a callback, as Asleep sends them, keeps the contract.

    `body` is bytes or text as sent, or the JSON value itself. `headers` is a mapping or pairs; names in any case.
    `api_key` is the key that it must carry; None takes any. With `strict` the `should` rules and findings beyond the
    rules count as well.

    Raises AssertionError that names each broken rule with its sentence.
    """
    __tracebackhide__ = True
    exchange = Exchange(
        target="callback",
        intent="delivery",
        method="POST",
        url=_CALLBACK_URL,
        path_parameters={},
        request_headers=joined_headers(_pairs(headers)),
        request_body=_encoded(body),
        status=None,
        response_headers={},
        response_body=b"",
        seconds=0.0,
    )
    verdict = Judge("callback", Knowledge(api_key), groups=("callback",)).judge(exchange)
    _report(verdict, "The callback", strict=strict)


def _exchange(response: Response) -> Exchange:
    request = response.request
    url = str(request.url)
    target, parameter, identifier = _asked(url)
    return Exchange(
        target=target,
        intent="asserted",
        method=str(request.method),
        url=url,
        path_parameters={parameter: identifier},
        request_headers=joined_headers(_pairs(request.headers)),
        request_body=None,
        status=response.status_code,
        response_headers=joined_headers(_pairs(response.headers)),
        response_body=bytes(response.content),
        seconds=0.0,
    )


def _asked(url: str) -> tuple[str, str, str]:
    """Read the target, the name of the path parameter and the id from an address."""
    path = urlsplit(url).path
    for target in ("asleep", "phonexia"):
        prefix, _, rest = path_of(target).partition("{")
        _, found, identifier = path.partition(prefix)
        if found:
            return target, rest.partition("}")[0], unquote(identifier, errors="replace")
    places = " or ".join(path_of(target) for target in ("asleep", "phonexia"))
    raise ValueError(f"{url} is no address of the contract: an answer to GET {places} can be judged.")


def _pairs(headers: Headers) -> Iterator[tuple[str, str]]:
    """Give the names and values of a mapping, or of pairs, as texts."""
    items = getattr(headers, "items", None)
    pairs: Any = headers if items is None else items()
    return ((_text(name), _text(value)) for name, value in pairs)


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _encoded(body: object) -> bytes:
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body)
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def _report(verdict: Verdict, what: str, *, strict: bool) -> None:
    """Raise an AssertionError for the breaches that count."""
    __tracebackhide__ = True
    rules = catalogue()
    told: dict[str, list[str]] = {}
    for breach in verdict.breaches:
        rule = rules[breach.rule]
        if strict or rule.level == "must":
            told.setdefault(f"{rule.id}: {rule.sentence} (source: {rule.source}, {rule.source.url})", []).append(
                _finding(breach)
            )
    if strict and verdict.beyond:
        told["beyond the rules:"] = [_finding(breach) for breach in verdict.beyond]
    if told:
        lines = [f"{what} breaks the contract."]
        for sentence, findings in told.items():
            lines += [sentence, *findings]
        raise AssertionError(redacted("\n".join(lines)))


def _finding(breach: Breach) -> str:
    return f"    {breach.where or 'the body'} {breach.message}"
