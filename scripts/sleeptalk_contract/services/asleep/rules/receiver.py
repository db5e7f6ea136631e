"""The receiver rules: what a server that is sent callbacks must answer. Source: Callback.

A delivery is judged by what it really holds. Only a POST of application/json with plain headers is judged for being
accepted or refused for its body; how a receiver answers other methods, content types and encodings is left to it, as
long as it does not fail and accepts no wrong key.
"""

from __future__ import annotations

import json
import math
import sys
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.catalogue import catalogue_of
from sleeptalk_contract.contract.exchange import NOT_JSON, Verdict, text_in
from sleeptalk_contract.fuzzing.probe import AT_ONCE
from sleeptalk_contract.judging.case import Checks, Recent, digest
from sleeptalk_contract.judging.http import no_server_error
from sleeptalk_contract.judging.schema import SchemaJudge, request_judge
from sleeptalk_contract.judging.undocumented import without_undocumented_fields
from sleeptalk_contract.services.asleep.rules import callback

if TYPE_CHECKING:
    from sleeptalk_contract.contract.exchange import Exchange
    from sleeptalk_contract.contract.operation import Operation
    from sleeptalk_contract.judging.case import Breaches, Case

CHECKS: Final = Checks()

DEADLINE: Final = 5.0
"""Seconds within which a receiver answers."""

SLOW_HANDLER: Final = "--slow-handler"
"""The option by which the user says that the receiver's handler takes longer than that."""

_LARGEST_BODY: Final = 1_000_000
"""Bytes: a larger body may be refused for its size alone."""

_JUDGED_APART: Final = "callback.api-key-header"
"""The rule about the key of a delivery: whether the key is right is judged apart from the rest."""

_EVENTS: Final = frozenset({"INFERENCE_COMPLETE", "SESSION_COMPLETE"})
_SHAPE: Final = frozenset({"callback.shape", "callback.data-matches-event"})
_LARGEST_WHOLE: Final = 2**63 - 1
_PLAIN_TYPES: Final = frozenset({"application/json", "application/json;charset=utf-8"})


@dataclass(slots=True)
class Answered:
    """How the deliveries of a run were answered."""

    accepted: Recent[bytes, None] = field(default_factory=Recent)
    """digests of deliveries that were answered 2xx, valid or not, each with its content type and without"""
    plain: Recent[bytes, bool] = field(default_factory=Recent)
    """digest of a body without undocumented fields: whether it was answered 2xx"""
    at_once: Recent[bytes, Exchange] = field(default_factory=Recent)
    """digest of a delivery that was sent several times at once: the first exchange"""


