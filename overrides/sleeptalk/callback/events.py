"""What a callback can be: one of two documented events, or one that is not documented yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from sleeptalk_generated.asleep.models import InferenceCompleteData, SessionCompleteData

__all__ = ["Callback", "InferenceComplete", "SessionComplete", "UnknownCallback"]


@dataclass(frozen=True, slots=True)
class InferenceComplete:
    """A window of at most 20 minutes was analysed while the night is being recorded.

    `data.stage_list` and `data.osa_stage_list` hold one value per epoch of 30 s, at most 40;
    `data.osa_stage_list` is None without breathing analysis. Source: 000 1.3.1.
    """

    data: InferenceCompleteData


@dataclass(frozen=True, slots=True)
class SessionComplete:
    """The whole night was analysed. The night is `data.sleep_data`. Source: 000 1.3.2, 1.3.3.

    Times are whole seconds, ratios run from 0 to 1. `sleeptalk.asleep.why_null(event, field)` says why a statistic
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
