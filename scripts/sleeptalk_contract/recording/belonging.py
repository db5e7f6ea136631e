"""Whose a recorded exchange is: an operation at its path, or a delivery of a webhook."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.bodies import read_body
from sleeptalk_contract.contract.exchange import NOT_JSON, joined_headers
from sleeptalk_contract.judging.webhooks import distance, webhook_judges, webhook_meant
from sleeptalk_contract.recording.text import decoded_base64

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sleeptalk.recording import Recorded, RecordedRequest
    from sleeptalk_contract.contract.bodies import ReadBody
    from sleeptalk_contract.contract.operation import Operation
    from sleeptalk_contract.contract.service import Target

NO_OPERATION: Final = "of no operation"
_SCHEMES: Final = frozenset({"http", "https"})


@dataclass(frozen=True, slots=True)
class Belonging:
    """The operation that an exchange is of, and its path parameters, decoded."""

    target: Target
    operation: Operation
    path_parameters: Mapping[str, str]


class Belongings:
    """Finds whose exchanges are, among some targets.

    `webhook_path` is the path that deliveries are sent to; None where they are known by what they carry: their body, or
    the credentials of their target.
    """

    def __init__(self, targets: Sequence[Target], webhook_path: str | None = None) -> None:
        self._webhook_path = webhook_path
        self._at = lru_cache(maxsize=1024)(self._found_at)  # many are asked for again and again
        self._paths = [
            (target, operation) for target in targets for operation in target.operations if not operation.is_webhook
        ]
        self._receiving = [target for target in targets if any(each.is_webhook for each in target.operations)]

    def of(self, recorded: Recorded) -> Belonging | None:
        """Return whose an exchange is; None where it is of no operation."""
        request = recorded.request
        assert request is not None
        path = path_of(request.url)
        found = None if recorded.webhook else self._at(path, request.method)
        return found or (self._delivery(recorded, request, path) if self._receiving else None)

    def lane(self, recorded: Recorded) -> str:
        """Return what an exchange has in common with those that it is judged with, in their order."""
        request = recorded.request
        belonging = None if request is None else self.of(recorded)
        if request is None or belonging is None:
            return ""
        body = NOT_JSON if request.body is None else read_body(content_of(request.body) or b"").value
        lane = belonging.target.lane(joined_headers(request.headers), body)
        return f"{belonging.target.name} {lane or path_of(request.url)}"

    def _found_at(self, path: str, method: str) -> Belonging | None:
        """Return the operation at a path: of several one with the method, and of those with the fewest parameters."""
        found = [
            Belonging(target, operation, located[1])
            for target, operation in self._paths
            if (located := operation.locate(path)) is not None
        ]
        return min(found, key=lambda each: (each.operation.method != method, len(each.path_parameters)), default=None)

    def _delivery(self, recorded: Recorded, request: RecordedRequest, path: str) -> Belonging | None:
        fitting = [each for each in self._receiving if any(o.method == request.method for o in each.operations)]
        if not fitting:
            return None
        body = content_of(request.body) or b""
        is_known = recorded.webhook or (self._webhook_path is not None and path == self._webhook_path)
        if self._webhook_path is not None and not is_known:
            return None
        read = read_body(body)
        recognised = [each for each in fitting if _recognises(each, read)]
        if not recognised:
            names = {name.lower() for name, _ in request.headers}
            carried = [each for each in fitting if each.credentials and _headers(each) <= names]
            recognised = fitting[:1] if is_known else carried[:1]
        if not recognised:
            return None
        target = min(recognised, key=lambda each: distance(each, read)) if len(recognised) > 1 else recognised[0]
        return Belonging(target, webhook_meant(target, body), {})


def path_of(url: str) -> str:
    """Return the path of an address, or of a request target, as it is written; "" for one that is not of HTTP."""
    rest = url.partition("#")[0].partition("?")[0]
    scheme, separator, after = rest.partition("://")
    if not separator or "/" in scheme:
        return rest
    if scheme.lower() not in _SCHEMES:
        return ""
    slash = after.find("/")
    return "/" if slash < 0 else after[slash:]


def content_of(body: Any) -> bytes | None:
    """Return the bytes of a recorded body; None where there is none. Raises MalformedError."""
    if body is None:
        return None
    return body.encode(errors="surrogatepass") if isinstance(body, str) else decoded_base64(body.base64)


def _recognises(target: Target, body: ReadBody) -> bool:
    """Whether a body has a key that the deliveries of a target must have."""
    value = body.value
    if value is NOT_JSON or not isinstance(value, dict):
        return False
    return any(judge and not judge.required_keys.isdisjoint(value) for _, judge in webhook_judges(target))


def _headers(target: Target) -> set[str]:
    return {credential.header for credential in target.credentials}
