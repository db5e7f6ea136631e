"""Nights, calls and every model as JSON: written as the services write it, read back without a difference."""

import json
import pickle
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import attrs
import httpx
import pydantic
import pytest
from fastapi import Body, FastAPI
from jsonschema_rs import Draft202012Validator

from sleeptalk import asleep, asleep_v3, phonexia
from sleeptalk.asleep import Night, SessionState, SleepStage
from sleeptalk.callback import parse as parse_callback
from sleeptalk.errors import ConfigurationError, ContractViolation
from sleeptalk.phonexia import TaskState, TimeAnalysisTask
from sleeptalk_contract.contract.document import document
from sleeptalk_contract.sandbox.server import running
from sleeptalk_generated.asleep.models import SessionCompleteCallback
from sleeptalk_generated.decoding import decode
from tests.clients.bodies import example, examples

SESSIONS = examples("Session")
TASKS = examples("TimeAnalysis", "phonexia")
SESSIONS_V3 = {name: body for name, body in examples("Session", "asleep-v3").items() if "session" in body["result"]}
EVERYTHING = {
    "asleep": (asleep.parse, SESSIONS),
    "asleep-v3": (asleep_v3.parse, SESSIONS_V3),
    "phonexia": (phonexia.parse, TASKS),
}
KEPT = [(service, name) for service, (_, bodies) in EVERYTHING.items() for name in bodies]


def read(service: str, body: Any) -> Any:
    return EVERYTHING[service][0](body if isinstance(body, (str, bytes)) else json.dumps(body))


def at(body: Any, path: str, value: Any) -> Any:
    """Return a copy with another value at a path such as "result.session.state"."""
    body = json.loads(json.dumps(body))
    *places, name = path.split(".")
    inner = body
    for place in places:
        inner = inner[place]
    inner[name] = value
    return body


@pytest.mark.parametrize(("service", "name"), KEPT)
def test_every_documented_body_is_written_as_it_came(service: str, name: str) -> None:
    body = EVERYTHING[service][1][name]
    result = read(service, body)
    assert json.loads(result.to_json()) == result.to_dict() == body
    assert json.dumps(result.to_dict()).count('Z"') == 0


@pytest.mark.parametrize(("service", "name"), KEPT)
def test_what_was_written_is_read_back_equal(service: str, name: str) -> None:
    result = read(service, EVERYTHING[service][1][name])
    kind = type(result)
    again = [
        read(service, result.to_json()),
        read(service, result.to_json().encode()),
        kind.from_json(result.to_json()),
        kind.from_dict(result.to_dict()),
        kind.from_json(bytearray(result.to_json().encode())),
        pickle.loads(pickle.dumps(result)),
    ]
    assert again == [result] * len(again)
    assert {each.to_json() for each in again} == {result.to_json()}
    assert {type(each) for each in again} == {kind}


@pytest.mark.parametrize("offset", ["+09:00", "+00:00", "-03:30", "+05:45", "-12:00", "+14:00"])
def test_a_time_keeps_the_offset_that_it_came_with(offset: str) -> None:
    body = at(example("SessionComplete"), "result.session.start_time", f"2024-03-09T22:00:00{offset}")
    assert asleep.parse(json.dumps(body)).to_dict() == body


def test_a_time_of_ones_own_is_written_with_its_offset() -> None:
    session = asleep.parse(json.dumps(example("SessionOpenWithRealTimeAnalysis"))).session
    for zone, written in [
        (UTC, "+00:00"),
        (ZoneInfo("Asia/Seoul"), "+09:00"),
        (timezone(timedelta(hours=-5)), "-05:00"),
    ]:
        moved = attrs.evolve(session, start_time=datetime(2024, 3, 9, 22, tzinfo=zone))
        assert moved.to_dict()["start_time"] == f"2024-03-09T22:00:00{written}"
    naive = attrs.evolve(session, start_time=datetime(2024, 3, 9, 22))  # noqa: DTZ001  # that is what is tested
    for write in (naive.to_dict, naive.to_json):
        with pytest.raises(ValueError, match="2024-03-09T22:00:00 has no offset"):
            write()


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_json_does_not_have_is_not_written(number: float) -> None:
    night = asleep.parse(json.dumps(example("SessionComplete")))
    assert night.stat is not None
    with pytest.raises(ValueError, match="not JSON compliant"):
        attrs.evolve(night, stat=attrs.evolve(night.stat, estimated_ahi=number)).to_json()
    with pytest.raises(ContractViolation, match="not JSON compliant"):
        Night.from_dict(at(night.to_dict(), "result.stat.estimated_ahi", number))


def test_values_that_are_not_documented_stay_as_they_came_and_fields_stay_in_the_answer() -> None:
    body = at(example("SessionComplete"), "result.session.state", "ARCHIVED")
    body = at(body, "result.session.sleep_stages", [0, 7, 3])
    body = at(body, "result.validity", "PERHAPS:LATER")
    sent = at(body, "result.session.snoring", [1, 2])
    night = asleep.parse(json.dumps(sent))
    assert night.to_dict() == body
    assert asleep.parse(night.to_json()) == night
    assert json.loads(night.response.content) == sent
    assert not night.session.state.is_known


