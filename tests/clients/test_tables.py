"""Nights as tables: rows that pandas, polars and csv take, with the times that a clock on the wall showed."""

import csv
import io
import json
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pandas as pd
import polars as pl
import pytest

from sleeptalk.asleep import Night, OsaStage, SleepStage, Stat, epochs, parse, statistics_row
from sleeptalk.callback import SessionComplete
from sleeptalk.callback import parse as parse_callback
from sleeptalk.errors import ConfigurationError
from tests.clients.bodies import example, examples

COLUMNS = ["start", "seconds", "stage", "breathing"]


def night_of(name: str = "SessionComplete", **session: Any) -> Night:
    body = example(name)
    body["result"]["timezone"] = session.pop("timezone", body["result"]["timezone"])
    body["result"]["session"] |= ({"osa_stages": None} if "sleep_stages" in session else {}) | session
    return parse(json.dumps(body))


def callback_of(name: str = "CallbackComplete") -> SessionComplete:
    event = parse_callback(json.dumps(example(name)).encode(), {"x-api-key": "key"}, api_key="key")
    assert isinstance(event, SessionComplete)
    return event


def test_a_night_has_a_row_for_each_epoch() -> None:
    night = night_of(sleep_stages=[0, 3, -1], osa_stages=[0, 1, -1])
    start = night.session.start_time
    starts = [start, start + timedelta(seconds=30), start + timedelta(seconds=60)]
    assert night.epochs() == epochs(night)
    assert night.epochs() == [
        {"start": starts[0], "seconds": 0, "stage": SleepStage.WAKE, "breathing": OsaStage.STABLE},
        {"start": starts[1], "seconds": 30, "stage": SleepStage.REM, "breathing": OsaStage.UNSTABLE},
        {"start": starts[2], "seconds": 60, "stage": SleepStage.ERROR, "breathing": OsaStage.ERROR},
    ]
    assert [row["start"].isoformat() for row in night.epochs()][1] == "2024-03-09T22:00:30+09:00"


def test_what_is_missing_is_none_and_a_night_without_stages_has_no_rows() -> None:
    assert {row["breathing"] for row in night_of("SessionWithoutBreathingAnalysis").epochs()} == {None}
    assert night_of("SessionOpenWithoutRealTimeAnalysis").epochs() == []
    uneven = night_of(sleep_stages=[0], osa_stages=[0, 1]).epochs()
    assert [(row["stage"], row["breathing"]) for row in uneven] == [(0, 0), (None, 1)]
    unknown = night_of(sleep_stages=[7]).epochs()
    assert (unknown[0]["stage"], unknown[0]["stage"] and unknown[0]["stage"].name) == (7, "UNKNOWN")


@pytest.mark.parametrize(
    ("start", "clock"),
    [
        ("2024-10-27T02:59:00+02:00", ["02:59:00+02:00", "02:59:30+02:00", "02:00:00+01:00", "02:00:30+01:00"]),
        ("2024-10-27T00:59:00+00:00", ["02:59:00+02:00", "02:59:30+02:00", "02:00:00+01:00", "02:00:30+01:00"]),
        ("2024-03-31T01:59:00+01:00", ["01:59:00+01:00", "01:59:30+01:00", "03:00:00+02:00", "03:00:30+02:00"]),
    ],
)
def test_the_offset_changes_where_the_clock_does(start: str, clock: list[str]) -> None:
    rows = night_of(timezone="Europe/Berlin", start_time=start, sleep_stages=[0, 1, 2, 3]).epochs()
    assert [row["start"].isoformat()[11:] for row in rows] == clock
    assert [row["start"].timestamp() - rows[0]["start"].timestamp() for row in rows] == [0, 30, 60, 90]
    frame = pd.DataFrame(rows)
    assert str(frame["start"].dt.tz) == "Europe/Berlin"
    assert set(frame["start"].diff().dropna()) == {pd.Timedelta(seconds=30)}


