"""Waiting for a session: what ends it, what is seen on the way, what a cancellation leaves behind."""

import asyncio
from typing import Any

import pytest

from sleeptalk.asleep import (
    AsyncAsleep,
    NullReason,
    SessionState,
    ValidityStatus,
    why_null,
)
from sleeptalk.errors import (
    SessionTimeout,
)
from tests.clients.bodies import example
from tests.clients.calling import KEY, SESSION, USER, Call
from tests.clients.hostile import answer, drip_after, head, hostile

NIGHT = answer(example("SessionComplete"))


def test_waiting_ends_with_the_complete_session(asleep: Call) -> None:
    seen: list[str] = []
    closed = answer(example("SessionClosed"))
    with hostile(closed, answer({}, 429, "retry-after: 0"), closed, NIGHT) as server:
        night = asleep(
            server.url, "wait_for_session", poll=0.01, on_progress=lambda night: seen.append(night.session.state.value)
        )
    assert night.session.state is SessionState.COMPLETE
    assert seen == ["CLOSED", "CLOSED", "COMPLETE"]


@pytest.mark.usefixtures("clock")
def test_a_timeout_has_the_last_state(asleep: Call) -> None:
    with hostile(answer(example("SessionOpenWithRealTimeAnalysis"))) as server:
        with pytest.raises(SessionTimeout) as caught:
            asleep(server.url, "wait_for_session", poll=5, timeout=30)
        assert len(server.requests) > 1
    error = caught.value
    assert (error.session_id, error.state, error.timeout, error.status) == (SESSION, "OPEN", 30, 200)


def test_a_complete_night_that_is_invalid_ends_the_wait(asleep: Call) -> None:
    with hostile(answer(example("SessionInvalid"))) as server:
        night = asleep(server.url, "wait_for_session")
    assert night.validity.status is ValidityStatus.INVALID
    assert why_null(night, "stat") is NullReason.INVALID


@pytest.mark.parametrize("method", ["get_session", "wait_for_session"])
def test_a_cancelled_call_leaves_no_connection_behind(method: str) -> None:
    async def run() -> None:
        async with AsyncAsleep(KEY, USER, base_url=server.url) as asleep:
            call = asyncio.ensure_future(getattr(asleep, method)(SESSION))
            assert await asyncio.to_thread(server.arrived.wait, 10)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            pool: Any = asleep._transport._http._transport
            assert pool._pool.connections == []

    with hostile(drip_after(head(200, length=100_000))) as server:
        asyncio.run(run())
