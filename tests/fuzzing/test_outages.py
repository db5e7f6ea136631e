"""Runs against implementations that go down, drop connections or take long."""

import time

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from sleeptalk_contract.contract.exchange import Answer
from sleeptalk_contract.fuzzing import control, outages
from sleeptalk_contract.fuzzing.control import Control, StopReason
from sleeptalk_contract.fuzzing.outages import MOST_OUTAGES, SteadyWire
from sleeptalk_contract.fuzzing.pace import Pace
from sleeptalk_contract.fuzzing.request import Request
from sleeptalk_contract.services.asleep.rules import receiver
from sleeptalk_contract.services.asleep.sandbox.application import asleep_app
from sleeptalk_contract.services.asleep.sandbox.receiver import receiver_app
from tests.fuzzing.helpers import Recording, broken, made, serving, small
from tests.surroundings import below, delayed, resetting, restarted
from tests.targets import target_named


@pytest.mark.parametrize("workers", [1, 4])
def test_a_restart_is_waited_for_and_shows_nothing_about_a_request(workers: int) -> None:
    with serving(asleep_app()) as url:
        whole = made(small("asleep", url))
    recording = Recording(asleep_app())
    with restarted(recording, after=40, down=0.7) as url:
        report = made(small("asleep", url, workers=workers))
    assert (report.verdict, report.requests, broken(report)) == (whole.verdict, whole.requests, set())
    assert (report.stopped, report.unjudged) == ("", 0)


@pytest.mark.parametrize("max_time", [None, 3.0])
def test_an_outage_for_good_ends_the_run_soon_without_a_verdict(
    max_time: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outages, "LONGEST_OUTAGE", 1.0 if max_time is None else 60.0)
    started = time.monotonic()
    with restarted(asleep_app(), after=40, down=None) as url:
        report = made(small("asleep", url), max_time)
    assert time.monotonic() - started < 10
    assert (report.verdict, report.exit_code) == ("inconclusive", 2)
    assert broken(report) == set()
    assert report.reasons[0].startswith(f"The server at {url} stopped answering. The last request was ")


class Falling:
    """A wire to an implementation that one request takes down, and that is up again when it is asked."""

    def __init__(self) -> None:
        self.sent = 0
        self._up = True

    def exchange(self, *_: object) -> Answer:
        self.sent += 1
        self._up = False
        return Answer(None, failure="connection")

    def accepts_connections(self) -> bool:
        self._up, was_up = True, self._up
        return was_up


def test_a_request_that_takes_the_implementation_down_each_time_is_judged_for_it() -> None:
    wire, run = Falling(), Control()
    operation = target_named("asleep").operations[0]
    exchange = SteadyWire(wire, Pace(run), run).exchange(Request(operation, "known-id", "GET", "http://127.0.0.1/", ()))
    assert exchange is not None
    assert (exchange.status, exchange.failure) == (None, "connection")
    assert wire.sent == MOST_OUTAGES + 1
    assert run.reason is None


def test_an_implementation_that_resets_connections_now_and_then_is_broken() -> None:
    with serving(resetting(asleep_app(), lambda number: number % 20 == 19)) as url:
        report = made(small("asleep", url))
    assert (report.verdict, broken(report)) == ("broken", {"session.no-server-error", "session.shape"})
    assert report.stopped == ""


def test_max_time_also_ends_an_answer_that_is_awaited() -> None:
    started = time.monotonic()
    with serving(delayed(asleep_app(), 4.0)) as url:
        report = made(small("asleep", url), max_time=1.0)
    assert time.monotonic() - started < 3.5
    assert report.stopped == StopReason.OUT_OF_TIME.value
    assert broken(report) == set()
    assert report.verdict == "inconclusive"


def test_a_receiver_that_is_slow_breaks_its_rule_and_the_run_ends_with_a_verdict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(control, "SLOW_SECONDS", 0.05)
    monkeypatch.setattr(receiver, "DEADLINE", 0.05)
    with serving(delayed(receiver_app(), 0.1)) as url:
        report = made(small("callback", url))
        strict = made(small("callback", url, strict=True))
    assert broken(report) == broken(strict) == {"receiver.answers-in-time"}
    assert (report.verdict, strict.verdict) == ("passed-in-part", "broken")
    assert report.stopped == StopReason.SERVER_SLOW.value


def test_a_base_path_is_kept_in_front_of_the_paths_of_the_document() -> None:
    with serving(below(asleep_app(), "/gateway/v7")) as url:
        assert made(small("asleep", f"{url}/gateway/v7/")).verdict == "passed-in-part"


def test_an_implementation_without_a_session_is_inconclusive_without_ids() -> None:
    with serving(asleep_app()) as url:
        report = made(small("asleep", url, known_ids=()))
    assert (report.verdict, broken(report), report.successes) == ("inconclusive", set(), 0)


def silent(app: ASGIApp, after: int) -> ASGIApp:
    """Answer some requests, and from then on none."""
    count = 0

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal count
        count += 1
        if count <= after:
            await app(scope, receive, send)
        else:
            await receive()
            while (await receive())["type"] != "http.disconnect":
                pass

    return front


def test_an_implementation_that_falls_silent_costs_a_few_timeouts() -> None:
    started = time.monotonic()
    with serving(silent(asleep_app(), after=10)) as url:
        report = made(small("asleep", url, request_timeout=0.5))
    assert time.monotonic() - started < 10
    assert report.requests == 10 + control.MOST_UNANSWERED
    assert report.stopped == StopReason.SERVER_GONE.value
