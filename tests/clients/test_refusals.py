"""What a refusal means, however a service, its framework or a proxy before it words it."""

import json
from typing import Any

import httpx
import pytest

from sleeptalk.asleep import Asleep
from sleeptalk.errors import (
    CallFailed,
    ContractViolation,
    Forbidden,
    InvalidSessionId,
    InvalidTaskId,
    InvalidUserId,
    PlanExpired,
    QuotaExceeded,
    RateLimited,
    RequestRefused,
    SessionNotFound,
    TaskFailed,
    TaskNotFound,
    TaskRejected,
    Unauthorized,
    UnexpectedStatus,
    UserNotFound,
)
from tests.clients.bodies import example
from tests.clients.calling import KEY, SESSION, TASK, USER, Call
from tests.clients.clocks import SkippingClock
from tests.clients.hostile import answer, hostile

FASTAPI = [{"loc": ["query", "depth"], "msg": "field required", "type": "missing"}]
SILENT = [{"detail": []}, {"detail": {}}, {"detail": None}, {}, [], b"<html>", b"", b"[" * 100_000]


def particular(**changes: Any) -> dict[str, Any]:
    return {"location": [], "message": "Gone.", "type": "task.not-found", **changes}


@pytest.mark.parametrize(
    ("detail", "seen"),
    [
        (None, []),
        ([particular(context=None)], [None]),
        ([particular(context={"task_id": TASK, "hint": None}), particular()], [{"task_id": TASK, "hint": None}, None]),
    ],
)
def test_a_null_in_an_optional_part_does_not_cost_the_error(phonexia: Call, detail: Any, seen: Any) -> None:
    body = {"type": "resource.not-found", "message": "Gone.", "detail": detail}
    with hostile(answer(body, 404)) as server, pytest.raises(TaskNotFound) as caught:
        phonexia(server.url)
    assert caught.value.detail == "Gone."
    assert [item.context or None for item in caught.value.error.detail or ()] == seen


@pytest.mark.parametrize(
    ("name", "error"), [("TimeAnalysisFailed", TaskFailed), ("TimeAnalysisRejected", TaskRejected)]
)
@pytest.mark.parametrize("detail", [None, [particular(context=None)], [particular(context={"channel": None})]])
def test_a_null_in_a_tasks_error_does_not_cost_its_meaning(
    phonexia: Call, name: str, error: type[CallFailed], detail: Any
) -> None:
    body = example(name, "phonexia")
    body["result"] = {}
    body["error"]["detail"] = detail
    with hostile(answer(body)) as server, pytest.raises(error) as caught:
        phonexia(server.url, "wait_for_time_analysis")
    assert caught.value.detail == body["error"]["message"]


@pytest.mark.parametrize(
    ("error", "path"),
    [
        ({"message": None}, "$.error.message"),
        ({"detail": 7}, "$.error.detail"),
        ({"detail": [None]}, "$.error.detail[0]"),
        ({"detail": [particular(context=7)]}, "$.error.detail[0].context"),
        ({"detail": [particular(context={"channel": {}})]}, "$.error.detail[0].context[...]"),
    ],
)
def test_an_error_that_is_wrong_in_another_way_still_breaks_the_contract(
    phonexia: Call, error: dict[str, Any], path: str
) -> None:
    body = example("TimeAnalysisFailed", "phonexia")
    body["error"] |= error
    with hostile(answer(body)) as server, pytest.raises(ContractViolation) as caught:
        phonexia(server.url)
    assert caught.value.path == path


@pytest.mark.parametrize("number", ["1e400", "-1E99999", "34.0"])
def test_an_empty_result_is_none_whatever_number_stands_beside_it(phonexia: Call, number: str) -> None:
    body = f'{{"task": {{"task_id": "{TASK}", "state": "pending"}}, "result": {{}}, "added": {number}}}'
    with hostile(answer(body.encode())) as server:
        assert phonexia(server.url).result is None


def test_a_number_that_nothing_can_hold_is_not_text_either(phonexia: Call) -> None:
    body = json.dumps(example("TimeAnalysisFailed", "phonexia") | {"result": {}})
    message = json.dumps(example("TimeAnalysisFailed", "phonexia")["error"]["message"])
    with hostile(answer(body.replace(message, "1e400").encode())) as server, pytest.raises(ContractViolation) as caught:
        phonexia(server.url)
    assert caught.value.path == "$.error.message"


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("body", SILENT)
def test_a_documented_refusal_is_one_without_words_too(asleep: Call, phonexia: Call, status: int, body: Any) -> None:
    for call in (asleep, phonexia):
        with hostile(answer(body, status)) as server, pytest.raises(RequestRefused) as caught:
            call(server.url)
        assert caught.value.detail is None


@pytest.mark.parametrize("status", [400, 422])
def test_the_words_of_a_framework_are_kept(asleep: Call, phonexia: Call, status: int) -> None:
    for call in (asleep, phonexia):
        with hostile(answer({"detail": FASTAPI}, status)) as server, pytest.raises(RequestRefused) as caught:
            call(server.url)
        assert caught.value.detail == "query.depth: field required"


def test_a_framework_that_refuses_an_id_means_the_id(asleep: Call, phonexia: Call) -> None:
    refused = [{"loc": ["path", "session_id"], "msg": "string does not match", "type": "value_error"}]
    with hostile(answer({"detail": refused}, 422)) as server, pytest.raises(InvalidSessionId) as session:
        asleep(server.url)
    assert session.value.detail == "path.session_id: string does not match"
    refused[0]["loc"] = ["path", "task_id"]
    with hostile(answer({"detail": refused}, 422)) as server, pytest.raises(InvalidTaskId) as task:
        phonexia(server.url, "get_time_analysis", "x", options={"check_ids": False})
    assert task.value.detail == "path.task_id: string does not match"