def test_a_night_made_with_a_zone_of_ones_own_counts_real_seconds() -> None:
    night = night_of(timezone="Europe/Berlin", sleep_stages=[0, 1])
    start = datetime(2024, 10, 27, 2, 59, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    moved = attrs.evolve(night, session=attrs.evolve(night.session, start_time=start))
    assert [row["start"].isoformat()[11:] for row in moved.epochs()] == ["02:59:30+02:00", "02:00:00+01:00"]


@pytest.mark.parametrize("zone", ["Moon/Crater", "", "../etc", "x" * 9000, "Asia", "a\0b"])
def test_an_unknown_zone_leaves_the_offset_as_it_came(zone: str) -> None:
    (row,) = night_of(timezone=zone, sleep_stages=[0]).epochs()
    assert row["start"].isoformat() == "2024-03-09T22:00:00+09:00"


def test_a_callback_has_the_same_rows() -> None:
    event = callback_of()
    rows = epochs(event)
    assert rows == epochs(event.data) == epochs(event.data.sleep_data)
    assert [row["stage"] for row in rows] == event.data.sleep_data.sleep_stages
    assert rows[0]["start"] == event.data.sleep_data.session_start_time
    assert rows[0]["start"].utcoffset() == event.data.sleep_data.session_start_time.utcoffset()


def test_pandas_polars_and_csv_take_the_rows() -> None:
    rows = night_of(sleep_stages=[0, 3]).epochs()
    frame = pd.DataFrame(rows)
    assert list(frame.columns) == COLUMNS
    assert frame["stage"].dtype == "int64"
    assert frame["stage"].tolist() == [0, 3]
    table = pl.DataFrame(rows)
    assert table.columns == COLUMNS
    assert table["stage"].to_list() == [0, 3]
    assert table["start"].dtype == pl.Datetime("us", "Asia/Seoul")
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    assert file.getvalue().splitlines()[:2] == ["start,seconds,stage,breathing", "2024-03-09 22:00:00+09:00,0,0,"]


def test_a_row_of_a_night_has_what_it_is_and_its_statistics() -> None:
    night = night_of()
    row = statistics_row(night)
    assert list(row)[:7] == ["session_id", "state", "validity", "reason", "timezone", "start_time", "end_time"]
    assert list(row)[7:] == [attribute.name for attribute in attrs.fields(Stat)]
    assert night.stat is not None
    assert {name: row[name] for name in list(row)[7:]} == attrs.asdict(night.stat)
    assert (row["session_id"], row["state"], row["validity"], row["reason"]) == (
        night.session.id,
        "COMPLETE",
        "VALID",
        None,
    )
    assert {type(row[name]) for name in ("state", "validity", "breathing_pattern")} == {str}


def test_a_night_without_statistics_has_the_same_columns() -> None:
    invalid = statistics_row(night_of("SessionInvalid"))
    assert list(invalid) == list(statistics_row(night_of()))
    assert {invalid[name.name] for name in attrs.fields(Stat)} == {None}
    assert invalid["reason"]
    event = callback_of()
    row = statistics_row(event)
    assert row == statistics_row(event.data) == statistics_row(event.data.sleep_data)
    assert list(row) == list(invalid)
    assert (row["validity"], row["timezone"]) == (None, None)
    assert row["sleep_efficiency"] == event.data.sleep_data.sleep_efficiency


def test_a_table_of_all_nights_is_taken_by_pandas_polars_and_csv() -> None:
    rows = [statistics_row(parse(json.dumps(body))) for body in examples("Session").values()]
    rows += [statistics_row(night_of(start_time="2024-10-27T02:59:00+02:00"))]
    frame = pd.DataFrame(rows)
    assert (len(frame), list(frame.columns)) == (len(rows), list(rows[0]))
    assert pd.to_datetime(frame["start_time"], utc=True).notna().all()
    table = pl.DataFrame(rows)
    assert (table.height, table.columns) == (len(rows), list(rows[0]))
    assert table["start_time"].to_list() == [row["start_time"] for row in rows]
    csv.DictWriter(io.StringIO(), list(rows[0])).writerows(rows)


@pytest.mark.parametrize("other", [None, 7, {}, "text"])
def test_what_is_not_a_night_is_an_error_that_says_what_to_pass(other: Any) -> None:
    for table in (epochs, statistics_row):
        with pytest.raises(ConfigurationError, match="is not a night: pass what get_session returned"):
            table(other)
    with pytest.raises(ConfigurationError, match="Stat is not a night"):
        statistics_row(night_of().stat)  # type: ignore[arg-type]


def test_a_night_at_an_end_of_the_calendar_keeps_its_offset_or_is_one_clear_error() -> None:
    first = night_of(timezone="America/New_York", start_time="0001-01-01T00:00:00+00:00", sleep_stages=[0, 1])
    assert [row["start"].isoformat() for row in first.epochs()] == [
        "0001-01-01T00:00:00+00:00",
        "0001-01-01T00:00:30+00:00",
    ]
    last = night_of(timezone="Asia/Seoul", start_time="9999-12-31T23:59:45+00:00", sleep_stages=[0, 1])
    with pytest.raises(ConfigurationError, match="after the year 9999"):
        last.epochs()
    assert all("<svg" in night._repr_html_() for night in (first, last))


def test_a_fixed_offset_is_kept_without_a_zone() -> None:
    (row,) = night_of(timezone="Nowhere", sleep_stages=[0]).epochs()
    assert row["start"].tzinfo == timezone(timedelta(hours=9))
