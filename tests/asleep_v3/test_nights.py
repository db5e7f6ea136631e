"""Nights of data v3: what is special about them, why a field is null, and nights as tables and pictures."""

from __future__ import annotations

import json
import typing
from typing import Any

import attrs
import pandas as pd
import pytest

from sleeptalk import asleep, plot
from sleeptalk.asleep_v3 import (
    Night,
    NightField,
    NullReason,
    Peculiarity,
    Session,
    SessionResult,
    Stat,
    epochs,
    parse,
    statistics_row,
    why_null,
)
from sleeptalk.drawing import hypnogram
from sleeptalk.errors import ConfigurationError, UnknownField
from sleeptalk_contract.services.asleep_v3.sandbox.nights import SCENARIOS
from sleeptalk_generated.asleep_v3.models import (
    InferenceCompleteDataV2,
    InferenceCompleteDataV3,
    SessionCompleteDataV2,
    SessionCompleteDataV3,
)
from tests.clients.bodies import example as example_of
from tests.clients.bodies import examples as examples_of
from tests.plot.results import needs_matplotlib, texts

STATS: list[Any] = [attribute.name for attribute in attrs.fields(Stat)]
STAGE = {"time_in_rem", "time_in_light", "time_in_deep", "rem_ratio", "light_ratio", "deep_ratio"}
LATENCIES = {"light_latency", "deep_latency", "rem_latency"}
CYCLES = {"sleep_cycle_count", "sleep_cycle", "sleep_cycle_time"}
SNORING = {"time_in_snoring", "time_in_no_snoring", "snoring_ratio", "no_snoring_ratio", "snoring_count"}
BREATHING = {
    "time_in_stable_breath",
    "time_in_unstable_breath",
    "stable_breath_ratio",
    "unstable_breath_ratio",
    "breathing_pattern",
    "breathing_index",
    "unstable_breath_count",
}


def example(name: str) -> Any:
    return example_of(name, "asleep-v3")


def night_of(body: Any) -> Night:
    return parse(json.dumps(body))


def night(name: str, **changed: Any) -> Night:
    """Return an example as a night, with changed parts of its session, its statistics or the night."""
    body = example(name)
    result = body["result"]
    for place in (result["session"], result["stat"] or {}, result):
        place.update({key: value for key, value in changed.items() if key in place})
    return night_of(body)


def reasons(data: Any, fields: list[Any] = STATS) -> dict[NullReason, set[str]]:
    """Return the fields of each reason."""
    found: dict[NullReason, set[str]] = {}
    for field in fields:
        reason = why_null(data, field)
        if reason is not None:
            found.setdefault(reason, set()).add(field)
    return found


def test_a_peculiarity_has_a_sentence_and_an_unknown_one_keeps_its_value() -> None:
    found = night("SessionComplete", peculiarities=["NEVER_SLEPT", "TOO_LOUD"])
    assert found.peculiarities == (Peculiarity.NEVER_SLEPT, "TOO_LOUD")
    assert [each.is_known for each in found.peculiarities] == [True, False]
    assert found.sentences == tuple(each.sentence for each in found.peculiarities)
    assert found.sentences[1] == "The service says TOO_LOUD, which is not documented."
    for each in Peculiarity:
        assert each.sentence[0].isupper()
        assert each.sentence.count(".") == 1
        assert str(each) not in each.sentence


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_night_is_valid_in_both_versions_or_in_none(name: str) -> None:
    before = SCENARIOS[name].recorded
    body = {"detail": "ok", "result": before.as_result("UTC", before.start.tzinfo)}
    after = {"detail": "OK", "result": SCENARIOS[name].as_result("UTC", before.start.tzinfo)}
    old, new = asleep.parse(json.dumps(body)), night_of(after)
    if name not in ("too-short", "too-long", "invalid-breathing"):  # which one of them has no word for
        assert old.is_valid is new.is_valid


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SessionComplete", {}),
        ("SessionTwoStages", {NullReason.TWO_STAGE: STAGE | LATENCIES | CYCLES}),
        ("SessionWithoutBreathingAnalysis", {NullReason.NO_BREATHING: BREATHING}),
    ],
)
def test_what_a_contract_leaves_out_has_that_reason(name: str, expected: dict[NullReason, set[str]]) -> None:
    found = reasons(night(name))
    for reason, fields in expected.items():
        assert found[reason] <= fields
        assert found[reason] == {field for field in fields if getattr(night(name).stat, field) in (None, attrs.NOTHING)}
    assert NullReason.UNEXPLAINED not in found


@pytest.mark.parametrize("name", sorted(examples_of("Session", "asleep-v3")))
def test_each_null_of_each_documented_night_is_explained(name: str) -> None:
    if name.startswith("SessionList"):
        return
    found = night(name)
    fields = ["stat", *STATS, *(attribute.name for attribute in attrs.fields(Session))]
    assert NullReason.UNEXPLAINED not in reasons(found, fields)


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_null_of_each_night_of_the_sandbox_is_explained(name: str) -> None:
    zone = SCENARIOS[name].recorded.start.tzinfo
    found = night_of({"detail": "OK", "result": SCENARIOS[name].as_result("UTC", zone)})
    fields = ["stat", *STATS, *(attribute.name for attribute in attrs.fields(Session))]
    assert NullReason.UNEXPLAINED not in reasons(found, fields)
    assert reasons(found, fields).keys() <= set(NullReason) - {NullReason.NOT_IN_V2}


