"""Faulty receivers of callbacks: the bundled one with one bug each, so that a checker of receivers can prove itself."""

from __future__ import annotations

from asyncio import sleep
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.services.asleep.faults.received import Received
from sleeptalk_contract.services.asleep.sandbox.credentials import SANDBOX_API_KEY
from sleeptalk_contract.services.asleep.sandbox.receiver import receiver_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOO_LATE: Final = 5.5
"""Seconds: what a receiver that is too slow takes."""

_ENVELOPE: Final = frozenset({"callback_event", "callback_data"})
_NIGHT_WITH_UNKNOWN_FIELDS: Final = 29
"""SleepData has so many documented fields."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a faulty receiver does with a delivery: nothing unusual, unless something is set.

    `status` answers with that status. `trust` hands the delivery to the honest receiver as if it had the right key.
    `delay` waits so many seconds first. `drop` breaks the connection off.
    """

    status: int | None = None
    trust: bool = False
    delay: float = 0.0
    drop: bool = False


HONEST: Final = Reaction()


@dataclass(frozen=True, slots=True)
class ReceiverFault:
    """One way in which a receiver breaks one rule: which deliveries it picks, and its reaction to those."""

    rule: str
    name: str
    says: str
    picks: Callable[[Received], bool]
    reaction: Reaction

    @property
    def full_name(self) -> str:
        """The rule and the name in one: "receiver.accepts-valid:never-slept"."""
        return f"{self.rule}:{self.name}"


class FaultyReceiver:
    """An ASGI application: the bundled receiver with one fault."""

    def __init__(self, fault: ReceiverFault, api_key: str = SANDBOX_API_KEY) -> None:
        self._fault = fault
        self._api_key = api_key
        self._honest: ASGIApp = receiver_app(api_key)
        self._received: Counter[bytes] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._honest(scope, receive, send)
            return
        body = await _read(receive)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        delivery = Received(headers, body, self._received[body], self._api_key)
        self._received[body] += 1
        reaction = self._fault.reaction if self._fault.picks(delivery) else HONEST
        if reaction.delay:
            await sleep(reaction.delay)
        if reaction.drop:
            await _drop(send)
        elif reaction.status is not None:
            await _answer(reaction.status, send)
        else:
            await self._honest(_with_key(scope, self._api_key) if reaction.trust else scope, _again(body), send)


def _has_right_key(delivery: Received) -> bool:
    return delivery.key == delivery.right_key


def _never_slept(delivery: Received) -> bool:
    return _has_right_key(delivery) and bool(delivery.night) and not any(delivery.stages())


def _two_stages(delivery: Received) -> bool:
    return _has_right_key(delivery) and bool(delivery.night) and delivery.night.get("time_in_rem", 0) is None


def _without_breathing(delivery: Received) -> bool:
    return _has_right_key(delivery) and (
        delivery.night.get("osa_stages", 0) is None or delivery.data.get("osa_stage_list", 0) is None
    )


def _error_stage(delivery: Received) -> bool:
    return _has_right_key(delivery) and -1 in delivery.stages()


def _first_window(delivery: Received) -> bool:
    stages = delivery.data.get("stage_list")
    return _has_right_key(delivery) and isinstance(stages, list) and len(stages) < 40  # noqa: PLR2004  # a full window


def _western(delivery: Received) -> bool:
    start = delivery.night.get("session_start_time")
    return _has_right_key(delivery) and isinstance(start, str) and start[-6:-5] == "-"


def _not_ascii(delivery: Received) -> bool:
    session = delivery.data.get("session_id")
    return _has_right_key(delivery) and isinstance(session, str) and not session.isascii()


def _unknown_at_the_top(delivery: Received) -> bool:
    return (
        _has_right_key(delivery)
        and isinstance(delivery.json, dict)
        and bool(delivery.json.keys() - _ENVELOPE)
        and bool(delivery.data)
    )


def _unknown_in_the_night(delivery: Received) -> bool:
    return _has_right_key(delivery) and len(delivery.night) > _NIGHT_WITH_UNKNOWN_FIELDS


def _again_with_right_key(delivery: Received) -> bool:
    return _has_right_key(delivery) and delivery.count > 0 and delivery.is_json


def _prefix(delivery: Received) -> bool:
    return bool(delivery.key) and delivery.right_key.startswith(delivery.key or "")


def _extension(delivery: Received) -> bool:
    return (delivery.key or "").startswith(delivery.right_key)


def _other_capitals(delivery: Received) -> bool:
    return (delivery.key or "").lower() == delivery.right_key.lower()


def _empty(delivery: Received) -> bool:
    return _has_right_key(delivery) and delivery.body == b""


def _broken_json(delivery: Received) -> bool:
    return _has_right_key(delivery) and delivery.is_text and delivery.body.startswith(b"{") and not delivery.is_json


def _broken_text(delivery: Received) -> bool:
    return _has_right_key(delivery) and not delivery.is_text


def _key_missing(delivery: Received) -> bool:
    envelope = delivery.json
    return _has_right_key(delivery) and isinstance(envelope, dict) and envelope.keys() < _ENVELOPE


def _night_without_stat(delivery: Received) -> bool:
    return _has_right_key(delivery) and 0 < len(delivery.night) < _NIGHT_WITH_UNKNOWN_FIELDS


def _no_object(delivery: Received) -> bool:
    return _has_right_key(delivery) and delivery.is_json and not isinstance(delivery.json, dict)


