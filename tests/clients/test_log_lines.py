"""The log has one line a request, and nobody else writes it."""

import pytest

from sleeptalk.errors import CallFailed
from tests.clients.bodies import example
from tests.clients.calling import Call
from tests.clients.hostile import answer, hostile

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
