"""How schemathesis sends: over the bounded wire, with an Exchange for every answer."""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from schemathesis import Case, Response
from schemathesis.transport.requests import REQUESTS_TRANSPORT, RequestsTransport

from sleeptalk_contract.contract.address import authorization, without_userinfo
from sleeptalk_contract.contract.exchange import Exchange
from sleeptalk_contract.contract.operation import Operation
from sleeptalk_contract.contract.service import Target
from sleeptalk_contract.fuzzing.plan import Shard
from sleeptalk_contract.fuzzing.probe import OTHER_METHOD
from sleeptalk_contract.fuzzing.request import Request, Sender
from sleeptalk_contract.fuzzing.sparing import Spared

USER_AGENT: Final = f"sleeptalk/{version('sleeptalk')}"
_TEST_CASE_HEADER: Final = "X-Schemathesis-TestCaseId"
_UNSENT_STATUS: Final = 204
_DRAWN_BOUNDARY: Final = re.compile(rb"--([0-9a-f]{32})\r\n")
_BOUNDARY: Final = b"boundary".ljust(32, b"-")
"""As long as those that are drawn, so that lengths stay."""
_LARGEST_EXACT: Final = 2**53

GENERATED: Final = "generated"


class ExchangedResponse(Response):
    """schemathesis's response, together with the exchange it belongs to.

    `exchange` is None when the request was not sent: it is spared, another shard sends it, or the run is to stop. A
    generated one is yet to be sent, by `later`, which returns what this one only stands for: generation goes on without
    the answer, and so cannot depend on it.
    """

    __slots__ = ("exchange", "later")

    def __init__(
        self, exchange: Exchange | None, later: Callable[[], "ExchangedResponse"] | None = None, **arguments: Any
    ) -> None:
        super().__init__(**arguments)
        self.exchange = exchange
        self.later = later


@dataclass
class Counter:
    """Numbers the requests of a run, sent or not."""

    next_ordinal: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> int:
        """Return the next number, from 0."""
        with self.lock:
            ordinal = self.next_ordinal
            self.next_ordinal += 1
            return ordinal


