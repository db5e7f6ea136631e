"""What both documents of Asleep repeat says the same; what differs, differs as the migration guide has it."""

from typing import Any

import pytest

from .conftest import read

SHARED = (
    "SessionId",
    "UserId",
    "UserIdHeader",
    "TimezoneName",
    "Timestamp",
    "NullableTimestamp",
    "Seconds",
    "NullableSeconds",
    "SequenceNumber",
    "SessionState",
    "SleepStage",
    "CallbackEvent",
    "NullStageStats",
)

RENAMED = {"estimated_ahi": "breathing_index"}


def schemas(name: str) -> dict[str, Any]:
    found: dict[str, Any] = read(name)["components"]["schemas"]
    return found


@pytest.mark.parametrize("name", SHARED)
def test_a_schema_that_both_versions_have_is_the_same(name: str) -> None:
    assert schemas("asleep-v3")[name] == schemas("asleep")[name]


@pytest.mark.parametrize("name", ["NullBreathingStats", "NullNeverSleptStats"])
def test_the_lists_of_nulls_differ_by_what_was_renamed(name: str) -> None:
    before = [RENAMED.get(field, field) for field in schemas("asleep")[name]["properties"]]
    assert list(schemas("asleep-v3")[name]["properties"]) == before


def test_data_v3_has_every_statistic_of_data_v2_with_the_same_rule_and_type() -> None:
    before, now = (schemas(name)["Stat"]["properties"] for name in ("asleep", "asleep-v3"))
    for field, schema in before.items():
        found = now[RENAMED.get(field, field)]
        assert found.get("x-rule") == schema.get("x-rule")
        assert found.get("$ref") == schema.get("$ref") or field == "estimated_ahi"


def test_the_breathing_stages_have_another_name_and_the_same_values() -> None:
    assert schemas("asleep-v3")["BreathStage"] == schemas("asleep")["OsaStage"]
    patterns = [schemas(name)["BreathingPattern"]["enum"] for name in ("asleep", "asleep-v3")]
    assert len(patterns[0]) == len(patterns[1])
    assert not set(patterns[0]) & set(patterns[1])


def test_a_session_among_averages_has_every_statistic_as_a_session_alone_has_it() -> None:
    slept, stat = (schemas("asleep-v3")[name]["properties"] for name in ("SleptSession", "Stat"))
    assert {field: slept.get(field) for field in stat} == stat


def test_recording_is_left_out_and_the_document_says_so() -> None:
    document = read("asleep-v3")
    assert "stay out of this document" in document["info"]["description"]
    assert not any("close" in path or "upload" in path for path in document["paths"])
    assert "post" not in document["paths"]["/ai/v1/sessions"]
