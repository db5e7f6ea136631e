"""Nights of data v2 as nights of data v3: the same values under new names, and what cannot be known."""

from __future__ import annotations

import json
import pickle
from typing import Any

import attrs
import pytest

from sleeptalk import asleep
from sleeptalk.asleep_v3 import Night, NullReason, Stat, parse, why_null
from sleeptalk.errors import ConfigurationError
from sleeptalk_contract.services.asleep_v3.sandbox.nights import SCENARIOS
from tests.clients.bodies import example

ADDED_BY_V3 = {
    *("sleep_index", "light_latency", "deep_latency", "rem_latency", "time_in_snoring", "time_in_no_snoring"),
    *("snoring_ratio", "no_snoring_ratio", "waso_count", "longest_waso", "sleep_cycle_count", "sleep_cycle"),
    *("sleep_cycle_time", "unstable_breath_count", "snoring_count"),
}


def old(name: str, **changed: Any) -> asleep.Night:
    body = example(name)
    for place in (body["result"]["session"], body["result"]["stat"] or {}, body["result"]):
        place.update({key: value for key, value in changed.items() if key in place})
    return asleep.parse(json.dumps(body))


def both(name: str) -> tuple[Night, Night]:
    """Return a night of the sandbox, converted from data v2 and read in data v3."""
    night = SCENARIOS[name]
    zone = night.recorded.start.tzinfo
    before = asleep.parse(json.dumps({"detail": "ok", "result": night.recorded.as_result("UTC", zone)}))
    return before.to_v3(), parse(json.dumps({"detail": "OK", "result": night.as_result("UTC", zone)}))


@pytest.mark.parametrize(
    "name", [name for name in SCENARIOS if name not in ("too-short", "too-long", "invalid-breathing")]
)
def test_what_is_known_is_what_data_v3_says_of_the_same_night(name: str) -> None:
    converted, read = both(name)
    unseen = {"NO_BREATHING_STABILITY"} if read.session.sleep_stages is None else set()
    assert set(converted.peculiarities) == set(read.peculiarities) - unseen
    assert converted.is_valid is read.is_valid
    assert converted.timezone == read.timezone
    for mine, theirs in ((converted.session, read.session), (converted.stat, read.stat)):
        assert (mine is None) is (theirs is None)
        if mine is not None:
            for attribute in attrs.fields(type(mine)):
                if attribute.name not in converted.unknown:
                    assert getattr(mine, attribute.name) == getattr(theirs, attribute.name), attribute.name


@pytest.mark.parametrize(
    ("degree", "expected"),
    [
        ("VERY_STABLE", "STABLE_BREATH"),
        ("STABLE", "MILDLY_UNSTABLE_BREATH"),
        ("UNSTABLE", "MODERATELY_UNSTABLE_BREATH"),
        ("VERY_UNSTABLE", "SEVERELY_UNSTABLE_BREATH"),
        ("WILD", "WILD"),
    ],
)
def test_breathing_has_the_name_of_the_same_degree(degree: str, expected: str) -> None:
    stat = old("SessionComplete", breathing_pattern=degree).to_v3().stat
    assert stat is not None
    assert stat.breathing_pattern == expected


@pytest.mark.parametrize(
    ("validity", "expected"),
    [
        ("INVALID:TOO_MANY_DEFECTS_IN_SLEEP_STAGES", "TOO_MANY_DEFECTS_IN_SLEEP_STAGES"),
        ("INVALID: TOO_MANDY_DEFECTS_IN_SLEEP_STAGES", "TOO_MANY_DEFECTS_IN_SLEEP_STAGES"),
        ("INVALID:TOO_MANY_DEFECTS_IN_OSA_STAGES", "TOO_MANY_DEFECTS_IN_OSA_STAGES"),
        ("INVALID", "INVALID"),
        ("PERHAPS", "PERHAPS"),
        ("IN_PROGRESS", "IN_PROGRESS"),
    ],
)
def test_a_validity_becomes_a_peculiarity_and_none_is_lost(validity: str, expected: str) -> None:
    night = old("SessionInvalid", validity=validity).to_v3()
    assert night.peculiarities == (expected,)
    assert not night.is_valid
    reason = why_null(night, "stat")
    assert reason is (NullReason.NOT_COMPLETE if validity == "IN_PROGRESS" else NullReason.INVALID)


def test_what_data_v2_does_not_have_is_named_and_not_made_up() -> None:
    night = old("SessionComplete").to_v3()
    assert night.unknown == ADDED_BY_V3 | {
        *("missing_data_ratio", "created_timezone", "unexpected_end_time", "snoring_stages")
    }
    assert (night.missing_data_ratio, night.session.created_timezone) == (None, "")
    fields: Any = sorted(night.unknown)
    assert {why_null(night, field) for field in fields} == {NullReason.NOT_IN_V2}
    assert why_null(night, "rem_ratio") is None
    assert {attribute.name for attribute in attrs.fields(Stat)} >= ADDED_BY_V3
    assert old("SessionInvalid").to_v3().unknown.isdisjoint(ADDED_BY_V3)
    assert pickle.loads(pickle.dumps(night)) == night == Night.from_v2(old("SessionComplete"))
    assert night.response == old("SessionComplete").response
    assert {row["snoring"] for row in night.epochs()} == {None}


def test_a_body_of_data_v3_is_written_once_all_of_it_is_known() -> None:
    night = old("SessionComplete").to_v3()
    for write in (night.to_dict, night.to_json):
        with pytest.raises(ConfigurationError, match="without missing_data_ratio and created_timezone"):
            write()
    known = old("SessionComplete").to_v3(missing_data_ratio=0.25, created_timezone="Asia/Seoul")
    assert known.unknown == night.unknown - {"missing_data_ratio", "created_timezone"}
    read = parse(known.to_json())
    assert attrs.evolve(known, unknown=frozenset()) == read
    for only in ({"missing_data_ratio": 0.25}, {"created_timezone": "UTC"}):
        with pytest.raises(ConfigurationError, match="give them to from_v2"):
            old("SessionComplete").to_v3(**only).to_json()  # type: ignore[arg-type]


def test_a_night_of_data_v3_knows_all_of_itself() -> None:
    body = example("SessionComplete", "asleep-v3")
    assert parse(json.dumps(body)).unknown == frozenset()