class ContractTransport(RequestsTransport):
    """Sends cases of one target. Safe to use from several threads.

    `credentials` are headers that every generated request carries. A name and password in `url` are sent with every
    request. What `spared` names is not sent, be it generated or a probe with an undocumented method. `unsendable`
    counts the requests of the rules phase that HTTP cannot carry.
    """

    def __init__(
        self,
        target: Target,
        sender: Sender,
        *,
        shard: Shard,
        credentials: Mapping[str, str],
        url: str,
        spared: Spared,
    ) -> None:
        super().__init__()
        self._copy_serializers_from(REQUESTS_TRANSPORT)
        self._operations = {operation.id: operation for operation in target.operations}
        self._sender = sender
        self._shard = shard
        self._counter = Counter()
        self._credentials = dict(credentials)
        self._authorization = authorization(url)
        self._base_path = urlsplit(url).path.rstrip("/")
        self._url = without_userinfo(url)
        self._spared = spared
        self._lock = threading.Lock()
        self.unsendable = 0

    def send(self, case: Case[Any], *, session: requests.Session | None = None, **kwargs: Any) -> Response:  # noqa: ARG002  # theirs
        """Send one case of the rules phase, or return a generated one to be sent later.

        Neither is sent where it is spared, the run is to stop or another shard sends it. Keyword arguments beside
        schemathesis's own: `intent` is why a case of the rules phase is sent (its headers are then complete), `data`
        replaces its body by raw bytes.
        """
        intent: str | None = kwargs.pop("intent", None)
        request = self._prepared(case, kwargs.get("data"), complete=intent is not None)
        if request is None:
            with self._lock:
                self.unsendable += intent is not None
            return _unsent(case)
        if self._spared(self._operation(case), request, is_guess=intent in {None, OTHER_METHOD}):
            return _unsent(case)
        if intent is not None:
            return self._exchanged(case, request, intent)
        if not self._shard.takes(self._counter.take()):
            return _unsent(case)
        intent = GENERATED if case.method.upper() == case.operation.method.upper() else OTHER_METHOD
        return _response(None, request, later=partial(self._exchanged, case, request, intent))

    def _prepared(self, case: Case[Any], raw: bytes | None, *, complete: bool) -> requests.PreparedRequest | None:
        """Turn a case into a request; None when HTTP cannot carry it."""
        data = self.serialize_case(case, headers=None if complete else self._credentials)
        if raw is not None:
            data.pop("json", None)
            data["data"] = raw
        elif "json" in data:
            data["json"] = _with_whole_numbers(data["json"])
        headers = data["headers"]
        headers.pop(_TEST_CASE_HEADER, None)  # a random number: it would make every run different
        headers["User-Agent"] = USER_AGENT
        headers["Accept-Encoding"] = "gzip"
        headers.update(self._authorization)
        try:
            request = requests.Request(**data).prepare()
            for name, value in request.headers.items():
                (name + str(value)).encode("latin-1")
        except (requests.RequestException, ValueError):
            return None
        _fix_boundary(request)
        return request

    def _operation(self, case: Case[Any]) -> Operation:
        return self._operations[str(case.operation.definition.raw["operationId"])]

    def _exchanged(self, case: Case[Any], request: requests.PreparedRequest, intent: str) -> ExchangedResponse:
        operation = self._operation(case)
        url = self._url if operation.is_webhook else str(request.url)  # a webhook goes to its URL, to the letter
        sent = Request(
            operation,
            intent,
            str(request.method),
            url,
            tuple((name, str(value)) for name, value in request.headers.items()),
            _body(request),
            self._path_parameters(operation, urlsplit(url).path),
        )
        return _response(self._sender.exchange(sent), request)

    def _path_parameters(self, operation: Operation, path: str) -> dict[str, str]:
        """Read the path parameters back from the path as the server sees it; the whole path where it fits no more."""
        if operation.is_webhook:
            return {}
        below = path.removeprefix(self._base_path)
        read = operation.match(below)
        names = (parameter.name for parameter in operation.parameters if parameter.place == "path")
        return dict.fromkeys(names, below) if read is None else read


def _body(request: requests.PreparedRequest) -> bytes | None:
    body = request.body.encode() if isinstance(request.body, str) else request.body
    if body is not None and not isinstance(body, bytes):
        raise TypeError("a body is bytes or text")
    return body


def _fix_boundary(request: requests.PreparedRequest) -> None:
    """Replace the boundary of a form, which is drawn at random: it would make every run different."""
    drawn = _DRAWN_BOUNDARY.match(request.body) if isinstance(request.body, bytes) else None
    if drawn is None or not isinstance(request.body, bytes):
        return
    boundary = drawn.group(1)
    request.body = request.body.replace(boundary, _BOUNDARY)
    if "content-type" in request.headers:
        given = str(request.headers["content-type"])
        request.headers["content-type"] = given.replace(boundary.decode(), _BOUNDARY.decode())


def _with_whole_numbers(value: Any) -> Any:
    """Write 4349.0 as 4349: JSON Schema calls both an integer, but many a strict reader only the second."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= _LARGEST_EXACT:
        return int(value)
    if isinstance(value, list):
        return [_with_whole_numbers(item) for item in value]
    if isinstance(value, dict):
        return {name: _with_whole_numbers(item) for name, item in value.items()}
    return value


def _response(
    exchange: Exchange | None,
    request: requests.PreparedRequest,
    later: Callable[[], "ExchangedResponse"] | None = None,
) -> ExchangedResponse:
    return ExchangedResponse(
        exchange,
        later,
        status_code=(exchange.status if exchange is not None else None) or _UNSENT_STATUS,
        headers={} if exchange is None else {name: [value] for name, value in exchange.response_headers.items()},
        content=b"" if exchange is None else exchange.response_body,
        request=request,
        elapsed=0.0 if exchange is None else exchange.seconds,
        verify=True,
    )


def _unsent(case: Case[Any]) -> Response:
    url = case.operation.base_url or ""
    return _response(None, requests.Request(case.method, url or None).prepare())
