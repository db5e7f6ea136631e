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

from typing import TYPE_CHECKING

from sleeptalk.asleep.client import Asleep, AsyncAsleep
from sleeptalk.lazily import lazily

if TYPE_CHECKING:
    from sleeptalk.asleep.night import Night
    from sleeptalk.asleep.nulls import NullReason, why_null
    from sleeptalk.asleep.validity import Validity, ValidityStatus
    from sleeptalk.transport.response import Response
    from sleeptalk_generated.asleep.models import (
        BreathingPattern,
        OsaStage,
        Session,
        SessionResult,
        SessionState,
        SleepStage,
        Stat,
    )
else:
    _MODELS = ("BreathingPattern", "OsaStage", "Session", "SessionResult", "SessionState", "SleepStage", "Stat")
    __getattr__, __dir__ = lazily(
        __name__,
        {
            **dict.fromkeys(_MODELS, "sleeptalk_generated.asleep.models"),
            "Night": "sleeptalk.asleep.night",
            "Response": "sleeptalk.transport.response",
            "NullReason": "sleeptalk.asleep.nulls",
            "why_null": "sleeptalk.asleep.nulls",
            "Validity": "sleeptalk.asleep.validity",
            "ValidityStatus": "sleeptalk.asleep.validity",
        },
    )

__all__ = [
    "Asleep",
    "AsyncAsleep",
    "BreathingPattern",
    "Night",
    "NullReason",
    "OsaStage",
    "Response",
    "Session",
    "SessionResult",
    "SessionState",
    "SleepStage",
    "Stat",
    "Validity",
    "ValidityStatus",
    "why_null",
]
