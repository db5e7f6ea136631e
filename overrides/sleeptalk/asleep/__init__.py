"""Read nights from Asleep's Data API.

A night is whole once its session is COMPLETE. Until then, and where a contract leaves something out, fields are None:

    from sleeptalk.asleep import Asleep, why_null

    with Asleep(api_key="...", user_id="...") as asleep:
        night = asleep.get_session("20220821093117_hz82a", timezone="Asia/Seoul")
        if night.stat is None:
            print(why_null(night, "stat"))
        else:
            print(night.stat.sleep_efficiency, night.stat.rem_ratio, why_null(night, "rem_ratio"))
"""

from sleeptalk.asleep.client import Asleep, AsyncAsleep, SessionOutcome
from sleeptalk.asleep.clock_times import clock_difference, mean_clock_time
from sleeptalk.asleep.fields import NightField
from sleeptalk.asleep.night import Night, parse
from sleeptalk.asleep.nulls import why_null
from sleeptalk.asleep.reasons import NullReason
from sleeptalk.asleep.tables import Epoch, epochs, statistics_row
from sleeptalk.asleep.validity import Validity, ValidityStatus
from sleeptalk.runtime.response import Response
from sleeptalk_generated.asleep.models import (
    BreathingPattern,
    OsaStage,
    Session,
    SessionResult,
    SessionState,
    SleepStage,
    Stat,
)

__all__ = [
    "Asleep",
    "AsyncAsleep",
    "BreathingPattern",
    "Epoch",
    "Night",
    "NightField",
    "NullReason",
    "OsaStage",
    "Response",
    "Session",
    "SessionOutcome",
    "SessionResult",
    "SessionState",
    "SleepStage",
    "Stat",
    "Validity",
    "ValidityStatus",
    "clock_difference",
    "epochs",
    "mean_clock_time",
    "parse",
    "statistics_row",
    "why_null",
]


def __dir__() -> list[str]:
    return __all__
