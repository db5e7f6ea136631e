"""Reading time analyses: what comes back in each state, and how waiting ends."""

import asyncio
import time
from typing import Any
from uuid import UUID

import pytest

from sleeptalk.errors import (
    CallFailed,
    ConfigurationError,
    ContractViolation,
    Forbidden,
    InvalidTaskId,
    RateLimited,
    RequestRefused,
    TaskFailed,
    TaskNotFound,
    TaskRejected,
    TaskTimeout,
    UnexpectedStatus,
)
from sleeptalk.phonexia import (
    AsyncPhonexia,
    ErrorDetail,
    Phonexia,
    TaskErrorType,
    TaskState,
    TimeAnalysisResult,
    json_pointer,
)
from sleeptalk_contract.services.phonexia.sandbox.calls import CALLS
from tests.clients.bodies import example, examples
from tests.clients.calling import TASK, Call
from tests.clients.clocks import SkippingClock
from tests.clients.hostile import answer, drip_after, head, hostile

DONE = answer(example("TimeAnalysisDone", "phonexia"))
PENDING = answer(example("TimeAnalysisPending", "phonexia"))
RUNNING = answer(example("TimeAnalysisRunning", "phonexia"))


@pytest.mark.parametrize("name", [call.name for call in CALLS.values() if call.availability == "available"])
def test_every_task_of_the_sandbox_is_read(phonexia: Call, phonexia_url: str, name: str) -> None:
    given = CALLS[name]
    task = phonexia(phonexia_url, "get_time_analysis", given.task_id)
    assert task.task_id == UUID(given.task_id)
    assert task.state.value == given.state
    assert (task.result is not None) == (given.state == "done")
    assert (task.error is not None) == (given.state in ("rejected", "failed"))


@pytest.mark.parametrize("name", examples("TimeAnalysis", "phonexia"))
def test_every_example_of_the_document_is_read(phonexia: Call, name: str) -> None:
    with hostile(answer(example(name, "phonexia"))) as server:
        task = phonexia(server.url)
    assert isinstance(task.state, TaskState)
    assert task.result is None or isinstance(task.result, TimeAnalysisResult)


@pytest.mark.parametrize("nothing", [{}, {"result": None, "error": None}, {"result": {}, "error": {}}, {"result": {}}])
def test_absent_null_and_empty_are_not_results(phonexia: Call, nothing: dict[str, Any]) -> None:
    with hostile(answer({"task": {"task_id": TASK, "state": "pending"}, **nothing})) as server:
        task = phonexia(server.url)
    assert (task.result, task.error) == (None, None)


@pytest.mark.parametrize(
    ("result", "path"),
    [({"channel_analyses": []}, "$.result"), ([], "$.result"), ("", "$.result"), ({"x": 1}, "$.result")],
)
def test_a_result_that_does_not_fit_is_an_error_and_never_a_dict(phonexia: Call, result: Any, path: str) -> None:
    body = {"task": {"task_id": TASK, "state": "done"}, "result": result, "error": {}}
    with hostile(answer(body)) as server, pytest.raises(ContractViolation) as caught:
        phonexia(server.url)
    assert caught.value.path == path


def test_the_values_of_an_error_are_typed(phonexia: Call, phonexia_url: str) -> None:
    task = phonexia(phonexia_url, "get_time_analysis", CALLS["rejected-with-detail"].task_id)
    assert task.error.type is TaskErrorType.TASK_VALIDATION_ERROR
    first = task.error.detail[0]
    assert isinstance(first, ErrorDetail)
    assert first.location == ["file", "channels", 1]
    assert json_pointer(first) == "/file/channels/1"
    assert first.context["channel_lengths"] == [4.5, 0.25]
    assert (type(first.context["channel"]), type(first.context["truncated"])) == (int, bool)


@pytest.mark.parametrize(
    ("location", "pointer"),
    [([], ""), (["root"], "/root"), ([0, "a/b", "c~d", ""], "/0/a~1b/c~0d/")],
)
def test_a_location_is_a_json_pointer(location: list[int | str], pointer: str) -> None:
    assert json_pointer(ErrorDetail(location=location, message="", type="")) == pointer


def test_a_state_that_the_vendor_adds_is_kept(phonexia: Call) -> None:
    with hostile(answer({"task": {"task_id": TASK, "state": "cancelled"}})) as server:
        task = phonexia(server.url)
    assert task.state == "cancelled"


@pytest.mark.parametrize("method", ["get_time_analysis", "wait_for_time_analysis"])
def test_another_task_is_never_taken_for_the_one_that_was_asked_for(phonexia: Call, method: str) -> None:
    other = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
    with hostile(DONE) as server, pytest.raises(ContractViolation, match=other) as caught:
        phonexia(server.url, method, other)
    assert caught.value.path == "$.task.task_id"
    assert (caught.value.status, caught.value.attempts) == (200, 1)


