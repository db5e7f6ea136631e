"""The receiver rules: what a server that is sent callbacks must answer, of whatever version they are. Source: Callback.

A delivery is judged by what it really holds. Only a POST of application/json with plain headers is judged for being
accepted or refused for its body; how a receiver answers other methods, content types and encodings is left to it, as
long as it does not fail and accepts no wrong key.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.fuzzing.probe import AT_ONCE
from sleeptalk_contract.judging.case import Checks, digest
from sleeptalk_contract.judging.http import no_server_error
from sleeptalk_contract.services.asleep.callbacks import (
    INFERENCE_COMPLETE,
    SESSION_COMPLETE,
    event_named,
    is_flat,
)
from sleeptalk_contract.services.asleep.rules import callback
from sleeptalk_contract.services.asleep.rules.delivery import JudgedDelivery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sleeptalk_contract.judging.case import Breaches, Case, Check

DEADLINE: Final = 5.0
"""Seconds within which a receiver answers."""

SLOW_HANDLER: Final = "--slow-handler"
"""The option by which the user says that the receiver's handler takes longer than that."""

_EVENTS: Final = frozenset({INFERENCE_COMPLETE, SESSION_COMPLETE})
_SHAPE: Final = frozenset({"callback.shape", "callback.data-matches-event"})

DeliveryCheck = Callable[[JudgedDelivery], "Breaches"]

_RULES: Final[dict[str, DeliveryCheck]] = {}


def _rule(identifier: str) -> Callable[[DeliveryCheck], DeliveryCheck]:
    """Register the function of one rule."""

    def take(check: DeliveryCheck) -> DeliveryCheck:
        _RULES[identifier] = check
        return check

    return take


def checks_of_receivers(sender: Mapping[str, Check]) -> Checks:
    """Return the receiver rules for callbacks that the rule functions of a sender are about."""

    @lru_cache(maxsize=16)  # the rules look at the same case one after the other
    def delivery_of(case: Case) -> JudgedDelivery:
        return JudgedDelivery(case, sender)

    def judging(check: DeliveryCheck) -> Check:
        def judged(case: Case) -> Breaches:
            return check(delivery_of(case))

        judged.__doc__ = check.__doc__
        return judged

    return Checks({identifier: judging(check) for identifier, check in _RULES.items()})


@_rule("receiver.accepts-valid")
def accepts_valid(delivery: JudgedDelivery) -> Breaches:
    """Every callback that keeps the must rules is answered 2xx. Repeats and unknown fields have their own rules."""
    if not delivery.is_valid or delivery.has_undocumented_fields or delivery.was_accepted:
        return None
    if delivery.exchange.intent == AT_ONCE:
        return None
    delivery.answered.plain.setdefault(delivery.plain_body, delivery.exchange.successful)
    return [] if delivery.exchange.successful else [_not_accepted(delivery, "a callback that keeps every rule")]


@_rule("receiver.accepts-unknown-fields")
def accepts_unknown_fields(delivery: JudgedDelivery) -> Breaches:
    """Fields that are not documented, at any depth, do not change the answer."""
    if not delivery.is_valid or not delivery.has_undocumented_fields:
        return None
    if delivery.exchange.successful:
        return []
    accepted_without = delivery.answered.plain.get(delivery.plain_body, False)
    return (
        [_not_accepted(delivery, "a callback that is accepted without its undocumented fields")]
        if accepted_without
        else None
    )


@_rule("receiver.accepts-redelivery")
def accepts_redelivery(delivery: JudgedDelivery) -> Breaches:
    """The same callback delivered again is answered 2xx again."""
    if delivery.exchange.intent == AT_ONCE or not delivery.case.is_by_method:
        return None
    was_accepted = delivery.was_accepted
    if delivery.exchange.successful:
        for each in (delivery.identity, digest(delivery.raw)):
            delivery.answered.accepted[each] = None
    if not was_accepted or not delivery.is_valid:
        return None
    return [] if delivery.exchange.successful else [_not_accepted(delivery, "a callback that was accepted before")]


@_rule("receiver.answers-alike")
def answers_alike(delivery: JudgedDelivery) -> Breaches:
    """Equal deliveries at the same time are all accepted or all refused; one that is throttled is neither.

    Where none is accepted, nothing was shown: it may be refused for another reason.
    """
    first = delivery.answered.at_once
    if delivery.exchange.intent != AT_ONCE or delivery.case.is_throttled or not delivery.is_to_be_accepted:
        return None
    if delivery.identity not in first:
        first[delivery.identity] = delivery.exchange
        return None
    before, now = first[delivery.identity], delivery.exchange
    if before.successful == now.successful:
        return [] if now.successful else None
    told = "did not come" if now.status is None else f"is {now.status}"
    other = "no answer" if before.status is None else str(before.status)
    return [("status", f"{told} to a delivery whose equal, sent at the same time, got {other}")]