@dataclass(frozen=True)
class JudgedDelivery:
    """A delivery as the receiver rules read it."""

    case: Case

    @cached_property
    def raw(self) -> bytes:
        """The body as sent."""
        return self.case.exchange.request_body or b""

    @cached_property
    def body(self) -> Any:
        """The JSON value, or NOT_JSON."""
        return self.case.exchange.request_json

    @cached_property
    def is_judged(self) -> bool:
        """Whether the contract decides the answer: an answered POST of a size that every receiver takes."""
        is_answered = self.case.exchange.status is not None
        return self.case.is_by_method and is_answered and self.is_small and not self.case.is_throttled

    @property
    def is_small(self) -> bool:
        """Whether its size alone is not a reason to refuse it."""
        return len(self.raw) <= _LARGEST_BODY

    @cached_property
    def has_plain_headers(self) -> bool:
        """Whether the content type is JSON, the body is not encoded, and the other headers are printable ASCII.

        The charset of JSON is UTF-8, which many senders say and which changes nothing.
        """
        headers = self.case.exchange.request_headers
        return (
            self.content_type in _PLAIN_TYPES
            and _spaceless(headers.get("content-encoding", "")) in {"", "identity"}
            and all(value.isascii() and value.isprintable() for value in headers.values())
        )

    @cached_property
    def is_chunked(self) -> bool:
        """Whether the body came in chunks, without its length."""
        return "transfer-encoding" in self.case.exchange.request_headers

    @cached_property
    def identity(self) -> bytes:
        """The digest of what makes it the same delivery: its body and the content type that it came with."""
        return digest(self.content_type.encode() + b"\0" + self.raw)

    @property
    def content_type(self) -> str:
        """The content type in lower case and without spaces; empty without one."""
        return _spaceless(self.case.exchange.request_headers.get("content-type", ""))

    @cached_property
    def was_accepted(self) -> bool:
        """Whether it is delivered again: its body was answered 2xx before.

        One with a charset only where it had that then, too: else it may be the charset that is refused.
        """
        known = self.identity if "charset" in self.content_type else digest(self.raw)
        return known in _answered(self.case).accepted

    @cached_property
    def has_right_key(self) -> bool:
        """Whether the key is the receiver's; any key where none was given."""
        key = self.case.exchange.request_headers.get("x-api-key", "").strip()
        return key != "" and self.case.knowledge.credentials.get("x-api-key") in {None, key}

    @cached_property
    def has_wrong_key(self) -> bool:
        """Whether the key is missing, empty or another one; a list that holds the right one is neither."""
        key = self.case.exchange.request_headers.get("x-api-key", "").strip()
        expected = self.case.knowledge.credentials.get("x-api-key")
        if key == "":
            return True
        return expected is not None and key != expected and expected not in [part.strip() for part in key.split(",")]

    @cached_property
    def text(self) -> str | None:
        """The body as text, without a byte order mark; None where it is not UTF-8."""
        try:
            return self.raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            return None

    @cached_property
    def is_clearly_not_json(self) -> bool:
        """Whether no reader takes the text for JSON: it is empty or broken. NaN and great depth are not clear."""
        if self.text is None:
            return False
        try:
            json.loads(self.text)
        except RecursionError:
            return False
        except ValueError as error:
            return isinstance(error, json.JSONDecodeError)
        return False

    @property
    def is_read_alike(self) -> bool:
        """Whether every reader makes the same value of the JSON: no key stands twice, no number is beyond 64 bits."""
        return self.case.delivery.once("read alike", self._is_read_alike)

    def _is_read_alike(self) -> bool:
        odd = False

        def read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
            nonlocal odd
            read = dict(pairs)
            odd = odd or len(read) != len(pairs)
            return read

        def read_number(text: str) -> float:
            nonlocal odd
            number = float(text)
            odd = odd or abs(number) > (_LARGEST_WHOLE if text.lstrip("-").isdecimal() else sys.float_info.max)
            return number

        json.loads(self.raw, object_pairs_hook=read_object, parse_int=read_number, parse_float=read_number)
        return not odd

    @cached_property
    def verdict(self) -> Verdict:
        """The judge's verdict on the body."""
        return _judge_of(self.case.operation).judge_body(self.case.delivery)

    @cached_property
    def is_clear_json(self) -> bool:
        """Whether every reader takes the body for the same JSON value."""
        return self.body is not NOT_JSON and self.is_read_alike

    @cached_property
    def keeps_the_rules(self) -> bool:
        """Whether it keeps every must rule of callbacks, names its user consistently and stays within all bounds."""
        if not self.is_clear_json or not isinstance(self.body, dict) or self.verdict.beyond:
            return False
        document = self.case.operation.document
        rules = catalogue_of(document.name, document.folder).rules
        musts = {rule.id for rule in rules.values() if rule.level == "must"} - {_JUDGED_APART}
        if any(breach.rule in musts for breach in self.verdict.breaches):
            return False
        checks = [check for identifier, check in callback.CHECKS.items() if identifier in musts]
        return not any(check(self.case) for check in [*checks, callback.user_id_consistent])

    @cached_property
    def is_to_be_accepted(self) -> bool:
        """Whether it keeps every rule in a way that every receiver can read, answered or not."""
        is_readable = self.is_small and self.case.is_by_method and self.has_plain_headers
        return is_readable and self.has_right_key and self.keeps_the_rules

    @property
    def is_acceptable(self) -> bool:
        """Whether it keeps every rule in a way that every receiver can read, but perhaps for the chunks of HTTP/1.1."""
        return self.is_judged and self.is_to_be_accepted

    @cached_property
    def is_valid(self) -> bool:
        """Whether it must be accepted."""
        return self.is_acceptable and not self.is_chunked

    @property
    def plain_body(self) -> bytes:
        """The digest of the body without its undocumented fields."""
        return self._documented[0]

    @property
    def has_undocumented_fields(self) -> bool:
        """Whether the body has fields that are not documented."""
        return self._documented[1]

    @property
    def _documented(self) -> tuple[bytes, bool]:
        """The digest of the body's documented fields, and whether it has others."""

        def found() -> tuple[bytes, bool]:
            plain = without_undocumented_fields(self.case.operation, self.body)
            return digest(json.dumps(plain, sort_keys=True).encode()), bool(plain != self.body)

        return self.case.delivery.once(("plain", self.case.operation), found)


