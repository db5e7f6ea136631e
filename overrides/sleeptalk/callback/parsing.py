"""How a callback is read: its key is checked, then its version is told, and its body becomes a typed event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from sleeptalk.callback.diagnosis import later_format, notation_of
from sleeptalk.callback.events import (
    INFERENCE_COMPLETE,
    SESSION_COMPLETE,
    InferenceComplete,
    SessionComplete,
    UnknownCallback,
    now,
)
from sleeptalk.callback.keys import accepted_keys, authenticated
from sleeptalk.errors import CallbackInvalid, CallbackUnreadable, ConfigurationError
from sleeptalk.runtime.decoding import MismatchError, NotJsonError, decode, untyped_object
from sleeptalk_generated.asleep.models import InferenceCompleteCallback, SessionCompleteCallback
from sleeptalk_generated.asleep_v3.models import (
    InferenceCompleteCallbackV2,
    InferenceCompleteCallbackV3OfSample,
    InferenceCompleteCallbackV3OfTables,
    SessionCompleteCallbackV2,
    SessionCompleteCallbackV3OfSample,
    SessionCompleteCallbackV3OfTables,
)
from sleeptalk_generated.types import UNSET

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sleeptalk.callback.events import Callback
    from sleeptalk.callback.keys import Headers


@attrs.frozen
class Form:
    """One documented form of callbacks: the names of its keys, and the class of each event's body."""

    event: str
    data: str
    bodies: Mapping[str, type[Any]]


def _form(event: str, data: str, window: type[Any], session: type[Any]) -> Form:
    return Form(event, data, {INFERENCE_COMPLETE: window, SESSION_COMPLETE: session})


_OF_TABLES: Final = ("callback_event", "callback_data")
_V1: Final = _form(*_OF_TABLES, InferenceCompleteCallback, SessionCompleteCallback)
_V2: Final = _form(*_OF_TABLES, InferenceCompleteCallbackV2, SessionCompleteCallbackV2)
_V3_OF_TABLES: Final = _form(*_OF_TABLES, InferenceCompleteCallbackV3OfTables, SessionCompleteCallbackV3OfTables)
_V3_OF_SAMPLE: Final = _form("event", "data", InferenceCompleteCallbackV3OfSample, SessionCompleteCallbackV3OfSample)


@attrs.frozen
class EventOfV1:
    """The one key that decides what the rest of a callback of V1 is."""

    callback_event: str


@attrs.frozen
class Envelope:
    """The keys that decide which form a callback has; UNSET where they are absent."""

    callback_event: Any = UNSET
    callback_version: Any = UNSET
    event: Any = UNSET
    version: Any = UNSET

    @property
    def forms(self) -> list[Form]:
        """The forms of V2 and V3 that it may have by its version; none where it can only be V1."""
        forms = []
        if self._says("version", "V3") and (self.event is not UNSET or self.callback_event is UNSET):
            forms.append(_V3_OF_SAMPLE)
        if self._says("callback_version", "V3"):
            forms.append(_V3_OF_TABLES)
        if self._says("callback_version", "V2"):
            forms.append(_V2)
        return forms

    @property
    def is_meant_for_v3(self) -> bool:
        """Whether it says so with one of the keys that only the sample of V3 has."""
        return self._says("version", "V3") or (isinstance(self.event, str) and self.event in _V1.bodies)

    def _says(self, key: str, version: str) -> bool:
        """Whether a key has a version, in capitals or not, so that a wrong case is told as such."""
        found = getattr(self, key)
        return isinstance(found, str) and found.upper() == version