def test_the_printed_night_says_why_each_field_is_missing() -> None:
    assert reasons(night("SessionPrintedSample")) == {
        NullReason.NO_BREATHING: BREATHING,
        NullReason.NO_SUCH_STAGE: {"deep_latency", "rem_latency"},
        NullReason.NO_CYCLE: {"sleep_cycle", "sleep_cycle_time"},
        NullReason.NOT_COMPUTED: {"snoring_count"},
    }


@pytest.mark.parametrize(
    ("name", "changed", "field", "reason"),
    [
        ("SessionNeverSlept", {}, "waso_count", NullReason.NEVER_SLEPT),
        ("SessionNeverSlept", {"peculiarities": []}, "sleep_index", NullReason.NEVER_SLEPT),
        ("SessionComplete", {"sleep_index": None}, "sleep_index", NullReason.NOT_COMPUTED),
        ("SessionComplete", {"wake_time": None}, "wake_time", NullReason.UNEXPLAINED),
        ("SessionComplete", {"sleep_cycle": None}, "sleep_cycle", NullReason.UNEXPLAINED),
        ("SessionComplete", {"deep_latency": None}, "deep_latency", NullReason.UNEXPLAINED),
        ("SessionComplete", {"snoring_stages": None, "snoring_ratio": None}, "snoring_ratio", NullReason.NO_SNORING),
        ("SessionComplete", {"snoring_stages": None}, "snoring_stages", NullReason.NO_SNORING),
        ("SessionComplete", {"end_time": None}, "end_time", NullReason.UNEXPLAINED),
        ("SessionComplete", {}, "unexpected_end_time", NullReason.NOT_INTERRUPTED),
        ("SessionOpenWithoutRealTimeReads", {}, "sleep_stages", NullReason.NO_REAL_TIME),
        ("SessionOpenWithoutRealTimeReads", {}, "breath_stages", NullReason.NO_REAL_TIME),
        ("SessionOpenWithoutRealTimeReads", {}, "end_time", NullReason.NOT_COMPLETE),
        ("SessionOpenWithoutRealTimeReads", {}, "stat", NullReason.NOT_COMPLETE),
        ("SessionOpenWithRealTimeReads", {"breath_stages": None}, "breath_stages", NullReason.NO_BREATHING),
        ("SessionClosed", {}, "sleep_efficiency", NullReason.NOT_COMPLETE),
        ("SessionTooShort", {}, "sleep_efficiency", NullReason.INVALID),
        ("SessionTooShort", {"peculiarities": ["TOO_LOUD"]}, "stat", NullReason.INVALID),
        ("SessionTooShort", {"peculiarities": []}, "stat", NullReason.UNEXPLAINED),
        ("SessionTooShort", {"peculiarities": ["TOO_LONG_FOR_ANALYSIS"]}, "stat", NullReason.UNEXPLAINED),
        ("SessionTooShort", {"peculiarities": ["NO_REALTIME_POLLING"]}, "stat", NullReason.NO_REAL_TIME),
        ("SessionComplete", {}, "timezone", None),
        ("SessionComplete", {}, "missing_data_ratio", None),
    ],
)
def test_a_field_is_null_for_a_reason(name: str, changed: Any, field: Any, reason: NullReason | None) -> None:
    found = night(name, **changed)
    result = SessionResult(
        timezone=found.timezone,
        peculiarities=list(found.peculiarities),
        missing_data_ratio=0.0,
        session=found.session,
        stat=found.stat,
    )
    assert why_null(found, field) is asleep.why_null(typing.cast("Any", found), field) is reason
    assert why_null(result, field) is reason


def test_a_callback_of_v2_or_v3_has_the_reasons_of_its_night() -> None:
    flat = SessionCompleteDataV3.from_dict(example("CallbackV3NeverSlept")["data"])
    nested = SessionCompleteDataV2.from_dict(example("CallbackV2NeverSlept")["callback_data"])
    expected = reasons(night("SessionNeverSlept"))
    assert reasons(flat) == reasons(nested) == expected
    assert why_null(nested, "user_id") is why_null(flat, "user_id") is None


def test_a_window_of_v2_or_v3_says_what_the_contract_leaves_out() -> None:
    window = InferenceCompleteDataV3(
        user_id="u", session_id="s", seq_num=9, inference_seq_num=0, stage_list=[], breath_stages=None
    )
    assert why_null(window, "breath_stages") is NullReason.NO_BREATHING
    assert why_null(window, "snoring_stages") is NullReason.NO_SNORING
    assert why_null(window, "seq_num") is None
    older = InferenceCompleteDataV2.from_dict(example("CallbackV2StageList")["callback_data"])
    assert why_null(older, "sleep_stages") is why_null(older, "stage_list") is None


