"""The result of a Time Analysis task as the sandbox answers it over HTTP."""

import time

import httpx
import pytest

from sleeptalk.phonexia import Phonexia
from sleeptalk_contract.contract.exchange import Answer, Exchange, Knowledge
from sleeptalk_contract.judging.judge import Judge
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.services.phonexia.sandbox.application import phonexia_app
from sleeptalk_contract.services.phonexia.sandbox.calls import CALLS
from tests.sandbox_ids import EXPIRED_TASK_ID, RATE_LIMITED_TASK_ID, known_ids
from tests.targets import target_named


def answer(response: httpx.Response) -> tuple[int, object]:
    assert response.headers["content-type"] == "application/json"
    return response.status_code, response.json()


def not_found(task_id: str) -> dict[str, object]:
    detail = {
        "location": ["root"],
        "message": "Task not found.",
        "type": "task.not-found",
        "context": {"task_id": task_id},
    }
    return {"type": "resource.not-found", "message": "Resource not found.", "detail": [detail]}


def test_every_known_task_is_answered_200_and_keeps_every_rule(tasks: httpx.Client) -> None:
    judge = Judge(target_named("phonexia"), Knowledge(known_ids=frozenset(known_ids("phonexia"))))
    for task_id in known_ids("phonexia"):
        for written in (task_id, task_id.upper()):
            response = tasks.get(written)
            assert response.status_code == 200
            verdict = judge.judge(
                Exchange.sent(
                    target_named("phonexia").operation("getTimeAnalysis"),
                    "known-id",
                    str(response.url),
                    (),
                    None,
                    Answer(response.status_code, tuple(response.headers.items()), response.content),
                    path_parameters={"task_id": written},
                )
            )
            assert verdict.checked
            assert (verdict.breaches, verdict.beyond) == ((), ()), written


def test_there_is_a_task_for_each_state() -> None:
    assert {call.state for call in CALLS.values()} == {"pending", "running", "rejected", "failed", "done"}


def test_one_task_moves_on_each_time_that_it_is_asked_for(http: httpx.Client) -> None:
    task_id = CALLS["progressing"].task_id
    for _ in range(2):  # each server begins anew
        with running(phonexia_app()) as server:
            url = f"{server.url}/api/technology/time-analysis/{task_id}"
            bodies = [http.get(url).json() for _ in range(6)]
        assert [body["task"]["state"] for body in bodies] == ["pending", "running", "running", "done", "done", "done"]
        assert all("result" in body for body in bodies[3:])
        assert not any("result" in body for body in bodies[:3])
    assert task_id not in known_ids("phonexia")


def test_a_client_can_wait_for_the_task_that_moves_on() -> None:
    with running(phonexia_app()) as server, Phonexia(server.url) as phonexia:
        analysis = phonexia.wait_for_time_analysis(CALLS["progressing"].task_id, timeout=30, poll=0.02)
    assert len(analysis.reaction_analyses) == 2


def test_an_unfinished_task_writes_what_it_has_not_as_absent_null_or_empty(tasks: httpx.Client) -> None:
    def outcome(scenario: str) -> dict[str, object]:
        body = tasks.get(CALLS[scenario].task_id).json()
        assert body.pop("task")["state"] == scenario.partition("-")[0]
        return dict(body)

    assert outcome("pending") == outcome("running") == {}
    assert outcome("pending-null") == {"result": None, "error": None}
    assert outcome("pending-empty") == {"result": {}, "error": {}}
    assert outcome("running-null") == {"result": {}, "error": None}


@pytest.mark.parametrize(
    ("scenario", "error"),
    [
        ("rejected", {"type": "task.validation-error", "message": "Task validation error.", "detail": []}),
        ("failed", {"type": "internal", "message": "Service error.", "detail": []}),
    ],
)
def test_a_rejected_and_a_failed_task_have_the_documented_errors(
    tasks: httpx.Client, scenario: str, error: dict[str, object]
) -> None:
    task_id = CALLS[scenario].task_id
    body = {"task": {"task_id": task_id, "state": scenario}, "error": error}
    assert answer(tasks.get(task_id)) == (200, body)


def test_a_call_of_two_has_reactions_and_crosstalks_on_both_sides(tasks: httpx.Client) -> None:
    analyses = tasks.get(CALLS["done-stereo"].task_id).json()["result"]["reaction_analyses"]
    assert [analysis["reacting_channel"] for analysis in analyses] == [0, 1]
    assert all(analysis["reactions_count"] > 0 and analysis["crosstalks"] for analysis in analyses)


def test_a_call_in_which_one_only_talks_over_the_other_has_no_reactions(tasks: httpx.Client) -> None:
    analyses = tasks.get(CALLS["done-without-reactions"].task_id).json()["result"]["reaction_analyses"]
    assert [analysis["reactions_count"] for analysis in analyses] == [0, 0]
    assert [len(analysis["crosstalks"]) for analysis in analyses] == [0, 3]


@pytest.mark.parametrize("task_id", [EXPIRED_TASK_ID, "00000000-0000-4000-8000-000000000000"])
def test_an_expired_and_an_unknown_task_are_answered_404(tasks: httpx.Client, task_id: str) -> None:
    assert answer(tasks.get(task_id)) == (404, not_found(task_id))


def test_a_rate_limited_task_is_answered_429_with_its_four_headers(tasks: httpx.Client) -> None:
    response = tasks.get(RATE_LIMITED_TASK_ID)
    body = {"type": "request.rate-limit-exceeded", "message": "Rate limit exceeded: 1 per 5 second.", "detail": []}
    assert answer(response) == (429, body)
    assert response.headers["retry-after"] == "5"
    assert response.headers["x-ratelimit-limit"] == "1"
    assert response.headers["x-ratelimit-remaining"] == "0"
    assert 0 <= int(response.headers["x-ratelimit-reset"]) - time.time() <= 5


@pytest.mark.parametrize(
    "task_id",
    [
        "",
        "1",
        "123e4567-e89b-12d3-a456-42661417400",
        "123e4567e89b12d3a456426614174000",
        "%7B123e4567-e89b-12d3-a456-426614174000%7D",
        "123e4567-e89b-12d3-a456-426614174000%0A",
        "123e4567-e89b-12d3-a456-426614174000/",
        "%00",
        "%EC%84%9C%EC%9A%B8",
        "x" * 20_000,
    ],
)
def test_an_id_that_is_not_a_uuid_is_answered_422(tasks: httpx.Client, task_id: str) -> None:
    body = {"type": "request.validation-error", "message": "Request validation error.", "detail": []}
    assert answer(tasks.get(task_id)) == (422, body)


def test_an_id_that_is_not_utf_8_is_answered_400(tasks: httpx.Client) -> None:
    body = {"type": "request.invalid", "message": "Invalid request.", "detail": []}
    assert answer(tasks.get("%FF%FE")) == (400, body)


def test_other_methods_are_answered_405(tasks: httpx.Client) -> None:
    body = {"type": "method.invalid", "message": "Method not allowed.", "detail": []}
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        response = tasks.request(method, CALLS["done-stereo"].task_id, content=b"{}")
        assert answer(response) == (405, body)
        assert response.headers["allow"] == "GET"


def test_the_ids_that_are_known_are_those_that_are_always_answered_the_same_200() -> None:
    known = set(known_ids("phonexia"))
    assert not known & {EXPIRED_TASK_ID, RATE_LIMITED_TASK_ID}
    assert len(known) == len(CALLS) - 3
