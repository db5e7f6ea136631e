"""Offsets are judged by the package tzdata, whatever the machine's own time zone database says."""

import json
import struct
import zoneinfo
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import pytest

from sleeptalk_contract.contract.time_zones import known_timezones, timezone_named
from sleeptalk_contract.reporting.files import json_report
from sleeptalk_contract.reporting.html import html_report
from sleeptalk_contract.reporting.model import Report
from sleeptalk_contract.sandbox.answers import Request
from sleeptalk_contract.services.asleep.sandbox.application import AsleepProvider
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS
from tests.rules.exchanges import HEADERS, exchange, rules_broken

CAIRO = "Africa/Cairo"
SUMMER_OF_2023 = datetime(2023, 7, 1, 20, 0, 0, tzinfo=UTC)  # Egypt has had summer time again since April 2023


def without_summer_time() -> bytes:
    """Return a file of the time zone database (RFC 9636): two hours ahead all year, as Egypt was until 2023."""
    block = struct.pack(">4s1s15x6I", b"TZif", b"2", 0, 0, 0, 0, 1, 4) + struct.pack(">ibB", 7200, 0, 0) + b"EET\0"
    return block + block + b"\nEET-2\n"


@pytest.fixture
def old_machine(tmp_path: Path) -> Iterator[None]:
    (tmp_path / "Africa").mkdir()
    (tmp_path / CAIRO).write_bytes(without_summer_time())
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([str(tmp_path)])
    zoneinfo.ZoneInfo.clear_cache()
    timezone_named.cache_clear()
    yield
    zoneinfo.reset_tzpath(before)
    zoneinfo.ZoneInfo.clear_cache()


@pytest.mark.usefixtures("old_machine")
def test_a_right_offset_is_right_on_a_machine_with_an_old_time_zone_database() -> None:
    assert SUMMER_OF_2023.astimezone(zoneinfo.ZoneInfo(CAIRO)).utcoffset() == timedelta(hours=2)
    night = replace(SCENARIOS["four-stages"], session_id=f"{SUMMER_OF_2023:%Y%m%d%H%M%S}_cairo")
    zone = timezone_named(CAIRO)
    assert zone is not None
    right = {"detail": "ok", "result": night.as_result(CAIRO, zone)}
    assert right["result"]["session"]["start_time"] == "2023-07-01T23:00:00+03:00"
    asked = {"identifier": night.session_id, "headers": {**HEADERS, "timezone": CAIRO}}
    assert rules_broken("asleep", exchange(body=right, **asked)) == set()
    stale = {"detail": "ok", "result": night.as_result(CAIRO, zoneinfo.ZoneInfo(CAIRO))}
    assert rules_broken("asleep", exchange(body=stale, **asked)) == {"session.times-in-requested-timezone"}


@pytest.mark.usefixtures("old_machine")
def test_the_sandbox_answers_with_right_offsets_on_such_a_machine() -> None:
    night = SCENARIOS["four-stages"]
    request = Request(
        implementation=AsleepProvider(),
        method="GET",
        path="",
        path_parameters={"session_id": night.session_id},
        headers={**HEADERS, "timezone": CAIRO},
    )
    zone = timezone_named(CAIRO)
    assert request.honest_answer().body["result"]["session"]["start_time"] == night.start.astimezone(zone).isoformat()


def test_every_name_of_the_package_can_be_read() -> None:
    for name in known_timezones():
        zone = timezone_named(name)
        assert zone is not None
        assert zone.key == name


@pytest.mark.parametrize("name", ["", "Asia", "../zones", "asia/seoul", "Asia/Seoul\0", "zones", "x" * 5000])
def test_no_other_text_is_a_time_zone(name: str) -> None:
    assert timezone_named(name) is None


def test_reports_say_which_data_offsets_were_judged_by() -> None:
    report = Report("asleep", "http://127.0.0.1:8000", seed=1, requests=1, seconds=0.1, rules=())
    assert json.loads(json_report(report))["time_zone_data"] == f"tzdata {version('tzdata')}"
    assert f"tzdata {version('tzdata')}" in html_report(report)
