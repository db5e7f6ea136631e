"""Faults of the numbers of a night that a sender delivers: the arithmetic rules of the callback."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any, Final

from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.sandbox.faults import adding, setting
from sleeptalk_contract.services.asleep.faults.callback import invalid, night
from sleeptalk_contract.services.asleep.faults.night_changes import breathing, four_stages, later, slept

_LATER: Final = 60
"""Seconds: two epochs, more than any tolerance."""


def _half_in_bed(found: dict[str, Any]) -> None:
    found["sleep_efficiency"] = round(found["sleep_efficiency"] / 2, 2)


def _ends_before_it_starts(found: dict[str, Any]) -> None:
    start = datetime.fromisoformat(found["session_start_time"])
    found |= {"session_end_time": (start - timedelta(seconds=20)).isoformat(), "sleep_stages": [], "time_in_bed": 0}


def _less_breathing(found: dict[str, Any]) -> None:
    del found["osa_stages"][-5:]


def _half_the_epochs(found: dict[str, Any]) -> None:
    for name in ("sleep_stages", "osa_stages"):
        if found[name] is not None:
            found[name] = found[name][::2]


FAULTS: Final = (
    Fault(
        "callback.ratio-two-decimals",
        "noise",
        "prints floating-point noise",
        night(lambda found: found.update(sleep_ratio=math.nextafter(found["sleep_ratio"], 0)), slept),
    ),
    Fault(
        "callback.ratio-two-decimals",
        "four-decimals",
        "does not round sleep_efficiency",
        night(adding("sleep_efficiency", amount=-0.0013), slept),
    ),
    Fault(
        "callback.sleep-period-arithmetic",
        "period",
        "counts one second too many into the period and its wake",
        night(adding("time_in_sleep_period", "time_in_wake", amount=1), slept),
    ),
    Fault(
        "callback.stage-times-sum-to-sleep",
        "light",
        "counts one second too many as light sleep",
        night(adding("time_in_light", amount=1), four_stages),
    ),
    Fault(
        "callback.time-in-bed-is-end-minus-start",
        "end",
        "ends a minute after time_in_bed",
        night(later("session_end_time", "wake_time", seconds=_LATER), slept),
    ),
    Fault("callback.efficiency-arithmetic", "half", "halves sleep_efficiency", night(_half_in_bed, slept)),
    Fault(
        "callback.sleep-and-wake-ratio-sum",
        "sleep-ratio",
        "has a sleep_ratio that is 0.1 too small",
        night(lambda found: found.update(sleep_ratio=round(found["sleep_ratio"] - 0.1, 2)), slept),
    ),
    Fault(
        "callback.start-not-after-end",
        "invalid",
        "ends an INVALID session 20 seconds before it starts",
        night(_ends_before_it_starts, invalid),
    ),
    Fault(
        "callback.stage-list-lengths",
        "breathing",
        "leaves out the last osa stages",
        night(_less_breathing, breathing),
    ),
    Fault("callback.stage-list-lengths", "half", "has one entry for every minute", night(_half_the_epochs, slept)),
    Fault(
        "callback.onset-and-wake-times",
        "onset",
        "writes a sleep_time a minute late",
        night(later("sleep_time", seconds=_LATER), slept),
    ),
    Fault(
        "callback.onset-and-wake-times",
        "waking",
        "writes a wake_time an hour late",
        night(later("wake_time", seconds=3600), slept),
    ),
    Fault(
        "callback.ratios-follow-times",
        "light",
        "has light_ratio 0, as the sample of a session has",
        night(setting(light_ratio=0.0), four_stages),
    ),
    Fault(
        "callback.ratios-follow-times",
        "breathing",
        "has stable_breath_ratio 0.5",
        night(setting(stable_breath_ratio=0.5), breathing),
    ),
    Fault(
        "callback.wake-plus-sleep-is-period",
        "wake",
        "counts one second too many as wake",
        night(adding("time_in_wake", amount=1), slept),
    ),
)
