"""What a type checker infers of nights. It is read by type checkers and never run."""

from datetime import datetime
from typing import Any, assert_type, cast
from zoneinfo import ZoneInfo

import attrs

from sleeptalk.asleep import (
    Asleep,
    AsyncAsleep,
    BreathingPattern,
    Epoch,
    Night,
    NightField,
    NullReason,
    OsaStage,
    Session,
    SessionState,
    SleepStage,
    Stat,
    Validity,
    ValidityStatus,
    epochs,
    parse,
    statistics_row,
    why_null,
)
from sleeptalk.callback import SessionComplete


def a_night_is_typed_to_its_last_value(night: Night) -> None:
    assert_type(night.timezone, str)
    assert_type(night.validity, Validity)
    assert_type(night.validity.status, ValidityStatus)
    assert_type(night.validity.reason, str | None)
    assert_type(night.session.state, SessionState)
    assert_type(night.session.start_time, datetime)
    assert_type(night.session.end_time, datetime | None)
    assert_type(night.session.sleep_stages, list[SleepStage] | None)
    assert_type(night.session.osa_stages, list[OsaStage] | None)
    assert_type(night.stat, Stat | None)
    if night.stat is not None:
        assert_type(night.stat.sleep_efficiency, float)
        assert_type(night.stat.rem_ratio, float | None)
        assert_type(night.stat.sleep_latency, int | None)
        assert_type(night.stat.breathing_pattern, BreathingPattern | None)
    assert_type(night.response.request_id, str | None)
    assert_type(night.response.content, bytes)
    assert_type(why_null(night, "rem_ratio"), NullReason | None)


def a_misspelt_field_is_found(night: Night, name: str) -> None:
    reason = why_null(night, "rem_ration")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    why_null(night, name)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    assert_type(why_null(night, cast("NightField", name)), NullReason | None)
    assert_type("" if reason is None else reason.sentence, str)
    assert_type(night.validity.status.sentence, str)


def a_night_is_kept_and_read_again(night: Night) -> None:
    assert_type(night.to_json(), str)
    assert_type(night.to_dict(), dict[str, Any])
    assert_type(parse(night.to_json()), Night)
    assert_type(Night.from_json(b"{}"), Night)
    assert_type(night.session.to_json(), str)
    assert_type(Session.from_json("{}"), Session)


def a_night_is_rows(night: Night, callback: SessionComplete) -> None:
    assert_type(night.epochs(), list[Epoch])
    assert_type(night.epochs()[0]["start"], datetime)
    assert_type(epochs(callback)[0]["stage"], SleepStage | None)
    assert_type(statistics_row(night), dict[str, Any])
    statistics_row(callback)
    statistics_row(night.session)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def statistics_may_be_missing(night: Night) -> float | None:
    return night.stat.rem_ratio  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]


def a_night_cannot_be_changed(night: Night) -> None:
    night.timezone = "UTC"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


def a_night_can_be_taken_apart_and_changed_by_copying(night: Night) -> None:
    assert_type(attrs.evolve(night, stat=None), Night)
    assert_type(attrs.evolve(night.session, end_time=None), Session)
    attrs.evolve(night.session, end_tiem=None)  # type: ignore[call-arg]
    assert_type(attrs.asdict(night.session), dict[str, Any])


def sync(asleep: Asleep) -> None:
    assert_type(asleep.get_session("20220821093117_hz82a", timezone="Asia/Seoul"), Night)
    assert_type(asleep.get_session("20220821093117_hz82a", timezone=ZoneInfo("Asia/Seoul")), Night)
    assert_type(asleep.with_options(timeout=5), Asleep)
    assert_type(asleep.for_user("G-1").wait_for_session("20220821093117_hz82a"), Night)


async def not_sync(asleep: AsyncAsleep) -> None:
    assert_type(await asleep.get_session("20220821093117_hz82a"), Night)
    assert_type(await asleep.with_options(retries=0).wait_for_session("20220821093117_hz82a"), Night)