@lru_cache(maxsize=16)  # the rules look at the same case one after the other
def delivery_of(case: Case) -> JudgedDelivery:
    """Return the delivery of a case, so that it is taken apart once."""
    return JudgedDelivery(case)


@CHECKS.rule("receiver.accepts-valid")
def accepts_valid(case: Case) -> Breaches:
    """Every callback that keeps the must rules is answered 2xx. Repeats and unknown fields have their own rules."""
    delivery = delivery_of(case)
    if not delivery.is_valid or delivery.has_undocumented_fields or delivery.was_accepted:
        return None
    if case.exchange.intent == AT_ONCE:
        return None
    _answered(case).plain.setdefault(delivery.plain_body, case.exchange.successful)
    return [] if case.exchange.successful else [_not_accepted(case, "a callback that keeps every rule")]


@CHECKS.rule("receiver.accepts-unknown-fields")
def accepts_unknown_fields(case: Case) -> Breaches:
    """Fields that are not documented, at any depth, do not change the answer."""
    delivery = delivery_of(case)
    if not delivery.is_valid or not delivery.has_undocumented_fields:
        return None
    if case.exchange.successful:
        return []
    accepted_without = _answered(case).plain.get(delivery.plain_body, False)
    return (
        [_not_accepted(case, "a callback that is accepted without its undocumented fields")]
        if accepted_without
        else None
    )


@CHECKS.rule("receiver.accepts-redelivery")
def accepts_redelivery(case: Case) -> Breaches:
    """The same callback delivered again is answered 2xx again."""
    delivery = delivery_of(case)
    if case.exchange.intent == AT_ONCE or not case.is_by_method:
        return None
    was_accepted = delivery.was_accepted
    if case.exchange.successful:
        for each in (delivery.identity, digest(delivery.raw)):
            _answered(case).accepted[each] = None
    if not was_accepted or not delivery.is_valid:
        return None
    return [] if case.exchange.successful else [_not_accepted(case, "a callback that was accepted before")]


@CHECKS.rule("receiver.answers-alike")
def answers_alike(case: Case) -> Breaches:
    """Equal deliveries at the same time are all accepted or all refused; one that is throttled is neither.

    Where none is accepted, nothing was shown: it may be refused for another reason.
    """
    delivery, first = delivery_of(case), _answered(case).at_once
    if case.exchange.intent != AT_ONCE or case.is_throttled or not delivery.is_to_be_accepted:
        return None
    if delivery.identity not in first:
        first[delivery.identity] = case.exchange
        return None
    before, now = first[delivery.identity], case.exchange
    if before.successful == now.successful:
        return [] if now.successful else None
    told = "did not come" if now.status is None else f"is {now.status}"
    other = "no answer" if before.status is None else str(before.status)
    return [("status", f"{told} to a delivery whose equal, sent at the same time, got {other}")]


@CHECKS.rule("receiver.answers-before-handling")
def answers_before_handling(case: Case) -> Breaches:
    """A receiver whose handler is said to take longer than 5 s answers within 5 s, because it does not wait for it."""
    if SLOW_HANDLER not in case.knowledge.claims or case.is_throttled or not delivery_of(case).is_to_be_accepted:
        return None
    exchange = case.exchange
    if exchange.seconds > DEADLINE:
        when = f"came after {exchange.seconds:.1f} s" if exchange.status else f"did not come within {DEADLINE:g} s"
        return [("status", f"{when}, with a slow handler")]
    return [] if exchange.successful else None


