"""What a callback can be, one of two documented events or one that is not documented yet, and how it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

import attrs

from sleeptalk.callback.diagnosis import later_format, notation_of
from sleeptalk.callback.identity import Subject, identity_of, subject_of
from sleeptalk.callback.keys import accepted_keys, authenticated
from sleeptalk.errors import CallbackInvalid, CallbackUnreadable, ConfigurationError
from sleeptalk.runtime.decoding import MismatchError, NotJsonError, decode
from sleeptalk.runtime.kept import one_line
from sleeptalk_generated.asleep.models import (
    InferenceCompleteCallback,
    InferenceCompleteData,
    SessionCompleteCallback,
    SessionCompleteData,
)
from sleeptalk_generated.encoding import encode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sleeptalk.callback.keys import Headers

INFERENCE_COMPLETE = "INFERENCE_COMPLETE"
SESSION_COMPLETE = "SESSION_COMPLETE"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """How a callback came, which is not compared.

    - `headers`: those of the request, names in lower case, without the key and other credentials. `x-user-id` is among
      them.
    - `received`: when its body was read, in UTC.
    """

    headers: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    received: datetime = field(default_factory=_now, repr=False, compare=False)


@dataclass(frozen=True, slots=True, repr=False)
class InferenceComplete(Received):
    """A window of at most 20 minutes was analysed while the night is being recorded.

    `data.stage_list` and `data.osa_stage_list` hold one value per epoch of 30 s, at most 40;
    `data.osa_stage_list` is None without breathing analysis. `raw` is the body as it came, JSON in UTF-8.
    Source: Callback, 1.3.1.
    """

    data: InferenceCompleteData
    raw: bytes = field(default=b"", repr=False, compare=False, kw_only=True)

    @property
    def subject(self) -> Subject:
        """The event, the session and the window: what this callback is about."""
        return Subject(INFERENCE_COMPLETE, self.data.session_id, self.data.inference_seq_num)

    @property
    def identity(self) -> str:
        """A key for idempotency, as `parse` describes it."""
        return identity_of(self.subject, self.raw or _body_of(INFERENCE_COMPLETE, self.data))

    def __repr__(self) -> str:
        data = self.data
        words = f"{data.session_id}, window {data.inference_seq_num} of {len(data.stage_list)} epochs"
        return one_line("InferenceComplete", words)


@dataclass(frozen=True, slots=True, repr=False)
class SessionComplete(Received):
    """The whole night was analysed. The night is `data.sleep_data`. Source: Callback, 1.3.2, 1.3.3.

    Times are whole seconds, ratios run from 0 to 1. `sleeptalk.asleep.why_null(event, field)` returns why a statistic
    is None. `raw` is the body as it came, JSON in UTF-8.
    """

    data: SessionCompleteData
    raw: bytes = field(default=b"", repr=False, compare=False, kw_only=True)

    @property
    def subject(self) -> Subject:
        """The event and the session: what this callback is about."""
        return Subject(SESSION_COMPLETE, self.data.session_id, None)

    @property
    def identity(self) -> str:
        """A key for idempotency, as `parse` describes it."""
        return identity_of(self.subject, self.raw or _body_of(SESSION_COMPLETE, self.data))

    def __repr__(self) -> str:
        night = self.data.sleep_data
        times = f"{night.session_start_time.isoformat()} to {night.session_end_time.isoformat()}"
        words = f"{self.data.session_id}, {times}, efficiency {night.sleep_efficiency:g}"
        return one_line("SessionComplete", words)


@dataclass(frozen=True, slots=True, repr=False)
class UnknownCallback(Received):
    """An event that is not documented: the vendor adds events without a new version.

    `raw` is the body as it came, JSON in UTF-8; `event` is the value of its `callback_event`.
    """

    raw: bytes
    event: str

    @property
    def subject(self) -> Subject:
        """The event, and the session and the window as far as the data names them."""
        return subject_of(self.raw, self.event)

    @property
    def identity(self) -> str:
        """A key for idempotency, as `parse` describes it."""
        return identity_of(self.subject, self.raw)

    def __repr__(self) -> str:
        return one_line("UnknownCallback", f"{self.event}, {len(self.raw)} bytes")


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

    Returns InferenceComplete, SessionComplete, or UnknownCallback for an event that is not documented yet, each with
    its body (`raw`), its `headers` without the key, and the time `received`. Undocumented fields are ignored,
    and undocumented values are kept: the vendor adds both without a new version.

    Nothing is remembered: a callback that is delivered twice is returned twice, with the same `identity`. That is a
    SHA-256 as 64 hexadecimal digits of the event, the session, the window and the body in one notation, and the same in
    every process and every version; Asleep sends no id of a delivery. `subject` is what the callback is about: one
    subject with two identities is a result and its revision.

    Raises CallbackForbidden, CallbackUnreadable or CallbackInvalid, each with the `status` to answer, and no other
    error for what was sent; ConfigurationError without a usable key, or where the body is not bytes.

    Source: Callback, 1.2, 1.3.
    """
    accepted = accepted_keys(api_key)
    kept = accepted if isinstance(accepted, ConfigurationError) else authenticated(headers, accepted)
    del api_key, headers  # a traceback that shows the variables of its frames would have the key
    if isinstance(kept, Exception):
        raise kept
    if not isinstance(body, (bytes, bytearray, memoryview)):
        raise ConfigurationError(f"The body must be the bytes as received, not {type(body).__name__}.")
    return read(bytes(body), headers=kept)


def _body_of(event: str, data: object) -> bytes:
    """Return the body of a callback that a program made by hand."""
    return encode({"callback_event": event, "callback_data": data}).encode()


def read(body: bytes, *, headers: Mapping[str, str] | None = None, received: datetime | None = None) -> Callback:
    """Read a callback's body, as `parse` does, without checking its key.

    `headers` are those that were kept; `received` is now unless it is given.
    """
    try:
        return _read(body, {} if headers is None else headers, received or _now())
    except NotJsonError as problem:
        raise CallbackUnreadable(f"The callback's body is not JSON: {notation_of(body) or problem}.") from None
    except MismatchError as problem:
        later = later_format(body)
        if later is not None:
            version, path = later
            message = f"The callback has the format {version} (at {path}), and only V1 can be read: have V1 sent."
            raise CallbackInvalid(message, path=path) from None
        message = f"The callback breaks the contract at {problem.path}: {problem}."
        raise CallbackInvalid(message, path=problem.path) from None


def _read(body: bytes, headers: Mapping[str, str], received: datetime) -> Callback:
    """Decode as the event that the body seems to name, so that a valid body is read only once."""
    likely = SESSION_COMPLETE if b'"SESSION_COMPLETE"' in body else INFERENCE_COMPLETE
    try:
        return _event(body, likely, headers, received)
    except MismatchError as problem:
        mismatch = problem
    named = decode(body, Envelope).callback_event
    if named == likely:
        raise mismatch
    if named in (INFERENCE_COMPLETE, SESSION_COMPLETE):
        return _event(body, named, headers, received)
    return UnknownCallback(body, named, headers=headers, received=received)


def _event(
    body: bytes, event: str, headers: Mapping[str, str], received: datetime
) -> InferenceComplete | SessionComplete:
    if event == SESSION_COMPLETE:
        session = decode(body, SessionCompleteCallback).callback_data
        return SessionComplete(session, raw=body, headers=headers, received=received)
    window = decode(body, InferenceCompleteCallback).callback_data
    return InferenceComplete(window, raw=body, headers=headers, received=received)