def test_numbers_may_be_written_in_any_form() -> None:
    text = json.dumps(example("SessionComplete")).replace('"time_in_bed": 1800', '"time_in_bed": 1.8e3')
    assert "1.8e3" in text
    assert asleep.parse(text).to_dict() == example("SessionComplete")


def test_a_changed_night_is_written_as_changed() -> None:
    night = asleep.parse(json.dumps(example("SessionComplete")))
    assert attrs.evolve(night, stat=None).to_dict()["result"]["stat"] is None
    task = phonexia.parse(json.dumps(example("TimeAnalysisDone", "phonexia")))
    assert "result" not in attrs.evolve(task, result=None).to_dict()
    response = attrs.evolve(task.response, content=b"")
    assert list(attrs.evolve(task, result=None, response=response).to_dict()) == ["task"]


@pytest.mark.parametrize(("service", "name"), KEPT)
def test_the_wire_form_keeps_the_contract(service: str, name: str) -> None:
    schema = "TimeAnalysisResponse" if service == "phonexia" else "SessionResponse"
    components = document(service).root["components"]
    check = Draft202012Validator({"$ref": f"#/components/schemas/{schema}", "components": components})
    assert check.is_valid(json.loads(read(service, EVERYTHING[service][1][name]).to_json()))


@pytest.mark.parametrize(
    ("body", "path", "words"),
    [
        ("", "$", "not JSON"),
        ("{", "$", "not JSON"),
        (b"\xff", "$", "not JSON"),
        ('"\ud800"', "$", "not JSON"),
        ("[]", "$", "object"),
        ('{"detail": "The invalid timezone is provided"}', "$", "result"),
    ],
)
def test_a_body_that_is_not_a_night_is_one_clear_error(body: str | bytes, path: str, words: str) -> None:
    for reading in (asleep.parse, Night.from_json, asleep_v3.parse):
        with pytest.raises(ContractViolation, match=words) as caught:
            reading(body)
        assert (caught.value.path, caught.value.response, caught.value.status) == (path, None, None)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("result.session.start_time", "2024-03-09T22:00:00"),
        ("result.session.state", None),
        ("result.stat.sleep_latency", "300"),
        ("result.timezone", 9),
    ],
)
def test_the_error_names_the_path(path: str, value: Any) -> None:
    body = at(example("SessionComplete"), path, value)
    for reading in (lambda: asleep.parse(json.dumps(body)), lambda: Night.from_dict(body)):
        with pytest.raises(ContractViolation, match=f"breaks the contract at \\$.{path}: ") as caught:
            reading()
        assert caught.value.path == f"$.{path}"
    with pytest.raises(ContractViolation, match=r"at \$.task.state"):
        TimeAnalysisTask.from_dict(at(example("TimeAnalysisPending", "phonexia"), "task.state", 1))


@pytest.mark.parametrize("body", [None, 7, {"result": {}}, ["x"]])
def test_a_body_that_is_neither_text_nor_bytes_is_a_mistake_of_the_program(body: Any) -> None:
    for reading in (asleep.parse, asleep_v3.parse, phonexia.parse):
        with pytest.raises(ConfigurationError, match="must be a str or bytes, not"):
            reading(body)


def test_what_no_json_can_hold_is_one_clear_error() -> None:
    with pytest.raises(ContractViolation, match="not JSON"):
        Night.from_dict({"detail": {1, 2}})


class Kept(pydantic.BaseModel):
    """A record of a user's own."""

    night: Night
    task: TimeAnalysisTask | None = None
    night_v3: asleep_v3.Night | None = None
    stage: SleepStage = SleepStage.WAKE


def test_a_night_is_a_field_of_a_pydantic_model() -> None:
    body, call = example("SessionComplete"), example("TimeAnalysisDone", "phonexia")
    new = SESSIONS_V3["SessionComplete"]
    kept = Kept(
        night=asleep.parse(json.dumps(body)),
        task=phonexia.parse(json.dumps(call)),
        night_v3=asleep_v3.parse(json.dumps(new)),
    )
    assert json.loads(kept.model_dump_json()) == {"night": body, "task": call, "stage": 0, "night_v3": new}
    assert kept.model_dump()["night"] == body
    assert Kept.model_validate_json(kept.model_dump_json()) == kept
    assert Kept.model_validate(kept.model_dump()) == kept
    assert Kept.model_validate({"night": body}).night == kept.night
    assert pickle.loads(pickle.dumps(kept)) == kept


def test_a_broken_night_is_an_error_of_pydantic_with_the_path() -> None:
    for value in (at(example("SessionComplete"), "result.session.state", 7), {}, None, "text"):
        with pytest.raises(pydantic.ValidationError, match=r"breaks the contract at \$") as caught:
            Kept.model_validate({"night": value})
        assert [error["loc"] for error in caught.value.errors()] == [("night",)]


