"""A night's numbers as the arithmetic rules read them, in a session's answer and in a callback alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.judging.case import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from sleeptalk_contract.judging.case import Case

_TIME_NAMES: Final = ("sleep_time", "wake_time")


def instant(value: Any) -> datetime | None:
    """Return a timestamp with an offset as a datetime; None where it is not one."""
    return _instant(value) if isinstance(value, str) else None


@lru_cache(maxsize=256)  # several rules look at the same timestamps of a night
def _instant(text: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(text) if "T" in text else None
    except ValueError:
        return None
    return read if read is not None and read.tzinfo is not None else None


@dataclass(frozen=True, slots=True)
class JudgedNight:
    """One night as the rules read it. `stat` is None where there are no statistics; values are read as they were sent.

    `stat_at` is the JSON Pointer of the statistics, `recording_at` that of the recording, which has its start and end
    under the names in `times`, and its breathing stages under `breathing_name`, which differs by version.
    """

    stat: Mapping[str, Any] | None
    start: Any
    end: Any
    sleep_stages: Any
    breathing_stages: Any
    breathing_name: str
    snoring_stages: Any
    stat_at: str
    recording_at: str
    times: tuple[str, str]
    _numbers: Mapping[str, Decimal | None] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        numbers = {name: number(value) for name, value in (self.stat or {}).items()}
        object.__setattr__(self, "_numbers", numbers)

    @classmethod
    def of_session(cls, body: Any) -> JudgedNight | None:
        """Read a session's 200 body."""
        result = body.get("result") if isinstance(body, dict) else None
        session = result.get("session") if isinstance(result, dict) else None
        if not isinstance(result, dict) or not isinstance(session, dict):
            return None
        return cls.of_result(result, session, "/result/")

    @classmethod
    def of_result(cls, result: Mapping[str, Any], session: Mapping[str, Any], at: str) -> JudgedNight:
        """Read the result of a session, of data v2 or v3, whose JSON Pointer is `at`."""
        stat = result.get("stat")
        breathing = "breath_stages" if "breath_stages" in session else "osa_stages"
        return cls(
            stat if isinstance(stat, dict) else None,
            session.get("start_time"),
            session.get("end_time"),
            session.get("sleep_stages"),
            session.get(breathing),
            breathing,
            session.get("snoring_stages"),
            f"{at}stat/",
            f"{at}session/",
            ("start_time", "end_time"),
        )

    @classmethod
    def of_callback(cls, body: Any) -> JudgedNight | None:
        """Read the body of a SESSION_COMPLETE."""
        data = body.get("callback_data") if isinstance(body, dict) else None
        flat = data.get("sleep_data") if isinstance(data, dict) else None
        if not isinstance(flat, dict) or body.get("callback_event") != "SESSION_COMPLETE":
            return None
        at = "/callback_data/sleep_data/"
        return cls(
            flat,
            flat.get("session_start_time"),
            flat.get("session_end_time"),
            flat.get("sleep_stages"),
            flat.get("osa_stages"),
            "osa_stages",
            None,
            at,
            at,
            ("session_start_time", "session_end_time"),
        )

    def value(self, name: str) -> Decimal | None:
        """Return one statistic; None where it is absent, null or not a number."""
        return self._numbers.get(name)

    def values(self, *names: str) -> list[Decimal] | None:
        """Return several statistics; None where one of them is missing."""
        found = []
        for name in names:
            value = self._numbers.get(name)
            if value is None:
                return None
            found.append(value)
        return found

    def at(self, name: str) -> str:
        """Return the JSON Pointer of a statistic."""
        return self.stat_at + name

    def recorded_at(self, name: str) -> str:
        """Return the JSON Pointer of a part of the recording."""
        return self.recording_at + name

    def timestamps(self) -> Iterator[tuple[str, datetime]]:
        """Yield each timestamp that there is, with its JSON Pointer."""
        stat = self.stat or {}
        recorded = zip(map(self.recorded_at, self.times), (self.start, self.end), strict=True)
        raw = dict(recorded) | {self.at(name): stat.get(name) for name in _TIME_NAMES}
        for where, value in raw.items():
            read = instant(value)
            if read is not None:
                yield where, read


def answered(case: Case) -> JudgedNight | None:
    """Return the night in a session's 200; None where there is none."""
    body = case.success
    return None if body is None else body.once("night", lambda: JudgedNight.of_session(body.exact))


def delivered(case: Case) -> JudgedNight | None:
    """Return the night in a SESSION_COMPLETE; None where there is none."""
    body = case.delivery
    return body.once("delivered night", lambda: JudgedNight.of_callback(body.exact))
