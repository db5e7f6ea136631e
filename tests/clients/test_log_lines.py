"""The log has one line a request, and nobody else writes it."""

import asyncio

import httpx
import pytest

from sleeptalk.asleep import Asleep, AsyncAsleep
from sleeptalk.errors import CallFailed
from tests.clients.bodies import example
from tests.clients.calling import KEY, SESSION, USER, Call
from tests.clients.hostile import answer, hostile, silence_after

NIGHT = answer(example("SessionComplete"))


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "sleeptalk"]


def test_a_redirect_cannot_write_lines_of_its_own(asleep: Call, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="sleeptalk")
    with hostile(answer(b"", 302, "location: /x%0aINFO%20forged%1b[2J"), NIGHT) as server:
        asleep(server.url, options={"follow_redirects": True})
    assert lines(caplog)[1].startswith("GET /x%0aINFO%20forged%1b[2J 200 ")


def test_an_id_cannot_write_lines_of_its_own(asleep: Call, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="sleeptalk")
    with hostile(answer(b" " * 9, 200, "content-encoding: br")) as server, pytest.raises(CallFailed) as caught:
        asleep(server.url, "get_session", "x\nINFO forged", options={"check_ids": False})
    for line in (*lines(caplog), str(caught.value)):
        assert "/data/v2/sessions/x%0AINFO%20forged " in line


def test_a_cancelled_call_has_its_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="sleeptalk")

    async def run() -> None:
        async with AsyncAsleep(KEY, USER, base_url=server.url) as asleep:
            call = asyncio.ensure_future(asleep.get_session(SESSION))
            assert await asyncio.to_thread(server.arrived.wait, 10)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call

    with hostile(silence_after()) as server:
        asyncio.run(run())
    (line,) = lines(caplog)
    assert line.startswith(f"GET /data/v2/sessions/{SESSION} cancelled ")


def test_a_call_that_a_hook_ends_has_its_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="sleeptalk")

    def hook(response: httpx.Response) -> None:
        raise LookupError(response.status_code)

    with hostile(NIGHT) as server, httpx.Client(event_hooks={"response": [hook]}) as http:
        asleep = Asleep(KEY, USER, base_url=server.url, http_client=http)
        with pytest.raises(LookupError):
            asleep.get_session(SESSION)
    (line,) = lines(caplog)
    assert line.startswith(f"GET /data/v2/sessions/{SESSION} LookupError ")