def parse(body: bytes, headers: Headers, *, api_key: str | Iterable[str] | None = None) -> Callback:
    """Read one callback that Asleep has sent, of the format V1, V2 or V3, after checking its key.

    - `body`: the bytes of the request's body.
    - `headers`: its headers, as a mapping or as pairs; names in any case, str or bytes.
    - `api_key`: the key to accept, or several while keys are changed. None reads SLEEPTALK_CALLBACK_KEY.

    Returns InferenceComplete, SessionComplete, or UnknownCallback for an event that is not documented yet, each with
    its `version`, its body (`raw`), its `headers` without the key, and the time `received`. Undocumented fields are
    ignored, and undocumented values are kept: the vendor adds both without a new version. V3 comes in two forms, with
    the keys of the page's sample or of its tables; both are read.

    Nothing is remembered: a callback that is delivered twice is returned twice, with the same `identity`. That is a
    SHA-256 as 64 hexadecimal digits of the event, the session, the window and the body in one notation, and the same in
    every process and every version; Asleep sends no id of a delivery. `subject` is what the callback is about: one
    subject with two identities is a result and its revision.

    Raises CallbackForbidden, CallbackUnreadable or CallbackInvalid, each with the `status` to answer, and no other
    error for what was sent; ConfigurationError without a usable key, or where the body is not bytes.

    Source: Callback, 1.2, 1.3 (V1); Callback (V2); Webhook (V3).
    """
    accepted = accepted_keys(api_key)
    kept = accepted if isinstance(accepted, ConfigurationError) else authenticated(headers, accepted)
    del api_key, headers  # a traceback that shows the variables of its frames would have the key
    if isinstance(kept, Exception):
        raise kept
    if not isinstance(body, (bytes, bytearray, memoryview)):
        raise ConfigurationError(f"The body must be the bytes as received, not {type(body).__name__}.")
    return read(bytes(body), headers=kept)


def read(body: bytes, *, headers: Mapping[str, str] | None = None, received: datetime | None = None) -> Callback:
    """Read a callback's body, as `parse` does, without checking its key.

    `headers` are those that were kept; `received` is now unless it is given.
    """
    try:
        return _read(body, {} if headers is None else headers, received or now())
    except NotJsonError as problem:
        raise CallbackUnreadable(f"The callback's body is not JSON: {notation_of(body) or problem}.") from None
    except MismatchError as problem:
        later = later_format(body)
        if later is not None:
            version, path = later
            message = (
                f"The callback has the format {version} (at {path}), and V1, V2 and V3 can be read: have one sent."
            )
            raise CallbackInvalid(message, path=path) from None
        message = f"The callback breaks the contract at {problem.path}: {problem}."
        raise CallbackInvalid(message, path=problem.path) from None


def _read(body: bytes, headers: Mapping[str, str], received: datetime) -> Callback:
    """Read as the form of its version; a body in which no key can be one of a version is V1, without a look."""
    if b'version"' not in body and b"\\u" not in body:
        return _v1(body, headers, received)
    envelope = decode(body, Envelope)
    problems = []
    for form in envelope.forms:
        try:
            return _of_form(body, form, getattr(envelope, form.event), headers, received)
        except MismatchError as problem:
            problems.append(problem)
    if problems:
        raise problems[0]
    return _v1(body, headers, received)


def _v1(body: bytes, headers: Mapping[str, str], received: datetime) -> Callback:
    """Decode as the event that the body seems to name, so that a valid body is read only once."""
    likely = SESSION_COMPLETE if b'"SESSION_COMPLETE"' in body else INFERENCE_COMPLETE
    try:
        return _event(body, _V1, likely, headers, received)
    except MismatchError as problem:
        mismatch = problem
    named = decode(body, EventOfV1).callback_event
    if named == likely or decode(body, Envelope).is_meant_for_v3:
        raise mismatch
    if named in _V1.bodies:
        return _event(body, _V1, named, headers, received)
    return UnknownCallback(body, named, headers=headers, received=received)


def _of_form(body: bytes, form: Form, named: object, headers: Mapping[str, str], received: datetime) -> Callback:
    if not isinstance(named, str):
        raise MismatchError("the name of an event is missing" if named is UNSET else "is not text", f"$.{form.event}")
    if named not in form.bodies:
        return UnknownCallback(body, named, headers=headers, received=received)
    try:
        return _event(body, form, named, headers, received)
    except MismatchError:
        if form is _V3_OF_SAMPLE and _is_flat(untyped_object(body)):
            return UnknownCallback(body, named, headers=headers, received=received)
        raise


def _event(
    body: bytes, form: Form, event: str, headers: Mapping[str, str], received: datetime
) -> InferenceComplete | SessionComplete:
    data = getattr(decode(body, form.bodies[event]), form.data)
    if event == SESSION_COMPLETE:
        return SessionComplete(data, raw=body, headers=headers, received=received)
    if form is not _V1 and data.sleep_stages is UNSET and data.stage_list is UNSET:
        raise MismatchError("Object missing required field `sleep_stages`", f"$.{form.data}")
    return InferenceComplete(data, raw=body, headers=headers, received=received)


def _is_flat(members: Mapping[str, Any]) -> bool:
    """Whether a callback of V3 has what it is about in itself and not in its data."""
    return _V3_OF_SAMPLE.data not in members and isinstance(members.get("session_id"), str)
