"""What a rule function takes and returns: an exchange with its context, and breaches."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from sleeptalk_contract.contract.bodies import ReadBody, read_body
from sleeptalk_contract.contract.exchange import NOT_JSON, Exchange, Knowledge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sleeptalk_contract.contract.operation import Operation, Response

UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_JSON_TYPES: Final = frozenset({"*/*", "application/*", "application/json"})
_LONGEST_SANE_ID: Final = 200
_LONGEST_SANE_HEADERS: Final = 4096
_LARGEST: Final = 10**12
_LIMITS: Final = (b"rate limit", b"limit exceeded", b"throttl", b"too many", b"quota")
"""What a 403 speaks of that is about too many requests, in lower case."""
_LONGEST_EXCUSE: Final = 2000
_NOT_LEFT_ALONE: Final = frozenset("/\\%?#;")
"""What servers and proxies on the way may decode, cut off or rewrite in a path."""

K = TypeVar("K")
T = TypeVar("T")
V = TypeVar("V")


def number(value: Any) -> Decimal | None:
    """Return a JSON number as a Decimal; None where it is not a number, or one that no measured value can have."""
    kind = type(value)
    if kind is int:
        return Decimal(value) if -_LARGEST < value < _LARGEST else None
    if kind is not float and kind is not Decimal:
        return None
    exact = Decimal(repr(value)) if kind is float else value
    return exact if -_LARGEST < exact < _LARGEST else None


def digest(body: bytes) -> bytes:
    """Return a short digest of a body, so that a long run needs little memory."""
    return sha256(body).digest()


class Recent(dict[K, V]):
    """A dict of bounded size, which forgets what was set or asked for with `setdefault` longest ago.

    So traffic of any length can be judged. What is forgotten counts as not seen.
    """

    most = 20_000

    def __setitem__(self, key: K, value: V) -> None:
        self.pop(key, None)
        super().__setitem__(key, value)
        if len(self) > self.most:
            del self[next(iter(self))]

    def setdefault(self, key: K, default: V) -> V:  # pyright: ignore[reportIncompatibleMethodOverride]  # needs one
        """Return the value of a key, which has the default from now on if it had none."""
        self[key] = self.get(key, default)
        return self[key]


class History:
    """The memory of one run: each kind of it is an object that a service's rules define."""

    def __init__(self) -> None:
        self._kept: dict[type[Any], object] = {}

    def of(self, kind: type[T]) -> T:
        """Return the one object of a kind, made without arguments when it is first asked for."""
        if kind not in self._kept:
            self._kept[kind] = kind()
        return cast("T", self._kept[kind])