def test_a_night_has_a_json_schema_that_its_wire_form_keeps() -> None:
    schema = Kept.model_json_schema()["properties"]["night"]
    assert "$ref" not in json.dumps(schema)
    check = Draft202012Validator(schema)
    assert check.is_valid(example("SessionComplete"))
    assert not check.is_valid({"detail": "ok"})


def test_fastapi_takes_and_answers_nights() -> None:
    app = FastAPI()

    @app.post("/nights")
    def keep(night: Annotated[Night, Body()]) -> list[Night]:
        return [night]

    body = example("SessionComplete")
    with running(app) as server:
        answer = httpx.post(f"{server.url}/nights", json=body)
        refusal = httpx.post(f"{server.url}/nights", json=at(body, "result.session.state", 7))
        described = httpx.get(f"{server.url}/openapi.json")
    assert (answer.status_code, answer.json()) == (200, [body])
    assert refusal.status_code == 422
    assert "$.result.session.state" in refusal.text
    assert "sleep_efficiency" in described.text


def test_every_model_has_the_same_form() -> None:
    body = example("CallbackComplete")
    event = SessionCompleteCallback.from_dict(body)
    assert event == decode(json.dumps(body).encode(), SessionCompleteCallback)
    assert event.to_dict() == body
    assert SessionCompleteCallback.from_json(event.to_json()) == event
    received = parse_callback(event.to_json().encode(), {"x-api-key": "key"}, api_key="key")
    assert received.data == event.callback_data  # type: ignore[union-attr]
    with pytest.raises(ValueError, match=r"at `\$.callback_data`"):
        SessionCompleteCallback.from_dict({"callback_event": "SESSION_COMPLETE", "callback_data": 7})
    with pytest.raises(ValueError, match="not the wire form of SessionCompleteCallback"):
        SessionCompleteCallback.from_dict({"callback_event": object()})
    assert pydantic.TypeAdapter(SessionCompleteCallback).validate_python(body) == event


def test_a_night_is_shown_on_one_line() -> None:
    night = asleep.parse(json.dumps(example("SessionComplete")))
    assert repr(night) == (
        "<Night 20220821093117_hz82a COMPLETE VALID, 2024-03-09T22:00:00+09:00 to 2024-03-09T22:30:00+09:00 "
        "in Asia/Seoul, 60 epochs, efficiency 0.67>"
    )
    open_night = repr(asleep.parse(json.dumps(example("SessionOpenWithoutRealTimeAnalysis"))))
    assert " OPEN IN_PROGRESS, " in open_night
    assert " to now in " in open_night
    assert open_night.endswith(", 0 epochs>")
    assert repr(asleep_v3.parse(json.dumps(SESSIONS_V3["SessionPrintedSample"]))) == (
        "<Night 20220821093117_hz82a COMPLETE NO_BREATHING_STABILITY, 2025-01-15T02:50:29+00:00 to "
        "2025-01-15T03:50:29+00:00 in UTC, 1 epoch, efficiency 0.3>"
    )


@pytest.mark.parametrize("path", ["result.session.id", "result.validity", "result.timezone", "result.session.state"])
@pytest.mark.parametrize("text", ["a\nb", "\x1b[31m", "x" * 100_000, "\u202e", ""])
def test_whatever_a_night_holds_it_is_shown_on_one_line(path: str, text: str) -> None:
    shown = repr(asleep.parse(json.dumps(at(example("SessionComplete"), path, text))))
    assert shown.isprintable()
    assert len(shown) < 400


def test_a_call_is_shown_on_one_line() -> None:
    shown = {name: repr(phonexia.parse(json.dumps(body))) for name, body in TASKS.items()}
    task = "123e4567-e89b-12d3-a456-426614174000"
    assert shown["TimeAnalysisDone"] == f"<TimeAnalysisTask {task} done, 2 channels of 20 s>"
    assert shown["TimeAnalysisDoneMono"] == f"<TimeAnalysisTask {task} done, 1 channel of 20 s>"
    assert shown["TimeAnalysisPending"] == f"<TimeAnalysisTask {task} pending>"
    assert shown["TimeAnalysisPrintedRejected"] == f"<TimeAnalysisTask {task} rejected: Task validation error.>"


def test_stages_and_states_are_shown_by_their_names() -> None:
    assert repr([SleepStage.REM, SleepStage(7), SleepStage.ERROR]) == "[REM, UNKNOWN(7), ERROR]"
    assert repr([SessionState.OPEN, SessionState("NEW"), TaskState.DONE]) == "[OPEN, UNKNOWN('NEW'), DONE]"
    assert (str(SleepStage.REM), f"{SessionState.OPEN}") == ("3", "OPEN")


def test_a_session_of_a_whole_night_is_shown_shortly() -> None:
    body = at(example("SessionComplete"), "result.session.sleep_stages", [0] * 3 + [1] * 957)
    shown = repr(asleep.parse(json.dumps(body)).session)
    assert "sleep_stages=[WAKE, WAKE, WAKE, LIGHT, ... 956 more]" in shown
    assert len(shown) < 500