def test_a_404_in_other_words_than_the_services_own_keeps_them(phonexia: Call) -> None:
    with hostile(answer({"detail": "no such route"}, 404)) as server, pytest.raises(UnexpectedStatus) as caught:
        phonexia(server.url)
    assert caught.value.detail == "no such route"


def test_a_key_that_is_part_of_a_word_does_not_change_what_a_refusal_means(asleep: Call) -> None:
    with hostile(answer({"detail": "Session not found"}, 404)) as server, pytest.raises(SessionNotFound) as caught:
        asleep(server.url, client={"api_key": "s"})
    assert caught.value.detail == "Se[key][key]ion not found"


@pytest.mark.parametrize("item", ["{deep}", '{{"msg": {deep}}}', '{{"loc": [{deep}], "msg": "x"}}'])
def test_words_that_are_nested_deeply_are_cut_short(item: str) -> None:
    content = b""
    transport = httpx.MockTransport(lambda _: httpx.Response(422, content=content))
    with httpx.Client(transport=transport) as http:
        asleep = Asleep(KEY, USER, http_client=http)
        for depth in range(700, 1000):  # one of them is as deep as a reader gets, and deeper than a writer does
            deep = item.format(deep="[" * depth + "]" * depth)
            content = f'{{"detail": [{deep}]}}'.encode()
            with pytest.raises(RequestRefused):
                asleep.get_session(SESSION)


@pytest.mark.parametrize(
    ("status", "words", "error"),
    [
        (403, "Rate limit exceeded", RateLimited),
        (403, "RATE_LIMIT_EXCEEDED", RateLimited),
        (403, "Too many requests", RateLimited),
        (429, "Rate limit exceeded: 1 per 5 second.", RateLimited),
        (403, "Quota exceeded", QuotaExceeded),
        (403, "API quota exceeded.", QuotaExceeded),
        (403, "Plan is expired", PlanExpired),
        (403, "plan_expired", PlanExpired),
        (403, "Forbidden", Forbidden),
        (404, "user does not exist", UserNotFound),
        (404, "user not exist", UserNotFound),
        (404, "user requested was not found", UserNotFound),
        (404, "session does not exist", SessionNotFound),
        (404, "The session does not exist for this user", SessionNotFound),
        (401, "x-user-id is invalid", InvalidUserId),
        (401, "user_id is invalid", InvalidUserId),
        (401, "invalid user id", InvalidUserId),
        (400, "The format of x-user-id is invalid", InvalidUserId),
        (401, "Unauthorized", Unauthorized),
        (401, "The API key does not belong to this user id", Unauthorized),
        (401, "Not authorized customer uuid", Unauthorized),
    ],
)
@pytest.mark.parametrize("field", ["detail", "message"])
def test_the_words_of_the_vendor_have_meanings_of_their_own(
    asleep: Call, status: int, words: str, error: type[CallFailed], field: str
) -> None:
    with hostile(answer({field: words}, status)) as server, pytest.raises(CallFailed) as caught:
        asleep(server.url, client={"retries": 0})
    assert type(caught.value) is error
    assert caught.value.detail == words
    assert words.rstrip(".") in str(caught.value)
    assert "base_url" not in str(caught.value)


def test_a_403_that_asks_for_fewer_requests_is_repeated_after_the_pause_it_asks_for(
    asleep: Call, clock: SkippingClock
) -> None:
    throttled = answer({"detail": "Rate limit exceeded"}, 403, "retry-after: 7")
    with hostile(throttled, throttled, answer(example("SessionComplete"))) as server:
        assert asleep(server.url).response.attempts == 3
    assert clock.pauses == [7, 7]


def test_a_403_that_asks_for_fewer_requests_means_the_same_for_every_service(phonexia: Call) -> None:
    body = {"type": "request.forbidden", "message": "Rate limit exceeded: 1 per 5 second."}
    with hostile(answer(body, 403)) as server, pytest.raises(RateLimited) as caught:
        phonexia(server.url, client={"retries": 0})
    assert caught.value.status == 403


@pytest.mark.parametrize("words", ["Quota exceeded", "Plan is expired", "Forbidden"])
def test_a_403_that_no_pause_helps_against_is_not_repeated(asleep: Call, words: str) -> None:
    with hostile(answer({"detail": words}, 403, "retry-after: 0")) as server:
        with pytest.raises(Forbidden) as caught:
            asleep(server.url)
        assert len(server.requests) == 1
    assert caught.value.attempts == 1


@pytest.mark.parametrize(
    ("body", "advised"),
    [
        ({"detail": "This version is no longer served"}, False),
        ({"detail": "Not Found"}, True),
        ({"error": "no route"}, True),
        (b"<html>", True),
        (b"", True),
    ],
)
@pytest.mark.parametrize("status", [404, 405, 410])
def test_the_address_is_doubted_only_where_an_answer_is_not_the_services(
    asleep: Call, body: Any, advised: bool, status: int
) -> None:
    with hostile(answer(body, status)) as server, pytest.raises(UnexpectedStatus) as caught:
        asleep(server.url)
    assert ("check base_url" in str(caught.value)) is advised


def test_the_address_of_an_appliance_is_doubted_only_where_an_answer_is_not_its_own(phonexia: Call) -> None:
    with hostile(answer({"type": "method.invalid", "message": "No."}, 410)) as server:
        with pytest.raises(UnexpectedStatus) as caught:
            phonexia(server.url)
        assert "base_url" not in str(caught.value)
    with hostile(answer({"detail": "no such route"}, 405)) as server, pytest.raises(UnexpectedStatus, match="base_url"):
        phonexia(server.url)
