"""What a callback can be, one of two documented events or one that is not documented yet, and how it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import attrs

from sleeptalk.callback.keys import accepted_keys, refusal_of
from sleeptalk.errors import CallbackInvalid, CallbackUnreadable, ConfigurationError
from sleeptalk.runtime.decoding import MismatchError, NotJsonError, decode
from sleeptalk_generated.asleep.models import (
    InferenceCompleteCallback,
    InferenceCompleteData,
    SessionCompleteCallback,
    SessionCompleteData,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sleeptalk.callback.keys import Headers

INFERENCE_COMPLETE = "INFERENCE_COMPLETE"
SESSION_COMPLETE = "SESSION_COMPLETE"


@dataclass(frozen=True, slots=True)
class InferenceComplete:
    """A window of at most 20 minutes was analysed while the night is being recorded.

    `data.stage_list` and `data.osa_stage_list` hold one value per epoch of 30 s, at most 40;
    `data.osa_stage_list` is None without breathing analysis. Source: Callback, 1.3.1.
    """

    data: InferenceCompleteData


@dataclass(frozen=True, slots=True)
class SessionComplete:
    """The whole night was analysed. The night is `data.sleep_data`. Source: Callback, 1.3.2, 1.3.3.

    Times are whole seconds, ratios run from 0 to 1. `sleeptalk.asleep.why_null(event, field)` returns why a statistic
    is None.
    """

    data: SessionCompleteData


@dataclass(frozen=True, slots=True)
class UnknownCallback:
    """An event that is not documented: the vendor adds events without a new version.

    `raw` is the body as it came, JSON in UTF-8; `event` is the value of its `callback_event`.
    """

    raw: bytes
    event: str


Callback: TypeAlias = InferenceComplete | SessionComplete | UnknownCallback


@attrs.frozen
class Envelope:
    """The one field that decides what the rest of a callback is."""

    callback_event: str


def parse(body: bytes, headers: Headers, *, api_key: str | Iterable[str] | None = None) -> Callback:
    """Read one callback that Asleep has sent, after checking its key.

    - `body`: the bytes of the request's body.
    - `headers`: its headers, as a mapping or as pairs; names in any case, str or bytes.
    - `api_key`: the key to accept, or several while keys are changed. None reads SLEEPTALK_CALLBACK_KEY.

    Returns InferenceComplete, SessionComplete, or UnknownCallback for an event that is not documented yet. Fields that
    are not documented are ignored, and values that are not documented are kept: the vendor adds both without a new
    version. Nothing is remembered: a callback that is delivered twice is returned twice.

    Raises CallbackForbidden, CallbackUnreadable or CallbackInvalid, each with the `status` to answer, and no other
    error for what was sent; ConfigurationError without a usable key, or where the body is not bytes.

    Source: Callback, 1.2, 1.3.
    """
    accepted = accepted_keys(api_key)
    refusal = accepted if isinstance(accepted, ConfigurationError) else refusal_of(headers, accepted)
    del api_key, headers  # a traceback that shows the variables of its frames would have the key
    if refusal is not None:
        raise refusal
    if not isinstance(body, (bytes, bytearray, memoryview)):
        raise ConfigurationError(f"The body must be the bytes as received, not {type(body).__name__}.")
    return read(bytes(body))


def read(body: bytes) -> Callback:
    """Read a callback's body, as `parse` does, without checking its key."""
    try:
        return _read(body)
    except NotJsonError as problem:
        raise CallbackUnreadable(f"The callback's body is not JSON: {problem}.") from None
    except MismatchError as problem:
        message = f"The callback breaks the contract at {problem.path}: {problem}."
        raise CallbackInvalid(message, path=problem.path) from None


def _read(body: bytes) -> Callback:
    """Decode as the event that the body seems to name, so that a valid body is read only once."""
    likely = SESSION_COMPLETE if b'"SESSION_COMPLETE"' in body else INFERENCE_COMPLETE
    try:
        return _event(body, likely)
    except MismatchError as problem:
        mismatch = problem
    named = decode(body, Envelope).callback_event
    if named == likely:
        raise mismatch
    if named in (INFERENCE_COMPLETE, SESSION_COMPLETE):
        return _event(body, named)
    return UnknownCallback(bytes(body), named)


def _event(body: bytes, event: str) -> InferenceComplete | SessionComplete:
    if event == SESSION_COMPLETE:
        return SessionComplete(decode(body, SessionCompleteCallback).callback_data)
    return InferenceComplete(decode(body, InferenceCompleteCallback).callback_data)
