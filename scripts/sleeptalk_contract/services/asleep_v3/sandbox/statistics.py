"""The statistics of a night as data v3 has them: those of data v2 under their new names, and what v3 has added.

Open in the sources, and settled by the sandbox: `sleep_index` is 50 points and up to 50 more by the efficiency; a sleep
cycle ends with each REM sleep of at least 10 epochs; snoring is counted within the sleep period, as breathing is.

Source: Get Session; API Migration Guide; Asleep Update 231031 and 231109.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.services.asleep.sandbox.statistics import (
    DEEP,
    EPOCH_SECONDS,
    LIGHT,
    REM,
    WAKE,
    Statistics,
    timestamp,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

PATTERNS: Final[Mapping[str, str]] = {
    "VERY_STABLE": "STABLE_BREATH",
    "STABLE": "MILDLY_UNSTABLE_BREATH",
    "UNSTABLE": "MODERATELY_UNSTABLE_BREATH",
    "VERY_UNSTABLE": "SEVERELY_UNSTABLE_BREATH",
}
"""The breathing patterns of data v2 with those of data v3, by rank."""

_SHORTEST_REM: Final = 10
_RENAMED: Final = {"estimated_ahi": "breathing_index"}
_ASLEEP: Final = frozenset({LIGHT, DEEP, REM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """What the additions of v3 are computed from: the stages of the whole night; None without such an analysis."""

    start: datetime
    sleep: Sequence[int]
    breath: Sequence[int] | None
    snoring: Sequence[int] | None
    two_stages: bool = False


def as_json(before: Statistics, stages: Stages, zone: tzinfo) -> dict[str, Any]:
    """Return the statistics of a night with their JSON values, times with the offset that `zone` has then."""
    renamed = {_RENAMED.get(name, name): value for name, value in before.as_json(zone).items()}
    pattern = renamed["breathing_pattern"]
    renamed["breathing_pattern"] = None if pattern is None else PATTERNS[pattern]
    return renamed | _added(before, stages, zone)


def runs(stages: Sequence[int], wanted: int) -> list[int]:
    """Return the length of each run of one stage, in epochs."""
    return [len(list(group)) for stage, group in groupby(stages) if stage == wanted]


def _added(before: Statistics, stages: Stages, zone: tzinfo) -> dict[str, Any]:
    asleep = [index for index, stage in enumerate(stages.sleep) if stage in _ASLEEP]
    period = slice(asleep[0], asleep[-1] + 1) if asleep else slice(0, 0)
    slept = stages.sleep[period]
    wakings = runs(slept, WAKE)
    snoring = None if stages.snoring is None else stages.snoring[period]
    ends = _ends_of_cycles(slept) if not stages.two_stages else []
    onset = stages.start + timedelta(seconds=period.start * EPOCH_SECONDS)
    return {
        "sleep_index": 50 + round(50 * before.sleep_efficiency) if asleep else None,
        **{
            f"{name}_latency": slept.index(stage) * EPOCH_SECONDS if stage in slept and not stages.two_stages else None
            for name, stage in (("light", LIGHT), ("deep", DEEP), ("rem", REM))
        },
        **_snoring(snoring, has_slept=bool(asleep)),
        "waso_count": len(wakings) if asleep else None,
        "longest_waso": max(wakings, default=0) * EPOCH_SECONDS if asleep else None,
        "sleep_cycle_count": None if not asleep or stages.two_stages else len(ends),
        "sleep_cycle": ends[-1] * EPOCH_SECONDS // len(ends) if ends else None,
        "sleep_cycle_time": [
            timestamp(onset + timedelta(seconds=end * EPOCH_SECONDS), zone) for end in ((0, *ends) if ends else ())
        ],
        "unstable_breath_count": None if stages.breath is None else len(runs(stages.breath[period], 1)),
    }


def _ends_of_cycles(slept: Sequence[int]) -> list[int]:
    """Return the epoch after each long REM sleep, counted from falling asleep."""
    ends, at = [], 0
    for stage, group in groupby(slept):
        length = len(list(group))
        at += length
        if stage == REM and length >= _SHORTEST_REM:
            ends.append(at)
    return ends


def _snoring(stages: Sequence[int] | None, *, has_slept: bool) -> dict[str, Any]:
    if stages is None:
        names = ("time_in_snoring", "time_in_no_snoring", "snoring_ratio", "no_snoring_ratio", "snoring_count")
        return dict.fromkeys(names)
    loud, quiet = (sum(stage == wanted for stage in stages) for wanted in (1, 0))
    return {
        "time_in_snoring": loud * EPOCH_SECONDS,
        "time_in_no_snoring": quiet * EPOCH_SECONDS,
        "snoring_ratio": round(loud / len(stages), 2) if has_slept else None,
        "no_snoring_ratio": round(quiet / len(stages), 2) if has_slept else None,
        "snoring_count": len(runs(stages, 1)),
    }
