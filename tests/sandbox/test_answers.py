"""Faults change answers on their way out, each service those of its own rules."""

from dataclasses import dataclass

import httpx
import pytest

from sleeptalk_contract.sandbox.answers import Answer, Request
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.sandbox.service import sandbox_app
from sleeptalk_contract.services.asleep.sandbox.application import AsleepService, asleep_app
from sleeptalk_contract.services.asleep.sandbox.credentials import SANDBOX_API_KEY, SANDBOX_USER_ID
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS
from sleeptalk_contract.services.phonexia.sandbox.calls import CALLS

HEADERS = {"x-api-key": SANDBOX_API_KEY, "x-user-id": SANDBOX_USER_ID}
SESSION = f"/data/v2/sessions/{SCENARIOS['four-stages'].session_id}"
TASK = f"/api/technology/time-analysis/{CALLS['done-stereo'].task_id}"


@dataclass(frozen=True)
class WrongState:
    rule: str

    def apply(self, request: Request, answer: Answer) -> Answer:
        part = answer.body["result"]["session"] if "result" in answer.body else answer.body
        part["state"] = "WRONG"
        return answer


@dataclass(frozen=True)
class OnlyTheSecondTime:
    rule: str = "session.not-found-404"

    def apply(self, request: Request, answer: Answer) -> Answer:
        return Answer(404, body={"detail": "Not again"}) if request.count == 1 else answer


@dataclass(frozen=True)
class AnyKeyWillDo:
    rule: str = "session.api-key-required"

    def apply(self, request: Request, answer: Answer) -> Answer:
        return request.with_header("x-api-key", SANDBOX_API_KEY).honest_answer()


@dataclass(frozen=True)
class CutsOff:
    rule: str = "session.no-server-error"

    def apply(self, request: Request, answer: Answer) -> Answer:
        answer.cut_off = True
        return answer


@dataclass(frozen=True)
class SendsBytes:
    rule: str = "session.shape"

    def apply(self, request: Request, answer: Answer) -> Answer:
        return Answer(answer.status, {"content-type": "text/plain"}, b"\xff{")


def test_a_fault_changes_one_answer_and_leaves_the_sandbox_honest(http: httpx.Client) -> None:
    with running(asleep_app(faults=[WrongState("session.state-values")])) as faulty, running(asleep_app()) as honest:
        assert http.get(faulty.url + SESSION, headers=HEADERS).json()["result"]["session"]["state"] == "WRONG"
        assert http.get(honest.url + SESSION, headers=HEADERS).json()["result"]["session"]["state"] == "COMPLETE"


def test_a_service_has_only_the_faults_of_its_own_rules(http: httpx.Client) -> None:
    with running(sandbox_app(faults=[WrongState("session.state-values")])) as server:
        assert http.get(server.url + TASK).json()["task"]["state"] == "done"
        assert http.get(server.url + SESSION, headers=HEADERS).json()["result"]["session"]["state"] == "WRONG"


def test_a_fault_can_wait_for_the_second_request_for_an_id(http: httpx.Client) -> None:
    with running(asleep_app(faults=[OnlyTheSecondTime()])) as server:
        statuses = [http.get(server.url + SESSION, headers=HEADERS).status_code for _ in range(3)]
    assert statuses == [200, 404, 200]


def test_a_fault_can_ask_the_honest_service_again(http: httpx.Client) -> None:
    with running(asleep_app(faults=[AnyKeyWillDo()])) as server:
        assert http.get(server.url + SESSION, headers=HEADERS | {"x-api-key": "wrong"}).status_code == 200


def test_a_fault_can_cut_an_answer_off(http: httpx.Client) -> None:
    with running(asleep_app(faults=[CutsOff()])) as server, pytest.raises(httpx.RemoteProtocolError):
        http.get(server.url + SESSION, headers=HEADERS)


def test_a_fault_can_send_what_is_no_json(http: httpx.Client) -> None:
    with running(asleep_app(faults=[SendsBytes()])) as server:
        response = http.get(server.url + SESSION, headers=HEADERS)
    assert (response.content, response.headers["content-type"]) == (b"\xff{", "text/plain")


def test_the_body_of_an_answer_is_its_own() -> None:
    service = AsleepService()
    request = Request("GET", SESSION, SCENARIOS["four-stages"].session_id, HEADERS, service)
    service.answer(request).body["result"].clear()
    assert service.answer(request).body["result"]["validity"] == "VALID"


def test_no_request_makes_the_service_raise() -> None:
    service = AsleepService()
    for method in ("GET", "", "\x00"):
        for identifier in ("", "\ud800", "\x00", "../..", "20220821093117_hz82a"):
            for headers in (
                {},
                {"x-api-key": "\ud800"},
                HEADERS,
                HEADERS | {"timezone": "\ud800", "x-user-id": "\udfff"},
            ):
                answer = service.answer(Request(method, f"/{identifier}", identifier, headers, service))
                assert 200 <= answer.status < 500
                assert answer.content.startswith(b"{")
