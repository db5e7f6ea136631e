"""How a wait spends its time: the last call is shortly before the end, and a passing failure does not end it."""

from collections.abc import Callable
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
from tests.clients.clocks import SkippingClock
from tests.clients.hostile import Script, answer, hostile, raw

pytestmark = pytest.mark.usefixtures("clock")

DONE = answer(example("TimeAnalysisDone", "phonexia"))
RUNNING = answer(example("TimeAnalysisRunning", "phonexia"))
UNAVAILABLE = answer({}, 503)
LIMITED = answer({}, 429)

Failure = Callable[[SkippingClock], Script]


def at_once(script: Script) -> Failure:
    return lambda _: script


def late(clock: SkippingClock) -> Script:
    """Answer after the deadline of the call, which is 20 s unless a test sets another."""

    def script(connection: Any, over: Any) -> None:
        clock.pauses.append(21)
        DONE(connection, over)

    return script


def wait(phonexia: Call, url: str, **keywords: Any) -> Any:
    return phonexia(url, "wait_for_time_analysis", **{"client": {"retries": 0, "timeout": 20}, **keywords})


@pytest.mark.parametrize("poll", [500, 70])
def test_the_last_call_is_shortly_before_the_end(phonexia: Call, clock: SkippingClock, poll: float) -> None:
    with hostile(RUNNING) as server:
        with pytest.raises(TaskTimeout) as caught:
            wait(phonexia, server.url, timeout=100, poll=poll)
        assert 89 <= sum(clock.pauses) < 100
        assert len(server.requests) >= 2
    assert caught.value.state == "running"


def test_the_pauses_grow_to_ten_times_the_first_and_vary_by_a_fifth(phonexia: Call, clock: SkippingClock) -> None:
    with hostile(*[RUNNING] * 9, DONE) as server:
        wait(phonexia, server.url, timeout=10_000, poll=2)
    expected = [2 * min(1.5**number, 10) for number in range(9)]
    assert all(0.8 * mean <= pause <= 1.2 * mean for pause, mean in zip(clock.pauses, expected, strict=True))


def test_a_session_is_read_once_more_however_long_the_pauses_are(asleep: Call) -> None:
    with hostile(answer(example("SessionClosed"))) as server:
        with pytest.raises(SessionTimeout) as caught:
            asleep(server.url, "wait_for_session", timeout=60, poll=500)
        assert len(server.requests) == 2
    assert (caught.value.state, caught.value.attempts) == ("CLOSED", 2)


def test_a_wait_that_was_too_long_says_how_long_it_was_and_counts_its_requests(phonexia: Call) -> None:
    with hostile(RUNNING, UNAVAILABLE, RUNNING) as server:
        with pytest.raises(
            TaskTimeout, match=r"running when last seen, and the wait ended after 9\d\.\d\d s"
        ) as caught:
            wait(phonexia, server.url, timeout=100, poll=20, client={"retries": 1})
        assert caught.value.attempts == len(server.requests)
    assert caught.value.timeout == 100


def test_a_wait_that_a_service_asks_to_prolong_says_so(phonexia: Call) -> None:
    patient = answer(example("TimeAnalysisRunning", "phonexia"), 200, "retry-after: 600")
    with hostile(patient) as server, pytest.raises(TaskTimeout, match=r"asks to wait 600 s and \d\d\.\d\d s are left"):
        wait(phonexia, server.url, timeout=60)


@pytest.mark.parametrize(
    "failure",
    [
        *[pytest.param(at_once(answer({}, status)), id=str(status)) for status in (408, 429, 502, 503, 504)],
        pytest.param(at_once(answer({}, 503, "retry-after: 30")), id="503-with-a-pause-longer-than-a-call"),
        pytest.param(at_once(raw()), id="hang-up"),
        pytest.param(late, id="too-late"),
    ],
)
def test_a_passing_failure_does_not_end_a_wait(phonexia: Call, clock: SkippingClock, failure: Failure) -> None:
    script = failure(clock)
    with hostile(RUNNING, script, script, DONE) as server:
        result = wait(phonexia, server.url, timeout=3000, client={"timeout": 20})
        assert len(server.requests) > 3
    assert isinstance(result, TimeAnalysisResult)


@pytest.mark.parametrize(
    ("failure", "cause"),
    [(at_once(UNAVAILABLE), ServerError), (at_once(LIMITED), RateLimited), (late, DeadlineExceeded)],
)
def test_failures_to_the_end_leave_the_state_that_was_seen_before(
    phonexia: Call, clock: SkippingClock, failure: Failure, cause: type[CallFailed]
) -> None:
    with hostile(RUNNING, failure(clock)) as server, pytest.raises(TaskTimeout) as caught:
        wait(phonexia, server.url, timeout=100)
    error = caught.value
    assert (error.task_id, error.state, error.status) == (TASK, "running", 200)
    assert type(error.__cause__) is cause


@pytest.mark.parametrize(
    ("failure", "error"),
    [(at_once(UNAVAILABLE), ServerError), (at_once(raw()), CallFailed), (late, DeadlineExceeded)],
)
def test_a_first_call_that_fails_ends_the_wait(
    phonexia: Call, clock: SkippingClock, failure: Failure, error: type[CallFailed]
) -> None:
    with hostile(failure(clock), DONE) as server, pytest.raises(error) as caught:
        wait(phonexia, server.url, timeout=300)
    assert not isinstance(caught.value, TaskTimeout)


def test_a_failure_that_will_not_pass_ends_the_wait(phonexia: Call) -> None:
    gone = answer(example("ErrorTaskNotFound", "phonexia"), 404)
    with hostile(RUNNING, UNAVAILABLE, gone, DONE) as server, pytest.raises(TaskNotFound):
        wait(phonexia, server.url, timeout=300)