@pytest.mark.parametrize("task_id", [TASK.upper(), UUID(TASK), TASK.replace("-", "")])
def test_one_id_may_be_written_in_several_ways(phonexia: Call, task_id: Any) -> None:
    with hostile(DONE) as server:
        assert phonexia(server.url, "get_time_analysis", task_id, options={"check_ids": False}).task_id == UUID(TASK)


def test_ids_of_a_request_are_sent_and_come_back(phonexia: Call) -> None:
    answered = answer(example("TimeAnalysisDone", "phonexia"), 200, "x-request-id: r", "x-correlation-id: c")
    with hostile(answered) as server:
        task = phonexia(server.url, "get_time_analysis", UUID(TASK), correlation_id="c", request_id="r")
        assert (server.header("x-correlation-id"), server.header("x-request-id")) == ("c", "r")
        assert server.requests[0].startswith(f"GET /api/technology/time-analysis/{TASK} ")
    assert (task.response.request_id, task.response.correlation_id) == ("r", "c")


def test_a_task_that_is_not_there_is_not_found(phonexia: Call, phonexia_url: str) -> None:
    with pytest.raises(TaskNotFound) as caught:
        phonexia(phonexia_url, "get_time_analysis", CALLS["expired"].task_id)
    assert caught.value.error.detail[0].type == "task.not-found"
    assert caught.value.error.detail[0].context == {"task_id": CALLS["expired"].task_id}


def test_a_rate_limit_has_its_numbers(phonexia: Call, phonexia_url: str) -> None:
    with pytest.raises(RateLimited) as caught:
        phonexia(phonexia_url, "get_time_analysis", CALLS["rate-limited"].task_id, client={"retries": 0})
    error = caught.value
    assert (error.status, error.retry_after, error.limit, error.remaining) == (429, 5, 1, 0)
    assert abs(error.reset - time.time()) < 60
    assert error.error.type == "request.rate-limit-exceeded"


@pytest.mark.parametrize(
    ("status", "type_", "error"),
    [
        (400, "request.invalid", RequestRefused),
        (403, "request.forbidden", Forbidden),
        (404, "method.invalid", RequestRefused),
        (422, "request.validation-error", RequestRefused),
    ],
)
def test_each_refusal_has_its_class(phonexia: Call, status: int, type_: str, error: type[CallFailed]) -> None:
    with hostile(answer({"type": type_, "message": "No."}, status)) as server, pytest.raises(error) as caught:
        phonexia(server.url)
    assert (caught.value.detail, caught.value.error.type) == ("No.", type_)


@pytest.mark.parametrize("body", [{"detail": "Not Found"}, b"<html>", {}, []])
def test_a_404_of_somebody_else_is_not_a_missing_task(phonexia: Call, body: Any) -> None:
    with hostile(answer(body, 404)) as server, pytest.raises(UnexpectedStatus):
        phonexia(server.url)


@pytest.mark.parametrize("task_id", ["", "x", TASK[:-1], TASK.replace("-", ""), f"{TASK}\n", None, 7])
def test_a_malformed_id_is_refused_before_anything_is_sent(phonexia: Call, task_id: Any) -> None:
    with hostile(DONE) as server:
        with pytest.raises(InvalidTaskId):
            phonexia(server.url, "get_time_analysis", task_id)
        assert not server.requests


def test_an_unchecked_id_is_refused_by_the_service(phonexia: Call, phonexia_url: str) -> None:
    with pytest.raises(InvalidTaskId) as caught:
        phonexia(phonexia_url, "get_time_analysis", "not-a-uuid", options={"check_ids": False})
    assert caught.value.status == 422