@CHECKS.rule("receiver.accepts-chunked")
def accepts_chunked(case: Case) -> Breaches:
    """A callback that comes in chunks is answered 2xx, unless its receiver refused it whole, or speaks HTTP/1.0."""
    delivery = delivery_of(case)
    if not delivery.is_chunked or not delivery.is_acceptable or case.exchange.version == "HTTP/1.0":
        return None
    if not _answered(case).plain.get(delivery.plain_body, True):
        return None
    return [] if case.exchange.successful else [_not_accepted(case, "a callback in chunks, without a Content-Length")]


@CHECKS.rule("receiver.refuses-bad-key")
def refuses_bad_key(case: Case) -> Breaches:
    """A missing or wrong x-api-key is answered 401 or 403; a body that is wrong as well may be refused as such."""
    delivery, status = delivery_of(case), case.exchange.status
    if not delivery.is_judged or not delivery.has_wrong_key:
        return None
    wrong = "a wrong" if case.exchange.request_headers.get("x-api-key") else "a missing or empty"
    if case.exchange.successful:
        return [("status", f"is {status} with {wrong} x-api-key")]
    if status in {401, 403}:
        return []
    otherwise_right = delivery.has_plain_headers and delivery.keeps_the_rules
    return [("status", f"is {status} with {wrong} x-api-key, not 401 or 403")] if otherwise_right else None


@CHECKS.rule("receiver.refuses-non-json")
def refuses_non_json(case: Case) -> Breaches:
    """A body that is empty, truncated or not JSON is answered 4xx."""
    delivery = delivery_of(case)
    if not delivery.is_judged or not delivery.has_plain_headers or not delivery.is_clearly_not_json:
        return None
    return _refused(case, "a body that is not JSON")


@CHECKS.rule("receiver.refuses-non-utf-8")
def refuses_non_utf_8(case: Case) -> Breaches:
    """A body that is not UTF-8 is answered 4xx."""
    delivery = delivery_of(case)
    if not delivery.is_judged or not delivery.has_plain_headers or delivery.text is not None:
        return None
    return _refused(case, "a body that is not UTF-8")


@CHECKS.rule("receiver.refuses-invalid")
def refuses_invalid(case: Case) -> Breaches:
    """A JSON body that breaks callback.shape is answered 4xx; an event that the vendor adds later may be accepted."""
    delivery = delivery_of(case)
    if not delivery.is_judged or not delivery.has_plain_headers or not delivery.is_clear_json:
        return None
    event = text_in(delivery.body, "callback_event")
    if event is not None and event not in _EVENTS:
        return None
    if not any(breach.rule in _SHAPE for breach in delivery.verdict.breaches):
        return None
    return _refused(case, "a body that breaks callback.shape")


@CHECKS.rule("receiver.never-5xx")
def never_5xx(case: Case) -> Breaches:
    """No body and no header makes it answer 5xx or drop the connection."""
    return no_server_error(case)


@CHECKS.rule("receiver.answers-in-time")
def answers_in_time(case: Case) -> Breaches:
    """It answers within 5 s."""
    exchange = case.exchange
    if exchange.seconds > DEADLINE:
        return [
            (
                "status",
                f"came after {exchange.seconds:.1f} s" if exchange.status else f"did not come within {DEADLINE:g} s",
            )
        ]
    return None if exchange.status is None or math.isnan(exchange.seconds) else []


def _judge_of(operation: Operation) -> SchemaJudge:
    judge = request_judge(operation, "callback")
    if judge is None:
        raise LookupError(f"{operation.id} has no JSON body")
    return judge


def _answered(case: Case) -> Answered:
    return case.history.of(Answered)


def _spaceless(value: str) -> str:
    return "".join(value.split()).lower()


def _not_accepted(case: Case, what: str) -> tuple[str, str]:
    return "status", f"is {case.exchange.status} to {what}, not 2xx"


def _refused(case: Case, what: str) -> Breaches:
    status = case.exchange.status
    refused = status is not None and 400 <= status <= 499  # noqa: PLR2004  # 4xx
    return [] if refused else [("status", f"is {status} to {what}, not 4xx")]
