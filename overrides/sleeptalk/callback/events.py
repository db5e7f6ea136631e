"""What a callback can be: one of two documented events, of the format V1, V2 or V3, or one that is not documented."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from sleeptalk.callback.identity import Subject, identity_of, subject_of
from sleeptalk.runtime.decoding import untyped_object
from sleeptalk.runtime.kept import one_line
from sleeptalk_generated.asleep import models as v1
from sleeptalk_generated.asleep_v3 import models as v3
from sleeptalk_generated.encoding import encode
from sleeptalk_generated.types import UNSET

if TYPE_CHECKING:
    from sleeptalk_generated.types import UnsetType

INFERENCE_COMPLETE = "INFERENCE_COMPLETE"
SESSION_COMPLETE = "SESSION_COMPLETE"

Version: TypeAlias = Literal["V1", "V2", "V3"]
WindowData: TypeAlias = v1.InferenceCompleteData | v3.InferenceCompleteDataV2 | v3.InferenceCompleteDataV3
SessionData: TypeAlias = v1.SessionCompleteData | v3.SessionCompleteDataV2 | v3.SessionCompleteDataV3
SleepStages: TypeAlias = Sequence[v1.SleepStage] | Sequence[v3.SleepStage]
BreathStages: TypeAlias = Sequence[v1.OsaStage] | Sequence[v3.BreathStage]

_VERSIONS: Final[Mapping[type[Any], Version]] = {
    v1.InferenceCompleteData: "V1",
    v1.SessionCompleteData: "V1",
    v3.InferenceCompleteDataV2: "V2",
    v3.SessionCompleteDataV2: "V2",
    v3.InferenceCompleteDataV3: "V3",
    v3.SessionCompleteDataV3: "V3",
}


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """How a callback came, which is not compared.

    - `headers`: those of the request, names in lower case, without the key and other credentials. `x-user-id` is among
      them.
    - `received`: when its body was read, in UTC.
    """

    headers: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    received: datetime = field(default_factory=now, repr=False, compare=False)


@dataclass(frozen=True, slots=True, repr=False)
class Documented(Received):
    """What both documented events have in common. `raw` is the body as it came, JSON in UTF-8."""

    data: WindowData | SessionData
    raw: bytes = field(default=b"", repr=False, compare=False, kw_only=True)

    @property
    def version(self) -> Version:
        """The version of the format: V1, V2 or V3."""
        return _VERSIONS[type(self.data)]

    @property
    def user_id(self) -> str:
        """The user who created the session."""
        return self.data.user_id

    @property
    def subject(self) -> Subject:
        """What the callback is about."""
        raise NotImplementedError

    @property
    def identity(self) -> str:
        """A key for idempotency, as `parse` describes it."""
        subject = self.subject
        return identity_of(subject, self.raw or _body_of(subject.event, self.version, self.data))


@dataclass(frozen=True, slots=True, repr=False)
class InferenceComplete(Documented):
    """A window of at most 20 minutes was analysed while the night is being recorded.

    `data` is what came, typed by its version. What all versions have, whatever its name in them, is here too:
    `session_id`, `user_id`, `window` and the stages. `raw` is the body as it came, JSON in UTF-8.
    Source: Callback, 1.3.1 (V1); Callback (V2); Webhook (V3).
    """

    data: WindowData

    @property
    def session_id(self) -> str:
        """The session."""
        return self.data.session_id

    @property
    def window(self) -> int:
        """The number of the 5 minute block that ends the window, counted from 0: `inference_seq_num`."""
        return self.data.inference_seq_num

    @property
    def sleep_stages(self) -> SleepStages:
        """The sleep stages of the window, one per epoch of 30 s, at most 40: `sleep_stages`, or `stage_list`."""
        if isinstance(self.data, v1.InferenceCompleteData):
            return self.data.stage_list
        named = _set(self.data.sleep_stages)
        return named if named is not None else _set(self.data.stage_list) or []

    @property
    def breath_stages(self) -> BreathStages | None:
        """The breathing stages of the window, one per epoch of 30 s; None without breathing analysis."""
        data = self.data
        return data.osa_stage_list if isinstance(data, v1.InferenceCompleteData) else data.breath_stages

    @property
    def snoring_stages(self) -> Sequence[v3.SnoringStage] | None:
        """Whether there was snoring, one value per epoch of 30 s; None without snoring analysis, and before V3."""
        return _set(self.data.snoring_stages) if isinstance(self.data, v3.InferenceCompleteDataV3) else None

    @property
    def subject(self) -> Subject:
        """The event, the session and the window: what this callback is about."""
        return Subject(INFERENCE_COMPLETE, self.session_id, self.window)

    def __repr__(self) -> str:
        return one_line(
            "InferenceComplete", f"{self.session_id}, window {self.window} of {len(self.sleep_stages)} epochs"
        )


@dataclass(frozen=True, slots=True, repr=False)
class SessionComplete(Documented):
    """The whole night was analysed. Source: Callback, 1.3.2, 1.3.3 (V1); Callback (V2); Webhook (V3).

    `data` is what came, typed by its version. What all versions have, wherever it stands in them, is here too:
    `session_id`, `user_id`, the times, the stages and `stat`. Times are whole seconds, ratios run from 0 to 1.
    `raw` is the body as it came, JSON in UTF-8.
    """

    data: SessionData

    @property
    def session_id(self) -> str:
        """The session."""
        data = self.data
        return data.session.id if isinstance(data, v3.SessionCompleteDataV3) else data.session_id

    @property
    def start_time(self) -> datetime:
        """When the recording began, with the offset that it came with."""
        recorded = self._recorded
        return recorded.session_start_time if isinstance(recorded, v1.SleepData) else recorded.start_time

    @property
    def end_time(self) -> datetime | None:
        """When the recording ended; None only where a V2 or V3 says nothing of it."""
        recorded = self._recorded
        return recorded.session_end_time if isinstance(recorded, v1.SleepData) else recorded.end_time

    @property
    def sleep_stages(self) -> SleepStages | None:
        """The sleep stages of the night, one per epoch of 30 s; None only where a V2 or V3 says nothing of them."""
        return self._recorded.sleep_stages

    @property
    def breath_stages(self) -> BreathStages | None:
        """The breathing stages of the night, one per epoch of 30 s; None without breathing analysis."""
        recorded = self._recorded
        return recorded.osa_stages if isinstance(recorded, v1.SleepData) else recorded.breath_stages

    @property
    def snoring_stages(self) -> Sequence[v3.SnoringStage] | None:
        """Whether there was snoring, one value per epoch of 30 s; None without snoring analysis, and in V1."""
        recorded = self._recorded
        return None if isinstance(recorded, v1.SleepData) else _set(recorded.snoring_stages)

    @property
    def stat(self) -> v1.SleepData | v3.Stat | None:
        """The statistics of the night: V1 has them beside the stages. None where a V2 or V3 could not be analysed.

        Those that every version has stand in both under the same names; `estimated_ahi` became `breathing_index`.
        """
        data = self.data
        if isinstance(data, v1.SessionCompleteData):
            return data.sleep_data
        return data.sleep_data.stat if isinstance(data, v3.SessionCompleteDataV2) else data.stat

    @property
    def subject(self) -> Subject:
        """The event and the session: what this callback is about."""
        return Subject(SESSION_COMPLETE, self.session_id, None)

    @property
    def _recorded(self) -> v1.SleepData | v3.Session:
        data = self.data
        if isinstance(data, v1.SessionCompleteData):
            return data.sleep_data
        return data.sleep_data.session if isinstance(data, v3.SessionCompleteDataV2) else data.session

    def __repr__(self) -> str:
        end = "" if self.end_time is None else f" to {self.end_time.isoformat()}"
        words = [self.session_id, f"{self.start_time.isoformat()}{end}"]
        if self.stat is not None:
            words.append(f"efficiency {self.stat.sleep_efficiency:g}")
        return one_line("SessionComplete", ", ".join(words))


@dataclass(frozen=True, slots=True, repr=False)
class UnknownCallback(Received):
    """An event that is not documented, for the vendor adds events without a new version; or a form that is not.

    That form is the flat one of V3, with no object around its data, which material of the vendor prints and no page of
    its documentation. `raw` is the body as it came, JSON in UTF-8; `event` is the name of its event.
    """

    raw: bytes
    event: str

    @property
    def version(self) -> str | None:
        """The version that it says it has; None where it says none, as V1 does."""
        body = untyped_object(self.raw)
        found = body.get("version", body.get("callback_version"))
        return found if isinstance(found, str) else None

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


def _body_of(event: str, version: Version, data: WindowData | SessionData) -> bytes:
    """Return the body of a callback that a program made by hand."""
    match version:
        case "V1":
            body: dict[str, object] = {"callback_event": event, "callback_data": data}
        case "V2":
            body = {"callback_event": event, "callback_version": version, "callback_data": data}
        case "V3":
            body = {"event": event, "version": version, "data": data}
    return encode(body).encode()


def _set(value: list[Any] | UnsetType | None) -> list[Any] | None:
    return None if value is UNSET else value