def test_one_function_answers_for_both_versions() -> None:
    old = asleep.parse(json.dumps(example_of("SessionTwoStages")))
    assert why_null(old, "rem_ratio") is why_null(night("SessionTwoStages"), "rem_ratio") is NullReason.TWO_STAGE
    assert why_null(old, "estimated_ahi") is None


def test_the_names_that_a_type_checker_knows_are_those_of_the_data() -> None:
    kinds: tuple[Any, ...] = (Night, SessionResult, Session, Stat, SessionCompleteDataV2, SessionCompleteDataV3)
    kinds += (InferenceCompleteDataV2, InferenceCompleteDataV3)
    names = {attribute.name for kind in kinds for attribute in attrs.fields(kind)}
    assert set(typing.get_args(NightField)) == names - {"response", "detail", "unknown"}


@pytest.mark.parametrize("field", ["rem_ration", "estimated_ahi", "response", "detail", "unknown", "_recording"])
def test_an_unknown_field_is_an_error_that_lists_the_known_ones(field: Any) -> None:
    for found in (night("SessionComplete"), night("SessionClosed")):
        with pytest.raises(UnknownField, match="rem_ratio"):
            why_null(found, field)


def test_data_without_the_reason_is_an_error_that_says_what_to_pass() -> None:
    data: Any
    for data in (night("SessionComplete").stat, night("SessionComplete").session, None, {}):
        with pytest.raises(ConfigurationError, match="pass what get_session returned"):
            why_null(data, "sleep_latency")


def test_a_night_has_a_row_for_each_epoch_with_breathing_and_snoring() -> None:
    found = night("SessionComplete", sleep_stages=[0, 3], breath_stages=[0, 1], snoring_stages=[1, 0])
    assert found.epochs() == epochs(found)
    assert [(row["seconds"], row["stage"], row["breathing"], row["snoring"]) for row in found.epochs()] == [
        (0, 0, 0, 1),
        (30, 3, 1, 0),
    ]
    assert list(pd.DataFrame(found.epochs())) == ["start", "seconds", "stage", "breathing", "snoring"]
    quiet = night("SessionComplete", breath_stages=None, snoring_stages=None)
    assert {(row["breathing"], row["snoring"]) for row in quiet.epochs()} == {(None, None)}
    data = SessionCompleteDataV3.from_dict(example("CallbackV3Complete")["data"])
    assert [row["seconds"] for row in epochs(data)] == [30 * number for number in range(len(epochs(data)))]


def test_a_night_is_a_row_of_plain_values() -> None:
    rows = {name: statistics_row(night(name)) for name in ("SessionComplete", "SessionNeverSlept", "SessionTooShort")}
    assert len({tuple(row) for row in rows.values()}) == 1
    row = rows["SessionComplete"]
    assert list(row) == [
        *("session_id", "state", "peculiarities", "is_valid", "timezone", "missing_data_ratio"),
        *("start_time", "end_time", *STATS),
    ]
    assert (row["is_valid"], rows["SessionTooShort"]["is_valid"]) == (True, False)
    assert rows["SessionTooShort"]["peculiarities"] == "TOO_SHORT_FOR_ANALYSIS"
    assert type(row["breathing_pattern"]) is str
    assert type(row["sleep_cycle_time"]) is str
    assert statistics_row(night("SessionPrintedSample"))["snoring_count"] is None
    assert rows["SessionTooShort"]["sleep_efficiency"] is None


def test_a_table_is_of_one_version() -> None:
    old: Any = asleep.parse(json.dumps(example_of("SessionComplete")))
    new: Any = night("SessionComplete")
    with pytest.raises(ConfigurationError, match=r"sleeptalk.asleep.statistics_row makes"):
        statistics_row(old)
    with pytest.raises(ConfigurationError, match=r"sleeptalk.asleep_v3.statistics_row makes"):
        asleep.statistics_row(new)
    assert asleep.epochs(new)[0]["stage"] == new.epochs()[0]["stage"]


def test_a_night_is_drawn_with_what_is_special_about_it() -> None:
    found = night("SessionTooShort")
    shown = " ".join(texts(hypnogram(found)))
    assert "COMPLETE, TOO_SHORT_FOR_ANALYSIS: The session is too short to be analysed." in shown
    assert found._repr_html_() == hypnogram(found)
    old = asleep.parse(json.dumps(example_of("SessionTwoStages")))
    new = night("SessionTwoStages")
    differing = {each for each in texts(hypnogram(new)) if each not in texts(hypnogram(old))}
    assert {each for each in differing if "COMPLETE" not in each and "Session" not in each} == set()
    data = SessionCompleteDataV3.from_dict(example("CallbackV3TooShort")["data"])
    assert "TOO_SHORT_FOR_ANALYSIS" in " ".join(texts(hypnogram(data)))


@needs_matplotlib
def test_matplotlib_draws_a_night() -> None:
    assert plot.hypnogram(night("SessionComplete")).get_axes()