@dataclass(frozen=True, eq=False)
class Case:
    """An exchange with the run's knowledge and history. Equality is identity: two cases of one exchange differ."""

    exchange: Exchange
    operation: Operation
    knowledge: Knowledge = field(default_factory=Knowledge)
    history: History = field(default_factory=History)

    @property
    def is_by_method(self) -> bool:
        """Whether the request has the method of its operation."""
        return self.exchange.method == self.operation.method

    @cached_property
    def documented(self) -> Response | None:
        """What the operation documents for the status of the answer; None for another method, and for no answer."""
        status = self.exchange.status
        return self.operation.response(status) if status is not None and self.is_by_method else None

    @property
    def is_success(self) -> bool:
        """Whether the answer is a 2xx that the document has: to a request for JSON, or of a receiver.

        An operation that documents no 2xx by itself leaves which one it is to its `default`.
        """
        if self.documented is None or not self.exchange.successful:
            return False
        honest = self.documented.is_success or not self.operation.successes
        return honest and (self.operation.is_webhook or self.asks_for_json)

    @cached_property
    def success(self) -> ReadBody | None:
        """The body of a documented success, None where it is something else, or cannot be read."""
        if (
            self.documented is None
            or not self.exchange.successful
            or self.exchange.encoded
            or self.exchange.ended_early
        ):
            return None
        return read_body(self.exchange.response_body)

    @property
    def success_body(self) -> Any:
        """The JSON value of a documented success, as `ReadBody.exact`; NOT_JSON where it is something else."""
        return NOT_JSON if self.success is None else self.success.exact

    @cached_property
    def error_body(self) -> Mapping[str, Any]:
        """The JSON object of the answer; empty where it is not one."""
        body = self.exchange.response_json
        return body if isinstance(body, dict) else {}

    @cached_property
    def delivery(self) -> ReadBody:
        """The body that a sender delivered; empty where there was none."""
        return read_body(self.exchange.request_body or b"")

    @property
    def delivered(self) -> Any:
        """The JSON value that a sender delivered, as `ReadBody.exact`; NOT_JSON where it is not JSON."""
        return self.delivery.exact

    @property
    def identifier(self) -> str:
        """The id in the path, decoded; empty without one."""
        return next(iter(self.exchange.path_parameters.values()), "")

    @property
    def is_left_alone(self) -> bool:
        """Whether no server or proxy on the way changes the id, though some may refuse it by themselves."""
        return self.identifier.strip(".") != "" and not _NOT_LEFT_ALONE & set(self.identifier)

    @cached_property
    def is_sane(self) -> bool:
        """Whether the contract alone decides the answer, because no server or gateway would refuse the request before.

        Path parameters are made of unreserved printable characters and are not made of dots alone, headers are short
        printable ASCII, and JSON is accepted. How a server handles the rest (slashes, control
        characters, huge headers) is left to it.
        """
        headers = self.exchange.request_headers
        values = "".join(headers.values())
        return (
            self.asks_for_json
            and all(map(_is_sane_id, self.exchange.path_parameters.values()))
            and values.isascii()
            and values.isprintable()
            and len(values) + sum(map(len, headers)) <= _LONGEST_SANE_HEADERS
        )

    @cached_property
    def is_falsely_json(self) -> bool:
        """Whether an answer is called application/json and has a body that is not JSON: wrong for any request.

        Not so for one about too many requests, which says nothing of the implementation.
        """
        exchange = self.exchange
        return (
            exchange.status is not None
            and exchange.status < 500  # noqa: PLR2004  # server errors have a rule of their own
            and exchange.response_is_json_type
            and (exchange.response_body != b"" or exchange.ended_early != "")
            and exchange.response_json is NOT_JSON
            and not self.is_throttled
        )

    @cached_property
    def is_well_formed(self) -> bool:
        """Whether every path parameter fits its documented pattern."""
        return self.operation.is_well_formed(self.exchange.path_parameters)

    @cached_property
    def asks_for_json(self) -> bool:
        """Whether JSON is among what the request accepts; otherwise an answer may be a page, or a refusal."""
        accepted = self.exchange.request_headers.get("accept", "*/*")
        return any(each.partition(";")[0].strip().lower() in _JSON_TYPES for each in accepted.split(","))

    @cached_property
    def is_throttled(self) -> bool:
        """Whether the answer is about too many requests, which shows nothing about the request itself.

        Gateways also answer 403 for it, with a sentence about limit or quota.
        """
        if self.exchange.status == 403:  # noqa: PLR2004  # 403 is 403
            return speaks_of_a_limit(self.exchange.response_body)
        return self.exchange.status == 429  # noqa: PLR2004  # 429 is 429


def speaks_of_a_limit(body: bytes) -> bool:
    """Whether the body of a 403 says that it is about too many requests."""
    text = body[:_LONGEST_EXCUSE].lower()
    return any(word in text for word in _LIMITS)


def _is_sane_id(identifier: str) -> bool:
    return 0 < len(identifier) <= _LONGEST_SANE_ID and UNRESERVED.issuperset(identifier) and identifier.strip(".") != ""


Breaches = Iterable[tuple[str, str]] | None
"""What breaks one rule: (location, message) pairs, none where it is kept, and None where it is not exercised."""

Check = Callable[["Case"], Breaches]


class Checks(dict[str, Check]):
    """The rule functions of one module, by the rule's id."""

    def rule(self, identifier: str) -> Callable[[Check], Check]:
        """Register the function of one rule. Raises ValueError for a second one of the same id."""

        def take(check: Check) -> Check:
            if identifier in self:
                raise ValueError(f"rule {identifier} has two functions")
            self[identifier] = check
            return check

        return take


def of_body(check: Check) -> Check:
    """Mark a rule function that judges the body of a success or of a delivery alone.

    It is asked once for all equal bodies, and must not look at anything else of the exchange.
    """
    check.__dict__["is_about_body_alone"] = True
    return check


def is_about_body_alone(check: Check) -> bool:
    """Whether a rule function is marked as one that judges a body alone."""
    return hasattr(check, "is_about_body_alone")
