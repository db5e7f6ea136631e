"""Keys are never shown: not by repr, not in an error or its traceback, not in a log."""

import logging
import traceback

import httpx
import pytest

from sleeptalk.asleep import (
    Asleep,
)
from sleeptalk.errors import (
    CallFailed,
)
from tests.clients.bodies import example
from tests.clients.calling import KEY, SESSION, USER, Call
from tests.clients.hostile import answer, hostile, raw

NIGHT = answer(example("SessionComplete"))


def test_a_key_is_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="sleeptalk")
    echo = answer({"detail": f"The key {KEY} is unknown", "session": "x"}, 404)
    typed = answer(b"", kind=f"text/{KEY}")
    shown = []
    for script in (
        echo,
        answer({"detail": KEY}, 401),
        answer({"detail": KEY}, 400),
        raw(KEY.encode()),
        answer(b""),
        typed,
    ):
        with hostile(script) as server:
            asleep = Asleep(KEY, USER, base_url=server.url, retries=0)
            with asleep, pytest.raises(CallFailed) as caught:
                asleep.get_session(SESSION)
            error: BaseException | None = caught.value
            shown += [repr(asleep), repr(vars(asleep)), str(error), repr(error), str(vars(error).get("detail"))]
            shown += ["".join(traceback.format_exception(error))]
            while error is not None:
                assert not isinstance(error, httpx.HTTPError)  # it would hold the request
                error = error.__cause__ or error.__context__
    assert KEY not in "".join(shown) + caplog.text


def test_one_line_is_logged_for_each_request(asleep: Call, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="sleeptalk")
    with hostile(answer({}, 429, "retry-after: 0"), NIGHT) as server:
        asleep(server.url)
    lines = [record.getMessage() for record in caplog.records if record.name == "sleeptalk"]
    assert len(lines) == 2
    for line, status, attempt in zip(lines, (429, 200), (1, 2), strict=True):
        assert line.startswith(f"GET /data/v2/sessions/{SESSION} {status} ")
        assert line.endswith(f" ms attempt {attempt}")
