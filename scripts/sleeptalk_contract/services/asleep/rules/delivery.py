"""A delivery as the rules about receivers read it: whether it must be accepted, must be refused, or is left open."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.catalogue import catalogue_of
from sleeptalk_contract.contract.exchange import NOT_JSON, Verdict
from sleeptalk_contract.judging.case import Recent, digest
from sleeptalk_contract.judging.schema import SchemaJudge, request_judge
from sleeptalk_contract.judging.undocumented import without_undocumented_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sleeptalk_contract.contract.exchange import Exchange
    from sleeptalk_contract.contract.operation import Operation
    from sleeptalk_contract.judging.case import Case, Check

_LARGEST_BODY: Final = 1_000_000
"""Bytes: a larger body may be refused for its size alone."""

_JUDGED_APART: Final = "callback.api-key-header"
"""The rule about the key of a delivery: whether the key is right is judged apart from the rest."""

_ONE_USER: Final = "callback.user-id-consistent"
"""A should rule, but a receiver may refuse what names two users."""

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
    sender: Mapping[str, Check]
    """The rule functions about what a sender of this version delivers."""

    @cached_property
    def raw(self) -> bytes:
        """The body as sent."""
        return self.case.exchange.request_body or b""

    @cached_property
    def body(self) -> Any:
        """The JSON value, or NOT_JSON."""
        return self.case.exchange.request_json

    @property
    def exchange(self) -> Exchange:
        """The delivery and its answer."""
        return self.case.exchange

    @property
    def answered(self) -> Answered:
        """How the deliveries of the run were answered before."""
        return self.case.history.of(Answered)

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
        return known in self.answered.accepted

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
        return not any(check(self.case) for rule, check in self.sender.items() if rule in {*musts, _ONE_USER})

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


def _judge_of(operation: Operation) -> SchemaJudge:
    judge = request_judge(operation, "callback")
    if judge is None:
        raise LookupError(f"{operation.id} has no JSON body")
    return judge


def _spaceless(value: str) -> str:
    return "".join(value.split()).lower()
