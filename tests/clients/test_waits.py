"""How a wait spends its time: the last look lies shortly before the end, and a passing failure does not end it."""

import time
from typing import Any

import pytest

from sleeptalk.errors import (
    CallFailed,
    DeadlineExceeded,
    RateLimited,
    ServerError,
    SessionTimeout,
    TaskNotFound,
    TaskTimeout,
)
from sleeptalk.phonexia import TimeAnalysisResult
from tests.clients.bodies import example
from tests.clients.calling import TASK, Call
from tests.clients.hostile import Script, answer, hostile, raw, silence_after

DONE = answer(example("TimeAnalysisDone", "phonexia"))
RUNNING = answer(example("TimeAnalysisRunning", "phonexia"))
UNAVAILABLE = answer({}, 503)
LIMITED = answer({}, 429)


def wait(phonexia: Call, url: str, **keywords: Any) -> Any:
    return phonexia(url, "wait_for_time_analysis", **{"poll": 0.01, "client": {"retries": 0}, **keywords})


@pytest.mark.parametrize("poll", [5, 0.7])
def test_the_last_look_is_shortly_before_the_end(phonexia: Call, poll: float) -> None:
    with hostile(RUNNING) as server:
        began = time.monotonic()
        with pytest.raises(TaskTimeout) as caught:
            wait(phonexia, server.url, timeout=1, poll=poll)
        assert time.monotonic() - began >= 0.89
        assert len(server.requests) >= 2
    assert caught.value.state == "running"


def test_a_session_is_looked_at_once_more_however_long_the_pauses_are(asleep: Call) -> None:
    with hostile(answer(example("SessionClosed"))) as server:
        with pytest.raises(SessionTimeout) as caught:
            asleep(server.url, "wait_for_session", timeout=0.5)
        assert len(server.requests) == 2
    assert (caught.value.state, caught.value.attempts) == ("CLOSED", 2)


def test_a_wait_that_was_too_long_says_how_long_it_was_and_counts_its_requests(phonexia: Call) -> None:
    with hostile(RUNNING, UNAVAILABLE, RUNNING) as server:
        with pytest.raises(TaskTimeout, match=r"running when last seen, and the wait ended after 0\.\d\d s") as caught:
            wait(phonexia, server.url, timeout=0.5, poll=0.05, client={"retries": 1})
        assert caught.value.attempts == len(server.requests)
    assert caught.value.timeout == 0.5


def test_a_wait_that_a_service_asks_to_prolong_says_so(phonexia: Call) -> None:
    patient = answer(example("TimeAnalysisRunning", "phonexia"), 200, "retry-after: 600")
    with hostile(patient) as server, pytest.raises(TaskTimeout, match=r"asks to wait 600 s and \d\d\.\d\d s are left"):
        wait(phonexia, server.url, timeout=60)


@pytest.mark.parametrize(
    "failure",
    [
        *[pytest.param(answer({}, status), id=str(status)) for status in (408, 429, 502, 503, 504)],
        pytest.param(answer({}, 503, "retry-after: 0.3"), id="503-with-a-pause-longer-than-a-call"),
        pytest.param(raw(), id="hang-up"),
        pytest.param(silence_after(), id="no-answer"),
    ],
)
def test_a_passing_failure_does_not_end_a_wait(phonexia: Call, failure: Script) -> None:
    with hostile(RUNNING, failure, failure, DONE) as server:
        result = wait(phonexia, server.url, timeout=30, client={"timeout": 0.2})
        assert len(server.requests) > 3
    assert isinstance(result, TimeAnalysisResult)


@pytest.mark.parametrize(
    ("failure", "cause"),
    [(UNAVAILABLE, ServerError), (LIMITED, RateLimited), (silence_after(), DeadlineExceeded)],
)
def test_failures_to_the_end_leave_the_state_that_was_seen_before(
    phonexia: Call, failure: Script, cause: type[CallFailed]
) -> None:
    with hostile(RUNNING, failure) as server, pytest.raises(TaskTimeout) as caught:
        wait(phonexia, server.url, timeout=0.5, client={"timeout": 0.2, "retries": 0})
    error = caught.value
    assert (error.task_id, error.state, error.status) == (TASK, "running", 200)
    assert type(error.__cause__) is cause


@pytest.mark.parametrize(
    ("failure", "error"), [(UNAVAILABLE, ServerError), (raw(), CallFailed), (silence_after(), DeadlineExceeded)]
)
def test_a_first_look_that_fails_ends_the_wait(phonexia: Call, failure: Script, error: type[CallFailed]) -> None:
    with hostile(failure, DONE) as server, pytest.raises(error) as caught:
        wait(phonexia, server.url, timeout=30, client={"timeout": 0.2, "retries": 0})
    assert not isinstance(caught.value, TaskTimeout)


def test_a_failure_that_will_not_pass_ends_the_wait(phonexia: Call) -> None:
    gone = answer(example("ErrorTaskNotFound", "phonexia"), 404)
    with hostile(RUNNING, UNAVAILABLE, gone, DONE) as server, pytest.raises(TaskNotFound):
        wait(phonexia, server.url, timeout=30)
