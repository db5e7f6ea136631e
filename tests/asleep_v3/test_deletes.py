"""What deletes names what is meant, and is sent once where its answer was lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from sleeptalk.asleep_v3 import Asleep, AsyncAsleep
from sleeptalk.errors import CallFailed, ConfigurationError, ConnectionFailed, InvalidSessionId, ServerError
from tests.clients.hostile import answer, hostile, raw

if TYPE_CHECKING:
    from tests.clients.clocks import SkippingClock

OTHER = "G-20240301090000-aBcDeFgHiJkLmNoPqRsT"
SESSION = "20240309130000_k3x9p"
DELETES = {
    "delete_user": (OTHER, f"DELETE /ai/v1/users/{OTHER} "),
    "delete_session": (SESSION, f"DELETE /ai/v1/sessions/{SESSION} "),
    "delete_sessions": (OTHER, "DELETE /ai/v1/sessions "),
}
GONE = answer(b"", 204)

Send = Callable[..., Any]


@pytest.fixture(params=["sync", "async"])
def send(request: pytest.FixtureRequest) -> Send:
    """Call a method of a client, once sync and once async."""

    def sync(url: str, method: str, *args: Any) -> Any:
        with Asleep("the-key", "the-clients-own", base_url=url) as asleep:
            return getattr(asleep, method)(*args)

    async def run(url: str, method: str, *args: Any) -> Any:
        async with AsyncAsleep("the-key", "the-clients-own", base_url=url) as asleep:
            return await getattr(asleep, method)(*args)

    return sync if request.param == "sync" else lambda *args: asyncio.run(run(*args))


@pytest.mark.parametrize("method", DELETES)
def test_what_is_named_is_deleted(send: Send, method: str) -> None:
    meant, line = DELETES[method]
    with hostile(GONE) as server:
        assert send(server.url, method, meant) is None
        assert server.requests[0].startswith(line)
        assert len(server.requests) == 1
        expected = {"delete_user": None, "delete_session": "the-clients-own", "delete_sessions": OTHER}
        assert server.header("x-user-id") == expected[method]


@pytest.mark.parametrize("method", DELETES)
@pytest.mark.parametrize(
    ("lost", "error"),
    [
        pytest.param(raw(), ConnectionFailed, id="hang-up"),
        pytest.param(raw(b"HTTP/1.1 204 No"), ConnectionFailed, id="cut off"),
        pytest.param(answer({}, 500), ServerError, id="500"),
        pytest.param(answer({}, 502), ServerError, id="502"),
        pytest.param(answer({}, 504), ServerError, id="504"),
    ],
)
def test_a_delete_is_not_sent_again_where_its_answer_was_lost(
    send: Send, clock: SkippingClock, method: str, lost: Any, error: type[CallFailed]
) -> None:
    with hostile(lost, GONE) as server:
        with pytest.raises(error) as caught:
            send(server.url, method, DELETES[method][0])
        assert len(server.requests) == caught.value.attempts == 1


@pytest.mark.parametrize("method", DELETES)
@pytest.mark.parametrize("status", [429, 503])
def test_a_delete_is_sent_again_where_it_was_certainly_not_carried_out(
    send: Send, clock: SkippingClock, method: str, status: int
) -> None:
    with hostile(answer({}, status), GONE) as server:
        send(server.url, method, DELETES[method][0])
        assert len(server.requests) == 2


@pytest.mark.parametrize("method", DELETES)
@pytest.mark.parametrize("nobody", ["", " ", None, 7])
def test_a_delete_that_names_nobody_is_not_sent(send: Send, method: str, nobody: Any) -> None:
    with hostile(GONE) as server:
        with pytest.raises((ConfigurationError, InvalidSessionId)):
            send(server.url, method, nobody)
        assert not server.requests


@pytest.mark.parametrize("method", DELETES)
def test_a_delete_has_no_default(send: Send, method: str) -> None:
    with hostile(GONE) as server:
        with pytest.raises(TypeError, match="missing 1 required positional argument"):
            send(server.url, method)
        assert not server.requests


@pytest.mark.parametrize("nobody", ["", "..", "%2e%2e"])
def test_without_the_check_of_ids_a_delete_still_stays_on_its_path(nobody: str) -> None:
    with hostile(GONE) as server, Asleep("the-key", "u", base_url=server.url) as asleep:
        unchecked = asleep.with_options(check_ids=False)
        for delete in (unchecked.delete_user, unchecked.delete_session):
            with pytest.raises((ConfigurationError, InvalidSessionId)):
                delete(nobody)
        assert not server.requests
