"""A function for the progress of a wait that cannot be called is refused before anything is sent."""

from functools import partial
from typing import Any

import pytest

from sleeptalk.errors import ConfigurationError
from tests.clients.bodies import example
from tests.clients.calling import asleep_call, phonexia_call
from tests.clients.hostile import answer, hostile


async def asynchronous(_: object) -> None:
    """Do nothing, when awaited."""


class Asynchronous:
    async def __call__(self, _: object) -> None:
        """Do nothing, when awaited."""


@pytest.mark.parametrize("on_progress", [asynchronous, partial(asynchronous), Asynchronous()])
def test_a_blocking_wait_refuses_an_async_function(on_progress: Any) -> None:
    with hostile(answer(example("SessionComplete"))) as server:
        with pytest.raises(ConfigurationError, match="async"):
            asleep_call("sync", server.url, "wait_for_session", on_progress=on_progress)
        with pytest.raises(ConfigurationError, match="async"):
            phonexia_call("sync", server.url, "wait_for_time_analysis", on_progress=on_progress)
        assert server.requests == []


def test_a_wait_refuses_what_cannot_be_called(asleep: Any, phonexia: Any) -> None:
    with hostile(answer(example("SessionComplete"))) as server:
        with pytest.raises(ConfigurationError, match="on_progress"):
            asleep(server.url, "wait_for_session", on_progress=5)
        with pytest.raises(ConfigurationError, match="on_progress"):
            phonexia(server.url, "wait_for_time_analysis", on_progress=5)
        assert server.requests == []
