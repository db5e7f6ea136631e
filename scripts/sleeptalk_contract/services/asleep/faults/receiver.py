"""Faults of receivers of callbacks: which deliveries they answer otherwise than they should, and how."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.judging.undocumented import without_undocumented_fields
from sleeptalk_contract.sandbox.faults import cut_off, delayed, trusting, when, with_status
from sleeptalk_contract.services.asleep.callbacks import event_of
from sleeptalk_contract.services.asleep.sandbox.receiver import AsleepReceiver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sleeptalk_contract.sandbox.answers import Request
    from sleeptalk_contract.sandbox.faults import Apply
    from sleeptalk_contract.services.asleep.callbacks import Event

TOO_LATE: Final = 5.5
"""Seconds: what a receiver that is too slow takes."""

_OF_EVERY_NIGHT: Final = frozenset({"sleep_stages", "sleep_efficiency", "sleep_latency", "time_in_bed", "rem_ratio"})
"""Some fields that the nights of all versions have, where they can be analysed."""


@dataclass(frozen=True)
class Received:
    """One delivery, taken apart without ever failing."""

    request: Request

    @property
    def key(self) -> str | None:
        """The key that was sent; None without one."""
        return self.request.headers.get("x-api-key")

    @property
    def right_key(self) -> str:
        """The key that the receiver expects."""
        return self.request.implementation.credentials["x-api-key"]

    @cached_property
    def is_text(self) -> bool:
        """Whether the body is UTF-8."""
        try:
            self.request.body.decode()
        except UnicodeDecodeError:
            return False
        return True

    @property
    def json(self) -> Any:
        """The body's JSON value; None where it has none."""
        return self.request.json

    @property
    def is_json(self) -> bool:
        """Whether the body is JSON other than null."""
        return self.json is not None

    @cached_property
    def event(self) -> Event | None:
        """The callback, taken apart; None where it is not one."""
        return event_of(self.json)

    @cached_property
    def data(self) -> Mapping[str, Any]:
        """What it says of its event; empty where there is nothing."""
        return {} if self.event is None else self.event.data

    @cached_property
    def night(self) -> Mapping[str, Any]:
        """The night of a SESSION_COMPLETE in one object, where the versions have one or several; empty without one."""
        if self.event is None or not self.event.result:
            return {}
        found = self.event.result
        return found if not self.event.session else {**found, **self.event.session, **self.event.stat}

    @cached_property
    def documented(self) -> Any:
        """The body without the fields that are not documented."""
        receiver = self.request.implementation
        if not isinstance(receiver, AsleepReceiver):
            raise TypeError("Only the bundled receiver has these faults.")
        return without_undocumented_fields(receiver.operations[0], self.json)

    def stages(self) -> Iterator[Any]:
        """Yield every sleep stage of the delivery."""
        for holder, name in ((self.data, "stage_list"), (self.data, "sleep_stages"), (self.night, "sleep_stages")):
            stages = holder.get(name)
            yield from stages if isinstance(stages, list) else ()

    @property
    def window(self) -> list[Any] | None:
        """The sleep stages of a window; None where it is not one."""
        stages = self.data.get("sleep_stages", self.data.get("stage_list"))
        return stages if isinstance(stages, list) else None


def _fault(rule: str, name: str, summary: str, picks: Callable[[Received], bool], then: Apply) -> Fault:
    return Fault(rule, name, summary, when(lambda request, _answer: picks(Received(request)), then))


def _has_right_key(delivery: Received) -> bool:
    return delivery.key == delivery.right_key


def _never_slept(delivery: Received) -> bool:
    return _has_right_key(delivery) and bool(delivery.night) and not any(delivery.stages())


def _two_stages(delivery: Received) -> bool:
    return _has_right_key(delivery) and bool(delivery.night) and delivery.night.get("time_in_rem", 0) is None


def _without_breathing(delivery: Received) -> bool:
    holders = (delivery.night, delivery.data)
    names = ("osa_stages", "osa_stage_list", "breath_stages")
    return _has_right_key(delivery) and any(holder.get(name, 0) is None for holder in holders for name in names)


def _error_stage(delivery: Received) -> bool:
    return _has_right_key(delivery) and -1 in delivery.stages()


def _first_window(delivery: Received) -> bool:
    stages = delivery.window
    return _has_right_key(delivery) and stages is not None and len(stages) < 40  # noqa: PLR2004  # a full window


