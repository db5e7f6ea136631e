"""The nights of the sandbox as data v3 has them: those of data v2 with what v3 adds, and a few of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.services.asleep.sandbox.nights import (
    INVALID_SLEEP_STAGES,
    SANDBOX_USER_ID,
    SandboxNight,
)
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS as SCENARIOS_V2
from sleeptalk_contract.services.asleep.sandbox.statistics import DEEP, ERROR, LIGHT, REM, WAKE, compute, timestamp
from sleeptalk_contract.services.asleep_v3.sandbox.statistics import Stages, as_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

IN_PROGRESS: Final = "IN_PROGRESS"
NEVER_SLEPT: Final = "NEVER_SLEPT"
TOO_SHORT: Final = "TOO_SHORT_FOR_ANALYSIS"
TOO_LONG: Final = "TOO_LONG_FOR_ANALYSIS"
TOO_MANY_DEFECTS: Final = "TOO_MANY_DEFECTS_IN_SLEEP_STAGES"
NO_BREATHING: Final = "NO_BREATHING_STABILITY"
NO_REAL_TIME: Final = "NO_REALTIME_POLLING"

_WITHOUT_STATISTICS: Final = frozenset({IN_PROGRESS, NO_REAL_TIME, TOO_SHORT, TOO_MANY_DEFECTS})
_SHORTEST: Final = timedelta(minutes=5)
_LONGEST: Final = timedelta(hours=24)
_SNORES: Final = (10, 50)  # ten epochs of every fifty
_ANALYSIS: Final = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, eq=False)
class Night:
    """A night of data v3.

    `recorded` is the same night in data v2. `died_early` is how many seconds before its end the app had died, 0 where
    it did not. `created_timezone` is the zone of the phone.
    """

    recorded: SandboxNight
    died_early: int = 0
    created_timezone: str = "Asia/Seoul"

    @property
    def session_id(self) -> str:
        """The id of the session."""
        return self.recorded.session_id

    @cached_property
    def peculiarities(self) -> tuple[str, ...]:
        """What is special about it, in the order of the vendor's page."""
        night = self.recorded
        lasted = timedelta(0) if night.end is None else night.end - night.start
        is_complete = night.state == "COMPLETE"
        held = {
            IN_PROGRESS: not is_complete,
            NEVER_SLEPT: is_complete and bool(night.sleep_stages) and set(night.sleep_stages or ()) == {WAKE},
            TOO_SHORT: is_complete and lasted < _SHORTEST,
            TOO_LONG: is_complete and lasted > _LONGEST,
            TOO_MANY_DEFECTS: is_complete and night.validity == INVALID_SLEEP_STAGES,
            NO_BREATHING: night.osa_stages is None,
            NO_REAL_TIME: night.sleep_stages is None,
        }
        return tuple(name for name, holds in held.items() if holds)

    @cached_property
    def snoring(self) -> tuple[int, ...] | None:
        """Ten epochs of snoring in every fifty of light or deep sleep; -1 where the audio was lost."""
        if self.recorded.sleep_stages is None:
            return None
        loud, of = _SNORES
        return tuple(
            ERROR if stage == ERROR else int(stage in {LIGHT, DEEP} and index % of < loud)
            for index, stage in enumerate(self.recorded.sleep_stages)
        )

    @property
    def has_statistics(self) -> bool:
        """Whether there are statistics."""
        return not _WITHOUT_STATISTICS & set(self.peculiarities)

    @property
    def has_sleep(self) -> bool:
        """Whether there are statistics of somebody who slept."""
        return self.has_statistics and bool({LIGHT, DEEP, REM} & set(self.recorded.sleep_stages or ()))

    def stat(self, zone: tzinfo) -> dict[str, Any] | None:
        """Return the statistics, times in `zone`; None without any."""
        night = self.recorded
        if not self.has_statistics or night.sleep_stages is None or night.end is None:
            return None
        before = compute(night.start, night.end, night.sleep_stages, night.osa_stages, two_stages=night.two_stages)
        stages = Stages(
            start=night.start,
            sleep=night.sleep_stages,
            breath=night.osa_stages,
            snoring=self.snoring,
            two_stages=night.two_stages,
        )
        return as_json(before, stages, zone)

    def as_result(self, zone_name: str, zone: tzinfo) -> dict[str, Any]:
        """Return the `result` of Get Session, times in `zone`."""
        night = self.recorded
        stages = night.sleep_stages or ()
        return {
            "timezone": zone_name,
            "peculiarities": list(self.peculiarities),
            "missing_data_ratio": round(stages.count(ERROR) / len(stages), 2) if stages else 0.0,
            "session": {
                "id": night.session_id,
                "state": night.state,
                **self._times(zone),
                "sleep_stages": _listed(night.sleep_stages),
                "breath_stages": _listed(night.osa_stages),
                "snoring_stages": _listed(self.snoring),
            },
            "stat": self.stat(zone),
        }

    def as_listed(self, zone: tzinfo) -> dict[str, Any]:
        """Return what a list says of it, times in `zone`."""
        night = self.recorded
        times = self._times(zone)
        return {
            "session_id": night.session_id,
            "state": night.state,
            "session_start_time": times["start_time"],
            "session_end_time": times["end_time"],
            "created_timezone": self.created_timezone,
            "unexpected_end_time": times["unexpected_end_time"],
            "last_received_seq_num": len(night.sleep_stages) - 1 if night.sleep_stages else None,
            "time_in_bed": None if night.end is None else int((night.end - night.start).total_seconds()),
        }

    def as_averaged(self, zone: tzinfo) -> dict[str, Any]:
        """Return what averages say of it, with its statistics where somebody slept; times in `zone`."""
        times = self._times(zone)
        end = self.recorded.end or self.recorded.start
        found = {
            "id": self.session_id,
            "start_time": times["start_time"],
            "end_time": times["end_time"],
            "completed_time": timestamp(end + _ANALYSIS, zone),
        }
        if not self.has_sleep:
            return found
        return found | {"created_timezone": self.created_timezone} | (self.stat(zone) or {})

    def as_last(self) -> dict[str, Any]:
        """Return what a user's record says of it, times in UTC."""
        night = self.recorded
        ended = None if night.end is None else f"{night.end:%Y-%m-%dT%H:%M:%S}Z"
        done = night.end is not None and night.state == "COMPLETE"
        return {
            "session_id": night.session_id,
            "inference_type": "MELSPECTROGRAM",
            "service": "NOSERVICE",
            "start_time": f"{night.start:%Y-%m-%dT%H:%M:%S}Z",
            "end_time": ended,
            "state": night.state,
            "complete_time": f"{night.end + _ANALYSIS:%Y-%m-%dT%H:%M:%S}Z" if night.end and done else None,
        }

    def _times(self, zone: tzinfo) -> dict[str, Any]:
        night = self.recorded
        died = None if night.end is None or not self.died_early else night.end - timedelta(seconds=self.died_early)
        return {
            "start_time": timestamp(night.start, zone),
            "end_time": None if night.end is None else timestamp(night.end, zone),
            "unexpected_end_time": None if died is None else timestamp(died, zone),
            "created_timezone": self.created_timezone,
        }


