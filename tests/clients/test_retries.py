"""When a request is sent again, how long is waited before, and when not."""

import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from sleeptalk.asleep import Asleep, Night
from sleeptalk.errors import (
    CallFailed,
    ConnectionFailed,
    ContractViolation,
    DeadlineExceeded,
    RateLimited,
    ServerError,
    UnexpectedStatus,
)
from sleeptalk.runtime import call
from tests.clients.bodies import example
from tests.clients.calling import SESSION, Call
from tests.clients.clocks import SkippingClock
from tests.clients.hostile import Script, answer, head, hostile, raw, reset_after, silence_after

NIGHT = answer(example("SessionComplete"))
CONTENT = json.dumps(example("SessionComplete")).encode()


pytestmark = pytest.mark.usefixtures("clock")


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(raw(), id="hang-up"),
        pytest.param(reset_after(head(200, length=len(CONTENT)), CONTENT[:9]), id="reset-in-mid-body"),
        *[pytest.param(answer({}, status), id=str(status)) for status in (408, 429, 500, 502, 503, 504)],
    ],
)
def test_a_passing_failure_is_followed_by_another_request(asleep: Call, failure: Script) -> None:
    with hostile(failure, NIGHT) as server:
        night = asleep(server.url)
        assert isinstance(night, Night)
        assert night.response.attempts == 2
        assert len(server.requests) == 2


def test_two_retries_are_made_unless_said_otherwise(asleep: Call) -> None:
    with hostile(answer({}, 503)) as server:
        with pytest.raises(ServerError) as caught:
            asleep(server.url)
        assert caught.value.attempts == 3
        assert len(server.requests) == 3


def test_retries_can_be_set_for_one_call(asleep: Call) -> None:
    with hostile(answer({}, 503)) as server:
        with pytest.raises(ServerError):
            asleep(server.url, options={"retries": 0})
        assert len(server.requests) == 1


def test_a_500_is_tried_once_more_and_no_second_time(asleep: Call) -> None:
    with hostile(answer({}, 500)) as server:
        with pytest.raises(ServerError):
            asleep(server.url, client={"retries": 5})
        assert len(server.requests) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 418, 422, 501, 505])
def test_a_lasting_refusal_is_not_tried_again(asleep: Call, status: int) -> None:
    with hostile(answer({"detail": "no"}, status)) as server:
        with pytest.raises(CallFailed):
            asleep(server.url)
        assert len(server.requests) == 1


def test_a_broken_body_is_not_tried_again(asleep: Call) -> None:
    with hostile(answer({})) as server:
        with pytest.raises(ContractViolation):
            asleep(server.url)
        assert len(server.requests) == 1


def test_retry_after_in_seconds_is_waited_for(asleep: Call, clock: SkippingClock) -> None:
    with hostile(answer({}, 429, "retry-after: 4.5"), NIGHT) as server:
        asleep(server.url)
    assert clock.pauses == [4.5]


def test_without_retry_after_the_pauses_are_random_and_grow(asleep: Call, clock: SkippingClock) -> None:
    with hostile(answer({}, 503)) as server, pytest.raises(ServerError):
        asleep(server.url, client={"retries": 8, "timeout": 600})
    assert len(clock.pauses) == 8
    longest = (0.5, 1, 2, 4, 8, 8, 8, 8)
    assert all(0 <= pause <= limit for pause, limit in zip(clock.pauses, longest, strict=True))
    assert len(set(clock.pauses)) > 1


@pytest.mark.parametrize("headers", [["retry-after: 1, 70"], ["retry-after: 70", "retry-after: 1"]])
def test_the_longest_of_several_waits_counts(asleep: Call, headers: list[str]) -> None:
    with hostile(answer({}, 429, *headers)) as server, pytest.raises(RateLimited) as caught:
        asleep(server.url)
    assert caught.value.retry_after == 70


def test_retry_after_as_a_date_is_waited_for(asleep: Call, clock: SkippingClock) -> None:
    later = datetime.now(UTC) + timedelta(seconds=20)
    with hostile(answer({}, 503, f"retry-after: {format_datetime(later, usegmt=True)}"), NIGHT) as server:
        asleep(server.url)
    (pause,) = clock.pauses
    assert 5 < pause <= 20


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of the machine cannot be set here")
@pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul", "America/Los_Angeles"])
@pytest.mark.parametrize(
    "form",
    [
        "%a, %d %b %Y %H:%M:%S GMT",
        "%A, %d-%b-%y %H:%M:%S GMT",
        "%a %b %d %H:%M:%S %Y",
        "%a, %d %b %Y %H:%M:%S -0000",
    ],
)
def test_a_date_in_retry_after_is_in_gmt_wherever_the_machine_is(
    asleep: Call, form: str, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = datetime.now(UTC) + timedelta(seconds=600)
    with monkeypatch.context() as changed, hostile(answer({}, 429, f"retry-after: {later.strftime(form)}")) as server:
        changed.setenv("TZ", zone)
        time.tzset()
        with pytest.raises(RateLimited) as caught:
            asleep(server.url)
    time.tzset()
    assert caught.value.retry_after == pytest.approx(600, abs=60)


def test_a_wait_that_does_not_fit_into_the_deadline_is_an_error_at_once(asleep: Call, clock: SkippingClock) -> None:
    with hostile(answer({}, 429, "retry-after: 60", "x-ratelimit-limit: 1", "x-ratelimit-remaining: 0")) as server:
        with pytest.raises(RateLimited) as caught:
            asleep(server.url, client={"timeout": 20})
        assert clock.pauses == []
        assert caught.value.retry_after == 60
        assert (caught.value.limit, caught.value.remaining, caught.value.reset) == (1, 0, None)


@pytest.mark.parametrize("text", ["soon", "", "-5", "nan", "inf", "1e5", "Mon, 99 Foo 2026 00:00:00 GMT"])
def test_a_retry_after_without_a_time_leaves_the_wait_to_us(asleep: Call, text: str) -> None:
    with hostile(answer({}, 429, f"retry-after: {text}"), NIGHT) as server:
        assert asleep(server.url).response.attempts == 2


def test_the_deadline_covers_all_attempts_together(asleep: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call, "LONGEST_JITTER", 0.01)
    with hostile(raw(), silence_after()) as server:
        began = time.monotonic()
        with pytest.raises(DeadlineExceeded) as caught:
            asleep(server.url, client={"timeout": 0.4, "retries": 10})
        assert time.monotonic() - began < 5
        assert caught.value.attempts == 2


def test_a_read_timeout_of_an_injected_client_is_tried_again() -> None:
    stuck = silence_after(head(200, length=len(CONTENT)), CONTENT[:9])
    with hostile(silence_after(), stuck, NIGHT) as server, httpx.Client(timeout=0.2) as http:
        asleep = Asleep("key", "user", base_url=server.url, http_client=http)
        assert asleep.get_session(SESSION).response.attempts == 3


def test_a_connection_that_cannot_be_made_is_tried_again(asleep: Call) -> None:
    with hostile(raw()) as server:
        url = server.url
    with pytest.raises(ConnectionFailed) as caught:
        asleep(url)
    assert caught.value.attempts == 3


def test_an_unexpected_status_says_what_to_look_at(asleep: Call) -> None:
    page = answer(b"no such page", 404, kind="text/plain")
    with hostile(page) as server, pytest.raises(UnexpectedStatus, match="check base_url"):
        asleep(server.url)