def _large(delivery: Received) -> bool:
    return _has_right_key(delivery) and len(delivery.request.body) > 16 * 1024 and delivery.is_json


def _long_night(delivery: Received) -> bool:
    seconds = delivery.night.get("time_in_bed")
    return _has_right_key(delivery) and isinstance(seconds, int) and seconds > 24 * 3600


def _upload_0(delivery: Received) -> bool:
    return _has_right_key(delivery) and delivery.data.get("seq_num") == 0


def _few_epochs(delivery: Received) -> bool:
    stages = delivery.window
    return _has_right_key(delivery) and stages is not None and len(stages) < 10  # noqa: PLR2004  # a block


def _charset(delivery: Received) -> bool:
    return _has_right_key(delivery) and "charset" in delivery.request.headers.get("content-type", "")


def _chunked(delivery: Received) -> bool:
    return _has_right_key(delivery) and "transfer-encoding" in delivery.request.headers


def _western(delivery: Received) -> bool:
    start = delivery.night.get("session_start_time", delivery.night.get("start_time"))
    return _has_right_key(delivery) and isinstance(start, str) and start[-6:-5] == "-"


def _not_ascii(delivery: Received) -> bool:
    session = None if delivery.event is None else delivery.event.session_id
    return _has_right_key(delivery) and session is not None and not session.isascii()


def _unknown_at_the_top(delivery: Received) -> bool:
    return (
        _has_right_key(delivery)
        and isinstance(delivery.json, dict)
        and bool(delivery.json.keys() - delivery.documented.keys())
        and bool(delivery.data)
    )


def _unknown_in_the_night(delivery: Received) -> bool:
    documented = event_of(delivery.documented)
    if documented is None or delivery.event is None:
        return False
    return _has_right_key(delivery) and documented.result != delivery.event.result


def _again_with_right_key(delivery: Received) -> bool:
    return _has_right_key(delivery) and delivery.request.count > 0 and delivery.is_json


def _twin(delivery: Received) -> bool:
    session = None if delivery.event is None else delivery.event.session_id
    return _again_with_right_key(delivery) and session is not None and session.endswith("twins")


def _prefix(delivery: Received) -> bool:
    return bool(delivery.key) and delivery.right_key.startswith(delivery.key or "")


def _extension(delivery: Received) -> bool:
    return (delivery.key or "").startswith(delivery.right_key)


def _prefixed(delivery: Received) -> bool:
    return (delivery.key or "").endswith(delivery.right_key)


def _other_capitals(delivery: Received) -> bool:
    return (delivery.key or "").lower() == delivery.right_key.lower()


def _empty(delivery: Received) -> bool:
    return _has_right_key(delivery) and delivery.request.body == b""


def _broken_json(delivery: Received) -> bool:
    return (
        _has_right_key(delivery)
        and delivery.is_text
        and delivery.request.body.startswith(b"{")
        and not delivery.is_json
    )


def _broken_text(delivery: Received) -> bool:
    return _has_right_key(delivery) and not delivery.is_text


def _key_missing(delivery: Received) -> bool:
    return _has_right_key(delivery) and isinstance(delivery.json, dict) and delivery.event is None


def _night_without_stat(delivery: Received) -> bool:
    return _has_right_key(delivery) and bool(delivery.night) and not delivery.night.keys() >= _OF_EVERY_NIGHT


def _no_object(delivery: Received) -> bool:
    return _has_right_key(delivery) and delivery.is_json and not isinstance(delivery.json, dict)


def _strange_key(delivery: Received) -> bool:
    return delivery.key is not None and len(delivery.key) > len(delivery.right_key)


def _any_night(delivery: Received) -> bool:
    return _has_right_key(delivery) and bool(delivery.night)


_ACCEPTED: Final = with_status(204, b"")
_REFUSED: Final = with_status(422)
_FAILED: Final = with_status(500)
_TRUSTED: Final = trusting("x-api-key")