def _listed(stages: tuple[int, ...] | None) -> list[int] | None:
    return None if stages is None else list(stages)


_FULL: Final = SCENARIOS_V2["four-stages"]

_OWN: Final = (
    Night(
        recorded=SandboxNight(
            name="too-short",
            summary="COMPLETE, too short: four minutes",
            session_id="20240323140000_brief",
            sleep_stages=(WAKE,) * 8,
            osa_stages=(0,) * 8,
        )
    ),
    Night(
        recorded=SandboxNight(
            name="too-long",
            summary="COMPLETE, too long: 25 hours, with statistics that are not to be trusted",
            session_id="20240324140000_longg",
            sleep_stages=((_FULL.sleep_stages or ()) * 4)[:3000],
            osa_stages=((_FULL.osa_stages or ()) * 4)[:3000],
        )
    ),
    Night(
        recorded=replace(
            _FULL,
            name="interrupted",
            summary="COMPLETE: the app died, and the session was closed later",
            session_id="20240325133000_intrr",
        ),
        died_early=90,
        created_timezone="America/New_York",
    ),
)

SCENARIOS: Final[Mapping[str, Night]] = {
    each.recorded.name: each for each in (*(Night(recorded=night) for night in SCENARIOS_V2.values()), *_OWN)
}
"""Every night by the name of its scenario."""

FINISHING: Final = Night(
    recorded=replace(
        SCENARIOS_V2["four-stages"],
        name="finishing",
        summary="OPEN, then CLOSED, then COMPLETE, one step with each read",
        session_id="20240326133000_movin",
    )
)


def as_state(night: Night, state: str) -> Night:
    """Return a COMPLETE night as it was before: OPEN or CLOSED."""
    earlier: Any = state
    return night if state == "COMPLETE" else replace(night, recorded=replace(night.recorded, state=earlier))


def nights_of(user_id: str) -> tuple[Night, ...]:
    """Return every night as one of a user."""
    return tuple(
        night if user_id == SANDBOX_USER_ID else replace(night, recorded=replace(night.recorded, user_id=user_id))
        for night in (*SCENARIOS.values(), FINISHING)
    )