def _strange_key(delivery: Received) -> bool:
    return delivery.key is not None and len(delivery.key) > len(delivery.right_key)


def _any_night(delivery: Received) -> bool:
    return _has_right_key(delivery) and bool(delivery.night)


_ACCEPTED: Final = Reaction(status=204)
_REFUSED: Final = Reaction(status=422)
_FAILED: Final = Reaction(status=500)
_TRUSTED: Final = Reaction(trust=True)

RECEIVER_FAULTS: Final = (
    ReceiverFault("receiver.accepts-valid", "never-slept", "refuses nights without sleep", _never_slept, _REFUSED),
    ReceiverFault(
        "receiver.accepts-valid", "two-stages", "refuses nights of a two-stage contract", _two_stages, _REFUSED
    ),
    ReceiverFault(
        "receiver.accepts-valid", "no-breathing", "refuses what has no osa stages", _without_breathing, _REFUSED
    ),
    ReceiverFault("receiver.accepts-valid", "error-stage", "refuses the stage -1", _error_stage, _REFUSED),
    ReceiverFault(
        "receiver.accepts-valid", "first-windows", "refuses windows that are not full", _first_window, _REFUSED
    ),
    ReceiverFault("receiver.accepts-valid", "offset", "refuses times west of Greenwich", _western, _REFUSED),
    ReceiverFault(
        "receiver.accepts-valid", "not-ascii", "refuses ids that are not ASCII", _not_ascii, Reaction(status=400)
    ),
    ReceiverFault(
        "receiver.accepts-unknown-fields", "top", "refuses unknown fields at the top", _unknown_at_the_top, _REFUSED
    ),
    ReceiverFault(
        "receiver.accepts-unknown-fields", "night", "refuses unknown fields in a night", _unknown_in_the_night, _REFUSED
    ),
    ReceiverFault(
        "receiver.accepts-redelivery",
        "conflict",
        "answers 409 to a redelivery",
        _again_with_right_key,
        Reaction(status=409),
    ),
    ReceiverFault(
        "receiver.refuses-bad-key",
        "missing",
        "takes no key for the right one",
        lambda delivery: delivery.key is None,
        _TRUSTED,
    ),
    ReceiverFault(
        "receiver.refuses-bad-key",
        "empty",
        "takes an empty key for the right one",
        lambda delivery: delivery.key == "",
        _TRUSTED,
    ),
    ReceiverFault(
        "receiver.refuses-bad-key", "prefix", "compares only as much of the key as was sent", _prefix, _TRUSTED
    ),
    ReceiverFault(
        "receiver.refuses-bad-key", "extension", "compares only as much as its own key has", _extension, _TRUSTED
    ),
    ReceiverFault(
        "receiver.refuses-bad-key", "capitals", "compares keys without regard to capitals", _other_capitals, _TRUSTED
    ),
    ReceiverFault(
        "receiver.refuses-bad-key",
        "status",
        "answers 400 to a wrong key",
        lambda delivery: not _has_right_key(delivery),
        Reaction(status=400),
    ),
    ReceiverFault("receiver.refuses-non-json", "empty", "accepts an empty body", _empty, _ACCEPTED),
    ReceiverFault("receiver.refuses-non-json", "truncated", "accepts broken JSON", _broken_json, _ACCEPTED),
    ReceiverFault("receiver.refuses-non-json", "not-utf-8", "accepts bytes that are no text", _broken_text, _ACCEPTED),
    ReceiverFault(
        "receiver.refuses-invalid", "key-missing", "accepts a callback without data", _key_missing, _ACCEPTED
    ),
    ReceiverFault(
        "receiver.refuses-invalid",
        "stat-missing",
        "accepts a night with fields missing",
        _night_without_stat,
        _ACCEPTED,
    ),
    ReceiverFault("receiver.refuses-invalid", "no-object", "accepts a list", _no_object, _ACCEPTED),
    ReceiverFault("receiver.never-5xx", "no-object", "fails on JSON that is no object", _no_object, _FAILED),
    ReceiverFault("receiver.never-5xx", "long-key", "fails on a key that is too long", _strange_key, _FAILED),
    ReceiverFault(
        "receiver.never-5xx",
        "dropped",
        "drops the connection on bytes that are no text",
        _broken_text,
        Reaction(drop=True),
    ),
    ReceiverFault(
        "receiver.answers-in-time", "night", f"takes {TOO_LATE} s for a night", _any_night, Reaction(delay=TOO_LATE)
    ),
)
"""Every faulty receiver, grouped by rule."""


def faulty_receiver(fault: ReceiverFault, api_key: str = SANDBOX_API_KEY) -> ASGIApp:
    """Return the bundled receiver with one fault. It expects `api_key`."""
    return FaultyReceiver(fault, api_key)


async def _read(receive: Receive) -> bytes:
    parts = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message["type"] == "http.request" and message.get("more_body", False)
    return b"".join(parts)


def _again(body: bytes) -> Receive:
    """Give a body that was read once more to the honest receiver."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _with_key(scope: Scope, key: str) -> Scope:
    headers = [(name, value) for name, value in scope["headers"] if name != b"x-api-key"]
    return {**scope, "headers": [*headers, (b"x-api-key", key.encode())]}


async def _answer(status: int, send: Send) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


async def _drop(send: Send) -> None:
    """Promise a body and end without one: the server then closes the connection."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"", "more_body": True})