FAULTS: Final = (
    _fault("receiver.accepts-valid", "never-slept", "refuses nights without sleep", _never_slept, _REFUSED),
    _fault("receiver.accepts-valid", "two-stages", "refuses nights of a two-stage contract", _two_stages, _REFUSED),
    _fault("receiver.accepts-valid", "no-breathing", "refuses what has no osa stages", _without_breathing, _REFUSED),
    _fault("receiver.accepts-valid", "error-stage", "refuses the stage -1", _error_stage, _REFUSED),
    _fault("receiver.accepts-valid", "first-windows", "refuses windows that are not full", _first_window, _REFUSED),
    _fault("receiver.accepts-valid", "offset", "refuses times west of Greenwich", _western, _REFUSED),
    _fault("receiver.accepts-valid", "not-ascii", "refuses ids that are not ASCII", _not_ascii, with_status(400)),
    _fault("receiver.accepts-valid", "large", "refuses bodies over 16 kB", _large, with_status(413)),
    _fault("receiver.accepts-valid", "long-night", "refuses nights of more than 24 hours", _long_night, _REFUSED),
    _fault(
        "receiver.accepts-valid", "first-upload", "takes the upload number 0 for a missing one", _upload_0, _REFUSED
    ),
    _fault("receiver.accepts-valid", "few-epochs", "refuses windows of less than 5 minutes", _few_epochs, _REFUSED),
    _fault("receiver.accepts-valid", "charset", "refuses a content type with a charset", _charset, with_status(415)),
    _fault("receiver.accepts-chunked", "length", "asks for a Content-Length", _chunked, with_status(411)),
    _fault("receiver.accepts-chunked", "ignored", "reads no body without a Content-Length", _chunked, with_status(400)),
    _fault(
        "receiver.accepts-unknown-fields", "top", "refuses unknown fields at the top", _unknown_at_the_top, _REFUSED
    ),
    _fault(
        "receiver.accepts-unknown-fields", "night", "refuses unknown fields in a night", _unknown_in_the_night, _REFUSED
    ),
    _fault(
        "receiver.accepts-redelivery",
        "conflict",
        "answers 409 to a redelivery",
        _again_with_right_key,
        with_status(409),
    ),
    _fault(
        "receiver.answers-alike",
        "conflict",
        "answers 409 to a delivery whose equal is still under way",
        _twin,
        with_status(409),
    ),
    _fault(
        "receiver.answers-before-handling",
        "waits",
        f"answers a night when it is handled, after {TOO_LATE} s",
        _any_night,
        delayed(TOO_LATE),
    ),
    _fault(
        "receiver.refuses-bad-key",
        "missing",
        "accepts a missing key",
        lambda delivery: delivery.key is None,
        _TRUSTED,
    ),
    _fault(
        "receiver.refuses-bad-key",
        "empty",
        "accepts an empty key",
        lambda delivery: delivery.key == "",
        _TRUSTED,
    ),
    _fault("receiver.refuses-bad-key", "prefix", "accepts every beginning of the right key", _prefix, _TRUSTED),
    _fault(
        "receiver.refuses-bad-key",
        "extension",
        "accepts every key that begins with the right one",
        _extension,
        _TRUSTED,
    ),
    _fault(
        "receiver.refuses-bad-key",
        "prefixed",
        "accepts every key that ends with the right one",
        _prefixed,
        _TRUSTED,
    ),
    _fault("receiver.refuses-bad-key", "capitals", "ignores case when it compares keys", _other_capitals, _TRUSTED),
    _fault(
        "receiver.refuses-bad-key",
        "status",
        "answers 400 to a wrong key",
        lambda delivery: not _has_right_key(delivery),
        with_status(400),
    ),
    _fault("receiver.refuses-non-json", "empty", "accepts an empty body", _empty, _ACCEPTED),
    _fault("receiver.refuses-non-json", "truncated", "accepts broken JSON", _broken_json, _ACCEPTED),
    _fault("receiver.refuses-non-utf-8", "replaced", "accepts bytes that are not text", _broken_text, _ACCEPTED),
    _fault("receiver.refuses-invalid", "key-missing", "accepts a callback without data", _key_missing, _ACCEPTED),
    _fault(
        "receiver.refuses-invalid",
        "stat-missing",
        "accepts a night with fields missing",
        _night_without_stat,
        _ACCEPTED,
    ),
    _fault("receiver.refuses-invalid", "no-object", "accepts a list", _no_object, _ACCEPTED),
    _fault("receiver.never-5xx", "no-object", "fails on JSON that is not an object", _no_object, _FAILED),
    _fault("receiver.never-5xx", "long-key", "fails on a key that is too long", _strange_key, _FAILED),
    _fault(
        "receiver.never-5xx",
        "dropped",
        "drops the connection on bytes that are not text",
        _broken_text,
        cut_off,
    ),
    _fault("receiver.answers-in-time", "night", f"takes {TOO_LATE} s for a night", _any_night, delayed(TOO_LATE)),
)
