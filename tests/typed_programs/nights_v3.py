"""What a type checker infers of data v3. It is read by type checkers and never run."""

from collections.abc import AsyncGenerator, Generator
from datetime import date, datetime, time, timedelta
from typing import Any, assert_type, cast
from zoneinfo import ZoneInfo

from sleeptalk import asleep as asleep_v2
from sleeptalk.asleep_v3 import (
    Asleep,
    AsyncAsleep,
    AverageStats,
    AverageStatsResult,
    BreathingPattern,
    BreathStage,
    Epoch,
    Gender,
    ListedSession,
    NewUser,
    Night,
    NightField,
    NullReason,
    Order,
    Peculiarity,
    Session,
    SessionOutcome,
    SessionState,
    SleepStage,
    SnoringStage,
    Stat,
    User,
    UserCreated,
    UserMetadata,
    clock_difference,
    epochs,
    mean_clock_time,
    parse,
    statistics_row,
    why_null,
)
from sleeptalk.drawing import Svg, hypnogram
from sleeptalk.errors import CallFailed


def a_night_is_typed_to_its_last_value(night: Night) -> None:
    assert_type(night.peculiarities, tuple[Peculiarity, ...])
    assert_type([each.sentence for each in night.peculiarities], list[str])
    assert_type(Peculiarity.NEVER_SLEPT in night.peculiarities, bool)
    assert_type(night.missing_data_ratio, float | None)
    assert_type(night.session.state, SessionState)
    assert_type(night.session.start_time, datetime)
    assert_type(night.session.sleep_stages, list[SleepStage] | None)
    assert_type(night.session.breath_stages, list[BreathStage] | None)
    assert_type(night.stat, Stat | None)
    if night.stat is not None:
        assert_type(night.stat.sleep_efficiency, float)
        assert_type(night.stat.sleep_index, int | None)
        assert_type(night.stat.breathing_pattern, BreathingPattern | None)
    assert_type(night.unknown, frozenset[str])
    assert_type(why_null(night, "rem_ratio"), NullReason | None)
    assert_type(hypnogram(night), Svg)


def one_code_reads_both_versions(night: Night | asleep_v2.Night) -> str:
    assert_type(night.is_valid, bool)
    assert_type(night.sentences, tuple[str, ...])
    reason = why_null(night, "rem_ratio")
    efficiency = None if night.stat is None else night.stat.sleep_efficiency
    assert_type(efficiency, float | None)
    assert_type(hypnogram(night), Svg)
    return "" if reason is None else reason.sentence


def a_night_of_data_v2_becomes_one_of_data_v3(night: asleep_v2.Night) -> None:
    assert_type(night.to_v3(), Night)
    assert_type(Night.from_v2(night, missing_data_ratio=0.0, created_timezone="Asia/Seoul"), Night)


def a_misspelt_field_is_found(night: Night, name: str) -> None:
    why_null(night, "rem_ration")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    assert_type(why_null(night, cast("NightField", name)), NullReason | None)


def a_night_is_kept_and_read_again(night: Night) -> None:
    assert_type(parse(night.to_json()), Night)
    assert_type(Night.from_json(b"{}"), Night)
    assert_type(night.to_dict(), dict[str, Any])
    assert_type(Session.from_json("{}"), Session)


def a_night_is_rows(night: Night) -> None:
    assert_type(night.epochs(), list[Epoch])
    assert_type(epochs(night)[0]["snoring"], SnoringStage | None)
    assert_type(night.epochs()[0]["breathing"], BreathStage | None)
    assert_type(statistics_row(night), dict[str, Any])


def times_of_day_go_round(averages: AverageStats, night: Stat) -> None:
    assert_type(averages.sleep_time, time)
    assert_type(mean_clock_time([averages.sleep_time, night.sleep_time]), time | None)
    if night.sleep_time is not None:
        assert_type(clock_difference(night.sleep_time, averages.sleep_time), timedelta)


def sync(asleep: Asleep) -> None:
    assert_type(asleep.get_session("20250115025029_fvivn", timezone=ZoneInfo("Asia/Seoul")), Night)
    assert_type(asleep.for_user("G-1").wait_for_session("20250115025029_fvivn"), Night)
    assert_type(asleep.get_sessions(["20250115025029_fvivn"]), Generator[SessionOutcome, None, None])
    for outcome in asleep.with_options(timeout=5).get_sessions(["20250115025029_fvivn"]):
        assert_type(outcome.night, Night | None)
        assert_type(outcome.error, CallFailed | None)
    sessions = asleep.list_sessions(date_from=date(2025, 1, 1), order="ASC", timezone="Asia/Seoul")
    assert_type(sessions, Generator[ListedSession, None, None])
    asleep.list_sessions(order=Order.DESC)
    asleep.list_sessions(order="newest")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    averages = asleep.average_stats(date_from=date(2025, 1, 1), date_to=date(2025, 1, 31))
    assert_type(averages, AverageStatsResult)
    assert_type(averages.average_stats, AverageStats | None)
    made = asleep.create_user(NewUser(metadata=UserMetadata(birth_year=1987, gender=Gender.FEMALE)))
    assert_type(made, UserCreated)
    assert_type(asleep.get_user(made.user_id), User)
    asleep.delete_user(made.user_id)
    asleep.delete_session("20250115025029_fvivn")
    asleep.delete_sessions("G-1")
    asleep.delete_sessions()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def not_sync(asleep: AsyncAsleep) -> None:
    assert_type(await asleep.get_session("20250115025029_fvivn"), Night)
    assert_type(asleep.list_sessions(), AsyncGenerator[ListedSession, None])
    async for outcome in asleep.get_sessions(["20250115025029_fvivn"]):
        assert_type(outcome.unwrap(), Night)
    averages = await asleep.average_stats("G-1", date_from=date(2025, 1, 1), date_to=date(2025, 1, 31))
    assert_type(averages.slept_sessions[0].start_time, datetime)
    await asleep.delete_sessions("G-1")