def test_the_address_comes_from_the_environment(phonexia: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    with hostile(DONE) as server:
        monkeypatch.setenv("PHONEXIA_URL", server.url)
        assert phonexia(None).state is TaskState.DONE
    monkeypatch.delenv("PHONEXIA_URL")
    with pytest.raises(ConfigurationError, match="PHONEXIA_URL"):
        Phonexia()


def test_a_password_in_the_address_is_not_shown() -> None:
    with Phonexia("http://user:secret@appliance:8000/base/") as phonexia:
        assert repr(phonexia) == "Phonexia(base_url='http://appliance:8000/base', timeout=30.0, retries=2)"


def test_waiting_returns_the_result(phonexia: Call) -> None:
    seen: list[str] = []
    limited = answer({"type": "request.rate-limit-exceeded", "message": "Slow down."}, 429, "retry-after: 0")
    with hostile(PENDING, RUNNING, limited, limited, limited, RUNNING, DONE) as server:
        result = phonexia(
            server.url,
            "wait_for_time_analysis",
            poll=0.01,
            on_progress=lambda task: seen.append(task.state.value),
            client={"retries": 0},
        )
    assert isinstance(result, TimeAnalysisResult)
    assert seen == ["pending", "running", "running", "done"]


@pytest.mark.parametrize(
    ("name", "error", "kind"),
    [
        ("TimeAnalysisRejected", TaskRejected, "task.validation-error"),
        ("TimeAnalysisFailed", TaskFailed, "internal"),
    ],
)
def test_a_task_that_ends_badly_is_an_error_with_its_reason(
    phonexia: Call, name: str, error: type[CallFailed], kind: str
) -> None:
    with hostile(RUNNING, answer(example(name, "phonexia"))) as server, pytest.raises(error) as caught:
        phonexia(server.url, "wait_for_time_analysis", poll=0.01)
    assert caught.value.error.type == kind
    assert caught.value.detail == caught.value.error.message


@pytest.mark.usefixtures("clock")
def test_a_timeout_has_the_last_state_and_the_wait_can_be_resumed(phonexia: Call) -> None:
    with hostile(PENDING) as server:
        with pytest.raises(TaskTimeout) as caught:
            phonexia(server.url, "wait_for_time_analysis", poll=5, timeout=30)
        assert len(server.requests) > 1
    assert (caught.value.task_id, caught.value.state, caught.value.timeout) == (TASK, "pending", 30)
    with hostile(DONE) as server:
        assert phonexia(server.url, "wait_for_time_analysis", caught.value.task_id)


def test_a_call_that_never_ends_does_not_outlast_the_wait(phonexia: Call) -> None:
    with hostile(PENDING, drip_after(head(200, length=100_000))) as server:
        began = time.monotonic()
        with pytest.raises(TaskTimeout) as caught:
            phonexia(server.url, "wait_for_time_analysis", poll=0.01, timeout=0.4)
        assert time.monotonic() - began < 5
    assert caught.value.state == "pending"


def test_a_pause_that_the_service_asks_for_is_obeyed(phonexia: Call, clock: SkippingClock) -> None:
    patient = answer(example("TimeAnalysisPending", "phonexia"), 200, "retry-after: 40")
    with hostile(patient, DONE) as server:
        phonexia(server.url, "wait_for_time_analysis", poll=0.01)
    assert clock.pauses == [40]


def test_a_pause_longer_than_the_wait_ends_it_at_once(phonexia: Call, clock: SkippingClock) -> None:
    patient = answer(example("TimeAnalysisPending", "phonexia"), 200, "retry-after: 600")
    with hostile(patient) as server, pytest.raises(TaskTimeout):
        phonexia(server.url, "wait_for_time_analysis", timeout=60)
    assert clock.pauses == []


def test_a_task_that_expires_while_it_is_waited_for_is_not_found(phonexia: Call) -> None:
    gone = answer(example("ErrorTaskNotFound", "phonexia"), 404)
    with hostile(RUNNING, gone) as server, pytest.raises(TaskNotFound):
        phonexia(server.url, "wait_for_time_analysis", poll=0.01)


def test_done_without_a_result_breaks_the_contract(phonexia: Call) -> None:
    empty = answer({"task": {"task_id": TASK, "state": "done"}, "result": {}})
    with hostile(empty) as server, pytest.raises(ContractViolation) as caught:
        phonexia(server.url, "wait_for_time_analysis")
    assert (caught.value.path, caught.value.attempts) == ("$.result", 1)


def test_what_on_progress_raises_comes_through(phonexia: Call) -> None:
    class Stop(Exception):  # noqa: N818  # it is no error
        pass

    def stop(_: object) -> None:
        raise Stop

    with hostile(PENDING) as server, pytest.raises(Stop):
        phonexia(server.url, "wait_for_time_analysis", on_progress=stop)


def test_on_progress_may_be_async() -> None:
    seen = []

    async def look(task: Any) -> None:
        await asyncio.sleep(0)
        seen.append(task.state)

    async def run() -> None:
        async with AsyncPhonexia(server.url) as phonexia:
            await phonexia.wait_for_time_analysis(TASK, poll=0.01, on_progress=look)

    with hostile(PENDING, DONE) as server:
        asyncio.run(run())
    assert seen == [TaskState.PENDING, TaskState.DONE]


@pytest.mark.parametrize("wrong", [{"timeout": 0}, {"poll": -1}, {"poll": float("nan")}])
def test_a_wait_that_cannot_be_made_is_refused(phonexia: Call, wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(wrong))):
        phonexia("http://127.0.0.1", "wait_for_time_analysis", **wrong)


@pytest.mark.parametrize("pause", ["between calls", "in a call"])
def test_a_cancelled_wait_leaves_no_connection_behind(pause: str) -> None:
    stuck = drip_after(head(200, length=100_000))

    async def run() -> None:
        async with AsyncPhonexia(server.url) as phonexia:
            wait = asyncio.ensure_future(phonexia.wait_for_time_analysis(TASK, poll=60))
            assert await asyncio.to_thread(server.arrived.wait, 10)
            wait.cancel()
            with pytest.raises(asyncio.CancelledError):
                await wait
            transport: Any = phonexia._transport._http._transport
            assert all(connection.is_idle() for connection in transport._pool.connections)

    with hostile(PENDING if pause == "between calls" else stuck) as server:
        asyncio.run(run())
