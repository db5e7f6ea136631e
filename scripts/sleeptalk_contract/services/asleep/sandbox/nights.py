"""The nights of the sandbox: one scenario for each state, contract and edge case of the session.

With them go the user they belong to and the credentials that open them.

Ids never change. Their 14 digits are the start of the night in UTC, as Asleep writes them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property
from itertools import repeat
from types import MappingProxyType
from typing import Any, Literal

from sleeptalk_contract.services.asleep.sandbox.statistics import (
    DEEP,
    EPOCH_SECONDS,
    ERROR,
    LIGHT,
    REM,
    SLEEP,
    STABLE,
    UNSTABLE,
    WAKE,
    Statistics,
    compute,
    timestamp,
    unanalysable,
)

# The credentials are public and open nothing outside the sandbox.
SANDBOX_API_KEY = "sandbox-api-key"
"""What the sandbox expects in `x-api-key`, and sends with its callbacks."""

SANDBOX_USER_ID = "G-20220821093117-SandboxUserSleeptalk"
"""The user that every night of the sandbox belongs to: `G-`, 14 digits, `-`, 20 letters, as Asleep writes them."""

SANDBOX_CREDENTIALS: Mapping[str, str] = MappingProxyType({"x-api-key": SANDBOX_API_KEY, "x-user-id": SANDBOX_USER_ID})
"""Both by header."""

DEFAULT_TIMEZONE = "UTC"

State = Literal["OPEN", "CLOSED", "COMPLETE"]
Stages = tuple[int, ...]

VALID = "VALID"
IN_PROGRESS = "IN_PROGRESS"
# As both language versions of the vendor's page spell it.
INVALID_SLEEP_STAGES = "INVALID:TOO_MANDY_DEFECTS_IN_SLEEP_STAGES"
INVALID_OSA_STAGES = "INVALID:TOO_MANY_DEFECTS_IN_OSA_STAGES"


@dataclass(frozen=True, kw_only=True, eq=False)  # equality is identity: hashing its stages for a cache would cost more
class SandboxNight:
    """One night of the sandbox, and how far its analysis has come.

    `sleep_stages` is None while an OPEN night has no real-time analysis, `osa_stages` in a contract without breathing
    analysis; each holds one value for each whole 30 s. `leftover` is how many seconds (0 to 29) the night lasted
    beyond its last epoch. `two_stages`: the stages are 0 (wake) and 1 (sleep).
    Source: Get Single Session, 2.1.2 to 2.1.4.
    """

    name: str
    summary: str
    session_id: str
    state: State = "COMPLETE"
    validity: str = VALID
    sleep_stages: Stages | None
    osa_stages: Stages | None
    leftover: int = 0
    two_stages: bool = False
    user_id: str = SANDBOX_USER_ID

    def __post_init__(self) -> None:
        """Refuse a night whose two lists differ in length."""
        if self.sleep_stages and self.osa_stages and len(self.sleep_stages) != len(self.osa_stages):
            raise ValueError(f"{self.name}: {len(self.sleep_stages)} sleep stages, {len(self.osa_stages)} osa stages.")

    @cached_property
    def start(self) -> datetime:
        """When the recording began, in UTC."""
        return datetime.strptime(self.session_id[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)

    @cached_property
    def end(self) -> datetime | None:
        """When the recording ended, in UTC; None while the night is OPEN."""
        if self.state == "OPEN" or self.sleep_stages is None:
            return None
        return self.start + timedelta(seconds=len(self.sleep_stages) * EPOCH_SECONDS + self.leftover)

    @cached_property
    def statistics(self) -> Statistics | None:
        """The statistics of a COMPLETE night, all null where it is INVALID; None before."""
        if self.state != "COMPLETE" or self.sleep_stages is None or self.end is None:
            return None
        if self.validity != VALID:
            return unanalysable(self.start, self.end)
        return compute(self.start, self.end, self.sleep_stages, self.osa_stages, two_stages=self.two_stages)

    def as_result(self, zone_name: str, zone: tzinfo) -> dict[str, Any]:
        """Return the `result` of Get Single Session, times in `zone`. Source: Get Single Session, 2.1."""
        statistics = self.statistics if self.validity == VALID else None
        return {
            "timezone": zone_name,
            "validity": self.validity,
            "session": {
                "id": self.session_id,
                "state": self.state,
                "start_time": timestamp(self.start, zone),
                "end_time": None if self.end is None else timestamp(self.end, zone),
                "sleep_stages": _listed(self.sleep_stages),
                "osa_stages": _listed(self.osa_stages),
            },
            "stat": None if statistics is None else statistics.as_json(zone),
        }


def _listed(stages: Stages | None) -> list[int] | None:
    return None if stages is None else list(stages)


def _epochs(*runs: tuple[int, int]) -> Stages:
    """Write out runs of (stage, number of epochs)."""
    return tuple(stage for stage, length in runs for stage in repeat(stage, length))


# Eight hours: 15 minutes to fall asleep, five cycles with less deep sleep and more REM each time.
_FOUR_STAGES = _epochs(
    *((WAKE, 30), (LIGHT, 30), (DEEP, 90), (LIGHT, 50), (REM, 15), (WAKE, 3)),
    *((LIGHT, 50), (DEEP, 60), (LIGHT, 60), (REM, 30), (WAKE, 2)),
    *((LIGHT, 90), (DEEP, 30), (LIGHT, 50), (REM, 40), (WAKE, 5)),
    *((LIGHT, 110), (REM, 50), (LIGHT, 90), (REM, 50), (WAKE, 25)),
)
_BREATHING = _epochs(
    *((STABLE, 240), (UNSTABLE, 6), (STABLE, 150), (UNSTABLE, 12), (STABLE, 90)),
    *((UNSTABLE, 20), (STABLE, 180), (UNSTABLE, 9), (STABLE, 253)),
)

# Its first two cycles, three and a half hours, are enough for most scenarios and keep their callbacks few.
_TWO_CYCLES = _FOUR_STAGES[:420]
_TWO_CYCLES_BREATHING = _BREATHING[:420]
_RESTLESS_BREATHING = _epochs((STABLE, 60), (UNSTABLE, 140), (STABLE, 70), (UNSTABLE, 90), (STABLE, 60))
_TWO_STAGES = _epochs((WAKE, 40), (SLEEP, 190), (WAKE, 12), (SLEEP, 150), (WAKE, 4), (SLEEP, 24))
_LOST_AUDIO = _epochs(
    *((ERROR, 10), (WAKE, 14), (LIGHT, 60), (ERROR, 7), (DEEP, 80), (WAKE, 4), (ERROR, 3)),
    *((LIGHT, 120), (REM, 45), (ERROR, 1), (LIGHT, 90), (WAKE, 6), (ERROR, 5)),
)
_LOST_BREATHING = _epochs((ERROR, 24), (STABLE, 100), (ERROR, 47), (UNSTABLE, 8), (STABLE, 260), (ERROR, 6))

_NIGHTS = (
    SandboxNight(
        name="four-stages",
        summary="COMPLETE and VALID: four stages with breathing analysis",
        session_id="20220821093117_hz82a",
        sleep_stages=_FOUR_STAGES,
        osa_stages=_BREATHING,
        leftover=17,
    ),
    SandboxNight(
        name="two-stages",
        summary="COMPLETE and VALID: a contract with wake and sleep only",
        session_id="20240311133000_twost",
        sleep_stages=_TWO_STAGES,
        osa_stages=_epochs((STABLE, 250), (UNSTABLE, 30), (STABLE, 140)),
        two_stages=True,
    ),
    SandboxNight(
        name="without-breathing",
        summary="COMPLETE and VALID: a contract without breathing analysis",
        session_id="20240312141500_nobre",
        sleep_stages=_TWO_CYCLES,
        osa_stages=None,
    ),
    SandboxNight(
        name="two-stages-without-breathing",
        summary="COMPLETE and VALID: neither four stages nor breathing analysis",
        session_id="20240313140730_plain",
        sleep_stages=_TWO_STAGES,
        osa_stages=None,
        two_stages=True,
    ),
    SandboxNight(
        name="never-slept",
        summary="COMPLETE and VALID: awake for 90 minutes",
        session_id="20240314150000_awake",
        sleep_stages=_epochs((WAKE, 180)),
        osa_stages=_epochs((STABLE, 180)),
    ),
    SandboxNight(
        name="restless-breathing",
        summary="COMPLETE and VALID: the breathing was very unstable",
        session_id="20240315133742_brth4",
        sleep_stages=_TWO_CYCLES,
        osa_stages=_RESTLESS_BREATHING,
    ),
    SandboxNight(
        name="lost-audio",
        summary="COMPLETE and VALID: some epochs could not be analysed (-1)",
        session_id="20240316121212_lost1",
        sleep_stages=_LOST_AUDIO,
        osa_stages=_LOST_BREATHING,
        leftover=29,
    ),
    SandboxNight(
        name="autumn-clock-change",
        summary="COMPLETE and VALID: Europe sets its clocks back at 01:00 UTC",
        session_id="20231028223000_autmn",
        sleep_stages=_TWO_CYCLES,
        osa_stages=_TWO_CYCLES_BREATHING,
    ),
    SandboxNight(
        name="spring-clock-change",
        summary="COMPLETE and VALID: New York sets its clocks forward at 07:00 UTC",
        session_id="20240310044500_sprng",
        sleep_stages=_TWO_CYCLES,
        osa_stages=_TWO_CYCLES_BREATHING,
    ),
    SandboxNight(
        name="invalid",
        summary="COMPLETE and INVALID: 15 minutes, most of them could not be analysed",
        session_id="20240318220000_short",
        validity=INVALID_SLEEP_STAGES,
        sleep_stages=_epochs((WAKE, 4), (ERROR, 24), (LIGHT, 2)),
        osa_stages=_epochs((STABLE, 4), (ERROR, 26)),
    ),
    SandboxNight(
        name="invalid-breathing",
        summary="COMPLETE and INVALID: the breathing could not be analysed",
        session_id="20240319213000_noair",
        validity=INVALID_OSA_STAGES,
        sleep_stages=_TWO_CYCLES,
        osa_stages=_epochs((ERROR, 420)),
    ),
    SandboxNight(
        name="closed",
        summary="CLOSED: the recording has ended, the analysis goes on",
        session_id="20240320133000_close",
        state="CLOSED",
        validity=IN_PROGRESS,
        sleep_stages=_TWO_CYCLES,
        osa_stages=_TWO_CYCLES_BREATHING,
    ),
    SandboxNight(
        name="open-with-real-time",
        summary="OPEN: the first two hours, with real-time analysis",
        session_id="20240321131500_openr",
        state="OPEN",
        validity=IN_PROGRESS,
        sleep_stages=_TWO_CYCLES[:240],
        osa_stages=_TWO_CYCLES_BREATHING[:240],
    ),
    SandboxNight(
        name="open-without-real-time",
        summary="OPEN: a contract without real-time and breathing analysis",
        session_id="20240322130000_openx",
        state="OPEN",
        validity=IN_PROGRESS,
        sleep_stages=None,
        osa_stages=None,
    ),
)

SCENARIOS: Mapping[str, SandboxNight] = {night.name: night for night in _NIGHTS}
"""Every night by the name of its scenario."""


def scenarios_of(user_id: str) -> Mapping[str, SandboxNight]:
    """Return every night by the name of its scenario, as nights of another user."""
    if user_id == SANDBOX_USER_ID:
        return SCENARIOS
    return {night.name: replace(night, user_id=user_id) for night in _NIGHTS}
