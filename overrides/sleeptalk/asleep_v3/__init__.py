"""Read nights, lists and averages of Asleep's data v3, and manage users.

A night says what is special about it. It has no statistics where one of these peculiarities is the reason:

    from sleeptalk.asleep_v3 import Asleep, why_null

    with Asleep(api_key="...", user_id="...") as asleep:
        for session in asleep.list_sessions():
            night = asleep.get_session(session.session_id, timezone="Asia/Seoul")
            print(night.is_valid, night.sentences)
            if night.stat is not None:
                print(night.stat.sleep_efficiency, night.stat.rem_ratio, why_null(night, "rem_ratio"))
"""

from sleeptalk.asleep.clock_times import clock_difference, mean_clock_time
from sleeptalk.asleep.reasons import NullReason
from sleeptalk.asleep_v3.client import Asleep, AsyncAsleep, SessionOutcome
from sleeptalk.asleep_v3.fields import NightField
from sleeptalk.asleep_v3.night import Night, parse
from sleeptalk.asleep_v3.nulls import why_null
from sleeptalk.asleep_v3.tables import Epoch, epochs, statistics_row
from sleeptalk.runtime.response import Response
from sleeptalk_generated.asleep_v3.models import (
    AverageStats,
    AverageStatsResult,
    BreathingPattern,
    BreathStage,
    Gender,
    ListedSession,
    NewUser,
    Order,
    Peculiarity,
    Session,
    SessionResult,
    SessionState,
    SleepStage,
    SnoringStage,
    Stat,
    User,
    UserCreated,
    UserMetadata,
)

__all__ = [
    "Asleep",
    "AsyncAsleep",
    "AverageStats",
    "AverageStatsResult",
    "BreathStage",
    "BreathingPattern",
    "Epoch",
    "Gender",
    "ListedSession",
    "NewUser",
    "Night",
    "NightField",
    "NullReason",
    "Order",
    "Peculiarity",
    "Response",
    "Session",
    "SessionOutcome",
    "SessionResult",
    "SessionState",
    "SleepStage",
    "SnoringStage",
    "Stat",
    "User",
    "UserCreated",
    "UserMetadata",
    "clock_difference",
    "epochs",
    "mean_clock_time",
    "parse",
    "statistics_row",
    "why_null",
]


def __dir__() -> list[str]:
    return __all__
