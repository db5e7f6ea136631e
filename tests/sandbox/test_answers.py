"""Faults change answers on their way out, each service those of its own rules."""

from collections.abc import Callable, Mapping

import httpx
import pytest

from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.sandbox.answers import Answer, Request
from sleeptalk_contract.sandbox.faults import cut_off
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.sandbox.web import sandbox_app
from sleeptalk_contract.services.asleep.sandbox.application import AsleepProvider, asleep_app
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID, SCENARIOS
from sleeptalk_contract.services.phonexia.sandbox.calls import CALLS
from sleeptalk_contract.services.registered import SERVICES

HEADERS = {"x-api-key": SANDBOX_API_KEY, "x-user-id": SANDBOX_USER_ID}
SESSION = f"/data/v2/sessions/{SCENARIOS['four-stages'].session_id}"
TASK = f"/api/technology/time-analysis/{CALLS['done-stereo'].task_id}"


def wrong_state(request: Request, answer: Answer) -> Answer:
    part = answer.body["result"]["session"] if "result" in answer.body else answer.body
    part["state"] = "WRONG"
    return answer


def only_the_second_time(request: Request, answer: Answer) -> Answer:
    return Answer(404, body={"detail": "Not again"}) if request.count == 1 else answer


def any_key_will_do(request: Request, answer: Answer) -> Answer:
    return request.with_header("x-api-key", SANDBOX_API_KEY).honest_answer()


def sends_bytes(request: Request, answer: Answer) -> Answer:
    return Answer(answer.status, {"content-type": "text/plain"}, b"\xff{")


def fault(rule: str, apply: Callable[[Request, Answer], Answer]) -> Fault:
    return Fault(rule, "of-a-test", "does what a test wants", apply)


def asked(method: str, session_id: str, headers: Mapping[str, str]) -> Request:
    return Request(
        implementation=AsleepProvider(),
        method=method,
        path=f"/{session_id}",
        path_parameters={"session_id": session_id},
        headers=headers,
    )


WRONG_STATE = fault("session.state-values", wrong_state)


def test_a_fault_changes_one_answer_and_leaves_the_sandbox_honest(http: httpx.Client) -> None:
    with running(asleep_app(faults=[WRONG_STATE])) as faulty, running(asleep_app()) as honest:
        assert http.get(faulty.url + SESSION, headers=HEADERS).json()["result"]["session"]["state"] == "WRONG"
        assert http.get(honest.url + SESSION, headers=HEADERS).json()["result"]["session"]["state"] == "COMPLETE"


def test_a_service_has_only_the_faults_of_its_own_rules(http: httpx.Client) -> None:
    with running(sandbox_app(SERVICES, faults=[WRONG_STATE])) as server:
        assert http.get(server.url + TASK).json()["task"]["state"] == "done"
        assert http.get(server.url + SESSION, headers=HEADERS).json()["result"]["session"]["state"] == "WRONG"


def test_a_fault_can_wait_for_the_second_request_for_an_id(http: httpx.Client) -> None:
    with running(asleep_app(faults=[fault("session.not-found-404", only_the_second_time)])) as server:
        statuses = [http.get(server.url + SESSION, headers=HEADERS).status_code for _ in range(3)]
    assert statuses == [200, 404, 200]


def test_a_fault_can_ask_the_honest_service_again(http: httpx.Client) -> None:
    with running(asleep_app(faults=[fault("session.api-key-required", any_key_will_do)])) as server:
        assert http.get(server.url + SESSION, headers=HEADERS | {"x-api-key": "wrong"}).status_code == 200


def test_a_fault_can_cut_an_answer_off(http: httpx.Client) -> None:
    with (
        running(asleep_app(faults=[fault("session.no-server-error", cut_off)])) as server,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        http.get(server.url + SESSION, headers=HEADERS)


def test_a_fault_can_send_what_is_not_json(http: httpx.Client) -> None:
    with running(asleep_app(faults=[fault("session.shape", sends_bytes)])) as server:
        response = http.get(server.url + SESSION, headers=HEADERS)
    assert (response.content, response.headers["content-type"]) == (b"\xff{", "text/plain")


def test_the_body_of_an_answer_is_its_own() -> None:
    request = asked("GET", SCENARIOS["four-stages"].session_id, HEADERS)
    request.honest_answer().body["result"].clear()
    assert request.honest_answer().body["result"]["validity"] == "VALID"


def test_no_request_makes_the_service_raise() -> None:
    for method in ("GET", "", "\x00"):
        for identifier in ("", "\ud800", "\x00", "../..", "20220821093117_hz82a"):
            for headers in (
                {},
                {"x-api-key": "\ud800"},
                HEADERS,
                HEADERS | {"timezone": "\ud800", "x-user-id": "\udfff"},
            ):
                answer = asked(method, identifier, headers).honest_answer()
                assert 200 <= answer.status < 500
                assert answer.content.startswith(b"{")
