"""Forty small edits of the project's documents, each with the verdict it must get and a word that must explain it."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
import yaml

from sleeptalk_contract.commands.diff import changes_of
from sleeptalk_contract.contract.document import Document, document, folder
from sleeptalk_contract.diffing.change import Change, Impact, worst
from sleeptalk_contract.diffing.sources import Pair
from tests.node_tools import needs_node

pytestmark = needs_node

Edit = Callable[[dict[str, Any]], object]
MAJOR, MINOR, PATCH = Impact.MAJOR, Impact.MINOR, Impact.PATCH
GET_SESSION = "/data/v2/sessions/{session_id}"


def schemas(d: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = d["components"]["schemas"]
    return found


def properties(d: dict[str, Any], schema: str) -> dict[str, Any]:
    found: dict[str, Any] = schemas(d)[schema]["properties"]
    return found


def condition(d: dict[str, Any], schema: str, rule: str) -> dict[str, Any]:
    found: dict[str, Any] = next(c for c in schemas(d)[schema]["allOf"] if c["x-rule"] == rule)
    return found


def operation(d: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(path["get"] for path in d["paths"].values() if "get" in path)
    return found


def value(d: dict[str, Any], schema: str, name: str) -> None:
    """Add a value to an enumeration, and what it means."""
    schemas(d)[schema]["enum"].append(name)
    schemas(d)[schema].setdefault("x-enumDescriptions", {})[name] = "What is new."


def no_value(d: dict[str, Any], schema: str, name: str) -> None:
    """Take a value out of an enumeration, and what it means."""
    schemas(d)[schema]["enum"].remove(name)
    schemas(d)[schema]["x-enumDescriptions"].pop(name)


def callback(d: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = d["webhooks"]["callback"]["post"]
    return found


def one_of(value: Any) -> None:
    """Write each choice with null as `oneOf`."""
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        one_of(item)
    if isinstance(value, dict) and {"type": "null"} in value.get("anyOf", ()):
        value["oneOf"] = value.pop("anyOf")


def digits(value: Any) -> None:
    r"""Write `[0-9]` in each pattern as `\d`."""
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        digits(item)
    if isinstance(value, dict) and isinstance(value.get("pattern"), str):
        value["pattern"] = value["pattern"].replace("[0-9]", r"\d")


def rename(d: dict[str, Any], old: str, new: str) -> None:
    schemas(d)[new] = schemas(d).pop(old)
    text = yaml.safe_dump(d, sort_keys=False).replace(f"#/components/schemas/{old}'", f"#/components/schemas/{new}'")
    text = text.replace(f"#/components/schemas/{old}\n", f"#/components/schemas/{new}\n")
    d.clear()
    d.update(yaml.safe_load(text))


def unrequire(d: dict[str, Any], schema: str, field: str) -> None:
    schemas(d)[schema]["required"].remove(field)


def remove_field(d: dict[str, Any], schema: str, field: str) -> None:
    unrequire(d, schema, field)
    del properties(d, schema)[field]


NEW_FIELD = {"description": "How many dreams there were.", "type": "integer", "minimum": 0, "maximum": 99}
NEW_RULE = {
    "x-rule": "session.stage-list-lengths",
    "description": "A new one.",
    "if": {"required": ["id"]},
    "then": {"properties": {"id": {"minLength": 1}}},
}

EDITS: list[tuple[str, str, Edit, Impact | None, str]] = [
    # what a response or a callback says
    ("a response field is no longer required", "asleep", lambda d: unrequire(d, "Session", "end_time"), MAJOR,
     "no longer required: `end_time`"),
    ("a callback field is no longer required", "asleep", lambda d: unrequire(d, "Stat", "sleep_latency"), MAJOR,
     "may be missing"),
    ("a response field becomes required", "phonexia", lambda d: schemas(d)["TaskError"]["required"].append("detail"),
     MINOR, "`TaskError.detail: list[ErrorDetail] | None | UnsetType -> list[ErrorDetail] | None`"),
    ("a response field is gone", "asleep", lambda d: remove_field(d, "Stat", "wake_ratio"), MAJOR,
     "`Stat.wake_ratio` was removed"),
    ("a callback field is gone", "asleep", lambda d: remove_field(d, "InferenceCompleteData", "seq_num"), MAJOR,
     "`InferenceCompleteData.seq_num` was removed"),
    ("a response field is new", "asleep", lambda d: properties(d, "Stat").update(dreams=NEW_FIELD), MINOR,
     "`Stat.dreams: int | UnsetType` is new"),
    ("a callback field is new", "asleep", lambda d: properties(d, "SleepData").update(dreams=NEW_FIELD), MINOR,
     "`SleepData.dreams: int | UnsetType` is new"),
    ("a response field may be null", "asleep",
     lambda d: properties(d, "Stat")["sleep_efficiency"].update({"$ref": "#/components/schemas/NullableRatio"}), MAJOR,
     "`Stat.sleep_efficiency: float -> float | None`: programs that read it must expect None"),
    ("a response field is never null", "asleep",
     lambda d: properties(d, "Stat")["rem_ratio"].update({"$ref": "#/components/schemas/Ratio"}), MINOR,
     "`Stat.rem_ratio: float | None -> float`"),
    ("an object may be null", "phonexia",
     lambda d: properties(d, "ReactionAnalysis").update(
         slowest_reaction_position={"description": "x. Null in mono.",
                                    "anyOf": [{"$ref": "#/components/schemas/TimeRange"}, {"type": "null"}]}),
     MAJOR, "`ReactionAnalysis.slowest_reaction_position: TimeRange -> TimeRange | None`"),
    ("whole numbers become fractions", "asleep", lambda d: schemas(d)["Seconds"].update(type="number"), MAJOR,
     "`Stat.time_in_bed: int -> float`"),
    ("fractions become whole numbers", "phonexia", lambda d: schemas(d)["Seconds"].update(type="integer"), MINOR,
     "float -> int"),
    ("a number becomes text", "asleep", lambda d: properties(d, "Stat")["time_in_bed"].update(
        {"$ref": "#/components/schemas/TimezoneName"}), MAJOR, "`Stat.time_in_bed: int -> str`"),
    ("an item may be null", "asleep",
     lambda d: properties(d, "InferenceCompleteData")["stage_list"].update(
         items={"anyOf": [{"$ref": "#/components/schemas/SleepStage"}, {"type": "null"}]}), MAJOR,
     "`InferenceCompleteData.stage_list: list[SleepStage] -> list[SleepStage | None]`"),
    # enumerations are open
    ("an enumeration gains a value", "asleep", lambda d: value(d, "SessionState", "PAUSED"), MINOR,
     "`SessionState.PAUSED` is new"),
    ("a callback event is new", "asleep",
     lambda d: value(d, "CallbackEvent", "SESSION_DELETED"), MINOR,
     "'SESSION_DELETED'"),
    ("an enumeration loses a value", "phonexia", lambda d: no_value(d, "TaskState", "rejected"), MAJOR,
     "was removed: programs that name it break"),
    ("a member is renamed", "asleep",
     lambda d: schemas(d)["SleepStage"].update({"x-enum-varnames": ["ERROR", "WAKE", "LIGHT", "DEEP", "DREAM"]}), MAJOR,
     "`SleepStage.REM` was removed"),
    ("a member stands for another value", "asleep",
     lambda d: schemas(d)["SleepStage"].update({"x-enum-varnames": ["ERROR", "WAKE", "DEEP", "LIGHT", "REM"]}), MAJOR,
     "`SleepStage.DEEP` is now 1, it was 2"),
    # names
    ("a schema is renamed", "asleep", lambda d: rename(d, "Stat", "Statistics"), MAJOR,
     "Class `Stat` is now `Statistics`"),
    ("an operation is renamed", "asleep", lambda d: operation(d).update(operationId="getNight"), MAJOR,
     "Operation `get_session` was removed"),
    # bounds
    ("a promised bound widens in a response", "asleep", lambda d: schemas(d)["Ratio"].update(maximum=2), MAJOR,
     "Upper bound of `Ratio` changed"),
    ("a promised bound narrows in a response", "asleep", lambda d: schemas(d)["Ratio"].update(maximum=0.5), PATCH,
     "maximum"),
    ("a bound for fuzzing widens", "asleep", lambda d: schemas(d)["Seconds"].update(maximum=10**6), PATCH,
     "Upper bound of `Seconds` changed"),
    ("a length without a rule widens", "asleep", lambda d: properties(d, "Error")["detail"].update(maxLength=5000),
     PATCH,     "detail"),
    # requests
    ("a header becomes required", "asleep", lambda d: d["components"]["parameters"]["Timezone"].update(required=True),
     MAJOR, "became required"),
    ("a header is no longer required", "asleep",
     lambda d: d["components"]["parameters"]["UserId"].update(required=False), MINOR,
     "is no longer required"),
    ("a header is gone", "phonexia", lambda d: operation(d)["parameters"].pop(1), MAJOR, "was removed"),
    ("an optional header is new", "asleep", lambda d: operation(d)["parameters"].append(
        {"name": "x-trace", "in": "header", "description": "x", "schema": {"type": "string", "maxLength": 9}}), MINOR,
     "and optional"),
    ("a required header is new", "asleep", lambda d: operation(d)["parameters"].append(
        {"name": "x-trace", "in": "header", "description": "x", "required": True,
         "schema": {"type": "string", "maxLength": 9}}), MAJOR, "and required"),
    # what surrounds the body of a callback, which users receive
    ("the callback's header is gone", "asleep", lambda d: callback(d).pop("parameters"), MAJOR, "was removed"),
    ("the callback's header is optional", "asleep",
     lambda d: d["components"]["parameters"]["CallbackUserId"].update(required=False), MAJOR,
     "is no longer required: those who receive it must expect that it is missing"),
    ("the callback's header may be null", "asleep",
     lambda d: d["components"]["parameters"]["CallbackUserId"].update(schema={"type": ["string", "null"]}), MAJOR,
     "CallbackUserId"),
    ("the callback has no key", "asleep", lambda d: callback(d).update(security=[]), MAJOR,
     "requests may come without what proves their sender"),
    ("the callback's body is optional", "asleep", lambda d: callback(d)["requestBody"].update(required=False), MAJOR,
     "Request body is no longer required"),
    ("a callback's answer gains a body", "asleep", lambda d: callback(d)["responses"]["2XX"].update(
        content={"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}), MAJOR,
     "A body of response `2XX` was added"),
    # in other words
    ("anyOf with null becomes oneOf everywhere", "phonexia", one_of, PATCH, "admits the same values"),
    ("a pattern is written otherwise", "asleep", digits, PATCH, "admits the same values"),
    # operations and answers
    ("an answer is gone", "asleep", lambda d: operation(d)["responses"].pop("404"), MAJOR,
     "Response `404` was removed"),
    ("an answer is new", "asleep", lambda d: operation(d)["responses"].update(
        {"429": {"$ref": "#/components/responses/Forbidden"}}), MINOR, "429"),
    ("the callback is gone", "asleep", lambda d: d.pop("webhooks"), MAJOR, "webhooks were removed"),
    ("the address changes", "asleep", lambda d: d["servers"][0].update(url="https://api.example"), MAJOR, "Server"),
    # rules
    ("a rule is removed", "asleep",
     lambda d: schemas(d)["Session"]["allOf"].remove(condition(d, "Session", "session.end-time-null-while-open")),
     MAJOR,     "readers may no longer rely on it: While the state is OPEN, end_time is null."),
    ("a rule is added", "asleep", lambda d: schemas(d)["Session"]["allOf"].append(deepcopy(NEW_RULE)), MINOR,
     "was added"),
    ("a rule demands more", "asleep",
     lambda d: condition(d, "Session", "session.end-time-null-while-open")["then"]["properties"].update(
         osa_stages={"type": "null"}), MINOR, "was tightened"),
    ("a rule demands less", "asleep",
     lambda d: condition(d, "SessionResult", "session.stat-null-unless-valid")["then"]["properties"]["stat"].clear(),
     MAJOR, "was loosened"),
    ("a list of nulls that groups share is shorter", "asleep",
     lambda d: properties(d, "NullStageStats").pop("rem_ratio"), MAJOR,
     "Rule `callback.stage-stats-null-together` was loosened"),
    ("a rule applies less often", "asleep",
     lambda d: condition(d, "Session", "session.end-time-set-once-closed")["if"]["properties"]["state"].update(
         enum=["COMPLETE"]), MAJOR, "was loosened"),
    ("a rule applies more often", "phonexia",
     lambda d: condition(d, "TimeAnalysisResponse", "analysis.unfinished-has-neither")["if"]["properties"]["task"][
         "properties"]["state"]["enum"].append("cancelled"), MINOR, "was tightened"),
    ("a rule applies less and demands more", "phonexia",
     lambda d: condition(d, "TimeAnalysisResponse", "analysis.failure-has-error").update(
         {"if": {"required": ["task", "result"]}, "then": {"required": ["error", "result"]}}), MAJOR, "was changed"),
    ("a rule that is no promise is removed", "phonexia",
     lambda d: schemas(d)["ChannelAnalysis"].pop("allOf"), MINOR, "Rule `analysis.silence-has-no-rate`"),
    ("a rule id moves to another place", "asleep",
     lambda d: properties(d, "Session")["state"].pop("x-rule") and schemas(d)["SessionState"].update(
         {"x-rule": "session.state-values"}), None, ""),
    ("a value rule loses its id", "asleep", lambda d: properties(d, "Session")["state"].pop("x-rule"), MAJOR,
     "Rule `session.state-values`"),
    # words
    ("a description is reworded", "asleep", lambda d: d["info"].update(description="Nights."), PATCH, "`description`"),
    ("a rule is reworded", "asleep",
     lambda d: condition(d, "Session", "session.end-time-null-while-open").update(description="Still open."), None, ""),
    ("an example is added", "asleep", lambda d: d["components"]["examples"].update(
        Nothing={"summary": "x", "value": {}}), PATCH, "was added"),
]  # fmt: skip


def compared(name: str, edit: Edit) -> list[Change]:
    old = dict(document(name).root)
    new = deepcopy(old)
    edit(new)
    before, after = (json.dumps(version, indent=1) for version in (old, new))
    versions = (Document.parse(before, f"{name} before"), Document.parse(after, f"{name} after"))
    return list(changes_of(Pair(name, *versions, Document.read(folder() / "rules" / f"{name}.yaml"))))


@pytest.mark.parametrize(("name", "edit", "verdict", "says"), [edit[1:] for edit in EDITS], ids=[e[0] for e in EDITS])
def test_an_edit_gets_its_verdict(name: str, edit: Edit, verdict: Impact | None, says: str) -> None:
    changes = compared(name, edit)
    assert worst(changes) is verdict, [(change.impact.word, change.sentence) for change in changes]
    if says:
        hits = [change for change in changes if says in change.sentence or says in change.place]
        assert hits, [(change.impact.word, change.sentence) for change in changes]
        assert any(change.impact is verdict for change in hits), [(c.impact.word, c.sentence) for c in changes]


def test_there_are_at_least_forty_edits() -> None:
    assert len({edit[0] for edit in EDITS}) == len(EDITS) >= 40


def test_a_document_without_an_edit_has_no_change() -> None:
    assert compared("asleep", lambda _: None) == []