@_rule("receiver.answers-before-handling")
def answers_before_handling(delivery: JudgedDelivery) -> Breaches:
    """A receiver whose handler is said to take longer than 5 s answers within 5 s, because it does not wait for it."""
    if (
        SLOW_HANDLER not in delivery.case.knowledge.claims
        or delivery.case.is_throttled
        or not delivery.is_to_be_accepted
    ):
        return None
    exchange = delivery.exchange
    if exchange.seconds > DEADLINE:
        when = f"came after {exchange.seconds:.1f} s" if exchange.status else f"did not come within {DEADLINE:g} s"
        return [("status", f"{when}, with a slow handler")]
    return [] if exchange.successful else None


@_rule("receiver.accepts-chunked")
def accepts_chunked(delivery: JudgedDelivery) -> Breaches:
    """A callback that comes in chunks is answered 2xx, unless its receiver refused it whole, or speaks HTTP/1.0."""
    if not delivery.is_chunked or not delivery.is_acceptable or delivery.exchange.version == "HTTP/1.0":
        return None
    if not delivery.answered.plain.get(delivery.plain_body, True):
        return None
    return (
        []
        if delivery.exchange.successful
        else [_not_accepted(delivery, "a callback in chunks, without a Content-Length")]
    )


@_rule("receiver.refuses-bad-key")
def refuses_bad_key(delivery: JudgedDelivery) -> Breaches:
    """A missing or wrong x-api-key is answered 401 or 403; a body that is wrong as well may be refused as such."""
    status = delivery.exchange.status
    if not delivery.is_judged or not delivery.has_wrong_key:
        return None
    wrong = "a wrong" if delivery.exchange.request_headers.get("x-api-key") else "a missing or empty"
    if delivery.exchange.successful:
        return [("status", f"is {status} with {wrong} x-api-key")]
    if status in {401, 403}:
        return []
    otherwise_right = delivery.has_plain_headers and delivery.keeps_the_rules
    return [("status", f"is {status} with {wrong} x-api-key, not 401 or 403")] if otherwise_right else None


@_rule("receiver.refuses-non-json")
def refuses_non_json(delivery: JudgedDelivery) -> Breaches:
    """A body that is empty, truncated or not JSON is answered 4xx."""
    if not delivery.is_judged or not delivery.has_plain_headers or not delivery.is_clearly_not_json:
        return None
    return _refused(delivery, "a body that is not JSON")


@_rule("receiver.refuses-non-utf-8")
def refuses_non_utf_8(delivery: JudgedDelivery) -> Breaches:
    """A body that is not UTF-8 is answered 4xx."""
    if not delivery.is_judged or not delivery.has_plain_headers or delivery.text is not None:
        return None
    return _refused(delivery, "a body that is not UTF-8")


@_rule("receiver.refuses-invalid")
def refuses_invalid(delivery: JudgedDelivery) -> Breaches:
    """A JSON body that breaks callback.shape is answered 4xx.

    An event that the vendor adds later may be accepted, and so may the flat form that material of the vendor prints.
    """
    if not delivery.is_judged or not delivery.has_plain_headers or not delivery.is_clear_json:
        return None
    event = event_named(delivery.body)
    if (event is not None and event not in _EVENTS) or is_flat(delivery.body):
        return None
    if not any(breach.rule in _SHAPE for breach in delivery.verdict.breaches):
        return None
    return _refused(delivery, "a body that breaks callback.shape")


@_rule("receiver.never-5xx")
def never_5xx(delivery: JudgedDelivery) -> Breaches:
    """No body and no header makes it answer 5xx or drop the connection."""
    return no_server_error(delivery.case)


@_rule("receiver.answers-in-time")
def answers_in_time(delivery: JudgedDelivery) -> Breaches:
    """It answers within 5 s."""
    exchange = delivery.exchange
    if exchange.seconds > DEADLINE:
        return [
            (
                "status",
                f"came after {exchange.seconds:.1f} s" if exchange.status else f"did not come within {DEADLINE:g} s",
            )
        ]
    return None if exchange.status is None or math.isnan(exchange.seconds) else []


def _not_accepted(delivery: JudgedDelivery, what: str) -> tuple[str, str]:
    return "status", f"is {delivery.exchange.status} to {what}, not 2xx"


def _refused(delivery: JudgedDelivery, what: str) -> Breaches:
    status = delivery.exchange.status
    refused = status is not None and 400 <= status <= 499  # noqa: PLR2004  # 4xx
    return [] if refused else [("status", f"is {status} to {what}, not 4xx")]


CHECKS: Final = checks_of_receivers(callback.CHECKS)
"""For the callbacks of V1."""
