"""Read nights, lists and averages of Asleep's data v3, and manage users.

A night says what is special about it, and has no statistics where one of these peculiarities is the reason:

    from sleeptalk.asleep_v3 import Asleep

    with Asleep(api_key="...", user_id="...") as asleep:
        night = asleep.get_session("20250115025029_fvivn", timezone="Asia/Seoul")
        print(night.is_valid, night.sentences)
"""

from sleeptalk.asleep_v3.client import Asleep, AsyncAsleep
from sleeptalk.asleep_v3.night import Night, parse
from sleeptalk.runtime.response import Response
from sleeptalk_generated.asleep_v3.models import (
    BreathingPattern,
    BreathStage,
    Peculiarity,
    Session,
    SessionResult,
    SessionState,
    SleepStage,
    SnoringStage,
    Stat,
)

__all__ = [
    "Asleep",
    "AsyncAsleep",
    "BreathStage",
    "BreathingPattern",
    "Night",
    "Peculiarity",
    "Response",
    "Session",
    "SessionResult",
    "SessionState",
    "SleepStage",
    "SnoringStage",
    "Stat",
    "parse",
]


def __dir__() -> list[str]:
    return __all__
